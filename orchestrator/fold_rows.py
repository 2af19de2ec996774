"""The fold of every entry of the orchestrator: transitions into rows.

One fold for all kinds, since each entry's consequences stand in `payload.transitions`. The instance's row is carried
through them with `fold.apply_one`; each transition then says which other rows it changes. While a command is carried
out the machine has just applied the same transitions by the same function, so what it made is taken as it is (`Made`).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from governance.service import record_decision
from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.rows import Folds, FoldView, Table
from ledger.tuples import made
from orchestrator import fold_bulk, fold_steered, tables
from orchestrator import transitions as t
from orchestrator.deadlines import DEADLINE, URGENCY_MAX, urgency_of
from orchestrator.entries import INSTANCE_STARTED, KINDS, MESSAGE_CORRELATED, SCHEMA
from orchestrator.entry_parts import GOES_ON
from orchestrator.fold import apply_one
from orchestrator.fold_agents import AGENT_ROWS
from orchestrator.fold_handing import record_proposal
from orchestrator.fold_messages import record_sent
from orchestrator.fold_tasks import TASK_ROWS
from orchestrator.fold_votes import VOTE_ROWS
from orchestrator.folding import Folding
from orchestrator.instance import TASK_STATES, Instance, clock_text, marking_text, parse_clock, parse_marking
from orchestrator.paths import lay
from orchestrator.ranking import ranks_at
from orchestrator.tables import InstanceRow, VariableRow
from orchestrator.transition_values import from_value
from orchestrator.transitions import Transition
from orchestrator.undo_transitions import CallAnsweredLate, UndoBegun, UndoKept, UndoPutBack

TEST = "test"  # the member of a decision in test mode
_BECAME = {MESSAGE_CORRELATED: "correlated", INSTANCE_STARTED: "started"}  # of the message of such an entry


def folds() -> Folds:
    """The folds of the room, by kind and schema."""
    return {(kind, SCHEMA): fold for kind in KINDS}


def instance_of(row: InstanceRow) -> Instance:
    """The instance as the machine sees it, from its row."""
    live = parse_marking(row.marking)
    clock, fired, undo, cancelling = parse_clock(row.clock) if row.clock else (None, 0, (), "")
    members = row.id, row.status, row.revision, row.next_number, live, row.outcome
    return made(Instance, (*members, clock, fired, undo, cancelling, row.suspended))


class Made(NamedTuple):
    """The transitions an entry's payload is printed from, as recorded, and the instance after each."""

    transitions: Sequence[Transition]
    states: Sequence[Instance]


def fold(view: FoldView, entry: Entry) -> None:
    """Fold one entry of the orchestrator into rows."""
    folding = Folding(view, entry)
    made: Made = entry.made or _replayed(folding.row, entry)
    for transition, folding.instance in zip(*made, strict=True):
        place = _ROWS.get(type(transition))
        if place is not None:
            place(folding, transition)
    if made.transitions:
        _put_instance(folding, GOES_ON in entry.payload)
    decision = entry.payload.get("decision")
    if decision is not None and not decision.get(TEST):  # it is told by its task, and uses up no limit
        number = entry.payload.get("vote", entry.payload["task"])  # a vote is a decision of its own
        record_decision(view, entry, f"{entry.subject}.{number}", decision)
    if "proposal" in entry.payload:
        record_proposal(view, entry)
    if "sent" in entry.payload:
        record_sent(view, entry, _BECAME[entry.kind], entry.subject)
    if "proposed" in entry.payload:
        fold_steered.propose(view, entry)
    if "bulk" in entry.payload:
        fold_bulk.reached(view, entry)
    if "closes" in entry.payload:
        fold_steered.close(view, entry)
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


def gone_on(states: Sequence[Instance]) -> Sequence[Instance]:
    """The instance as it is where an entry goes on from another of its command, whose revision that has raised."""
    return [*states[:-1], states[-1]._replace(revision=states[-1].revision + 1)]


def _put_instance(folding: Folding, goes_on: bool) -> None:
    instance = folding.instance
    if goes_on:
        instance = instance._replace(revision=instance.revision - 1)
    folding.put_instance(folding.started.moved(instance, marking_text(instance.live), clock_text(instance)))


def _started(folding: Folding, transition: t.InstanceStarted) -> None:
    key = text_trusted(transition.key)
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
        test=int(transition.test),
        begun_by=transition.begun_by,
    )
    held = tables.BusinessKeyRow(transition.blueprint, transition.key_mark, folding.id)
    folding.view.put(tables.BUSINESS_KEY, held)


def _over(folding: Folding, transition: Any) -> None:  # noqa: ARG001 - the same for every way to be over
    folding.row = folding.started._replace(ended_at=folding.at, suspended_at=None)


def _variable_set(folding: Folding, transition: t.VariableSet) -> None:
    root, _, rest = transition.path.partition(".")
    old = folding.view.get(tables.VARIABLE, folding.id, root)
    value = lay(None if old is None else orjson.loads(old.value), rest, transition.value)
    folding.view.put(tables.VARIABLE, made(VariableRow, (folding.id, root, text_trusted(value))))


def _job_created(folding: Folding, transition: t.JobCreated) -> None:
    number, kind, arguments, priority = transition
    activation = folding.instance.activation(number)
    assert activation is not None
    place = ranks_at(activation.entered_at, priority)
    state = fold_steered.job_state(folding)
    row = tables.JobRow(folding.id, number, kind, text_trusted(arguments), state, 0, priority, place)
    folding.make(tables.JOB, number, row)


def _job_over(state: str) -> Callable[[Folding, Any], None]:
    def change(folding: Folding, transition: Any) -> None:
        folding.change(tables.JOB, (transition.activation,), state=state, ranks_at=0)

    return change


