"""Small models of what must hold, each told in its own words and fed with the transitions of a history, in order.

None repeats how the engine decides: a model keeps a list or a number, and says when an entry cannot follow from it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.clock import parse_instant
from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.agent_transitions import ProposalRequested
from orchestrator.branch_transitions import BranchBegunAgain, BranchPassedOver
from orchestrator.each_transitions import EachEnded, EachOpened, ElementBegun, ElementEnded
from orchestrator.steered import InstanceSuspended
from orchestrator.transition_values import from_value
from orchestrator.undo_transitions import CancellingBegun, EndingResumed, UndoBegun, UndoKept, UndoPutBack
from orchestrator.vote_transitions import VoteCast, VotesCounted, VotesVoided
from tests.crash.checks import Checked
from tests.simulation.hub import SECOND
from versioning.blueprint import AllStep, DecideStep, EachStep, UndoStep, WaitStep

StepOf = Callable[[str, str], Any]
"""The step of a version, by its digest and the id of the step."""

_SPAN = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SPAN_SECONDS = (86_400, 3_600, 60, 1)


@dataclass(frozen=True, slots=True)
class At:
    """Where a transition stands."""

    index: int
    instant: int
    kind: str
    same: list[Any]  # all transitions of the entry


def judge_models(checked: Checked, step_of: StepOf) -> None:
    """Feed every instance to its models."""
    known: dict[str, list[Model]] = {}
    for entry in checked.entries:
        said = [from_value(value) for value in entry.payload.get("transitions", ())]
        at = At(entry.index, parse_instant(entry.recorded_at), entry.kind, said)
        for one in said:
            if entry.subject not in known:
                places = Places(step_of)
                known[entry.subject] = [places, *[made(places) for made in MODELS]]
            for model in known[entry.subject]:
                model.read(one, at)


class Model:
    """`read` every transition of one instance."""

    def read(self, one: Any, at: At) -> None:
        raise NotImplementedError


class Places(Model):
    """Which step an activation visits, and what is plainly in the data. Read before the others."""

    def __init__(self, step_of: StepOf) -> None:
        self._step_of = step_of
        self._version = ""
        self._steps: dict[int, str] = {}
        self.amount: Any = None

    def step(self, activation: int) -> Any:
        """The step of an activation; None for one that visits none of its own."""
        name = self._steps.get(activation)
        return None if name is None else self._step_of(self._version, name)

    def named(self, step: str) -> Any:
        """A step by its id."""
        return self._step_of(self._version, step)

    def read(self, one: Any, at: At) -> None:
        if isinstance(one, t.InstanceStarted):
            self._version = one.version
        elif isinstance(one, t.StepEntered):
            self._steps[one.activation] = one.step
        elif isinstance(one, ElementBegun):
            self._steps[one.activation] = self._steps[one.of]
        elif isinstance(one, t.VariableSet) and one.path == "amount":
            self.amount = one.value


class Undoing(Model):
    """A pile: what was done last is undone first, and nothing is left on it when an instance has been cancelled, or a
    step that undoes goes on.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._pile: list[UndoKept] = []
        self._begun: dict[int, UndoKept] = {}  # taken from the pile: it comes back where that is ended too early
        self._is_looked_after = False  # what came late alone is undone

    def read(self, one: Any, at: At) -> None:
        if isinstance(one, UndoKept):
            if one.instead:  # asked for again by the very same step: it is done once
                [former] = [kept for kept in self._pile if kept.activation == one.instead]
                assert (former.of, former.step) == (one.of, one.step)
                self._pile.remove(former)
            self._pile.append(one)
        elif isinstance(one, EndingResumed):
            self._is_looked_after = True
        elif isinstance(one, UndoBegun):
            found = next(kept for kept in self._pile if kept.activation == one.activation)
            later = self._pile[self._pile.index(found) + 1 :]
            if not self._is_looked_after:
                assert not self._meant(later, one.of), f"{one} before what was done later, in {at.index}"
            self._pile.remove(found)
            self._begun[one.activation] = found
        elif isinstance(one, UndoPutBack):
            self._pile.append(self._begun.pop(one.activation))
        elif isinstance(one, t.InstanceCancelled):
            assert not self._pile, f"{self._pile} is not undone in {at.index}"
        elif isinstance(one, t.StepLeft):
            step = self._places.step(one.activation)
            is_closed = at.kind in ("instance.modified", "incident.resolved", "instance.cancelled")
            if isinstance(step, UndoStep) and one.to == step.next and not is_closed and not _watched(at):
                assert not self._meant(self._pile, one.activation), f"{step.id} goes on with {self._pile}"

    def _meant(self, kept: Iterable[UndoKept], scope: int) -> list[UndoKept]:
        step = self._places.step(scope) if scope else None
        return [one for one in kept if step is None or not step.steps or one.step in step.steps]


