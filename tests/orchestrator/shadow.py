"""What is open in an instance, read off its transitions by plain book-keeping."""

from typing import Any, ClassVar

from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.agent_transitions import ProposalRequested, ProposalReviewed
from orchestrator.clocks import WHOLE
from orchestrator.each_transitions import ElementBegun
from orchestrator.steered import InstanceResumed, InstanceSuspended
from orchestrator.told_transitions import PeopleTold
from orchestrator.undo_transitions import CancellingBegun, CancellingResumed, UndoBegun, UndoKept, UndoOwed, UndoPutBack
from orchestrator.vote_transitions import VoteCast, VotesVoided


class Shadow:
    """An independent reading of the transitions: what is open, by plain book-keeping."""

    OPENS: ClassVar[dict[type[Any], str]] = {
        t.TaskOffered: "task", t.JobCreated: "job", t.JobRetried: "job", t.CallRequested: "call", t.CallRetried: "call",
        t.MessageSubscribed: "message", t.ChildStarted: "child", t.IncidentRaised: "incident", UndoBegun: "call",
    }  # fmt: skip
    CLOSES: ClassVar[dict[type[Any], str]] = {
        t.TaskCompleted: "task", t.TaskCancelled: "task", t.JobCompleted: "job", t.JobCancelled: "job",
        t.CallSucceeded: "call", t.CallCancelled: "call", t.MessageCorrelated: "message",
        t.MessageUnsubscribed: "message", t.ChildEnded: "child", t.ChildCancelled: "child",
        t.IncidentResolved: "incident",
    }  # fmt: skip

    # What may not happen in an instance that stands still: nothing begins, goes out or fires.
    MOVES = (
        t.TaskOffered, t.TaskClaimed, VoteCast, t.TaskCompleted, t.JobCreated, t.JobRetried, t.CallRequested,
        t.CallRetried, t.CallStarted, t.MessageSubscribed, t.MessageCorrelated, t.ChildRequested, t.ChildStarted,
        t.TimerFired, t.RulesEvaluated, t.BranchChosen, t.BranchesOpened, t.InstanceEnded, events.WatchSet,
        t.DelayStarted, PeopleTold, events.ConditionMet, events.WatchFired,
    )  # fmt: skip

    # What may be asked for on behalf of an agent, or undone, all the same: it stands still like what was asked for
    # before.
    ASKED = (t.TaskOffered, t.JobCreated, t.CallRequested)

    def __init__(self) -> None:
        self.asked: set[int] = set()  # activations that ask agents
        self.open: set[tuple[str, Any]] = set()
        self.steps: set[int] = set()
        self.completed: set[int] = set()
        self.undoable: set[int] = set()
        self.begun: set[int] = set()  # what was undone, or began to be
        self.owed: set[int] = set()  # what is undone, or stands because somebody said so, before the instance ends
        self.votes: dict[int, list[str]] = {}
        self.stands_still = False

    def read(self, transition: t.Transition) -> None:
        kind = type(transition)
        number = getattr(transition, "activation", 0)
        if isinstance(transition, InstanceSuspended | InstanceResumed | CancellingBegun | CancellingResumed):
            self.stands_still = isinstance(transition, InstanceSuspended)  # what it has done is undone in any case
        if isinstance(transition, ProposalRequested):
            self.asked.add(number)
        is_asked = kind in self.ASKED and (number in self.asked or number in self.begun)
        assert is_asked or not (self.stands_still and kind in self.MOVES), f"it stands still: {transition}"
        if isinstance(transition, t.StepEntered | events.WatchSet | ElementBegun | UndoBegun):
            self.steps.add(number)
        if isinstance(transition, UndoKept):
            if transition.instead:
                self.undoable.remove(transition.instead)
            self.undoable.add(number)
        elif isinstance(transition, UndoBegun):
            self.undoable.remove(number)  # once each
            self.begun.add(number)
            self.open.add(("call", number))
        elif isinstance(transition, UndoPutBack):
            assert number not in self.steps, "put back while it is undone"
            self.begun.remove(number)
            self.undoable.add(number)
        elif isinstance(transition, UndoOwed):
            self.owed.add(number)
        elif isinstance(transition, t.StepLeft):
            self.steps.remove(number)
            assert not [thing for thing in self.open if thing[1] == number], "left with something open"
        elif isinstance(transition, t.TimerSet):
            assert number in self.steps or number == WHOLE, "a timer without a live activation"
            self.open.add((f"timer {transition.name}", number))
        elif isinstance(transition, t.TimerCancelled | t.TimerFired):
            self.open.remove((f"timer {transition.name}", number))
        elif kind in self.OPENS:
            assert number in self.steps, "work without a live activation"
            self.open.add((self.OPENS[kind], number))
        elif kind in self.CLOSES:
            self.open.remove((self.CLOSES[kind], number))
        if isinstance(transition, VoteCast):
            voters = self.votes.setdefault(number, [])
            assert transition.by not in voters, "voted twice"
            assert ("task", number) in self.open, "a vote on nothing"
            voters.append(transition.by)
        elif isinstance(transition, VotesVoided | t.TaskCompleted):
            self.votes.pop(number, None)
        elif isinstance(transition, t.TaskCancelled):
            assert number not in self.votes, "taken away with votes that count"
        if isinstance(transition, t.TaskCompleted):
            assert number not in self.completed, "completed twice"
            self.completed.add(number)
        elif isinstance(transition, ProposalReviewed) and transition.verdict == "reject":
            self.completed.discard(number)  # the same visit may ask an agent anew, and a person again
