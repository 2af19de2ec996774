"""Votes over HTTP on both databases: lists, counts, what a task tells, and the decision that each vote is."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from governance.questions.verdicts import verify_pack
from governance.quorum import Seat
from ledger.note import parse_vkey
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Status
from orchestrator import ballots
from tests.api.organisation import House, running
from tests.api.releasing import LIST, release, spend
from tests.api.test_notifications import notifier_of, rounds, told
from tests.api.work import intake

FIRST, SECOND, THIRD = "budget-owner-1", "finance-director", "budget-owner-2"
VOTED = """\
blueprint: voted
title: Spending that two decide
purpose: Let two persons agree on what is spent.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  said: {class: internal, properties: {outcome: string, how: string}}
start: {by: api, requires: role invoice-intake, key: number}
first: decision
steps:
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    role: role budget-owner
    shows: [number, amount]
    reason: {required: true, codes: {refuse: spending}}
    sign: {meaning: I vote within my authority, factor: password}
    duties: [not initiator, not author of blueprint]
    quorum: {need: 2, tie: fails}
    into: said
    next: {approve: after, refuse: done}
  after:
    choose:
      - {when: '= said.outcome = "approve" and said.how = "agreed"', next: seen}
      - {otherwise: done}
  seen: {end: agreed}
  done: {end: done}
