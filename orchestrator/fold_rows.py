"""The fold of every entry of the orchestrator: transitions into rows.

One fold for all kinds, since each entry's consequences stand in `payload.transitions`. The instance's row is carried
through them with `fold.apply_one`; each transition then says which other rows it changes. While a command is carried
out the machine has just applied the same transitions by the same function, so what it made is taken as it is (`Made`).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from governance.service import record_decision
from ledger.canonical import encode_trusted
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView, R, Table
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.deadlines import DEADLINE, URGENCY_MAX
from orchestrator.entries import INSTANCE_STARTED, KINDS, MESSAGE_CORRELATED, SCHEMA
from orchestrator.fold import apply_one
from orchestrator.fold_messages import record_sent
from orchestrator.instance import Instance, clock_text, marking_text, parse_clock, parse_marking
from orchestrator.paths import lay
from orchestrator.tables import InstanceRow
from orchestrator.transition_values import from_value
from orchestrator.transitions import Transition
from orchestrator.undo_transitions import UndoBegun, UndoKept

_BECAME = {MESSAGE_CORRELATED: "correlated", INSTANCE_STARTED: "started"}  # of the message of such an entry


def folds() -> Folds:
    """The folds of the room, by kind and schema."""
    return {(kind, SCHEMA): fold for kind in KINDS}


def instance_of(row: InstanceRow) -> Instance:
    """The instance as the machine sees it, from its row."""
    live = parse_marking(row.marking)
    return Instance(row.id, row.status, row.revision, row.next_number, live, row.outcome, *parse_clock(row.clock))


class Made(NamedTuple):
    """The transitions an entry's payload is printed from, as recorded, and the instance after each."""

    transitions: Sequence[Transition]
    states: Sequence[Instance]


class _Folding:
    """One entry being folded: the view, the instance so far, and the instant it was recorded."""

    __slots__ = ("at", "id", "instance", "row", "view")

    def __init__(self, view: FoldView, entry: Entry) -> None:
        self.view = view
        self.id = entry.subject
        self.at = entry.recorded
        self.row = view.get(tables.INSTANCE, entry.subject)
        self.instance = Instance(entry.subject)  # each transition brings the state it leads to

    def known(self, table: Table[R], *key: Any) -> R:
        """A row of this instance that must be there."""
        row = self.view.get(table, self.id, *key)
        if row is None:
            raise BrokenState(f"expected a row of `{table.name}` for {self.id}.{key[0]}, found none")
        return row

    def change(self, table: Table[R], key: tuple[Any, ...], **changes: Any) -> None:
        """Put a row of this instance with some fields changed."""
        self.view.put(table, self.known(table, *key)._replace(**changes))


def fold(view: FoldView, entry: Entry) -> None:
    """Fold one entry of the orchestrator into rows."""
    folding = _Folding(view, entry)
    made: Made = entry.made or _replayed(folding.row, entry)
    for transition, folding.instance in zip(*made, strict=True):
        place = _ROWS.get(type(transition))
        if place is not None:
            place(folding, transition)
    _put_instance(folding)
    decision = entry.payload.get("decision")
    if decision is not None:
        record_decision(view, entry, f"{entry.subject}.{entry.payload['task']}", decision)
    if "sent" in entry.payload:
        record_sent(view, entry, _BECAME[entry.kind], entry.subject)
    statement = entry.payload.get("statement")
    if statement is not None:
        number = int(entry.payload["task"])
        view.put(tables.NONCE, tables.NonceRow(statement["nonce"], entry.subject, number))


def _replayed(row: InstanceRow | None, entry: Entry) -> Made:
    instance = Instance(entry.subject) if row is None else instance_of(row)
    transitions = [from_value(value) for value in entry.payload["transitions"]]
    states = []
    for transition in transitions:
        instance = apply_one(instance, transition)
        states.append(instance)
    return Made(transitions, states)


def _put_instance(folding: _Folding) -> None:
    row, instance = folding.row, folding.instance
    if row is None:
        raise BrokenState(f"expected {folding.id} to have started")
    folding.view.put(tables.INSTANCE, row.moved(instance, marking_text(instance.live), clock_text(instance)))


def _text(value: Any) -> str:
    return encode_trusted(value).decode()


