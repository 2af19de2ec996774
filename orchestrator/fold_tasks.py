"""The rows of tasks: offered, held, handed on, completed, taken away."""

from collections.abc import Callable
from typing import Any

from ledger.tuples import made
from orchestrator import tables
from orchestrator import task_transitions as tasks
from orchestrator import transitions as t
from orchestrator.deadlines import URGENCY_MAX, urgency_of
from orchestrator.folding import Folding
from orchestrator.people_tables import GIVEN, GivenRow
from orchestrator.tables import StepActorRow, TaskRow


def _task_offered(folding: Folding, transition: t.TaskOffered) -> None:
    activation = folding.instance.activation(transition.activation)
    assert activation is not None
    # The first offer makes revision 1; only a later one finds the row of an earlier.
    again = activation.revision > 1
    old = folding.view.get(tables.TASK, folding.id, transition.activation) if again else None
    urgency = 0 if old is None else old.urgency
    row = folding.started
    folding.move(
        tables.TASK,
        old,
        made(
            TaskRow,
            (
                folding.id,
                transition.activation,
                activation.step,
                row.blueprint,
                row.domain,
                "offered",
                transition.role,
                transition.decision_kind,
                int(transition.above),
                "",  # holder
                "",  # outcome
                activation.revision,
                transition.due or None,
                folding.at if old is None else old.opened_at,
                None,  # closed_at
                urgency,
                "",  # delegate
                transition.skill,
                transition.unit,
                "",  # stands_in_for
                URGENCY_MAX - urgency_of(urgency, row.urgency),
            ),
        ),
    )


def _task(state: str) -> Callable[[Folding, Any], None]:
    is_closed = state in ("completed", "cancelled")
    is_held = state in ("claimed", "completed")

    def change(folding: Folding, transition: Any) -> None:
        row = folding.known(tables.TASK, transition.activation)
        activation = folding.instance.activation(transition.activation)
        assert activation is not None
        # Who completed it stays readable; an open or cancelled task is held by nobody.
        holder = transition.by if is_held else ""
        outcome = transition.outcome if state == "completed" else ""
        closed_at = folding.at if is_closed else None
        moved = row.moved(state, (holder, outcome), activation.revision, closed_at)
        if state == "claimed" and transition.stands_in_for:
            moved = moved._replace(stands_in_for=transition.stands_in_for)
        folding.move(tables.TASK, row, moved)
        if state == "completed":
            # Whom they stood in for has acted in it too.
            for person in filter(None, (transition.by, moved.stands_in_for)):
                folding.view.put(tables.STEP_ACTOR, made(StepActorRow, (folding.id, transition.step, person)))

    return change


def _task_assigned(folding: Folding, transition: tasks.TaskAssigned) -> None:
    _hold(folding, transition.activation, transition.to, "")
    folding.change(tables.TASK, (transition.activation,), stands_in_for=transition.stands_in_for)
    if transition.why == tasks.LEAST_LOADED:
        known = folding.view.get(GIVEN, transition.to)
        folding.view.put(GIVEN, GivenRow(transition.to, folding.at, 1 if known is None else known.times + 1))


def _task_delegated(folding: Folding, transition: tasks.TaskDelegated) -> None:
    holder = folding.known(tables.TASK, transition.activation).holder
    _hold(folding, transition.activation, holder, transition.to)


def _task_returned(folding: Folding, transition: tasks.TaskReturned) -> None:
    holder = folding.known(tables.TASK, transition.activation).holder
    _hold(folding, transition.activation, holder, "")
    if transition.proposes:  # who prepared it has acted in the step: duties count them
        folding.view.put(tables.STEP_ACTOR, tables.StepActorRow(folding.id, transition.step, transition.by))


def _due_moved(folding: Folding, transition: tasks.TaskDueMoved) -> None:
    folding.change(tables.TASK, (transition.activation,), due_at=transition.due or None)


def _hold(folding: Folding, number: int, holder: str, delegate: str) -> None:
    activation = folding.instance.activation(number)
    assert activation is not None
    changes = {"state": "claimed", "holder": holder, "delegate": delegate, "revision": activation.revision}
    folding.change(tables.TASK, (number,), **changes)


TASK_ROWS: dict[type[Any], Callable[[Folding, Any], None]] = {
    t.TaskOffered: _task_offered,
    t.TaskClaimed: _task("claimed"),
    t.TaskReleased: _task("offered"),
    tasks.TaskAssigned: _task_assigned,
    tasks.TaskDelegated: _task_delegated,
    tasks.TaskReturned: _task_returned,
    tasks.TaskDueMoved: _due_moved,
    t.TaskCompleted: _task("completed"),
    t.TaskCancelled: _task("cancelled"),
}