"""


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        release(house, "reason-code-list", LIST)
        release(house, "blueprint", VOTED)
        yield house


def _vote(house: House, who: str, task: str, outcome: str = "approve", **more: str) -> Any:
    shown = house.get(f"/v1/tasks/{task}", who).json()
    said = {"outcome": outcome, "reason": "within budget", "shown_digest": shown["shown_digest"], **more}
    stated = house.post(f"/v1/tasks/{task}/statement", who, said)
    if stated.status_code != 200:
        return stated
    signed = {"statement_nonce": stated.json()["nonce"], "password": "correct horse battery staple"}
    return house.post(f"/v1/tasks/{task}/completion", who, {**said, **signed})


def _listed(house: House, who: str, among: str) -> set[str]:
    items = house.get(f"/v1/tasks?list={among}&limit=100", who).json()["items"]
    return {one["id"] for one in items}


def test_two_agree_and_a_later_step_reads_it(house: House) -> None:
    task = spend(house, intake(house), "voted")
    first = _vote(house, FIRST, task)
    assert first.status_code == 200, first.text
    assert "decided" not in first.json()
    assert (task in _listed(house, FIRST, "team"), task in _listed(house, SECOND, "team")) == (False, True)
    second = _vote(house, SECOND, task)
    assert second.json()["decided"] == {"outcome": "approve", "how": "agreed"}
    instance = task.partition(".")[0]
    told = house.get(f"/v1/process-instances/{instance}", SECOND).json()
    assert (told["outcome"], told["data"]["said"]) == ("agreed", {"outcome": "approve", "how": "agreed"})
    assert task in _listed(house, FIRST, "done") & _listed(house, SECOND, "done")
    for answer, who in ((first, FIRST), (second, SECOND)):
        found = house.get(f"/v1/decisions/{instance}.{answer.json()['vote']}", "auditor")
        assert found.status_code == 200, found.text
        assert found.json()["person"] == house.person(who)


def test_a_second_vote_is_a_conflict_and_stands_on_record(house: House) -> None:
    task = spend(house, intake(house), "voted")
    _vote(house, FIRST, task)
    size = house.size
    again = _vote(house, FIRST, task)
    assert (again.status_code, again.json()["reason"]) == (409, "ALREADY_VOTED")
    shown = house.get(f"/v1/tasks/{task}", FIRST).json()
    body = {"outcome": "approve", "reason": "again", "shown_digest": shown["shown_digest"]}
    refused = house.post(f"/v1/tasks/{task}/completion", FIRST, body)
    assert refused.json()["reason"] == "ALREADY_VOTED"
    assert house.size > size  # the refusal is an entry
    assert [one["outcome"] for one in shown["voting"]["votes"]] == ["approve"]


def test_each_outcome_has_its_own_list_of_reasons(house: House) -> None:
    task = spend(house, intake(house), "voted")
    told = house.get(f"/v1/tasks/{task}", FIRST).json()
    assert told["reason_codes"] is None
    lists = {choice["outcome"]: choice["reason_codes"] for choice in told["choices"]}
    assert lists["approve"] is None
    assert lists["refuse"]["list"] == "spending"
    assert _vote(house, FIRST, task, "refuse").json()["reason"] == "REASON_MISSING"
    assert _vote(house, FIRST, task, "approve", reason_code="needed").json()["reason"] == "UNKNOWN_REASON_CODE"
    assert _vote(house, FIRST, task, "refuse", reason_code="not-needed").status_code == 200


def test_a_tie_fails_when_nobody_is_left(house: House) -> None:
    """Three hold the authority: after one vote each way the third decides."""
    task = spend(house, intake(house), "voted")
    _vote(house, FIRST, task)
    _vote(house, SECOND, task, "refuse", reason_code="not-needed")
    decided = _vote(house, THIRD, task, "refuse", reason_code="not-needed").json()["decided"]
    assert decided == {"outcome": "refuse", "how": "agreed"}


def test_the_history_tells_who_voted(house: House) -> None:
    task = spend(house, intake(house), "voted")
    _vote(house, FIRST, task)
    items = house.get(f"/v1/process-instances/{task.partition('.')[0]}/history", FIRST).json()["items"]
    (cast,) = [one for one in items if one["kind"] == "vote.cast"]
    assert cast["decision"]["outcome"] == "approve"
    assert cast["words"][0].endswith("in the capacity " + house.person(FIRST) + ".")


def test_who_voted_on_another_amount_is_asked_anew_and_told(house: House) -> None:
    task = spend(house, intake(house), "voted")
    instance = task.partition(".")[0]
    assert _vote(house, FIRST, task).status_code == 200
    notifier = notifier_of(house)
    rounds(notifier)
    assert task not in _listed(house, FIRST, "team")
    values = {"amount": {"amount": "20.00", "currency": "GBP"}}
    body = {"values": values, "reason": "a slip"}
    corrected = house.post(f"/v1/process-instances/{instance}/correction", "accounts-payable-clerk", body)
    assert corrected.status_code == 200, corrected.text
    assert task in _listed(house, FIRST, "team")
    assert house.get(f"/v1/tasks/{task}", FIRST).json()["voting"]["votes"] == []
    rounds(notifier)
    for who, kinds in ((FIRST, ["offered"]), (SECOND, [])):
        assert [one["kind"] for one in told(house, who) if one["about"] == task] == kinds
    assert "decided" not in _vote(house, SECOND, task).json()
    assert _vote(house, FIRST, task).json()["decided"] == {"outcome": "approve", "how": "agreed"}
    assert [status for status, _ in _voters_left(house, task)] == [Status.NOT_RUN] * 3
    record = house.get(f"/v1/process-instances/{instance}/compliance-record", FIRST).text
    assert "the votes cast so far became void" in record


def _voters_left(house: House, task: str) -> list[tuple[Status, str]]:
    """What a pack of the task's instance has derived of how many could still vote, vote by vote."""
    body = {"instances": [task.partition(".")[0]], "purpose": "review", "recipient": "regulator"}
    built = house.post("/v1/evidence-packs", "auditor", body)
    assert built.status_code == 200, built.text
    trust = Trust(verify_ed25519, parse_vkey(house.service.log.secrets.signer.vkey))
    verdicts = verify_pack(house.get(built.json()["href"], "auditor").content, trust).verdicts
    assert [one.status for one in verdicts[:4]] == [Status.PASSED] * 4
    parts = [part for part in verdicts[4].parts if part.name.endswith(" voters left")]
    assert (verdicts[4].status is Status.FAILED) == (Status.FAILED in [part.status for part in parts])
    return [(part.status, part.text) for part in parts]


def test_a_pack_tells_of_each_vote_how_many_could_still_vote_at_most(house: House) -> None:
    """Nothing in a pack says who holds a role, so that a lower number cannot be told from the right one."""
    task = spend(house, intake(house), "voted")
    _vote(house, FIRST, task)
    _vote(house, SECOND, task)
    first, second = _voters_left(house, task)
    assert (first[0], second[0]) == (Status.NOT_RUN, Status.NOT_RUN)
    assert "at most 4 others" in first[1]
    assert "at most 3 others" in second[1]


def test_a_vote_recorded_with_more_who_could_follow_fails_in_its_pack(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = spend(house, intake(house), "voted")
    with monkeypatch.context() as lying:
        lying.setattr(ballots, "Seat", lambda others, in_chair: Seat(others + 1, in_chair))
        assert _vote(house, FIRST, task).status_code == 200
    _vote(house, SECOND, task)
    assert [status for status, _ in _voters_left(house, task)] == [Status.FAILED, Status.NOT_RUN]
