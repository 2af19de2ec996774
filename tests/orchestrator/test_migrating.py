"""An instance goes on under another version: what is kept, what is moved, and what is refused as it stands."""

import dataclasses
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason, Refusal
from orchestrator import act, tables
from orchestrator import commands as c
from orchestrator.act_pages import migration
from orchestrator.migrating import MigrateInstance
from tests.orchestrator.house import WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import DAY, FIELDS, HERE, HOUR, end, task, version
from versioning import blueprint as b
from versioning.starts import Start

FIRST = (task("f", "done"), end())
LATER = (task("f", "g", title="As it is called now"), task("g", "done"), end())


def released(office: Office, *steps: b.Step, number: int = 2, **changes: Any) -> b.BlueprintVersion:
    """Another version of the office's blueprint."""
    found = version(*steps)
    value = dataclasses.replace(found.blueprint, **changes)
    made = dataclasses.replace(found, blueprint=value, number=number, digest=f"digest-{number}-{hash(value)}")
    office.house.release(made)
    return made


def migrated(office: Office, instance: str, *moves: tuple[int, str]) -> None:
    office.done(MigrateInstance(instance, 2, moves, "a better process"))


def told(office: Office, instance: str, *moves: tuple[int, str]) -> Refusal:
    """Why it cannot go on under version 2; nothing has changed by asking."""
    command = MigrateInstance(instance, 2, moves, "a better process")
    office.refused(command)
    said = office.send(command)
    assert isinstance(said, Refusal)
    return said


def barred(office: Office, instance: str) -> str:
    """What bars version 2 whatever is moved, as it is told before anybody asks for it."""
    seen = migration(office.log.deps, MemoryUow(office.log, SYSTEM), instance, 2)
    assert not isinstance(seen, Refusal)
    return "" if seen.barred is None else seen.barred.message


def number(office: Office, step: str) -> int:
    return int(office.task_id(step).rpartition(".")[2])


def test_what_is_open_is_kept_and_goes_where_the_new_version_leads() -> None:
    office = Office(*FIRST)
    instance = office.start()
    under = office.instance(instance).version
    office.done(c.ClaimTask(office.task_id("f")))
    made = released(office, *LATER)
    migrated(office, instance)
    row = office.instance(instance)
    assert (row.number, row.version) == (2, made.digest)
    entry = office.log.entries[-1]
    assert (entry.kind, entry.basis["blueprint"]) == ("instance.migrated", under)
    assert entry.payload["transitions"] == [{"t": "instance.migrated", "version": made.digest, "number": 2}]
    assert entry.payload["migrated"] == {
        "from": {"version": under, "number": 1},
        "to": {"version": made.digest, "number": 2},
    }
    office.done(c.CompleteTask(office.task_id("f")))  # still with who had claimed it
    assert office.log.entries[-1].basis["blueprint"] == made.digest
    office.complete("g")
    assert office.instance(instance).status == "ended"
    office.check()


def test_an_instance_stays_under_its_version_whatever_is_released() -> None:
    office = Office(*FIRST)
    instance = office.start()
    released(office, *LATER)
    office.complete("f")
    assert (office.instance(instance).status, office.instance(instance).number) == ("ended", 1)


def test_one_may_go_back_to_a_version_that_is_no_more_in_force() -> None:
    office = Office(*FIRST)
    released(office, *LATER)
    instance = office.start()
    assert office.instance(instance).number == 2
    office.done(MigrateInstance(instance, 1, reason="as it was agreed"))
    office.complete("f")
    assert office.instance(instance).status == "ended"
    office.check()


@pytest.mark.parametrize(
    "changed",
    [
        task("f", "done", expects=("note",)),
        task("f", "done", shows=("number",)),
        dataclasses.replace(task("f", "done"), role="role others"),
        task("f", "done", deadline=b.Deadline("PT4H")),
        task("f", "done", watches=(b.Watch("after", "PT1H", "done"),)),
        task("f", "done", duties=(b.Duty("not initiator"),)),
        b.JobStep("f", HERE, type="t", next="done"),
    ],
)
def test_a_step_that_is_another_is_not_taken_for_it(changed: b.Step) -> None:
    office = Office(*FIRST)
    instance = office.start()
    released(office, changed, end())
    said = told(office, instance)
    assert (said.reason, said.details) == (Reason.CANNOT_MIGRATE, (("activations", str(number(office, "f"))),))
    assert "step `f` is another" in said.message
    migrated(office, instance, (number(office, "f"), "f"))  # ended, and begun anew as it is there
    if isinstance(changed, b.TaskStep):
        assert office.task_id("f").endswith(".2")
    office.check()


