"""Acts on many instances: each on record, totals that are true, nothing twice, and on again after a kill."""

from typing import Any

import pytest

from ledger.actor import Actor
from ledger.errors import BrokenState
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import fold_bulk
from orchestrator.bulk import ITEMS_MAX, waiting_items
from orchestrator.bulk_tables import BULK, BULK_ITEM
from tests.orchestrator.house import ANN, BOB, EVE, WORKER, person
from tests.orchestrator.office import Office
from tests.orchestrator.test_steering import governed
from tests.orchestrator.toy import HERE, end, task
from versioning import blueprint as b
from versioning.act_rules import ActRule

STEPS = (task("f", "done"), end())


def started(office: Office, count: int) -> list[str]:
    return [office.start(f"A-{number}") for number in range(count)]


def work(office: Office, limit: int = 100) -> int:
    """What the runner does in one round."""
    found = waiting_items(office.log.query, limit)
    for one in found:
        said = office.log.send(one.actor, one.command)
        assert not isinstance(said, Refusal), said
    return len(found)


def totals(office: Office, bulk: str) -> tuple[int, int, int, int]:
    row = office.row(BULK, bulk)
    return row.total, row.done, row.proposed, row.refused


def test_every_item_has_an_entry_of_its_own_and_the_totals_are_those_of_the_entries() -> None:
    office = Office(*STEPS)
    ids = started(office, 4)
    office.done(c.SuspendInstance(ids[1]))
    said = office.done(c.StartBulk("suspend", (*ids, ids[0], "pi_none"), "an audit"))
    bulk = said.result["bulk"]
    assert said.result["total"] == 5  # each once
    assert totals(office, bulk) == (5, 0, 0, 0)
    assert work(office) == 5
    assert totals(office, bulk) == (5, 3, 0, 2)
    assert office.row(BULK, bulk).finished_at == office.log.now
    codes = [office.row(BULK_ITEM, bulk, place).code for place in range(1, 6)]
    assert codes == ["", "INSTANCE_SUSPENDED", "", "", "NOT_FOUND"]
    told = [entry for entry in office.log.entries if entry.payload.get("bulk", {}).get("id") == bulk]
    assert [(entry.kind, entry.subject) for entry in told] == [
        ("instance.suspended", ids[0]), ("instance.suspended", ids[2]), ("instance.suspended", ids[3]),
    ]  # fmt: skip
    assert {entry.actor["id"] for entry in told} == {"person:bob"}
    assert all("permit" in entry.basis for entry in told)
    office.check()


def test_what_a_killed_runner_did_not_reach_is_waiting_and_nothing_is_done_twice() -> None:
    office = Office(*STEPS)
    ids = started(office, 5)
    bulk = office.done(c.StartBulk("cancel", tuple(ids), "withdrawn")).result["bulk"]
    assert work(office, 2) == 2
    assert totals(office, bulk) == (5, 2, 0, 0)
    assert office.row(BULK, bulk).finished_at is None
    again = office.log.send(BOB, c.CarryOutItem(bulk, 1))
    assert isinstance(again, Refusal)
    assert again.reason is Reason.WRONG_STATE
    assert (work(office), work(office)) == (3, 0)
    assert totals(office, bulk) == (5, 5, 0, 0)
    assert {office.instance(one).status for one in ids} == {"cancelled"}
    office.check()


def test_rights_are_those_of_who_asked_when_an_item_is_reached() -> None:
    office = Office(*STEPS)
    ids = started(office, 2)
    bulk = office.done(c.StartBulk("cancel", tuple(ids))).result["bulk"]
    work(office, 1)
    office.house.refused.add(("instance", "cancel"))
    work(office)
    assert totals(office, bulk) == (2, 1, 0, 1)
    assert office.row(BULK_ITEM, bulk, 2).code == "NO_RULE"
    assert office.refused(c.CarryOutItem(bulk, 2), EVE) is Reason.DENIED
    office.check()


