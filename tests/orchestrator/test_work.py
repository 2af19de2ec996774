"""Work done outside, messages, children, cancelling, questions, and what a step costs."""

from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.breaker import Limits
from orchestrator.runner import CallFailure, Runner
from orchestrator.service import task as read_task
from tests.orchestrator.house import ANN, BOB, EVE, WORKER
from tests.orchestrator.memory import MemoryLog, MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, SECOND, decide, end, task, version
from versioning import blueprint as b

FORM = (task("f", "done", shows=("amount", "secret"), expects=("amount",)), end())

JOB = (
    b.JobStep(
        "j", HERE, type="w", arguments=(("who", "secret"),), into="amount", retry=b.Retry(1, first="PT2S"), next="done"
    ),
    end(),
)


def test_job_is_leased_to_one_worker_and_completed_once() -> None:
    office = Office(*JOB)
    office.start(amount=1, secret={"name": "Jo Doe"})
    (job,) = office.done(c.ActivateJobs("w", "one"), WORKER).result["jobs"]
    assert job["arguments"] == {"who": {"name": "Jo Doe"}}
    assert office.done(c.ActivateJobs("w", "two"), WORKER).result["jobs"] == []
    assert office.refused(c.CompleteJob(job["job"], "other", 3), WORKER) is Reason.LEASE_LOST
    assert office.refused(c.CompleteJob(job["job"], job["lease"], "x"), WORKER) is Reason.INVALID_DATA
    office.done(c.CompleteJob(job["job"], job["lease"], 3), WORKER)
    assert office.refused(c.CompleteJob(job["job"], job["lease"], 3), WORKER) is Reason.WRONG_STATE
    office.check()


def test_lease_that_ran_out_is_lost_and_an_extended_one_is_not() -> None:
    office = Office(*JOB)
    office.start()
    (job,) = office.done(c.ActivateJobs("w", "one", lease_seconds=10), WORKER).result["jobs"]
    office.done(c.ExtendJob(job["job"], job["lease"], 60), WORKER)
    office.log.now += 30 * SECOND
    assert office.done(c.ActivateJobs("w", "two"), WORKER).result["jobs"] == []
    office.log.now += 31 * SECOND
    assert office.refused(c.CompleteJob(job["job"], job["lease"], 3), WORKER) is Reason.LEASE_LOST
    (again,) = office.done(c.ActivateJobs("w", "two"), WORKER).result["jobs"]
    assert again["job"] == job["job"]


@pytest.mark.parametrize("next_worker", ["one", "two"])
@pytest.mark.parametrize("act", [c.CompleteJob, c.ExtendJob, c.ReleaseJob, partial(c.FailJob, code="DOWN")])
def test_who_lost_a_lease_has_no_say_in_the_next(act: Any, next_worker: str) -> None:
    office = Office(*JOB)
    office.start()
    (first,) = office.done(c.ActivateJobs("w", "one", lease_seconds=10), WORKER).result["jobs"]
    office.log.now += 11 * SECOND
    (second,) = office.done(c.ActivateJobs("w", next_worker), WORKER).result["jobs"]
    assert second["job"] == first["job"]
    assert second["lease"] != first["lease"]
    assert office.refused(act(first["job"], lease=first["lease"]), WORKER) is Reason.LEASE_LOST
    office.done(c.CompleteJob(second["job"], second["lease"], 4), WORKER)
    assert office.row(tables.VARIABLE, second["job"].partition(".")[0], "amount").value == "4"
    office.check()


def runner(office: Office, connector: Any) -> Runner:
    class Clock:
        def wall(self) -> Any:
            return office.log.now

        def monotonic(self) -> int:
            return 0

    return Runner("runner", office.log.submit, office.log.query, connector, Clock())