def test_a_step_that_is_gone_is_moved_to_one_of_the_new_version() -> None:
    office = Office(*FIRST)
    instance = office.start()
    released(office, task("other", "done"), end())
    assert "not in the new version" in told(office, instance).message
    here = number(office, "f")
    assert told(office, instance, (here, "f")).reason is Reason.INVALID_DATA  # there is none any more
    migrated(office, instance, (here, "other"))
    kinds = [one["t"] for one in office.log.entries[-1].payload["transitions"]]
    assert kinds[:4] == ["instance.migrated", "step.moved", "task.cancelled", "step.left"]
    office.complete("other")
    assert office.instance(instance).status == "ended"
    office.check()


FORK = (b.AllStep("all", HERE, branches=("a", "c"), next="z"), task("a"), task("c"), task("z", "done"), end())


def test_a_fork_joins_once_by_what_has_arrived_before_and_after() -> None:
    office = Office(*FORK)
    instance = office.start()
    office.complete("a")
    released(
        office, b.AllStep("all", HERE, branches=("a", "c"), next="y"),
        task("a"), task("c", "c2"), task("c2"), task("y", "done"), end(),
    )  # fmt: skip
    migrated(office, instance)
    office.complete("c")
    office.complete("c2")
    office.complete("y")
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_step_in_another_place_would_arrive_where_nobody_waits() -> None:
    office = Office(*FIRST)
    instance = office.start()
    released(
        office, b.AllStep("all", HERE, branches=("f", "c"), next="done"), task("f"), task("c"), end(),
    )  # fmt: skip
    assert "another place" in told(office, instance).message
    migrated(office, instance, (number(office, "f"), "all"))
    office.complete("f")
    office.complete("c")
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_fork_with_other_branches_is_another() -> None:
    office = Office(*FORK)
    instance = office.start()
    released(
        office, b.AllStep("all", HERE, branches=("a", "c", "d"), next="z"),
        task("a"), task("c"), task("d"), task("z", "done"), end(),
    )  # fmt: skip
    assert told(office, instance).details == (("activations", "1"),)
    inside = ((number(office, "a"), "a"), (number(office, "c"), "c"))
    assert told(office, instance, *inside).details == (("activations", "1"),)  # around them it is another all the same
    migrated(office, instance, (1, "all"))
    assert {row.step for row in office.log.view.rows["task"].values() if row.state == "offered"} == {"a", "c", "d"}
    office.check()


def test_a_condition_that_failed_is_mended_by_the_next_version() -> None:
    def choosing(when: str) -> b.ChooseStep:
        return b.ChooseStep("which", HERE, branches=(b.Branch(when, "g"), b.Branch(None, "done")))

    office = Office(task("f", "which"), choosing("fail"), task("g", "done"), end())
    instance = office.start()
    office.complete("f")
    held = office.only(tables.INCIDENT)
    released(office, task("f", "which"), choosing("true"), task("g", "done"), end())
    migrated(office, instance)
    assert office.only(tables.INCIDENT).state == "open"  # it is tried again when somebody says so
    office.done(c.ResolveIncident(f"{instance}.{held.number}", "retry"))
    office.complete("g")
    assert office.instance(instance).status == "ended"
    office.check()


CALL = b.CallStep("k", HERE, operation="x.y", into="risk", hold_for="role ops", next="done")


def test_a_call_that_is_out_comes_back_to_what_is_the_same() -> None:
    office = Office(CALL, end())
    instance = office.start()
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    released(office, dataclasses.replace(CALL, next="g"), task("g", "done"), end())
    migrated(office, instance)
    office.done(c.SucceedCall(leased["call"], leased["lease"], {"grade": 3}), SYSTEM)
    office.complete("g")
    office.check()


def test_a_call_that_is_out_bars_a_version_that_says_it_otherwise() -> None:
    office = Office(CALL, end())
    instance = office.start()
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    other = dataclasses.replace(CALL, operation="x.z", on_failure_next="g")
    released(office, other, task("g", "done"), end())
    assert "is another" in told(office, instance).message
    assert "call of step `k`" in barred(office, instance)
    assert "call of step `k`" in told(office, instance, (1, "g")).message  # moved away from, it still comes back
    office.log.now += DAY
    assert "call of step `k`" in told(office, instance, (1, "g")).message  # however late
    (again,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(again["call"], again["lease"]), SYSTEM)
    office.done(c.SucceedCall(again["call"], again["lease"], {"grade": 3}), SYSTEM)
    assert office.instance(instance).status == "ended"
    office.check()


UNDO = b.CallStep("k", b.INNER, operation="x.undo")