def test_what_takes_a_second_person_is_proposed_for_each() -> None:
    office = governed(*STEPS, acts=(ActRule("cancel", reason_required=True, second="role ops"),))
    ids = started(office, 2)
    without = office.done(c.StartBulk("cancel", tuple(ids)), ANN).result["bulk"]
    bulk = office.done(c.StartBulk("cancel", tuple(ids), "withdrawn"), ANN).result["bulk"]
    work(office)
    assert totals(office, without) == (2, 0, 0, 2)
    assert totals(office, bulk) == (2, 0, 2, 0)
    assert {office.row(BULK, one).finished_at for one in (bulk, without)} == {office.log.now}
    proposal = next(e.payload["proposed"] for e in office.log.entries if e.kind == "act.proposed")
    office.done(c.ConfirmAct(ids[0], proposal["id"], proposal["digest"]), BOB)
    assert office.instance(ids[0]).status == "cancelled"
    office.check()


def test_no_entry_reaches_an_item_a_second_time() -> None:
    """Whatever a handler lets through: there would be two records of one item, and totals that lie."""
    office = Office(*STEPS)
    (one,) = started(office, 1)
    bulk = office.done(c.StartBulk("suspend", (one, "pi_none"), "an audit")).result["bulk"]
    work(office)
    before = totals(office, bulk)
    for kind in ("instance.suspended", "bulk.refused"):
        entry = next(entry for entry in office.log.entries if entry.kind == kind)
        fold = fold_bulk.reached if kind == "instance.suspended" else office.log.folds[entry.kind, entry.schema]
        with pytest.raises(BrokenState):
            fold(office.log.view, entry)
    assert totals(office, bulk) == before == (2, 1, 0, 1)


def test_the_incidents_of_a_cause_are_resolved_together() -> None:
    office = Office(b.RulesStep("r", HERE, table="broken", into="risk.grade", next="done"), end())
    ids = started(office, 3)
    incidents = tuple(f"{row.instance}.{row.number}" for row in office.log.view.rows["incident"].values())
    office.done(c.ResolveIncident(incidents[0], "skip", reason="not needed"))
    bulk = office.done(c.StartBulk("resolve", incidents, "the table is not needed", "skip")).result["bulk"]
    work(office)
    assert totals(office, bulk) == (3, 2, 0, 1)
    assert {office.instance(one).status for one in ids} == {"ended"}
    office.check()


@pytest.mark.parametrize(
    ("command", "actor", "reason"),
    [
        (c.StartBulk("cancel", ()), BOB, Reason.INVALID_DATA),
        (c.StartBulk("cancel", tuple(f"pi_{n}" for n in range(ITEMS_MAX + 1))), BOB, Reason.INVALID_DATA),
        (c.StartBulk("cancel", ("pi_none",)), BOB, Reason.NOT_FOUND),
        (c.StartBulk("cancel", ("pi_none",)), WORKER, Reason.NOT_A_PERSON),
        (c.StartBulk("cancel", ("pi_none",)), person("bob", "api-key"), Reason.NOT_A_PERSON),
        (c.StartBulk("resolve", ("pi_none.1",)), BOB, Reason.INVALID_DATA),  # in no way
        (c.StartBulk("cancel", ("pi_none",), how="skip"), BOB, Reason.INVALID_DATA),
    ],
)
def test_what_cannot_be_asked_for(command: Any, actor: Actor, reason: Reason) -> None:
    office = Office(*STEPS)
    office.start()
    assert office.refused(command, actor) is reason


def test_nobody_without_the_permission_for_any_of_them_may_ask() -> None:
    office = Office(*STEPS)
    ids = started(office, 1)
    office.house.refused.add(("instance", "suspend"))
    assert office.refused(c.StartBulk("suspend", tuple(ids))) is Reason.NO_RULE


def test_who_asked_stands_as_they_were_signed_in() -> None:
    office = Office(*STEPS)
    ids = started(office, 1)
    actor = Actor(ActorId("person:bob"), BOB.kind, PersonId("person:bob"), "passkey", "ss_1")
    office.done(c.StartBulk("suspend", tuple(ids)), actor)
    (one,) = waiting_items(office.log.query, 9)
    assert one.actor == actor
    assert one.command_id == f"system:{one.command.bulk}.1"  # which no door takes from a caller
