"""Who lets an instance go on under another version, when, with whom, and what they are told before."""

import dataclasses

from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator.act_pages import migration
from orchestrator.migrating import MigrateInstance
from tests.orchestrator.house import ANN, BOB, EVE
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_migrating import FIRST, FORK, LATER, migrated, released
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b
from versioning.act_rules import ActRule


def test_who_may_and_when() -> None:
    office = Office(*FIRST)
    instance = office.start()
    released(office, *LATER)
    assert office.refused(MigrateInstance(instance, 2)) is Reason.REASON_MISSING
    assert office.refused(MigrateInstance(instance, 7, reason="why")) is Reason.NOT_FOUND
    assert office.refused(MigrateInstance("pi_none", 2, reason="why")) is Reason.NOT_FOUND
    assert office.refused(MigrateInstance(instance, 1, reason="why")) is Reason.CANNOT_MIGRATE
    assert office.refused(MigrateInstance(instance, 2, reason="why", expected_revision=9)) is Reason.STALE_REVISION
    office.house.refused.add(("instance", "migrate"))
    assert office.refused(MigrateInstance(instance, 2, reason="why")) is Reason.NO_RULE
    office.house.refused.clear()
    kept = dict(office.house.released)
    office.house.released.clear()  # retired
    assert office.refused(MigrateInstance(instance, 2, reason="why")) is Reason.WRONG_STATE
    office.house.released.update(kept)
    office.done(c.SuspendInstance(instance))
    migrated(office, instance)  # what stands still may go on under another version
    office.done(c.ResumeInstance(instance))
    office.complete("f")
    office.complete("g")
    assert office.refused(MigrateInstance(instance, 1, reason="why")) is Reason.WRONG_STATE
    office.check()


def test_a_second_person_confirms_exactly_what_was_proposed() -> None:
    rule = ActRule("migrate", second="role ops", within="PT4H")
    office = Office(*FIRST)
    office.house.roles.setdefault("person:eve", set()).add("ops")
    found = version(*FIRST)
    office.house.release(dataclasses.replace(found, blueprint=dataclasses.replace(found.blueprint, acts=(rule,))))
    instance = office.start()
    made = released(office, *LATER)
    said = office.done(MigrateInstance(instance, 2, reason="a better process"), ANN)
    proposal, digest = said.result["proposal"], said.result["digest"]
    assert said.outcome == "proposed"
    assert office.instance(instance).number == 1
    assert office.refused(c.ConfirmAct(instance, proposal, digest), ANN) is Reason.OWN_PROPOSAL
    office.done(c.ConfirmAct(instance, proposal, digest), EVE)
    assert office.instance(instance).version == made.digest
    entry = office.log.entries[-1]
    assert (entry.kind, entry.payload["closes"]["id"]) == ("instance.migrated", proposal)
    office.check()
    other = office.start("A-2")  # of the version in force, which asks for nobody
    assert office.done(MigrateInstance(other, 1, reason="why"), ANN).outcome == "migrated"
    third = office.done(MigrateInstance(other, 2, reason="why"), ANN)
    office.done(c.ClaimTask(next(row for row in _open(office, other))))
    stale = c.ConfirmAct(other, third.result["proposal"], third.result["digest"])
    assert office.refused(stale, EVE) is Reason.PROPOSAL_STALE


def _open(office: Office, instance: str) -> list[str]:
    rows = office.log.view.rows["task"].values()
    return [f"{row.instance}.{row.number}" for row in rows if row.instance == instance and row.state == "offered"]


def test_what_it_comes_to_is_told_before_it_is_done() -> None:
    office = Office(*FORK)
    instance = office.start()
    released(
        office, b.AllStep("all", HERE, branches=("a", "c"), next="z"),
        task("a", "a2"), task("a2"), task("c", expects=("note",)), task("z", "done"), end(),
    )  # fmt: skip
    uow = MemoryUow(office.log, BOB)
    seen = migration(office.log.deps, uow, instance, 2)
    assert not isinstance(seen, Refusal)
    assert (seen.number, seen.barred) == (2, None)
    places = {one.step: (one.why is None, one.to) for one in seen.places}
    assert places == {"all": (True, ("all", "z", "done")), "a": (True, ("a", "a2")), "c": (False, ("c",))}
    barred = migration(office.log.deps, uow, instance, 1)
    assert not isinstance(barred, Refusal)
    assert barred.barred is not None
    assert barred.barred.reason is Reason.CANNOT_MIGRATE
    assert isinstance(migration(office.log.deps, uow, instance, 3), Refusal)