def _watched(at: At) -> bool:
    """Whether something else than its own work has led on from a step."""
    others = (t.TimerFired, t.MessageCorrelated, t.JoinFired, events.ErrorCaught, EachEnded, t.InstanceEnded)
    return any(isinstance(one, others) for one in at.same)


class Voting(Model):
    """A tally: votes count until they are void, and what they come to is said as soon as it is so, and no sooner."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._cast: dict[int, list[VoteCast]] = {}

    def read(self, one: Any, at: At) -> None:
        number = getattr(one, "activation", 0)
        votes = self._cast.setdefault(number, [])
        if isinstance(one, VoteCast):
            votes.append(one)
            step = self._places.step(number)
            said = [other for other in at.same if isinstance(other, VotesCounted) and other.activation == number]
            came_to = _counted(step, votes)
            expected = [] if came_to is None else [VotesCounted(number, *came_to)]
            assert said == expected, f"{votes} on {step.quorum} came to {said} in {at.index}"
        elif isinstance(one, VotesVoided):
            assert set(one.votes) == {vote.vote for vote in votes}, f"{one} of {votes}"
            votes.clear()
        elif isinstance(one, t.StepLeft):
            is_over = any(isinstance(other, VotesCounted) and other.activation == number for other in at.same)
            assert is_over or not votes, f"{votes} count for nothing in {at.index}"
            self._cast.pop(number, None)
        elif isinstance(one, t.TaskCompleted):
            step = self._places.step(number)
            if isinstance(step, DecideStep) and step.quorum is not None:
                told = [other.outcome for other in at.same if isinstance(other, VotesCounted)]
                assert one.outcome in told, f"{one} is not what the votes came to in {at.index}"


def _counted(step: Any, votes: Sequence[VoteCast]) -> tuple[str, str] | None:
    """How a voting ends with the last of these votes, and with which outcome; None where it goes on."""
    last, quorum, tally = votes[-1], step.quorum, Counter(vote.outcome for vote in votes)
    if quorum.veto and last.in_chair and last.outcome != step.outcomes[0]:
        return "vetoed", last.outcome
    if tally[last.outcome] == quorum.need:
        return "agreed", last.outcome
    if max(tally.values()) + last.left >= quorum.need:
        return None
    tied = {"fails": step.outcomes[-1], "": ""}
    return "tied", tied.get(quorum.tie, quorum.tie.removeprefix("outcome "))


class Elements(Model):
    """A step for each element: over when all are, or as soon as what it waits for holds."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._opened: dict[int, int] = {}
        self._ended: Counter[int] = Counter()

    def read(self, one: Any, at: At) -> None:
        if isinstance(one, EachOpened):
            self._opened[one.activation] = one.elements
            self._ended[one.activation] = 0
        elif isinstance(one, ElementEnded):
            self._ended[one.activation] += 1
            step = self._places.step(one.activation)
            assert isinstance(step, EachStep)
            ends = [other for other in at.same if isinstance(other, EachEnded) and other.activation == one.activation]
            amount = self._places.amount
            if step.until == "amount >= 7" and type(amount) is int and "result" not in (step.into or ""):
                assert amount < 7 or ends, f"{step.id} goes on with {amount} in {at.index}"
                assert not any(end.early for end in ends) or amount >= 7, f"{step.id} is over with {amount}"
        elif isinstance(one, EachEnded) and not one.early:
            done, all_ = self._ended[one.activation], self._opened[one.activation]
            assert done >= all_, f"over after {done} of {all_} elements in {at.index}"


