"""The engine's door: what each command records, what it refuses, and that the rows are the fold of the entries."""

from typing import Any

import pytest

from ledger.actor import SYSTEM, Actor
from ledger.canonical import encode
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.runner import CallFailure, Runner
from orchestrator.service import task as read_task
from tests.orchestrator.house import ANN, BOB, EVE, WORKER, House, person
from tests.orchestrator.memory import MemoryLog, MemoryUow
from tests.orchestrator.toy import HERE, HOUR, SECOND, decide, end, task, version
from versioning import blueprint as b

ALL = frozenset(("public", "internal", "confidential", "personal", "special"))


class Office:
    """A house, its log and short ways to use them."""

    def __init__(self, *steps: b.Step, **fields: Any) -> None:
        self.house = House()
        self.house.release(version(*steps, **fields))
        self.log = self.house.log()

    def start(self, key: str = "A-1", actor: Actor = ANN, **data: Any) -> str:
        done = self.done(c.StartInstance("toy", key, data), actor)
        return str(done.result["instance"])

    def send(self, command: Any, actor: Actor = BOB) -> Done | Refusal:
        return self.log.send(actor, command)

    def done(self, command: Any, actor: Actor = BOB) -> Done:
        said = self.send(command, actor)
        assert isinstance(said, Done), said
        return said

    def refused(self, command: Any, actor: Actor = BOB) -> Reason:
        before = (len(self.log.entries), self.log.view.rows)
        said = self.send(command, actor)
        assert isinstance(said, Refusal), said
        assert before == (len(self.log.entries), self.log.view.rows)
        return said.reason

    def row(self, table: Any, *key: Any) -> Any:
        return self.log.view.get(table, *key)

    def instance(self, instance_id: str) -> tables.InstanceRow:
        row = self.row(tables.INSTANCE, instance_id)
        assert isinstance(row, tables.InstanceRow)
        return row

    def only(self, table: Any, **where: Any) -> Any:
        rows = self.log.view.rows.get(table.name, {}).values()
        (found,) = [row for row in rows if all(getattr(row, name) == value for name, value in where.items())]
        return found

    def task_id(self, step: str) -> str:
        rows = self.log.view.rows["task"].values()
        (row,) = [row for row in rows if row.step == step and row.state in ("offered", "claimed")]
        return f"{row.instance}.{row.number}"

    def complete(self, step: str, actor: Actor = BOB, **fields: Any) -> Done:
        task_id = self.task_id(step)
        self.done(c.ClaimTask(task_id), actor)
        return self.done(c.CompleteTask(task_id, **fields), actor)

    def shown(self, task_id: str) -> Any:
        return read_task(MemoryUow(self.log, BOB), self.house, task_id, ALL)

    def check(self) -> None:
        """State is the fold of the entries, and no classed value stands in one."""
        assert self.log.replay() == self.log.folded()
        assert b"Jo Doe" not in b"".join(encode(dict(entry.payload)) for entry in self.log.entries)
        assert "Jo Doe" not in str(self.log.folded())


FORM = (task("f", "done", shows=("amount", "secret"), expects=("amount",)), end())


def test_start_to_end_is_recorded_with_what_it_rests_on() -> None:
    office = Office(*FORM)
    instance = office.start(amount=3, secret={"name": "Jo Doe"})
    office.complete("f", data={"amount": 4})
    kinds = [entry.kind for entry in office.log.entries]
    assert kinds == ["instance.started", "task.claimed", "task.completed"]
    assert {entry.subject for entry in office.log.entries} == {instance}
    assert office.log.entries[2].basis["permit"]["rules"] == ["task complete"]
    row = office.instance(instance)
    assert (row.status, row.outcome, row.revision, row.marking) == ("ended", "done", 3, "[]")
    assert office.row(tables.VARIABLE, instance, "amount").value == "4"
    assert office.row(tables.STEP_ACTOR, instance, "f", "person:bob") is not None
    office.check()


def test_second_start_with_the_same_business_key_is_refused_and_names_the_first() -> None:
    office = Office(*FORM)
    instance = office.start()
    said = office.send(c.StartInstance("toy", "A-1", {}), ANN)
    assert isinstance(said, Refusal)
    assert (said.reason, said.details) == (Reason.BUSINESS_KEY_TAKEN, (("instance", instance),))
    office.complete("f", data={"amount": 1})
    assert office.refused(c.StartInstance("toy", "A-1", {}), ANN) is Reason.BUSINESS_KEY_TAKEN


def test_business_key_is_free_again_after_the_end_where_the_blueprint_says_so() -> None:
    office = Office(*FORM, reuse="after end")
    office.start()
    assert office.refused(c.StartInstance("toy", "A-1", {}), ANN) is Reason.BUSINESS_KEY_TAKEN
    office.complete("f", data={"amount": 1})
    office.start()
    office.check()