def test_what_was_done_is_undone_as_it_was_to_be() -> None:
    kept = dataclasses.replace(CALL, undo=UNDO, next="f")
    office = Office(kept, *FIRST)
    instance = office.start()
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    office.done(c.SucceedCall(leased["call"], leased["lease"], {"grade": 3}), SYSTEM)
    other = dataclasses.replace(kept, undo=dataclasses.replace(UNDO, operation="x.other"))
    for steps in ((other, *FIRST), (dataclasses.replace(kept, undo=None), *FIRST), FIRST):
        released(office, *steps)
        assert "undone in the same way" in told(office, instance).message
        assert "undone in the same way" in barred(office, instance)
    released(office, dataclasses.replace(kept, operation="x.new"), *LATER)  # only how it is undone counts
    migrated(office, instance)
    office.done(c.CancelInstance(instance))
    (undoing,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    assert undoing["operation"] == "x.undo"
    office.done(c.StartCall(undoing["call"], undoing["lease"]), SYSTEM)
    office.done(c.SucceedCall(undoing["call"], undoing["lease"], {}), SYSTEM)
    assert office.instance(instance).status == "cancelled"
    office.check()


def without(*names: str) -> tuple[b.DataField, ...]:
    return tuple(field for field in FIELDS if field.name not in names)


def changed(name: str, **changes: Any) -> tuple[b.DataField, ...]:
    return tuple(dataclasses.replace(one, **changes) if one.name == name else one for one in FIELDS)


@pytest.mark.parametrize(
    "data",
    [
        without("secret"),
        changed("secret", data_class="internal"),  # it stands sealed, and would be read in clear
        changed("secret", data_class="special"),
        changed("secret", properties=(b.DataField("other", "string", "personal"),)),
        changed("amount", type="string"),
        changed("number", data_class="personal"),  # it stands in clear
        changed("secret", data_subject=True),
    ],
)
def test_data_without_a_place_of_the_same_class_bar_it(data: tuple[b.DataField, ...]) -> None:
    office = Office(*FIRST)
    instance = office.start(secret={"name": "Jo Doe"}, amount=3)
    released(office, *LATER, data=data)
    assert told(office, instance).reason is Reason.CANNOT_MIGRATE
    released(office, *LATER, data=without("note", "items", "scores"))  # what has no value needs no place
    migrated(office, instance)
    office.complete("f")
    office.check()


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "EUR"},
        {"calendar": "other"},
        {"deadline": b.Deadline("P3D")},
        {"start": Start("api", "role starters", "note")},
    ],
)
def test_what_counts_from_start_to_end_stays(changes: dict[str, Any]) -> None:
    office = Office(*FIRST)
    instance = office.start()
    released(office, *LATER, **changes)
    assert told(office, instance).reason is Reason.CANNOT_MIGRATE


def test_a_deadline_that_runs_keeps_its_due_time() -> None:
    late = task("f", "done", deadline=b.Deadline("PT4H"), on_late="g")
    office = Office(late, task("g", "done"), end())
    instance = office.start()
    due = office.only(tables.TIMER).due_at
    released(office, dataclasses.replace(late, on_late="h"), task("g", "done"), task("h", "done"), end())
    office.log.now += HOUR
    migrated(office, instance)
    assert office.only(tables.TIMER).due_at == due
    office.log.now += 4 * HOUR
    timer = office.only(tables.TIMER)
    office.done(c.FireTimer(f"{instance}.{timer.number}/{timer.name}", timer.due_at), SYSTEM)
    office.complete("h")  # late as the new version leads
    office.check()


def test_what_waits_for_a_message_gets_it_under_the_new_version() -> None:
    wait = b.WaitStep("w", HERE, message="m", key="number", next="done")
    office = Office(wait, end())
    instance = office.start()
    released(office, dataclasses.replace(wait, next="g"), task("g", "done"), end())
    migrated(office, instance)
    office.done(c.Correlate("m", "A-1"), WORKER)
    office.complete("g")
    assert office.instance(instance).status == "ended"
    office.check()


def test_the_key_is_that_of_the_start_it_began_by() -> None:
    message = Start("message", "", "note", message="m")
    office = Office(*FIRST)
    instance = office.start()
    released(office, *LATER, more_starts=(message,))  # what others begin by is no matter
    migrated(office, instance)
    office.check()


def test_what_one_entry_does_not_hold_goes_on_by_the_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(*FIRST)
    instance = office.start()
    made = released(office, task("other", "done"), end())
    monkeypatch.setattr(act, "parts_of", lambda values: [slice(0, 1), slice(1, len(values))])
    migrated(office, instance, (number(office, "f"), "other"))
    first, second = office.log.entries[-2:]
    assert (first.kind, second.kind) == ("instance.migrated", "instance.advanced")
    assert second.basis["blueprint"] == made.digest != first.basis["blueprint"]
    office.check()