def _started(folding: _Folding, transition: t.InstanceStarted) -> None:
    key = _text(transition.key)
    folding.row = InstanceRow(
        id=folding.id,
        blueprint=transition.blueprint,
        version=transition.version,
        number=transition.number,
        status="",
        outcome="",
        revision=0,
        next_number=1,
        marking="[]",
        business_key=key,
        initiator=transition.initiator,
        domain=transition.domain,
        data_subject=transition.data_subject,
        parent=transition.parent,
        parent_activation=transition.parent_activation,
        started_at=folding.at,
        ended_at=None,
    )
    held = tables.BusinessKeyRow(transition.blueprint, transition.key_mark, folding.id)
    folding.view.put(tables.BUSINESS_KEY, held)


def _over(folding: _Folding, transition: Any) -> None:  # noqa: ARG001 - the same for every way to be over
    assert folding.row is not None
    folding.row = folding.row._replace(ended_at=folding.at)


def _variable_set(folding: _Folding, transition: t.VariableSet) -> None:
    root, _, rest = transition.path.partition(".")
    old = folding.view.get(tables.VARIABLE, folding.id, root)
    value = lay(None if old is None else orjson.loads(old.value), rest, transition.value)
    folding.view.put(tables.VARIABLE, tables.VariableRow(folding.id, root, _text(value)))


def _task_offered(folding: _Folding, transition: t.TaskOffered) -> None:
    activation = folding.instance.activation(transition.activation)
    assert activation is not None
    assert folding.row is not None
    # The first offer makes revision 1; only a later one finds the row of an earlier.
    again = activation.revision > 1
    old = folding.view.get(tables.TASK, folding.id, transition.activation) if again else None
    folding.view.put(
        tables.TASK,
        tables.TaskRow(
            instance=folding.id,
            number=transition.activation,
            step=activation.step,
            blueprint=folding.row.blueprint,
            domain=folding.row.domain,
            state="offered",
            role=transition.role,
            decision_kind=transition.decision_kind,
            above=int(transition.above),
            holder="",
            outcome="",
            revision=activation.revision,
            due_at=transition.due or None,
            opened_at=folding.at if old is None else old.opened_at,
            closed_at=None,
            urgency=0 if old is None else old.urgency,
        ),
    )


def _task(state: str) -> Callable[[_Folding, Any], None]:
    is_closed = state in ("completed", "cancelled")
    is_held = state in ("claimed", "completed")

    def change(folding: _Folding, transition: Any) -> None:
        row = folding.known(tables.TASK, transition.activation)
        activation = folding.instance.activation(transition.activation)
        assert activation is not None
        # Who completed it stays readable; an open or cancelled task is held by nobody.
        holder = transition.by if is_held else ""
        outcome = transition.outcome if state == "completed" else ""
        closed_at = folding.at if is_closed else None
        folding.view.put(tables.TASK, row.moved(state, (holder, outcome), activation.revision, closed_at))
        if state == "completed":
            actor = tables.StepActorRow(folding.id, transition.step, transition.by)
            folding.view.put(tables.STEP_ACTOR, actor)

    return change


def _job_created(folding: _Folding, transition: t.JobCreated) -> None:
    row = tables.JobRow(folding.id, transition.activation, transition.type, _text(transition.arguments), "created", 0)
    folding.view.put(tables.JOB, row)


def _call_requested(folding: _Folding, transition: t.CallRequested) -> None:
    folding.view.put(
        tables.CALL,
        tables.CallRow(
            instance=folding.id,
            number=transition.activation,
            operation=transition.operation,
            arguments=_text(transition.arguments),
            idempotency_key=transition.key,
            state="requested",
            tries=0,
            started=0,
        ),
    )


def _undo_kept(folding: _Folding, transition: UndoKept) -> None:
    number, _, _, operation, arguments, key, _ = transition
    row = tables.CallRow(folding.id, number, operation, _text(arguments), key, "kept", 0, 0)
    folding.view.put(tables.CALL, row)


def _call_started(folding: _Folding, transition: t.CallStarted) -> None:
    row = folding.known(tables.CALL, transition.activation)
    folding.view.put(tables.CALL, row._replace(started=row.started + 1))


def _state(table: Table[Any], state: str) -> Callable[[_Folding, Any], None]:
    def change(folding: _Folding, transition: Any) -> None:
        folding.change(table, (transition.activation,), state=state)

    return change


def _failed(table: Table[Any]) -> Callable[[_Folding, Any], None]:
    def change(folding: _Folding, transition: Any) -> None:
        folding.change(table, (transition.activation,), state="backing off", tries=transition.tries)

    return change


def _timer_set(folding: _Folding, transition: t.TimerSet) -> None:
    number, name, due, calendar, since, late = transition
    folding.view.put(tables.TIMER, tables.TimerRow(folding.id, number, name, due, "set", calendar, since))
    _late(folding, number, late)