def test_classed_business_key_is_unique_too_and_stands_nowhere_in_clear() -> None:
    value = version(*FORM)
    fields = (b.DataField("number", "string", required=True), *value.blueprint.data[1:])
    import dataclasses

    office = Office(*FORM)
    office.house.release(
        dataclasses.replace(value, digest="classed", blueprint=dataclasses.replace(value.blueprint, data=fields))
    )
    office.start("Jo Doe")
    assert office.refused(c.StartInstance("toy", "Jo Doe", {}), ANN) is Reason.BUSINESS_KEY_TAKEN
    office.check()


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (c.StartInstance("nothing", "A-1", {}), Reason.NOT_FOUND),
        (c.StartInstance("toy", "A-1", {}, version="nothing"), Reason.NOT_FOUND),
        (c.StartInstance("toy", "A-1", {"unknown": 1}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "A-1", {"amount": "x"}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "A-1", {"amount": True}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "A-1", {"number": "A-2"}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "", {}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "x" * 300, {}), Reason.INVALID_DATA),
        (c.CancelInstance("pi_nothing"), Reason.NOT_FOUND),
        (c.ClaimTask("pi_nothing.1"), Reason.NOT_FOUND),
        (c.CompleteJob("pi_nothing.1", "x"), Reason.NOT_FOUND),
        (c.ResolveIncident("pi_nothing.1", "retry"), Reason.NOT_FOUND),
        (c.Correlate("m", "A-1"), Reason.NOT_FOUND),
        (c.FireTimer("pi_nothing.1/deadline", 1), Reason.DENIED),  # type: ignore[arg-type]
    ],
)
def test_bad_input_has_a_reason_and_no_effect(command: Any, reason: Reason) -> None:
    assert Office(*FORM).refused(command, ANN) is reason


def test_start_needs_the_role_the_blueprint_requires() -> None:
    assert Office(*FORM).refused(c.StartInstance("toy", "A-1", {}), BOB) is Reason.NO_RULE


def test_claim_needs_the_candidate_role_and_a_person() -> None:
    office = Office(*FORM)
    office.start()
    assert office.refused(c.ClaimTask(office.task_id("f")), EVE) is Reason.NO_RULE
    assert office.refused(c.ClaimTask(office.task_id("f")), WORKER) is Reason.NOT_A_PERSON
    office.done(c.ClaimTask(office.task_id("f")), ANN)
    assert office.refused(c.ClaimTask(office.task_id("f")), BOB) is Reason.CLAIMED_BY_OTHER
    office.done(c.ReleaseTask(office.task_id("f")), ANN)
    office.done(c.ClaimTask(office.task_id("f")), BOB)


DECISION = (
    decide(
        "d",
        (("yes", "done"), ("no", "stop")),
        shows=("amount", "secret"),
        reason_required=True,
        duties=(b.Duty("not initiator"),),
    ),
    end(),
    end("stop", "stopped"),
)


def decided(office: Office, **fields: Any) -> c.CompleteTask:
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id))
    given = {"outcome": "yes", "reason": "for Jo Doe", "shown_digest": office.shown(task_id).shown_digest, **fields}
    return c.CompleteTask(task_id, **given)


def test_decision_records_authority_and_what_was_shown_without_values() -> None:
    office = Office(*DECISION)
    office.start(amount=50, secret={"name": "Jo Doe"})
    office.done(decided(office))
    entry = office.log.entries[-1]
    assert entry.kind == "task.completed"
    assert entry.basis["decision"]["register"] == "register-digest"
    assert entry.payload["shown"]["amount"] == 50
    assert "$commitment" in entry.payload["shown"]["secret"]
    assert "$commitment" in entry.payload["reason"]
    assert entry.payload["measure"] == 50
    assert entry.refs["grant"] == "ag_1"
    office.check()


def test_decision_above_the_limit_is_refused() -> None:
    office = Office(*DECISION)
    office.start(amount=101)
    assert office.refused(decided(office)) is Reason.LIMIT_CASE


def test_own_application_is_not_decided() -> None:
    office = Office(*DECISION)
    office.start(amount=1)
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id), ANN)
    said = c.CompleteTask(task_id, "yes", reason="x", shown_digest=office.shown(task_id).shown_digest)
    assert office.refused(said, ANN) is Reason.SOD


def test_api_key_of_a_person_decides_nothing() -> None:
    office = Office(*DECISION)
    office.start(amount=1)
    assert office.refused(decided(office), person("bob", "api-key")) is Reason.NOT_A_PERSON


def test_changed_view_is_not_decided_on() -> None:
    steps = (
        b.AllStep("all", HERE, branches=("d", "f"), next="done"),
        decide("d", shows=("amount",)),
        task("f", expects=("amount",)),
        end(),
    )
    office = Office(*steps)
    office.start(amount=1)
    command = decided(office)
    office.complete("f", ANN, data={"amount": 2})
    assert office.refused(command) is Reason.SHOWN_CHANGED
    assert office.refused(c.CompleteTask(command.task_id, "yes")) is Reason.SHOWN_CHANGED


