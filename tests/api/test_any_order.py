"""Branches begun again and passed over at the door, on both databases: what is offered, refused, recorded and derived
again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from governance.questions.verdicts import verify_pack
from ledger.note import parse_vkey
from ledger.rederiving import Seen
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Fault, Status
from tests.api.organisation import House, running
from tests.api.releasing import release
from tests.api.work import intake
from tests.product.test_rederiving import judged, of, set_at, verified, with_entry

ONE, TWO, CLERK = "budget-owner-1", "budget-owner-2", "accounts-payable-clerk"
ORDERED = """\
blueprint: examined
title: Examined
purpose: Look at a thing in whatever order fits.
owner: finance-operations
data:
  number: {type: string, class: internal, required: true}
  seen: {type: string, class: internal}
  read: {type: string, class: internal}
start: {by: api, requires: role invoice-intake, key: number}
first: examine
steps:
  examine:
    all: [visit, papers, photographs]
    in any order: role budget-owner
    may repeat: [visit]
    may pass over: [papers, photographs]
    join: {wait: all, next: note}
  visit: {task: Visit it, role: role budget-owner, expects: [seen]}
  papers: {task: Read the papers, role: role budget-owner, expects: [read], duties: [not step visit]}
  photographs: {job: photograph}
  note: {job: note-it, with: {number: = number}, next: done}
  done: {end: examined}
"""


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        release(house, "blueprint", ORDERED)
        yield house


def begun(house: House) -> str:
    house.count += 1
    key = f"E-{house.count}"
    body = {"blueprint": "examined", "business_key": key, "data": {"number": key}, "domain": "finance"}
    answer = house.post("/v1/process-instances", intake(house), body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["instance"])


def fork(house: House, instance: str, who: str = ONE) -> tuple[list[str], list[str], list[str]]:
    """What may be begun, begun again and passed over now."""
    at = house.get(f"/v1/process-instances/{instance}", who).json()["steps"][0]
    return at["to_begin"], at["to_repeat"], at["to_pass_over"]


def act(house: House, instance: str, what: str, branch: str, who: str = ONE, reason: str = "as it turned out") -> Any:
    body: dict[str, Any] = {"activation": 1, "branch": branch}
    if what:
        body["reason"] = reason
    return house.post(f"/v1/process-instances/{instance}/branches{what}", who, body)


def visited(house: House, instance: str, who: str = ONE) -> None:
    [task] = house.get(f"/v1/process-instances/{instance}", who).json()["tasks"]
    assert house.post(f"/v1/tasks/{task['id']}/claim", who, {}).status_code == 200
    done = house.post(f"/v1/tasks/{task['id']}/completion", who, {"data": {"seen": "all of it"}})
    assert done.status_code == 200, done.text


def examined(house: House) -> str:
    """An instance whose visit was made twice, and whose papers nobody read."""
    instance = begun(house)
    assert act(house, instance, "", "visit").status_code == 200
    visited(house, instance)
    assert act(house, instance, "/repetition", "visit", TWO).json()["outcome"] == "begun again"
    visited(house, instance)
    assert act(house, instance, "/passing-over", "papers", TWO).json()["outcome"] == "passed over"
    return instance


def test_what_is_offered_is_what_may_be_done(house: House) -> None:
    instance = begun(house)
    both = ["papers", "photographs"]
    assert fork(house, instance) == (["visit", *both], [], both)
    house.refused(act(house, instance, "/repetition", "visit"), 409, "WRONG_STATE")
    house.refused(act(house, instance, "/passing-over", "visit"), 409, "WRONG_STATE")
    act(house, instance, "", "visit")
    assert fork(house, instance) == ([], [], both)
    visited(house, instance)
    assert fork(house, instance) == (both, ["visit"], both)
    house.refused(act(house, instance, "/repetition", "visit", CLERK), 403, "NO_RULE")
    house.refused(act(house, instance, "/repetition", "visit", reason=""), 422, "REASON_MISSING")
    house.refused(act(house, instance, "/passing-over", "papers"), 403, "SOD")  # who visited is not who reads
    act(house, instance, "/passing-over", "papers", TWO)
    assert fork(house, instance) == (["photographs"], ["visit", "papers"], ["photographs"])
    act(house, instance, "/passing-over", "photographs", TWO)
    assert [one["step"] for one in house.get(f"/v1/process-instances/{instance}", ONE).json()["steps"]] == ["note"]


def test_history_record_and_picture_tell_of_it(house: House) -> None:
    instance = examined(house)
    items = house.get(f"/v1/process-instances/{instance}/history?limit=50", ONE).json()["items"]
    over, again = [one for one in items if one["kind"] in ("branch.passed_over", "branch.begun_again")]
    assert (over["reason"], again["reason"]) == ("as it turned out", "as it turned out")
    assert again["actor"]["person"] == house.person(TWO)
    record = house.get(f"/v1/process-instances/{instance}/compliance-record", ONE).text
    assert "began the branch of `visit` again in the role budget-owner, giving a reason" in record
    assert "passed the branch of `papers` over in the role budget-owner, giving a reason" in record
    drawn = house.get(f"/v1/process-instances/{instance}/diagram", ONE).json()["steps"]
    told = {one["step"]: (one["status"], one["visits"]) for one in drawn}
    assert (told["visit"], told["papers"], told["photographs"]) == (("done", 2), ("skipped", 0), ("untouched", 0))


def test_a_pack_of_it_passes_the_five_verdicts(house: House) -> None:
    instance = examined(house)
    body = {"instances": [instance], "purpose": "review", "recipient": "regulator"}
    built = house.post("/v1/evidence-packs", "auditor", body)
    assert built.status_code == 200, built.text
    pack = house.get(built.json()["href"], "auditor").content
    trust = Trust(verify_ed25519, parse_vkey(house.service.log.secrets.signer.vkey))
    found = verify_pack(pack, trust)
    assert found.is_good, found.words()


def test_check_12_derives_the_permit_and_the_role_again(house: House) -> None:
    examined(house)
    report = verified(house.settings, 1)
    assert (report.finding, report.checks[11].status) == (None, Status.PASSED)
    with house.service.reader.view() as view:
        seen = [Seen(row.idx, row.previous, json.loads(row.bytes)) for row in view.entries(0, view.head.size)]
    assert judged(seen)[0] is None
    for kind in ("branch.begun_again", "branch.passed_over"):
        for change in (
            set_at("payload", "role", to="process-owner"), set_at("actor", "id", to=house.person(CLERK)),
            set_at("basis", "permit", "rules", to=[]),
        ):  # fmt: skip
            log, at = with_entry(seen, of(kind), change)
            finding, note = judged(log)
            assert finding is not None, note
            assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, at)
