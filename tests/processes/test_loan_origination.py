"""Loan origination as the page of the language has it: votes, a veto, a passkey, a review, and what goes wrong."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from api.settings import Settings
from examples.demo.deciding import attempt, task_of
from examples.demo.door import Refused, until
from examples.processes import loading
from examples.processes.loan_origination import drive
from examples.services import payments
from examples.services.effects import Fault
from tests.api.organisation import copied
from tests.api.passkeys import Holder, assertion
from tests.ledger.authenticator import ORIGIN, Authenticator
from tests.processes.conftest import World, serving
from tests.processes.passing import SECOND, pass_time
from tests.versioning.test_page import design_page

OFFICER = "credit-officer-1"


@pytest.fixture(scope="module")
def lending(overlaid: Settings, outside: payments.Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = copied(overlaid, tmp_path_factory.mktemp("lending") / "data")
    with serving(settings, outside) as world:
        world.house.client.app.state.public_url = ORIGIN
        drive.put_in_force(world.staff, world.services.address)
        yield world


def _start(world: World, amount: str, **more: str) -> tuple[Any, str]:
    loans = drive.acting(world.staff)
    world.house.count += 1
    return loans, drive.start(loans, f"LO-T{world.house.count}", drive.application(amount, **more))


def _to_committee(world: World, amount: str = "400000.00") -> tuple[Any, str, str]:
    loans, instance = _start(world, amount)
    drive.summarise(loans, instance)
    return loans, instance, str(task_of(world.staff.person(drive.CHAIR), instance, "committee")["id"])


def _task(world: World, who: str, task: str) -> dict[str, Any]:
    return dict(world.house.get(f"/v1/tasks/{task}", who).json())


def test_the_blueprint_is_that_of_the_page() -> None:
    own = loading.next_versions("loan_origination", "http://127.0.0.1")["blueprints/loan-origination.yaml"]
    assert own == design_page()


def test_the_committee_decides_what_is_above_the_officers(lending: World) -> None:
    booked = lending.effects("book_loan")
    loans, instance, task = _to_committee(lending)
    drive.vote(loans, instance, "approve", *drive.MEMBERS[:2])
    voting = _task(lending, drive.MEMBERS[0], task)["voting"]
    assert (voting["committee"], voting["need"], voting["veto"], voting["tie"]) == ("credit", 3, "chair", "decline")
    assert [(one["by_name"], one["outcome"]) for one in voting["votes"]] == [
        ("Committee Member 1", "approve"),
        ("Committee Member 2", "approve"),
    ]
    answer = drive.vote(loans, instance, "approve", drive.MEMBERS[2])
    assert answer["decided"] == {"outcome": "approve", "how": "agreed"}
    assert loans.ends(instance) == "ended:approved"
    assert lending.effects("book_loan") == booked + 1


def test_who_has_voted_is_not_asked_again(lending: World) -> None:
    loans, instance, task = _to_committee(lending)
    member = lending.staff.person(drive.MEMBERS[0])

    def listed(among: str) -> set[str]:
        return {one["id"] for one in member.get(f"/v1/tasks?list={among}&limit=100")["items"]}

    assert task in listed("team")
    before = member.get("/v1/tasks?list=team&counts=1")["counts"]["team"]
    drive.vote(loans, instance, "decline", drive.MEMBERS[0])
    assert task not in listed("team")
    assert member.get("/v1/tasks?list=team&counts=1")["counts"]["team"] == before - 1
    told = _task(lending, drive.MEMBERS[0], task)
    assert {choice["barred"]["reason"] for choice in told["choices"]} == {"ALREADY_VOTED"}
    with pytest.raises(Refused) as refused:
        attempt(lending.staff, drive.MEMBERS[0], task, "approve", drive.REASON)
    assert refused.value.reason == "ALREADY_VOTED"
    drive.vote(loans, instance, "decline", *drive.MEMBERS[1:3])
    assert loans.ends(instance) == "ended:declined"
    assert task in listed("done")


def test_the_chair_may_veto(lending: World) -> None:
    loans, instance, _ = _to_committee(lending)
    drive.vote(loans, instance, "approve", *drive.MEMBERS[:2])
    assert drive.vote(loans, instance, "decline", drive.CHAIR)["decided"] == {"outcome": "decline", "how": "vetoed"}
    assert loans.ends(instance) == "ended:declined"


@pytest.mark.parametrize(("who", "reason"), [("head-of-lending", "WRONG_POWER"), ("credit-officer-3", "WRONG_POWER")])
def test_who_is_no_member_has_no_vote(lending: World, who: str, reason: str) -> None:
    _, _, task = _to_committee(lending)
    with pytest.raises(Refused) as refused:
        attempt(lending.staff, who, task, "approve", drive.REASON)
    assert refused.value.reason == reason


def test_nobody_takes_what_is_voted_on(lending: World) -> None:
    _, _, task = _to_committee(lending)
    with pytest.raises(Refused) as refused:
        lending.staff.person(drive.CHAIR).post(f"/v1/tasks/{task}/claim")
    assert refused.value.reason == "WRONG_STATE"


def test_no_vote_is_lost_where_all_vote_at_once(lending: World) -> None:
    """Five at the same moment: as many votes count as it took, in one order, and each is told what became of theirs."""
    loans, instance, task = _to_committee(lending)
    everybody = (drive.CHAIR, *drive.MEMBERS)
    for member in everybody:
        lending.staff.person(member)  # signed in beforehand
    barrier = Barrier(len(everybody))

    def vote(member: str) -> str:
        barrier.wait()
        try:
            answer = attempt(lending.staff, member, task, "approve", drive.REASON)
        except Refused as refused:
            return str(refused.reason)
        return str(answer.get("decided", {}).get("how", "cast"))

    with ThreadPoolExecutor(len(everybody)) as pool:
        found = sorted(pool.map(vote, everybody))
    assert found == ["WRONG_STATE", "WRONG_STATE", "agreed", "cast", "cast"]
    assert len(_task(lending, drive.CHAIR, task)["voting"]["votes"]) == 3
    assert loans.ends(instance) == "ended:approved"


def test_one_person_twice_at_once_is_one_vote(lending: World) -> None:
    _, _, task = _to_committee(lending)
    lending.staff.person(drive.CHAIR)
    barrier = Barrier(2)

    def vote(_: int) -> str:
        barrier.wait()
        try:
            attempt(lending.staff, drive.CHAIR, task, "approve", drive.REASON)
        except Refused as refused:
            return str(refused.reason)
        return "cast"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(vote, range(2))) == ["ALREADY_VOTED", "cast"]


def test_the_same_command_again_is_answered_again(lending: World) -> None:
    _, _, task = _to_committee(lending)
    shown = _task(lending, drive.CHAIR, task)["shown_digest"]
    said = {"outcome": "approve", "reason": "seen", "reason_code": "within-policy", "shown_digest": shown}
    lending.house.count += 1
    headers = {"Idempotency-Key": f"vote-{lending.house.count}"}
    first = lending.house.post(f"/v1/tasks/{task}/completion", drive.CHAIR, said, headers=headers)
    again = lending.house.post(f"/v1/tasks/{task}/completion", drive.CHAIR, said, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert len(_task(lending, drive.CHAIR, task)["voting"]["votes"]) == 1


def test_an_officer_signs_with_a_passkey(lending: World) -> None:
    loans, instance = _start(lending, "20000.00")
    drive.summarise(loans, instance)
    task = task_of(lending.staff.person(OFFICER), instance, "officer")["id"]
    with pytest.raises(Refused) as refused:
        attempt(lending.staff, OFFICER, task, "approve", drive.REASON)
    assert refused.value.status == 422 or refused.value.reason in ("SIGNATURE_WRONG", "NOT_CLAIMED")
    passkey = Authenticator(credential=b"officer")
    Holder(lending.house, OFFICER).enrol(passkey)
    lending.staff.person(OFFICER).post(f"/v1/tasks/{task}/claim")
    shown = _task(lending, OFFICER, task)["shown_digest"]
    said = {"outcome": "approve", "reason": "fine", "reason_code": "within-policy", "shown_digest": shown}
    stated = lending.house.post(f"/v1/tasks/{task}/statement", OFFICER, said).json()
    signature = {"method": "passkey", **assertion(passkey, stated["digest"])}
    body = {**said, "statement_nonce": stated["nonce"], "signature": signature}
    answer = lending.house.post(f"/v1/tasks/{task}/completion", OFFICER, body)
    assert answer.status_code == 200, answer.text
    assert loans.ends(instance) == "ended:approved"


@pytest.mark.parametrize(("outcome", "at"), [("clear", "committee"), ("stop", "")])
def test_a_listed_applicant_is_cleared_to_the_committee_or_stopped(lending: World, outcome: str, at: str) -> None:
    loans, instance = _start(lending, "20000.00", name="Listed Person", born=drive.LISTED)
    drive.summarise(loans, instance)
    loans.decide("compliance-officer", instance, "compliance", outcome, "compared with the list")
    if at:
        loans.comes_to(instance, at)
    else:
        assert loans.ends(instance) == "ended:declined"


def test_what_the_summariser_is_not_sure_of_is_reviewed_by_an_analyst(lending: World) -> None:
    loans, instance = _start(lending, "400000.00", born=drive.UNSURE)
    drive.summarise(loans, instance)
    analyst = lending.staff.person("credit-analyst")
    task = task_of(analyst, instance, "summary")["id"]
    analyst.post(f"/v1/tasks/{task}/claim")
    shown = _task(lending, "credit-analyst", task)
    assert shown["proposal"]["gate"] == "condition"
    body = {"outcome": "accept", "reason": "as the report says", "shown_digest": shown["shown_digest"]}
    analyst.post(f"/v1/tasks/{task}/completion", body)
    loans.comes_to(instance, "committee")


def test_what_is_incomplete_waits_for_documents(lending: World) -> None:
    loans, instance = _start(lending, "400000.00", purpose="")
    loans.comes_to(instance, "ask-applicant")
    key = lending.house.get(f"/v1/process-instances/{instance}", "credit-operator").json()["business_key"]
    loans.tell("documents-received", key)
    loans.comes_to(instance, "ask-applicant")  # nothing has changed
    drive.correct(loans, instance, "A house")
    loans.tell("documents-received", key)
    drive.summarise(loans, instance)
    loans.comes_to(instance, "committee")


def test_each_vote_is_judged_again_by_the_record(lending: World) -> None:
    loans, instance, _ = _to_committee(lending)
    drive.vote(loans, instance, "approve", *drive.MEMBERS[:3])
    loans.ends(instance)
    record = lending.house.get(f"/v1/process-instances/{instance}/compliance-record", "auditor").json()
    told = [said["text"] for section in record["sections"] for said in section["statements"]]
    judged = [text for text in told if text.startswith("judged again, votes")]
    assert len(judged) == 3
    assert all("holds" in text and "does not" not in text for text in judged)
    found = lending.house.get(loans.driven.decided[-1].join(("/v1/decisions/", "")), "auditor")
    assert found.status_code == 200, found.text


def test_a_bureau_that_fails_is_an_incident_of_credit_operations(days: World) -> None:
    drive.put_in_force(days.staff, days.services.address)
    days.services.effects.plan("fetch_report", 100, Fault(503))
    before = days.services.counts().get("fetch_report", {}).get("faults", 0)
    try:
        loans, instance = _start(days, "20000.00")
        held: list[dict[str, Any]] = []

        def tried(number: int) -> bool:
            listed = days.house.get(f"/v1/incidents?instance={instance}", "credit-operator").json()["items"]
            held[:] = listed
            return bool(listed) or days.services.counts().get("fetch_report", {}).get("faults", 0) >= before + number

        for number in range(1, 8):
            until("the failure", partial(tried, number))
            if held:
                break
            pass_time(days.house, 50 * SECOND)
    finally:
        days.services.effects.plan("fetch_report", 0, Fault(503))
    assert [(one["step"], one["role"]) for one in held] == [("bureau", "credit-operations")]
    days.house.post(f"/v1/incidents/{held[0]['id']}/resolution", "credit-operator", {"how": "retry"})
    loans.organisation = days.staff
    drive.summarise(loans, instance)
    loans.comes_to(instance, "officer")


def test_the_driver_takes_every_way(
    overlaid: Settings, outside: payments.Running, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(overlaid, tmp_path_factory.mktemp("driven") / "data")
    with serving(settings, outside) as world:
        driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:approved": 2, "ended:declined": 2}
    assert [one.reason for one in driven.refusals] == ["ALREADY_VOTED"]