def _call_requested(folding: Folding, transition: t.CallRequested) -> None:
    folding.make(
        tables.CALL,
        transition.activation,
        tables.CallRow(
            instance=folding.id,
            number=transition.activation,
            operation=transition.operation,
            arguments=text_trusted(transition.arguments),
            idempotency_key=transition.key,
            state=fold_steered.call_state(folding),
            tries=0,
            started=0,
        ),
    )


def _undo_kept(folding: Folding, transition: UndoKept) -> None:
    number, _, _, operation, arguments, key, *_ = transition
    if transition.instead:
        folding.change(tables.CALL, (transition.instead,), state="cancelled")
    row = tables.CallRow(folding.id, number, operation, text_trusted(arguments), key, "kept", 0, 0)
    folding.make(tables.CALL, number, row)


def _call_started(folding: Folding, transition: t.CallStarted) -> None:
    row = folding.known(tables.CALL, transition.activation)
    folding.view.put(tables.CALL, row._replace(started=row.started + 1))


def _call_cancelled(folding: Folding, transition: t.CallCancelled) -> None:
    number, step, branch = transition
    folding.change(tables.CALL, (number,), state="cancelled", step=step, branch=branch)


def _state(table: Table[Any], state: str) -> Callable[[Folding, Any], None]:
    def change(folding: Folding, transition: Any) -> None:
        folding.change(table, (transition.activation,), state=state)

    return change


def _failed(table: Table[Any]) -> Callable[[Folding, Any], None]:
    def change(folding: Folding, transition: Any) -> None:
        folding.change(table, (transition.activation,), state="backing off", tries=transition.tries)

    return change


def _timer_set(folding: Folding, transition: t.TimerSet) -> None:
    number, name, due, calendar, since, late = transition
    state = fold_steered.timer_state(folding)
    folding.view.put(tables.TIMER, tables.TimerRow(folding.id, number, name, due, state, calendar, since))
    _late(folding, number, late)


def _late(folding: Folding, number: int, late: int) -> None:
    """Keep when an instance itself is late; where nothing is said it stays as it was."""
    if number == 0 and late:
        folding.row = folding.started._replace(late_at=late)


def _resumed(folding: Folding, transition: t.DeadlineResumed) -> None:
    number, due, calendar, since, late = transition
    changes = {"due_at": due, "state": fold_steered.timer_state(folding), "calendar": calendar, "since": since}
    folding.change(tables.TIMER, (number, DEADLINE), **changes)
    _late(folding, number, late)


def _paused(folding: Folding, transition: t.DeadlinePaused) -> None:
    folding.change(tables.TIMER, (transition.activation, DEADLINE), state="paused")


def _escalated(folding: Folding, transition: t.Escalated) -> None:
    if not transition.urgency:
        return
    if transition.activation == 0:
        folding.row = folding.started._replace(urgency=urgency_of(folding.started.urgency, transition.urgency))
        for activation in folding.instance.live:
            if activation.state in TASK_STATES:
                _more(folding, activation.number, 0)
        return
    _more(folding, transition.activation, transition.urgency)


def _more(folding: Folding, number: int, added: int) -> None:
    """Make a task more urgent by so much, and let it come in its turn among all."""
    task = folding.view.get(tables.TASK, folding.id, number)
    if task is None:
        return
    urgency = urgency_of(task.urgency, added)
    turn = URGENCY_MAX if task.closed_at is not None else URGENCY_MAX - urgency_of(urgency, folding.started.urgency)
    folding.change(tables.TASK, (number,), urgency=urgency, turn=turn)


def _timer(state: str) -> Callable[[Folding, Any], None]:
    def change(folding: Folding, transition: Any) -> None:
        folding.change(tables.TIMER, (transition.activation, transition.name), state=state)

    return change


def _subscribed(folding: Folding, transition: t.MessageSubscribed) -> None:
    row = tables.SubscriptionRow(
        instance=folding.id,
        number=transition.activation,
        message=transition.message,
        key=text_trusted(transition.key),
        key_mark=transition.key_mark,
        state="open",
        since=transition.since,
    )
    folding.make(tables.SUBSCRIPTION, transition.activation, row)


def _incident_raised(folding: Folding, transition: t.IncidentRaised) -> None:
    activation = folding.instance.activation(transition.activation)
    assert activation is not None
    folding.make(
        tables.INCIDENT,
        transition.incident,
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


def _incident_resolved(folding: Folding, transition: t.IncidentResolved) -> None:
    changes = {"state": "resolved", "how": transition.how, "resolved_at": folding.at}
    folding.change(tables.INCIDENT, (transition.incident,), **changes)


_ROWS: dict[type[Any], Callable[[Folding, Any], None]] = {
    t.InstanceStarted: _started,
    t.InstanceEnded: _over,
    t.InstanceCancelled: _over,
    t.VariableSet: _variable_set,
    t.JobCreated: _job_created,
    t.JobRetried: _state(tables.JOB, "created"),
    t.JobCompleted: _job_over("completed"),
    t.JobFailed: _failed(tables.JOB),
    t.JobCancelled: _job_over("cancelled"),
    t.CallRequested: _call_requested,
    UndoKept: _undo_kept,
    UndoBegun: fold_steered.undo_begun,
    UndoPutBack: _state(tables.CALL, "kept"),
    t.CallStarted: _call_started,
    t.CallRetried: _state(tables.CALL, "requested"),
    t.CallSucceeded: _state(tables.CALL, "succeeded"),
    t.CallFailed: _failed(tables.CALL),
    t.CallCancelled: _call_cancelled,
    CallAnsweredLate: _state(tables.CALL, "late"),
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
    **TASK_ROWS,
    **AGENT_ROWS,
    **fold_steered.ROWS,
    **VOTE_ROWS,
}