def test_second_completion_is_wrong_state() -> None:
    office = Office(*DECISION)
    office.start(amount=1)
    command = decided(office)
    office.done(command)
    assert office.refused(command) is Reason.WRONG_STATE


SIGNED = (
    decide("d", (("yes", "done"),), shows=("secret",), sign=b.SignRule("I decide")),
    task("f", "d", expects=("secret",)),
    end(),
)


def signed(office: Office, **fields: Any) -> c.CompleteTask:
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id))
    said = office.done(c.StateStatement(task_id, "yes", "for Jo Doe")).result
    proof = c.Signed("password", "person:bob", office.log.now)  # type: ignore[arg-type]
    given: dict[str, Any] = {
        "outcome": "yes",
        "reason": "for Jo Doe",
        "statement_nonce": said["nonce"],
        "signature": proof,
    }
    return c.CompleteTask(task_id, **{**given, **fields})


def test_signed_decision_binds_the_statement_and_uses_its_nonce() -> None:
    office = Office(*SIGNED)
    office.start(secret={"name": "Jo Doe"})
    command = signed(office)
    office.done(command)
    payload = office.log.entries[-1].payload
    assert payload["statement"]["meaning"] == "I decide"
    assert payload["statement"]["shown_digest"] == payload["shown_digest"]
    assert payload["signature"]["strength"] == "attested by the service"
    assert office.row(tables.NONCE, command.statement_nonce) is not None
    office.check()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"signature": None}, Reason.SIGNATURE_MISSING),
        ({"signature": c.Signed("password", "person:ann", 0)}, Reason.SIGNATURE_WRONG),  # type: ignore[arg-type]
        ({"signature": c.Signed("passkey", "person:bob", 0)}, Reason.SIGNATURE_WRONG),  # type: ignore[arg-type]
        ({"signature": c.Signed("password", "person:bob", 0)}, Reason.SIGNATURE_WRONG),  # type: ignore[arg-type]
        ({"statement_nonce": "st_other"}, Reason.STATEMENT_EXPIRED),
        ({"reason": "for another reason"}, Reason.SHOWN_CHANGED),
    ],
)
def test_signature_that_does_not_fit_signs_nothing(fields: dict[str, Any], reason: Reason) -> None:
    office = Office(*SIGNED)
    office.start(secret={"name": "Jo Doe"})
    assert office.refused(signed(office, **fields)) is reason


def test_statement_runs_out() -> None:
    office = Office(*SIGNED)
    office.start(secret={"name": "Jo Doe"})
    command = signed(office)
    office.log.now += 16 * 60 * SECOND
    late = c.CompleteTask(
        command.task_id, "yes", reason=command.reason, statement_nonce=command.statement_nonce,
        signature=c.Signed("password", "person:bob", office.log.now),  # type: ignore[arg-type]
    )  # fmt: skip
    assert office.refused(late) is Reason.STATEMENT_EXPIRED


JOB = (
    b.JobStep(
        "j", HERE, type="w", arguments=(("who", "secret"),), into="amount", retry=b.Retry(1, first="PT2S"), next="done"
    ),
    end(),
)


def test_job_is_leased_to_one_worker_and_completed_once() -> None:
    office = Office(*JOB)
    office.start(secret={"name": "Jo Doe"})
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
    instance = office.start(secret={"name": "Jo Doe"})
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
    office.house.release(child_of(*RUN[:1], end()))  # a child that runs itself, and finds its own key taken
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


def test_open_tasks_page_by_page() -> None:
    office = Office(*FORM)
    started = [office.start(f"A-{n}") for n in range(7)]
    seen, cursor = [], ""
    while True:
        page = store.open_tasks(office.log.query, "clerks", cursor, 3)
        seen += [row[0] for row in page.rows]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == started


def test_questions_are_answered_by_indexes_of_open_rows() -> None:
    office = Office(*FORM)
    plan = office.log.plan
    due = "SELECT instance FROM timer WHERE log_id = 1 AND state = 'set' AND due_at <= 5 ORDER BY due_at LIMIT 9"
    assert "timer_due" in plan(due)
    inbox = "SELECT instance FROM task WHERE log_id = 1 AND state IN ('offered', 'claimed') AND role = 'r'"
    assert "task_open" in plan(inbox)
    waiting = "SELECT instance FROM subscription WHERE log_id = 1 AND message = 'm' AND key = 'k' AND state = 'open'"
    assert "subscription_open" in plan(waiting)
    jobs = (
        "SELECT instance FROM job WHERE log_id = 1 AND type = 'w' AND job.state = 'created' ORDER BY instance, number"
    )
    assert "job_open" in plan(jobs)


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
