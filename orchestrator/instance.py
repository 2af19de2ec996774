"""A process instance as the machine sees it: who it is, how far it is, and its live activations.

The marking is the tuple of live activations; closed ones are gone from it, so that a command costs the same at step
10 and at step 1,000. An activation carries what the machine must know to judge the next command about it: the hold on
its task, its failed tries, the timers that run for it, the branches that have arrived. Data lie beside the instance
as variables, never in it.

Numbers count within an instance from 1 and are never used twice; activations and incidents draw from one counter, so
`pi_....7` names one thing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from ledger.errors import BrokenState
from ledger.tuples import made

NEW = "new"
ACTIVE = "active"
ENDED = "ended"
CANCELLED = "cancelled"

# States of an activation: what it waits for.
ENTERED = "entered"  # outlives a command in a suspended instance alone: it begins when that is resumed
OFFERED = "offered"  # a task nobody holds
CLAIMED = "claimed"  # a task one person holds
CREATED = "created"  # a job workers may take
REQUESTED = "requested"  # a call the runner has to make
BACKING_OFF = "backing off"  # a job, a call or a run between two tries
WAITING = "waiting"  # for a message or a delay
RUNNING = "running"  # for the end of another instance
JOINING = "joining"  # for its branches
HELD = "held"  # for somebody to resolve its incident

TASK_STATES = (OFFERED, CLAIMED)


# What a branch begins with that is none of a fork's: who waits for an event of a step, and what such an event began
# beside it. Both are followed by the number of the watch, from 0.
WATCH = "@"
BESIDE = "+"
# What an activation's branch begins with that visits a part of its step: an element of its list, with the number of
# the element from 0, or the undoing of what it has done, with that number where it was done for one, and with a mark
# where it was done when nobody waited for it any more.
ELEMENT = "#"
UNDOING = "~"
OWED = "!"
PARTS = (ELEMENT, UNDOING)
# What a branch begins with, among those that have arrived at a join, that was passed over and has not ended.
PASSED = "-"


def passed(branch: str) -> str:
    """A branch as it stands at its join when somebody has passed it over."""
    return f"{PASSED}{branch}"


def undoing(element: int, *, late: bool = False) -> str:
    """The branch of who undoes what was done for an element, from 1; 0 where it was done for the step."""
    return f"{UNDOING}{element - 1 if element else ''}{OWED if late else ''}"


def is_owed(branch: str) -> bool:
    """Whether an activation of this branch undoes what was done when nobody waited for it any more."""
    return branch.endswith(OWED)  # no name of a step ends so


def element_in(branch: str) -> int:
    """Which element, from 1, an activation of this branch does or undoes something for; 0 where for none."""
    place = branch[1:].removesuffix(OWED) if branch.startswith(PARTS) else ""
    return int(place) + 1 if place else 0


class Timer(NamedTuple):
    """A timer of an activation. `name` is `deadline`, `retry` or `delay`; at most one of each runs.

    A deadline by working time has the digest of its `calendar`. `since` is from when it counts where that is not the
    entering; one that stands still has the instant it was `paused_at`.
    """

    name: str
    due: int
    calendar: str = ""
    since: int = 0
    paused_at: int = 0


Vote = tuple[int, str, str]
"""Its number, who cast it, and for which outcome."""


class Activation(NamedTuple):
    """One visit of the instance to a step that has not been left yet."""

    number: int
    step: str
    state: str
    scope: int = 0  # number of the fork's activation it runs under; 0 = none
    branch: str = ""  # the branch of that fork it came from; or `@1`, `+1`: see WATCH and BESIDE
    holder: str = ""  # who claimed the task, or the id of the instance it runs
    tries: int = 0  # failed tries of a job or call
    fired: int = 0  # reactions of its deadline that have fired
    revision: int = 0  # raised by every change of its task
    entered_at: int = 0
    incident: int = 0  # number of the open incident that holds it
    timers: tuple[Timer, ...] = ()
    arrived: tuple[str, ...] = ()  # branches of a fork that have arrived; or `-a`, see PASSED
    needed: int = 0  # how many have to arrive for its join; 0 = every branch of its step
    delegate: str = ""  # who has its task from its holder, until they give it back
    votes: tuple["Vote", ...] = ()  # of what is voted on, as they were cast

    def moved(self, state: str, holder: str, revision: int) -> "Activation":
        """In another state and with no delegate. Written out: `_replace` costs five times as much, and every
        transition pays it."""
        number, step, _, scope, branch, _, tries, fired, _, entered, incident, timers, arrived, needed, _, votes = self
        return made(
            Activation,
            (
                number, step, state, scope, branch, holder, tries, fired, revision, entered, incident, timers, arrived,
                needed, "", votes,
            ),
        )  # fmt: skip

    @property
    def watch(self) -> int | None:
        """The number of the watch it waits for on behalf of its scope; None when it visits the step itself."""
        return int(self.branch[1:]) if self.branch.startswith(WATCH) else None

    def timer(self, name: str) -> Timer | None:
        """The running timer of this name."""
        for timer in self.timers:
            if timer.name == name:
                return timer
        return None


def entered(number: int, step: str, at: int, scope: int, branch: str) -> Activation:
    """One that begins: entered at an instant, and nothing has happened in it."""
    return made(Activation, (number, step, ENTERED, scope, branch, "", 0, 0, 0, at, 0, (), (), 0, "", ()))


class Kept(NamedTuple):
    """What can be undone: the number of the call, the step, and why its arguments could not be worked out.

    `late` says that it was done when nobody waited for it any more, so that nothing but undoing it is left to do;
    `element` for which element of its list (from 1) a step for each has done it; `of` which activation has, where that
    asks for the same call again.
    """

    number: int
    step: str
    failed: str = ""
    late: bool = False
    element: int = 0
    of: int = 0


class Instance(NamedTuple):
    """A process instance between two commands. `clock` is the timer of its own deadline, `fired` what of it has.

    `undo` is what can be undone, oldest first. While that is done before the instance is cancelled, `cancelling` says
    by whom it is: the `actor` who asked, or its `parent`; or that it had `ended`, and what came late is looked after.
    `suspended` says by which act nothing begins or fires in it (`steered`); empty when it runs.
    """

    id: str
    status: str = NEW
    revision: int = 0
    next_number: int = 1
    live: tuple[Activation, ...] = ()
    outcome: str = ""
    clock: Timer | None = None
    fired: int = 0
    undo: tuple[Kept, ...] = ()
    cancelling: str = ""
    suspended: str = ""

    def with_live(self, live: tuple[Activation, ...], next_number: int = 0) -> "Instance":
        """With other live activations; written out for the same reason as `Activation.moved`."""
        id_, status, revision, number, _, outcome, clock, fired, undo, cancelling, suspended = self
        number = next_number or number
        return made(Instance, (id_, status, revision, number, live, outcome, clock, fired, undo, cancelling, suspended))

    def activation(self, number: int) -> Activation | None:
        """The live activation with this number; None when it has been left or never was."""
        for activation in self.live:
            if activation.number == number:
                return activation
        return None

    def known(self, number: int) -> Activation:
        """The live activation with this number, which must be there: what is recorded names no other."""
        for activation in self.live:
            if activation.number == number:
                return activation
        raise BrokenState(f"expected a live activation {number}, found none")

    def put(self, old: Activation, new: Activation) -> "Instance":
        """With a live activation as it is now in the place of what it was."""
        if len(self.live) == 1:
            return self.with_live((new,))
        return self.with_live(tuple([new if activation is old else activation for activation in self.live]))


_TIMERS, _ARRIVED = Activation._fields.index("timers"), Activation._fields.index("arrived")
_VOTES = Activation._fields.index("votes")
_PLAIN = ((), (), 0, "", ())  # the members from its timers on, of most activations


def marking_text(live: tuple[Activation, ...]) -> str:
    """The marking as compact JSON: an array per activation, in the order of its fields, the last three where needed."""
    return orjson.dumps([_activation_fields(activation) for activation in live]).decode()


def _activation_fields(a: Activation) -> Sequence[Any]:
    if a[_TIMERS:] == _PLAIN:
        return a[: _ARRIVED + 1]
    fields = [*a[:_TIMERS], [_fields(timer) for timer in a.timers], a.arrived]
    if a.votes:
        return [*fields, a.needed, a.delegate, a.votes]
    if a.delegate:
        return [*fields, a.needed, a.delegate]
    return [*fields, a.needed] if a.needed else fields


def clock_text(instance: Instance) -> str:
    """The clock of an instance as compact JSON, with what has fired and what can be undone; empty where none is."""
    kept = [_kept_fields(one) for one in instance.undo]
    undo = [kept, instance.cancelling] if kept or instance.cancelling else []
    if instance.clock is None and not instance.fired and not undo:
        return ""
    return orjson.dumps([instance.fired, None if instance.clock is None else _fields(instance.clock), *undo]).decode()


def _kept_fields(kept: Kept) -> list[Any]:
    """Without what says nothing at its end."""
    least = 6 if kept.of else 5 if kept.element else 4 if kept.late else 3
    return [*kept[:least]]


def parse_clock(text: str) -> tuple[Timer | None, int, tuple[Kept, ...], str]:
    """The inverse of `clock_text`: clock, what has fired, what can be undone, by whom it is cancelled."""
    if not text:
        return None, 0, (), ""
    try:
        fired, clock, undo, cancelling = (*orjson.loads(text), (), "")[:4]
        kept = tuple([Kept(*fields) for fields in undo])
        return None if clock is None else Timer(*clock), fired, kept, cancelling
    except (TypeError, ValueError) as error:
        raise BrokenState("expected a clock, found other text") from error


def _fields(timer: Timer) -> list[Any]:
    """What differs from its default, so that a timer of elapsed time is as short as it is simple."""
    return [*timer[:2]] if timer[2:] == ("", 0, 0) else [*timer]


@lru_cache(maxsize=4096)
def parse_marking(text: str) -> tuple[Activation, ...]:
    """The inverse of `marking_text`; `BrokenState` for anything else, since it is our own row that is read."""
    try:
        return tuple([_activation(fields) for fields in orjson.loads(text)])
    except (TypeError, ValueError, IndexError) as error:
        raise BrokenState("expected a marking, found other text") from error


def _activation(fields: list[Any]) -> Activation:
    fields[_TIMERS] = tuple([Timer(*timer) for timer in fields[_TIMERS]])
    fields[_ARRIVED] = tuple(fields[_ARRIVED])
    if len(fields) > _VOTES:
        fields[_VOTES] = tuple([(number, by, outcome) for number, by, outcome in fields[_VOTES]])
    return Activation(*fields)
