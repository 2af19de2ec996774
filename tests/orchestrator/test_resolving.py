"""A resolution that is more than another try is an act on the instance: it needs what correcting and moving it need."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import store, tables
from tests.orchestrator.house import ANN, BOB, EVE
from tests.orchestrator.office import Office
from tests.orchestrator.test_bulk import totals, work
from tests.orchestrator.test_steering import governed, held
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b
from versioning.act_rules import ActRule

MODIFY = ActRule("modify", role="role ops", reason_required=True, second="role owners", within="PT4H")
CORRECT = ActRule("correct", role="role ops", reason_required=True, second="role owners")
HELD = (b.RulesStep("r", HERE, table="broken", into="risk.grade", next="f"), task("f", "done"), end())

WAYS: list[tuple[Any, dict[str, Any], str]] = [
    ("correct", {"amount": 3}, ""),
    ("skip", {}, ""),
    ("skip", {"amount": 3}, ""),
    ("other", {}, "done"),
    ("other", {"amount": 3}, "done"),
]
ACTS = (("correct",), ("modify",), ("modify", "correct"), ("modify",), ("modify", "correct"))


def resolve(office: Office, how: Any, data: Any, to: str, reason: str = "by hand") -> c.ResolveIncident:
    return c.ResolveIncident(held(office), how, data, reason, to)


@pytest.fixture
def office() -> Office:
    """An instance that is held for `owners`, who confirm as well: Ann and Bob, of whom Bob alone has `ops`."""
    office = governed(*HELD, acts=(MODIFY, CORRECT))
    office.start(secret={"name": "Jo Doe"})
    return office


@pytest.mark.parametrize(("how", "data", "to"), WAYS)
def test_nothing_of_it_happens_before_a_second_person_confirms(office: Office, how: Any, data: Any, to: str) -> None:
    before = office.only(tables.INSTANCE)
    said = office.done(resolve(office, how, data, to))
    assert (said.outcome, office.only(tables.INSTANCE)) == ("proposed", before)
    assert office.only(tables.INCIDENT).state == "open"
    assert office.row(tables.VARIABLE, before.id, "amount") is None
    confirm = c.ConfirmAct(before.id, said.result["proposal"], said.result["digest"])
    assert office.refused(confirm, BOB) is Reason.OWN_PROPOSAL
    assert office.refused(confirm, EVE) is Reason.NO_RULE
    assert office.done(confirm, ANN).outcome == "resolved"
    first = next(one for one in office.log.view.rows["incident"].values() if one.number == 2)
    assert (first.state, first.how) == ("resolved", how)
    amount = office.row(tables.VARIABLE, before.id, "amount")
    assert (None if amount is None else amount.value) == ("3" if data else None)
    office.check()


@pytest.mark.parametrize(("way", "acts"), list(zip(WAYS, ACTS, strict=True)))
def test_the_record_names_the_acts_and_their_permits(office: Office, way: Any, acts: tuple[str, ...]) -> None:
    said = office.done(resolve(office, *way)).result
    office.done(c.ConfirmAct(said["instance"], said["proposal"], said["digest"]), ANN)
    proposed, entry = office.log.entries[-2:]
    assert (proposed.kind, entry.kind, entry.payload["acts"]) == ("act.proposed", "incident.resolved", [*acts])
    assert len(proposed.basis["further"]) == len(acts)  # beside the permit to resolve
    assert len(entry.basis.get("further", ())) == len(acts) - 1
    before = [{"path": "amount", "before": None}] if way[1] else []
    assert entry.payload.get("corrections", []) == before
    assert entry.payload["reason"] == proposed.payload["reason"]


@pytest.mark.parametrize("act", ["modify", "correct"])
def test_each_act_needs_its_permission_and_its_role_of_both(office: Office, act: str) -> None:
    needed = [way for way, acts in zip(WAYS, ACTS, strict=True) if act in acts]
    said = [office.done(resolve(office, *way)).result for way in needed]
    office.house.refused.add(("instance", act))
    for way, one in zip(needed, said, strict=True):
        assert office.refused(resolve(office, *way)) is Reason.NO_RULE
        confirm = c.ConfirmAct(one["instance"], one["proposal"], one["digest"])
        assert office.refused(confirm, ANN) is Reason.NO_RULE
    office.house.refused.clear()
    office.house.roles["person:bob"].remove("ops")
    assert all(office.refused(resolve(office, *way)) is Reason.NO_RULE for way in needed)


def test_the_role_of_the_blueprint_for_the_act_is_asked_beside_that_of_the_incident() -> None:
    office = governed(*HELD, acts=(ActRule("modify", role="role audit"),))
    office.start()
    assert office.refused(resolve(office, "skip", {}, ""), BOB) is Reason.NO_RULE
    office.house.roles["person:bob"].add("audit")
    office.done(resolve(office, "skip", {}, ""), BOB)


@pytest.mark.parametrize(("how", "data", "to"), WAYS)
def test_it_is_done_with_a_reason_alone_whatever_the_blueprint_says(how: Any, data: Any, to: str) -> None:
    office = Office(*HELD)
    office.start()
    assert office.refused(resolve(office, how, data, to, " ")) is Reason.REASON_MISSING
    assert office.done(resolve(office, how, data, to)).outcome == "resolved"
    office.check()


def test_another_try_asks_for_no_more_than_the_incident_does(office: Office) -> None:
    office.house.refused |= {("instance", "modify"), ("instance", "correct")}
    assert office.done(c.ResolveIncident(held(office), "retry")).outcome == "resolved"
    assert "acts" not in office.log.entries[-1].payload


@pytest.mark.parametrize(
    ("how", "data"),
    [
        ("correct", {"number": "HACK"}),  # the business key
        ("skip", {"number": "HACK"}),
        ("other", {"number": "HACK"}),
        ("correct", {"amount": None}),  # a required field
        ("other", {"amount": None}),
        ("correct", {}),
    ],
)
def test_what_a_correction_may_not_lay_no_resolution_lays(how: Any, data: Any) -> None:
    made = version(*HELD)
    fields = tuple(replace(one, required=one.name in ("number", "amount")) for one in made.blueprint.data)
    office = Office(*HELD)
    office.house.release(replace(made, blueprint=replace(made.blueprint, data=fields)))
    office.start(amount=1)
    to = "done" if how == "other" else ""
    assert office.refused(resolve(office, how, data, to)) is Reason.INVALID_DATA


def test_a_confirmer_holds_the_role_of_each_act() -> None:
    office = governed(*HELD, acts=(ActRule("modify", second="role owners"), ActRule("correct", second="role audit")))
    office.start()
    said = office.done(resolve(office, "skip", {"amount": 3}, "")).result
    assert office.log.entries[-1].payload["proposed"]["roles"] == ["owners", "audit"]
    confirm = c.ConfirmAct(said["instance"], said["proposal"], said["digest"])
    reject = c.RejectAct(said["instance"], said["proposal"])
    assert (office.refused(confirm, ANN), office.refused(reject, ANN)) == (Reason.NO_RULE, Reason.NO_RULE)
    office.house.roles["person:ann"].add("audit")
    assert office.done(confirm, ANN).outcome == "resolved"


def test_a_proposal_is_stale_once_the_incident_is_another(office: Office) -> None:
    said = office.done(resolve(office, "skip", {}, "")).result
    office.done(c.ResolveIncident(held(office), "retry"))  # held again: the incident that was shown is over
    confirm = c.ConfirmAct(said["instance"], said["proposal"], said["digest"])
    assert office.refused(confirm, ANN) is Reason.PROPOSAL_STALE


def test_it_is_withdrawn_rejected_or_expires_and_the_incident_stays(office: Office) -> None:
    said = [office.done(resolve(office, *way)).result for way in WAYS[:3]]
    instance = said[0]["instance"]
    assert office.done(c.RejectAct(instance, said[0]["proposal"], "it is not so"), BOB).outcome == "withdrawn"
    assert office.log.entries[-1].payload["closes"]["acts"] == ["correct"]
    assert office.refused(c.RejectAct(instance, said[1]["proposal"]), EVE) is Reason.NO_RULE
    assert office.done(c.RejectAct(instance, said[1]["proposal"]), ANN).outcome == "rejected"
    assert said[2]["expires_at"] == office.log.entries[-1].recorded + 4 * 3_600_000_000  # the shorter of both
    office.log.now = said[2]["expires_at"]
    (due,) = store.due_acts(office.log.query, office.log.now, 9)
    office.done(c.ExpireAct(due.instance, due.proposal, Instant(due.due)), SYSTEM)
    assert office.only(tables.INCIDENT).state == "open"
    office.check()


def test_many_incidents_are_skipped_no_other_way(office: Office) -> None:
    office.start("A-2")
    incidents = tuple(f"{row.instance}.{row.number}" for row in office.log.view.rows["incident"].values())
    without = office.done(c.StartBulk("resolve", incidents, how="skip")).result["bulk"]
    bulk = office.done(c.StartBulk("resolve", incidents, "not needed", "skip")).result["bulk"]
    work(office)
    assert (totals(office, without), totals(office, bulk)) == ((2, 0, 0, 2), (2, 0, 2, 0))
    assert {row.state for row in office.log.view.rows["incident"].values()} == {"open"}


def test_confidential_values_of_a_resolution_stand_nowhere_in_clear(office: Office) -> None:
    said = office.done(resolve(office, "correct", {"secret": {"name": "Jo Doe-Ray"}}, "")).result
    office.done(c.ConfirmAct(said["instance"], said["proposal"], said["digest"]), ANN)
    office.check()
