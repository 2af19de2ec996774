"""Deadlines: what has to happen when a step takes too long, and when a failed try is made again.

A deadline is one timer that walks through its reactions in order of time. Which have fired stands in the activation
(of the whole instance, in the instance), so each fires once, whatever is restarted; the timer ends with what it is
of, so none fires after completion. They count from the moment the step was reached, in elapsed time or, by a
calendar, in working time. A clock that stood still goes on as if it had begun later (`resumed`).

Pure: the calendar is handed in. Where it does not reach far enough there is no answer, and so no due time.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple, Protocol

from orchestrator.durations import microseconds
from orchestrator.moments import NO_INSTANT, is_sayable
from versioning.blueprint import (
    AgentStep,
    Blueprint,
    CallStep,
    Deadline,
    DecideStep,
    EachStep,
    ForkStep,
    JobStep,
    Late,
    Retry,
    RunStep,
    Step,
    TaskStep,
    UndoStep,
    WaitStep,
)
from versioning.business_time import Calendar, after, amount, before, between, is_business

DEADLINE = "deadline"  # the name of the timer
GOAL_MISSED = "goal missed"  # recorded, and made more urgent where that is stated
WARNED = "warned"  # a share of the time is over
LATE = "late"  # the deadline is over; recorded for the breach rate even where nothing else follows
TOLD = "told"  # a role is told
PEOPLE_TOLD = "people told"  # who has to do with the instance is told, each named
HOLDER_WARNED = "holder warned"  # who holds the task is warned that it is late
REASSIGNED = "reassigned"  # offered to another role
PASSED_ON = "passed on"  # offered to holders of a higher authority
URGED = "made urgent"  # more urgent, and nothing else
LEFT = "left"  # the step is left for another
HELD = "held"  # an incident

NO_SUCH_CALENDAR = "NO_SUCH_CALENDAR"  # of an incident: nothing counts the working time
CALENDAR_ENDS = "CALENDAR_ENDS"  # a due time lies outside of the years it states

URGENCY_MAX = 100  # as urgent as anything can be

_NONE = "-"  # no calendar is called so: working time without one is never taken for elapsed time
_WAITING = (TaskStep, DecideStep, AgentStep, CallStep, JobStep, WaitStep, RunStep, ForkStep, EachStep, UndoStep)
_SPREAD = 2**32 - 1  # of four bytes of a digest: the last of them is the whole pause
_DOUBLINGS_MAX = 40  # 2^40 times any delay is beyond any limit; keeps the power small


class Span(NamedTuple):
    """A share of a duration, in hundredths."""

    duration: str
    share: int = 100


class Reaction(NamedTuple):
    """Happens when all `spans` are over, one after the other; `to` is a role, a decision kind, a step or a
    rule for persons, as `act` says, and `urgency` is added."""

    spans: tuple[Span, ...]
    act: str
    to: str = ""
    urgency: int = 0


class Course(NamedTuple):
    """A deadline made ready: when it is late, what happens, by which calendar (empty: all of it is elapsed time).

    Without a calendar the reactions stand in order of time, and `fired` counts them; with one their order may differ
    from case to case, and `fired` has a bit for each.
    """

    within: Span
    reactions: tuple[Reaction, ...]
    calendar: str = ""
    offsets: tuple[int, ...] = ()  # of the reactions, where all is elapsed time: worked out once

    def fired(self, fired: int) -> tuple[Reaction, ...]:
        """The reactions that have fired."""
        if not self.calendar:
            return self.reactions[:fired]
        return tuple([one for place, one in enumerate(self.reactions) if fired >> place & 1])

    def fires(self, fired: int, place: int) -> int:
        """What stands as `fired` once the reaction at this place has."""
        return fired | 1 << place if self.calendar else place + 1


class Due(NamedTuple):
    """A reaction still to come, with its instant and its place in the course."""

    at: int
    place: int
    reaction: Reaction


class Dated(NamedTuple):
    """A released calendar, by the digest it is found again with."""

    digest: str
    calendar: Calendar


class Calendars(Protocol):
    """The business calendars of the organisation."""

    def in_force(self, name: str) -> Dated | None:
        """The one in force of this name."""
        ...

    def released(self, digest: str) -> Dated | None:
        """The one with this digest, in force or not."""
        ...


class NoCalendars:
    """There are none."""

    def in_force(self, name: str) -> Dated | None:  # noqa: ARG002 - the shape of the question
        """None."""
        return None

    def released(self, digest: str) -> Dated | None:  # noqa: ARG002 - the shape of the question
        """None."""
        return None


NO_CALENDARS = NoCalendars()


def course_of(step: Step, calendar: str | None) -> Course | None:
    """The deadline of a step; None where it has none or cannot wait. `calendar` is that of its blueprint."""
    deadline = step.deadline
    if deadline is None or not isinstance(step, _WAITING):
        return None
    within = (Span(deadline.within),)
    planned = [*_planned(deadline)]
    if step.on_late is not None:
        planned.append(Reaction(within, LEFT, step.on_late))
    elif isinstance(step, CallStep | JobStep) and not deadline.late:
        planned.append(Reaction(within, HELD))
    return _course(deadline, planned, calendar)


def course_of_instance(blueprint: Blueprint) -> Course | None:
    """The deadline of a whole instance, from its start."""
    deadline = blueprint.deadline
    return None if deadline is None else _course(deadline, [*_planned(deadline)], blueprint.calendar)


def _course(deadline: Deadline, planned: list[Reaction], calendar: str | None) -> Course:
    spans = [span for reaction in planned for span in reaction.spans]
    if any(is_business(span.duration) for span in spans):
        return Course(Span(deadline.within), tuple(planned), deadline.calendar or calendar or _NONE)
    # Stable: of two at one instant the one stated first fires first, and leaving the step comes after telling.
    ordered = sorted(planned, key=lambda reaction: _elapsed(reaction.spans))
    return Course(Span(deadline.within), tuple(ordered), "", tuple([_elapsed(one.spans) for one in ordered]))


def _planned(deadline: Deadline) -> Iterator[Reaction]:
    within = Span(deadline.within)
    if deadline.goal is not None:
        yield Reaction((Span(deadline.goal),), GOAL_MISSED, urgency=deadline.goal_urgency)
    if deadline.warn_at is not None:
        yield Reaction((Span(deadline.within, deadline.warn_at),), WARNED)
    yield Reaction((within,), LATE)
    for late in deadline.late:
        (act, to), *others = _acts(late)
        spans: tuple[Span, ...] = (within, Span(late.after))
        for again in range(late.times):
            if again and late.every is not None:
                spans = (*spans, Span(late.every))
            yield Reaction(spans, act, to, late.urgency)
            for same, other in others:
                yield Reaction(spans, same, other)


def _acts(late: Late) -> list[tuple[str, str]]:
    if late.whom:
        return [(TOLD, one.name) if one.kind == "role" else (PEOPLE_TOLD, one.text) for one in late.whom]
    return [_act(late)]


def _act(late: Late) -> tuple[str, str]:
    if late.tell is not None:
        return TOLD, late.tell
    if late.pass_to is not None:
        return PASSED_ON, late.pass_to
    if late.reassign is not None:
        return REASSIGNED, late.reassign
    return (HOLDER_WARNED, "") if late.warn else (URGED, "")


def schedule(course: Course, since: int, fired: int, calendar: Calendar | None) -> list[Due] | None:
    """What is still to come, in order of time; None where the calendar does not reach so far, or is missing, or where
    no entry can say when it is."""
    if not course.calendar:
        if course.offsets and not is_sayable(since + course.offsets[-1]):
            return None
        offsets = enumerate(course.offsets[fired:], fired)
        return [Due(since + offset, place, course.reactions[place]) for place, offset in offsets]
    reached: dict[tuple[Span, ...], int] = {(): since}
    dues = []
    for place, reaction in enumerate(course.reactions):
        for length in range(1, len(reaction.spans) + 1):
            spans = reaction.spans[:length]
            if spans not in reached:
                at = lapse(reached[spans[:-1]], spans[-1], calendar)
                if at is None:
                    return None
                reached[spans] = at
        if not fired >> place & 1:
            dues.append(Due(reached[reaction.spans], place, reaction))
    return sorted(dues) if all(is_sayable(due.at) for due in dues) else None


def why_not(course: Course) -> str:
    """The code of an incident where `schedule` has no answer, though there is the calendar it asks for."""
    return CALENDAR_ENDS if course.calendar else NO_INSTANT


def urgency_of(urgency: int, added: int) -> int:
    """How urgent something is, of 100, with what was added, or what its instance adds to a task."""
    return min(URGENCY_MAX, urgency + added)


def lapse(at: int, span: Span, calendar: Calendar | None) -> int | None:
    """The instant at which a span from `at` is over; None where no calendar says so."""
    if not is_business(span.duration):
        return at + microseconds(span.duration) * span.share // 100
    if calendar is None or not is_sayable(at):
        return None
    return after(calendar, at, amount(span.duration, calendar.day) * span.share // 100)


def resumed(course: Course, stood: tuple[int, int, int], then: Calendar | None, now: Calendar | None) -> int | None:
    """From when a clock counts that stood still: so much later that what had passed before has passed again.

    `stood` is (counted from, stopped at, going on at); `then` is the calendar it was counted by, `now` that in force.
    Counted in the unit of `within`: of half a business day there is half a one left, however long one is by now.
    """
    since, stopped, at = stood
    if not is_business(course.within.duration):
        return since + at - stopped
    if then is None or now is None:
        return None
    passed = between(then, since, stopped)
    if passed is None:
        return None
    whole, was = amount(course.within.duration, now.day), amount(course.within.duration, then.day)
    return before(now, at, passed * whole // was if was else passed)


def next_try(retry: Retry | None, failures: int, of: tuple[str, int], since: tuple[int, int]) -> int | None:
    """When a try is made again after this many failures of an activation (instance, number): `since` an instant, after
    so many microseconds at least. None where no try is left, or where no entry can say when it is."""
    if retry is None or failures > retry.times:
        return None
    now, least = since
    due = now + max(backoff(retry, failures, of), least)
    return due if is_sayable(due) else None


def backoff(retry: Retry, failures: int, of: tuple[str, int]) -> int:
    """Microseconds to wait before the next try after this many failures (from 1) of an activation (instance, number).

    Between half and the whole of what the step says: what failed at once for many is not asked again at once for all.
    Where in between is a digest of the activation and the try, so it is the same whoever works it out.
    """
    pause = microseconds(retry.first)
    if retry.backoff != "fixed":
        pause = min(microseconds(retry.limit), pause << min(failures - 1, _DOUBLINGS_MAX))
    drawn = sha256(f"{of[0]}.{of[1]}.{failures}".encode()).digest()
    half = pause // 2
    return pause - half + half * int.from_bytes(drawn[:4]) // _SPREAD


def _elapsed(spans: tuple[Span, ...]) -> int:
    return sum(microseconds(span.duration) * span.share // 100 for span in spans)