class Joins(Model):
    """A join fires when as many different branches have arrived as its step asks for, and not before."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._opened: dict[int, tuple[str, ...]] = {}
        self._arrived: dict[int, set[str]] = {}
        self._left_out: dict[int, set[str]] = {}

    def read(self, one: Any, at: At) -> None:
        if isinstance(one, t.BranchesOpened):
            self._opened[one.activation], self._arrived[one.activation] = one.branches, set()
            self._left_out[one.activation] = set()
        elif isinstance(one, BranchBegunAgain):
            self._arrived[one.activation].discard(one.branch)
            self._left_out[one.activation].discard(one.branch)
        elif isinstance(one, BranchPassedOver):
            assert one.branch not in self._arrived[one.activation], f"passed over though it had ended in {at.index}"
            self._left_out[one.activation].add(one.branch)
        elif isinstance(one, t.JoinArrived):
            arrived = self._arrived.setdefault(one.activation, set())
            arrived.add(one.branch)
            step = self._places.step(one.activation)
            needed = self._needed(step, one.activation)
            fires = any(isinstance(other, t.JoinFired) and other.activation == one.activation for other in at.same)
            # Others may arrive in the same entry.
            assert fires or len(arrived) < needed, f"{step.id} does not go on in {at.index}"
        elif isinstance(one, t.JoinFired):
            needed, there = self._needed(self._places.step(one.activation), one.activation), self._arrived
            assert len(there[one.activation]) >= needed, f"{there} of {needed} in {at.index}"

    def _needed(self, step: Any, activation: int) -> int:
        if isinstance(step, AllStep):
            return step.need or len(set(step.branches) - self._left_out[activation])
        opened = len(set(self._opened[activation]))
        return min(step.need or opened, opened)  # of those whose conditions hold


class Retries(Model):
    """As many pauses before another try as the step allows, and then a person is asked."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._tries: Counter[int] = Counter()

    def read(self, one: Any, at: At) -> None:
        if isinstance(one, t.IncidentResolved | ProposalRequested):
            self._tries[one.activation] = 0
        elif isinstance(one, t.TimerSet) and one.name == "retry":
            if not any(isinstance(other, t.CallFailed | t.JobFailed) for other in at.same):
                return  # it goes on after it stood still
            self._tries[one.activation] += 1
            step = self._places.step(one.activation)
            step = getattr(step, "body", step)
            retry = getattr(step, "retry", None)
            if step is not None:
                assert retry is not None, f"{step.id} is tried again in {at.index}"
                assert self._tries[one.activation] <= retry.times, f"{step.id} is tried once too often in {at.index}"


class Delays(Model):
    """A wait of so long is over after so long, and a deadline in elapsed time is when it says."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._is_suspended = False

    def read(self, one: Any, at: At) -> None:
        if isinstance(one, InstanceSuspended) or any(isinstance(other, InstanceSuspended) for other in at.same):
            return
        if not isinstance(one, t.TimerSet):
            return
        step = self._places.step(one.activation)
        entered = [e for e in at.same if isinstance(e, t.StepEntered) and e.activation == one.activation]
        if step is None or not entered:
            return
        since = entered[0].at
        if one.name == "delay" and isinstance(step, WaitStep) and step.delay:
            expected = span(step.delay)
            assert expected is None or one.due == since + expected, f"{step.id} is over at another time in {at.index}"
        deadline = getattr(step, "deadline", None)
        if one.name == "deadline" and deadline is not None and deadline.warn_at is None and deadline.goal is None:
            within, after = span(deadline.within), span(deadline.late[0].after) if deadline.late else 0
            if within is not None and after is not None:
                assert one.due == since + within + after, f"the deadline of {step.id} is another in {at.index}"


def span(text: str) -> int | None:
    """Microseconds of a span of elapsed time; None of working time."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    return sum(int(part or 0) * unit for part, unit in zip(found.groups(), _SPAN_SECONDS, strict=True)) * SECOND


def judge_messages(checked: Checked) -> None:
    """What is kept is delivered once at most, and within its time."""
    until: dict[str, int] = {}
    over: set[str] = set()
    for entry in checked.entries:
        if entry.kind == "message.kept":
            until[entry.subject] = entry.payload["expires_at"]
        elif entry.kind in ("message.delivered", "message.expired"):
            assert entry.subject not in over, f"{entry.subject} is delivered or expired twice"
            over.add(entry.subject)
            is_late = parse_instant(entry.recorded_at) >= until[entry.subject]
            assert is_late is (entry.kind == "message.expired"), f"{entry.kind} in {entry.index}"


def judge_children(checked: Checked) -> None:
    """What a step runs is cancelled in the same command as the step, unless it was over or being cancelled already."""
    over: set[str] = set()
    owed: dict[str, int] = {}
    for entry in checked.entries:
        at = parse_instant(entry.recorded_at)
        for one in [from_value(value) for value in entry.payload.get("transitions", ())]:
            if isinstance(one, t.ChildCancelled):
                if one.instance not in over:
                    owed[one.instance] = at
            elif isinstance(one, t.InstanceEnded | t.InstanceCancelled | CancellingBegun):
                over.add(entry.subject)
        if entry.subject in owed and entry.payload.get("transitions"):
            assert owed.pop(entry.subject) == at, f"{entry.subject} goes on after its parent has left it"
    assert not owed, f"{owed} were left by their parents"


MODELS = (Undoing, Voting, Elements, Joins, Retries, Delays)
