"""The rows of what steers an instance: what stands still while it is suspended, who has an incident, proposed acts.

What a suspended instance waits for keeps its row in the state `suspended`, so that whoever looks for due timers, calls
and jobs does not come past it, however much is suspended. Tasks and subscriptions keep theirs: they are told, and
refused at use.

An act that a second person confirms stands in the entry that proposes it as `payload.proposed`, and in the entry that
ends the proposal, whatever came of it, as `payload.closes`.
"""

from collections.abc import Callable
from typing import Any

from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import FoldView
from orchestrator import instance as states
from orchestrator import steered, tables
from orchestrator.deadlines import DEADLINE
from orchestrator.folding import Folding
from orchestrator.instance import Timer
from orchestrator.undo_transitions import CancellingBegun, CancellingResumed, EndingResumed, UndoBegun


def timer_state(folding: Folding) -> str:
    """The state of a timer that is set now."""
    return "suspended" if folding.instance.suspended else "set"


def call_state(folding: Folding) -> str:
    """The state of a call that is asked for now: what an agent's answer leads to, or what is undone, stands still."""
    return "suspended" if folding.instance.suspended else "requested"


def job_state(folding: Folding) -> str:
    """The state of a job that is created now."""
    return "suspended" if folding.instance.suspended else "created"


def undo_begun(folding: Folding, transition: UndoBegun) -> None:
    """A call that was kept is to be made, or stands still like any other."""
    folding.change(tables.CALL, (transition.activation,), state=call_state(folding))


def _cancelling(folding: Folding, _transition: CancellingBegun) -> None:
    folding.row = folding.started._replace(suspended_at=None)


def _taken_up_again(folding: Folding, _transition: CancellingResumed | EndingResumed) -> None:
    folding.row = folding.started._replace(ended_at=None)


def _still(to_suspend: bool) -> Callable[[Folding, Any], None]:
    def change(folding: Folding, _transition: Any) -> None:
        folding.row = folding.started._replace(suspended_at=folding.at if to_suspend else None)
        instance = folding.instance
        _timer(folding, 0, instance.clock, to_suspend)
        for activation in instance.live:
            for timer in activation.timers:
                _timer(folding, activation.number, timer, to_suspend)
            if activation.state == states.CREATED:
                state = "suspended" if to_suspend else "created"
                folding.change(tables.JOB, (activation.number,), state=state)
            elif activation.state == states.REQUESTED:
                state = "suspended" if to_suspend else "requested"
                folding.change(tables.CALL, (activation.number,), state=state)

    return change


def _timer(folding: Folding, number: int, timer: Timer | None, to_suspend: bool) -> None:
    if timer is not None and not (timer.name == DEADLINE and timer.paused_at):
        folding.change(tables.TIMER, (number, timer.name), state="suspended" if to_suspend else "set")


def _assigned(folding: Folding, transition: steered.IncidentAssigned) -> None:
    folding.change(tables.INCIDENT, (transition.incident,), assignee=transition.to)


def _migrated(folding: Folding, transition: steered.InstanceMigrated) -> None:
    folding.row = folding.started._replace(version=transition.version, number=transition.number)


ROWS: dict[type[Any], Callable[[Folding, Any], None]] = {
    steered.InstanceSuspended: _still(True),
    steered.InstanceResumed: _still(False),
    steered.IncidentAssigned: _assigned,
    steered.InstanceMigrated: _migrated,
    CancellingBegun: _cancelling,  # what is undone before the end is no more suspended
    CancellingResumed: _taken_up_again,
    EndingResumed: _taken_up_again,
}


def propose(view: FoldView, entry: Entry) -> None:
    """A proposed act: `payload.proposed` is {id, act, said, digest, by, role, expires_at}, `payload.reason` why."""
    proposed = entry.payload["proposed"]
    row = tables.ProposalRow(
        instance=entry.subject,
        id=proposed["id"],
        act=proposed["act"],
        said=text_trusted(proposed["said"]),
        digest=proposed["digest"],
        reason=text_trusted(entry.payload.get("reason")),
        by=proposed["by"],
        role=proposed["role"],
        state="proposed",
        proposed_at=entry.recorded,
        expires_at=proposed["expires_at"],
        closed_by="",
        closed_at=None,
    )
    view.put(tables.ACT_PROPOSAL, row)


def close(view: FoldView, entry: Entry) -> None:
    """What became of it: `payload.closes` is {id, by, as, ...}."""
    closes = entry.payload["closes"]
    row = view.get(tables.ACT_PROPOSAL, entry.subject, closes["id"])
    if row is None or row.state != "proposed":
        raise BrokenState(f"expected an open proposal {closes['id']}, found none")
    view.put(tables.ACT_PROPOSAL, row._replace(state=closes["as"], closed_by=closes["by"], closed_at=entry.recorded))