class Outside:
    """Another system: answers in turn, remembers keys, so that a repeated call takes effect once."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.keys: list[str] = []

    def call(self, operation: str, arguments: Any, idempotency_key: str) -> Any:
        self.keys.append(idempotency_key)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


CALL = (
    b.CallStep(
        "k", HERE, operation="x.y", into="risk", retry=b.Retry(2, first="PT2S"), hold_for="role ops", next="done"
    ),
    end(),
)


def test_runner_makes_the_call_retries_it_and_records_before_and_after() -> None:
    office = Office(*CALL)
    instance = office.start()
    outside = Outside(CallFailure("DOWN"), OSError("gone"), {"grade": 3})
    run = runner(office, outside)
    for _ in range(3):
        assert run.round() == 1
        office.log.now += HOUR
        assert run.fire_timers() == (1 if outside.answers else 0)
    kinds = [entry.kind for entry in office.log.entries]
    failed = ["call.started", "call.failed", "timer.fired"]
    assert kinds == ["instance.started", *failed, *failed, "call.started", "call.succeeded"]
    assert len(set(outside.keys)) == 1
    assert office.instance(instance).status == "ended"
    assert run.round() == 0
    office.check()


def test_killed_runner_leaves_a_lease_that_runs_out_and_the_call_is_made_again() -> None:
    office = Office(*CALL)
    instance = office.start()

    class Killed(BaseException):
        """As kill -9: nothing after it runs."""

    class Kill:
        def call(self, operation: str, arguments: Any, idempotency_key: str) -> Any:
            raise Killed

    with pytest.raises(Killed):
        runner(office, Kill()).round()
    outside = Outside({"grade": 3})
    assert runner(office, outside).round() == 0  # the dead runner's lease still holds
    office.log.now += HOUR
    assert runner(office, outside).round() == 1
    assert outside.keys == [f"{instance}.1"]
    assert office.row(tables.CALL, instance, 1).started == 2
    office.check()


def test_incident_is_resolved_by_the_role_it_is_held_for() -> None:
    office = Office(*CALL)
    instance = office.start()
    runner(office, Outside(CallFailure("BAD", retryable=False))).round()
    incident = office.only(tables.INCIDENT, state="open")
    command = c.ResolveIncident(f"{instance}.{incident.number}", "skip", {"risk": {"grade": 1}}, "for Jo Doe")
    assert office.refused(command, ANN) is Reason.NO_RULE
    office.done(command, BOB)
    assert office.refused(command, BOB) is Reason.WRONG_STATE
    assert office.instance(instance).status == "ended"
    office.check()


def test_message_finds_its_instance_by_name_and_key_and_is_delivered_once() -> None:
    office = Office(b.WaitStep("w", HERE, message="m", key="number", into="note", next="done"), end())
    one, two = office.start("A-1"), office.start("A-2")
    assert office.refused(c.Correlate("m", "A-3", "hi")) is Reason.NOT_FOUND
    assert office.done(c.Correlate("m", "A-2", "hi")).result["instance"] == two
    assert office.refused(c.Correlate("m", "A-2", "hi")) is Reason.NOT_FOUND
    assert office.instance(one).status == "active"
    office.check()


def test_message_with_a_classed_key_is_found_without_the_key_in_clear() -> None:
    office = Office(b.WaitStep("w", HERE, message="m", key="secret.name", next="done"), end())
    instance = office.start(amount=1, secret={"name": "Jo Doe"})
    office.check()
    assert office.done(c.Correlate("m", "Jo Doe")).result["instance"] == instance


def child_of(*steps: b.Step) -> b.BlueprintVersion:
    return version(*steps, blueprint="child")


RUN = (b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), into="note", next="done"), end())


def test_child_that_ends_later_takes_its_parent_on_in_the_same_command() -> None:
    office = Office(*RUN)
    office.house.release(child_of(task("c", "done"), end(outcome="fine")))
    parent = office.start()
    office.complete("c")
    assert [entry.kind for entry in office.log.entries[-2:]] == ["task.completed", "instance.advanced"]
    assert office.instance(parent).status == "ended"
    assert office.row(tables.VARIABLE, parent, "note").value == '"fine"'
    office.check()


def test_child_that_ends_at_once() -> None:
    office = Office(*RUN)
    office.house.release(child_of(end(outcome="fine")))
    parent = office.start()
    assert office.instance(parent).status == "ended"
    assert [entry.kind for entry in office.log.entries] == ["instance.started", "instance.started"]
    office.check()


def test_child_is_cancelled_with_its_parent_and_a_cancelled_child_holds_it() -> None:
    office = Office(*RUN)
    office.house.release(child_of(task("c", "done"), end()))
    parent = office.start("A-1")
    other = office.start("A-2")
    child = office.only(tables.INSTANCE, parent=parent).id
    office.done(c.CancelInstance(parent, "for Jo Doe"), ANN)
    assert office.instance(child).status == "cancelled"
    office.done(c.CancelInstance(office.only(tables.INSTANCE, parent=other).id), ANN)
    assert office.only(tables.INCIDENT, state="open").code == "CHILD_CANCELLED"
    office.check()


def test_child_that_cannot_start_is_an_incident_of_its_parent() -> None:
    office = Office(*RUN)
    office.start()
    assert office.only(tables.INCIDENT, state="open").code == "NO_SUCH_BLUEPRINT"
    office.house.release(child_of(task("c", "done"), end()))
    office.done(c.StartInstance("child", "A-2", {}), ANN)
    office.start("A-2")
    assert office.only(tables.INCIDENT, state="open", code="CHILD_BUSINESS_KEY_TAKEN") is not None
    office.check()


def test_cancel_leaves_nothing_open_in_any_table() -> None:
    office = Office(
        b.AllStep("all", HERE, branches=("x", "j", "k", "w"), next="done"),
        task("x", deadline=b.Deadline("PT1H")), b.JobStep("j", HERE, type="w"), b.CallStep("k", HERE, operation="x.y"),
        b.WaitStep("w", HERE, message="m", key="number"), end(),
    )  # fmt: skip
    instance = office.start()
    office.done(c.CancelInstance(instance), ANN)
    rows = office.log.view.rows
    states = {
        name: {row.state for row in rows[name].values()} for name in ("task", "job", "call", "timer", "subscription")
    }
    assert states == {
        "task": {"cancelled"},
        "job": {"cancelled"},
        "call": {"cancelled"},
        "timer": {"cancelled"},
        "subscription": {"closed"},
    }
    office.log.now += HOUR
    assert store.due_timers(office.log.query, office.log.now, 10) == []
    office.check()


def test_questions_are_answered_by_indexes_of_open_rows() -> None:
    office = Office(*FORM)
    office.start()
    plans: list[str] = []

    class Asking(MemoryUow):
        def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
            return plan(statement, parameters)

    def plan(statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        plans.append(office.log.plan(statement, parameters))
        return []

    store.due_timers(plan, 5, 9)
    store.next_due(plan)
    store.calls_wait(plan, 5)
    uow: Any = Asking(office.log, SYSTEM)
    for command in (c.ActivateJobs("w", "x"), c.LeaseCalls("x", limits=(Limits("x"),)), c.Correlate("m", "k")):
        office.log.commands[type(command)].handler(uow, command)
    with suppress(ValueError):  # of no rows where there is always one
        office.log.commands[c.ActivateJobs].handler(uow, c.ActivateJobs("w", "x", type_at_once=1))
    wanted = ["timer_due", "timer_due", "connector_standing", "call_open"]
    wanted += ["job_open", "connector_standing", "work_lease_held", "call_open"]
    for index, found in zip([*wanted, "subscription_open", "work_lease_held"], plans, strict=True):
        assert index in found


def step_cost(log: MemoryLog, office: Office) -> tuple[int, int, int]:
    """(questions, rows read, bytes recorded) of one visit of the loop."""
    log.asked = log.rows_read = 0
    before = len(log.entries)
    office.complete("d", outcome="no", reason="x")
    return log.asked, log.rows_read, sum(len(encode(dict(entry.payload))) for entry in log.entries[before:])


def test_cost_per_step_is_flat() -> None:
    office = Office(decide("d", (("yes", "done"), ("no", "d"))), end())
    office.start(amount=1)
    costs = [step_cost(office.log, office) for _ in range(300)]
    assert costs[299][:2] == costs[9][:2]
    assert costs[299][2] - costs[9][2] < 40  # a number of three digits where there was one of two


def test_only_the_runner_moves_timers_and_calls() -> None:
    office = Office(*CALL)
    office.start()
    assert office.refused(c.LeaseCalls("x"), WORKER) is Reason.DENIED
    (call,) = office.done(c.LeaseCalls("x"), SYSTEM).result["calls"]
    assert office.refused(c.StartCall(call["call"], call["lease"]), WORKER) is Reason.DENIED
    assert office.refused(c.StartCall(call["call"], "other"), SYSTEM) is Reason.LEASE_LOST


def test_reader_sees_commitments_where_a_class_is_not_theirs() -> None:
    office = Office(task("f", "done", shows=("amount", "secret.name")), end())
    office.start(amount=3, secret={"name": "Jo Doe"})
    uow = MemoryUow(office.log, BOB)
    hidden = read_task(uow, office.house, office.task_id("f"), frozenset(("public", "internal")))
    open_ = office.shown(office.task_id("f"))
    assert hidden is not None
    assert "$commitment" in hidden.shown["secret.name"]
    assert open_.shown == {"amount": 3, "secret.name": "Jo Doe"}
    assert hidden.shown_digest == open_.shown_digest


def test_people_of_the_role_begin_branches_in_any_order() -> None:
    fork = b.AllStep("all", HERE, branches=("a", "x"), next="done", begun_by="role clerks")
    office = Office(fork, task("a"), task("x"), end())
    instance = office.start()
    begin = c.BeginBranch(f"{instance}.1", "x")
    assert office.refused(begin, WORKER) is Reason.NOT_A_PERSON
    assert office.refused(begin, EVE) is Reason.NO_RULE
    assert office.refused(c.BeginBranch(f"{instance}.2", "x")) is Reason.NOT_FOUND
    assert office.refused(c.BeginBranch(f"{instance}.1", "all")) is Reason.WRONG_STATE
    office.done(begin)
    assert office.refused(begin) is Reason.WRONG_STATE
    entry = office.log.entries[-1]
    assert entry.kind == "branch.begun"
    chosen = {"t": "branch.begun", "activation": 1, "branch": "x", "by": "person:bob"}
    assert entry.payload["transitions"][0] == chosen
    office.complete("x")
    office.done(c.BeginBranch(f"{instance}.1", "a"), ANN)
    office.complete("a")
    assert office.instance(instance).status == "ended"
    office.check()


WITH = (
    b.CallStep("k", HERE, operation="x.y", arguments=(("n", "amount"), ("who", "secret.name")), next="done"),
    end(),
)
BAD = CallFailure("BAD", retryable=False)


def resolve(office: Office, how: Any = "retry", **data: Any) -> None:
    incident = office.only(tables.INCIDENT, state="open")
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", how, data, "why"), BOB)


def test_a_call_asked_for_again_is_the_same_call_unless_its_arguments_are_others() -> None:
    office = Office(*WITH)
    instance = office.start(amount=5, secret={"name": "Jo Doe"})
    outside = Outside(BAD, BAD, BAD, BAD, {})
    run = runner(office, outside)
    for how, data in (("retry", {}), ("correct", {"note": "not read by the call"}), ("correct", {"amount": 6})):
        assert run.round() == 1
        resolve(office, how, **data)
    assert run.round() == 1
    # Whatever corrects what it reads: data set by an act, and then a plain retry.
    office.done(c.CorrectData(instance, {"secret": {"name": "Jo Roe"}}, "a slip"), ANN)
    resolve(office)
    assert run.round() == 1
    first = f"{instance}.1"
    assert outside.keys == [first, first, first, f"{first}.2", f"{first}.3"]
    assert office.instance(instance).status == "ended"
    office.check()


def test_an_undoing_asked_for_again_keeps_its_key_too() -> None:
    undo = b.CallStep("a", HERE, operation="x.undo", arguments=(("n", "amount"),))
    office = Office(b.CallStep("a", HERE, operation="x.y", undo=undo, next="f"), task("f", "done"), end())
    instance = office.start(amount=5)
    outside = Outside({}, BAD, {})
    run = runner(office, outside)
    run.round()
    office.done(c.CancelInstance(instance), ANN)
    run.round()
    resolve(office)
    run.round()
    assert outside.keys[1] == outside.keys[2] != outside.keys[0]
    assert office.instance(instance).status == "cancelled"
    office.check()