def _late(folding: _Folding, number: int, late: int) -> None:
    """Keep when an instance itself is late; where nothing is said it stays as it was."""
    if number == 0 and late:
        assert folding.row is not None
        folding.row = folding.row._replace(late_at=late)


def _resumed(folding: _Folding, transition: t.DeadlineResumed) -> None:
    number, due, calendar, since, late = transition
    changes = {"due_at": due, "state": "set", "calendar": calendar, "since": since}
    folding.change(tables.TIMER, (number, DEADLINE), **changes)
    _late(folding, number, late)


def _paused(folding: _Folding, transition: t.DeadlinePaused) -> None:
    folding.change(tables.TIMER, (transition.activation, DEADLINE), state="paused")


def _escalated(folding: _Folding, transition: t.Escalated) -> None:
    if not transition.urgency:
        return
    if transition.activation == 0:
        assert folding.row is not None
        folding.row = folding.row._replace(urgency=_more(folding.row.urgency, transition))
        return
    task = folding.view.get(tables.TASK, folding.id, transition.activation)
    if task is not None:
        folding.view.put(tables.TASK, task._replace(urgency=_more(task.urgency, transition)))


def _more(urgency: int, transition: t.Escalated) -> int:
    return min(URGENCY_MAX, urgency + transition.urgency)


def _timer(state: str) -> Callable[[_Folding, Any], None]:
    def change(folding: _Folding, transition: Any) -> None:
        folding.change(tables.TIMER, (transition.activation, transition.name), state=state)

    return change


def _subscribed(folding: _Folding, transition: t.MessageSubscribed) -> None:
    row = tables.SubscriptionRow(
        instance=folding.id,
        number=transition.activation,
        message=transition.message,
        key=_text(transition.key),
        key_mark=transition.key_mark,
        state="open",
    )
    folding.view.put(tables.SUBSCRIPTION, row)


def _incident_raised(folding: _Folding, transition: t.IncidentRaised) -> None:
    activation = folding.instance.activation(transition.activation)
    assert activation is not None
    folding.view.put(
        tables.INCIDENT,
        tables.IncidentRow(
            instance=folding.id,
            number=transition.incident,
            activation=transition.activation,
            step=activation.step,
            code=transition.code,
            place=transition.where,
            role=transition.role,
            state="open",
            how="",
            raised_at=folding.at,
            resolved_at=None,
        ),
    )


def _incident_resolved(folding: _Folding, transition: t.IncidentResolved) -> None:
    changes = {"state": "resolved", "how": transition.how, "resolved_at": folding.at}
    folding.change(tables.INCIDENT, (transition.incident,), **changes)


_ROWS: dict[type[Any], Callable[[_Folding, Any], None]] = {
    t.InstanceStarted: _started,
    t.InstanceEnded: _over,
    t.InstanceCancelled: _over,
    t.VariableSet: _variable_set,
    t.TaskOffered: _task_offered,
    t.TaskClaimed: _task("claimed"),
    t.TaskReleased: _task("offered"),
    t.TaskCompleted: _task("completed"),
    t.TaskCancelled: _task("cancelled"),
    t.JobCreated: _job_created,
    t.JobRetried: _state(tables.JOB, "created"),
    t.JobCompleted: _state(tables.JOB, "completed"),
    t.JobFailed: _failed(tables.JOB),
    t.JobCancelled: _state(tables.JOB, "cancelled"),
    t.CallRequested: _call_requested,
    UndoKept: _undo_kept,
    UndoBegun: _state(tables.CALL, "requested"),
    t.CallStarted: _call_started,
    t.CallRetried: _state(tables.CALL, "requested"),
    t.CallSucceeded: _state(tables.CALL, "succeeded"),
    t.CallFailed: _failed(tables.CALL),
    t.CallCancelled: _state(tables.CALL, "cancelled"),
    t.TimerSet: _timer_set,
    t.TimerCancelled: _timer("cancelled"),
    t.TimerFired: _timer("fired"),
    t.Escalated: _escalated,
    t.DeadlinePaused: _paused,
    t.DeadlineResumed: _resumed,
    t.MessageSubscribed: _subscribed,
    t.MessageUnsubscribed: _state(tables.SUBSCRIPTION, "closed"),
    t.MessageCorrelated: _state(tables.SUBSCRIPTION, "correlated"),
    t.IncidentRaised: _incident_raised,
    t.IncidentResolved: _incident_resolved,
}
