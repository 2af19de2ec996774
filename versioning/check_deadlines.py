"""Whether deadlines make sense: what happens in them can happen there, and working time has a calendar.

Pure. `example` computes one due time of each against the calendars in force.
"""

from collections.abc import Iterator, Mapping

from ledger.wording import Wording, as_it_is, listed
from versioning.blueprint import Blueprint, Deadline, DecideStep, Late, Place, Step, TaskStep
from versioning.business_time import Calendar, after, amount, is_business
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import iso_duration
from versioning.shapes import DURATION_DAYS_MAX
from versioning.words_parts import duration_words

_DAY = 86_400  # seconds
REACTIONS_MAX = 40  # of one deadline, repeated ones counted: an activation remembers each as one bit


def deadlines(notes: Notes, blueprint: Blueprint) -> None:
    """Everything wrong with the deadlines of a blueprint by itself."""
    for step, deadline, path in stated(blueprint):
        who = say("the-instance") if step is None else quoted(step.id)
        if calendar_of(blueprint, deadline) is None:
            for key, duration in durations(deadline):
                if is_business(duration):
                    message = say("counts-by-no-calendar", who=who, duration=duration_words(duration))
                    notes.error("deadline.calendar", _at(notes, path, key), message, say("blueprint-calendar"))
        for number, late in enumerate(deadline.late):
            _late(notes, step, late, (who, f"{path}.late.{number}"))
        if sum(late.times * max(1, len(late.whom)) for late in deadline.late) > REACTIONS_MAX:
            message = say("too-many-reactions", most=REACTIONS_MAX, who=who)
            notes.error("deadline.many", notes.at(f"{path}.late"), message, say("at-most-in-all", most=REACTIONS_MAX))
        for number, late in enumerate(deadline.late):
            if _last(deadline, late) > DURATION_DAYS_MAX * _DAY:
                expected = say("at-most-in-all-days", most=DURATION_DAYS_MAX)
                notes.error("deadline.beyond", notes.at(f"{path}.late.{number}"), say("late-beyond", who=who), expected)
        if deadline.goal is not None and _longer(deadline.goal, deadline.within):
            message = say("goal-after-deadline", who=who)
            notes.error(
                "deadline.goal",
                notes.at(f"{path}.goal"),
                message,
                say("less-than", duration=duration_words(deadline.within)),
            )


def _late(notes: Notes, step: Step | None, late: Late, at: tuple[Wording, str]) -> None:
    who, path = at
    acts = [
        word
        for word, said in (
            ("tell", late.tell or late.whom),
            ("warn", late.warn),
            ("reassign", late.reassign),
            ("pass to", late.pass_to),
        )
        if said
    ]
    if len(acts) > 1 or not (acts or late.urgency):
        found = listed(map(quoted, acts)) or say("nothing")
        message = say("late-no-one-thing", who=who)
        notes.error("form", notes.at(path), message, say("one-reaction"), found)
    if (late.every is None) != (late.times == 1):
        message = say("late-repeated", who=who)
        notes.error("deadline.repeated", notes.at(path), message, say("every-and-times"))
    for word in acts:
        if word in ("warn", "reassign") and not isinstance(step, TaskStep | DecideStep):
            message = say("reaction-needs-task", word=quoted(word), who=who)
            notes.error("deadline.task", notes.at(f"{path}.{word}"), message, as_it_is("`tell`"))
    if late.pass_to is not None and step is None:
        message = say("pass-to-needs-decision")
        notes.error("deadline.pass-to", notes.at(f"{path}.pass to"), message, as_it_is("`tell`"))


def _last(deadline: Deadline, late: Late) -> int:
    """How long after the beginning the last of a thing that happens when it is late does, in seconds; a business day
    is a whole one here, since how long it takes the calendar says."""
    every = 0 if late.every is None else _seconds(late.every) * (late.times - 1)
    return _seconds(deadline.within) + _seconds(late.after) + every


def _seconds(duration: str) -> int:
    return _length(duration) // 1_000_000 if is_business(duration) else _length(duration)


def _longer(goal: str, within: str) -> bool:
    """Told for durations of one sort alone: how long a business day takes, the calendar says."""
    if is_business(goal) != is_business(within):
        return False
    return _length(goal) >= _length(within)


def _length(duration: str) -> int:
    if is_business(duration):
        return amount(duration, 24 * 3_600_000_000)
    found = iso_duration(duration)
    return 0 if found is None else found[1]


def stated(blueprint: Blueprint) -> Iterator[tuple[Step | None, Deadline, str]]:
    """Every deadline with its step (None: of the instance) and the path at which it stands."""
    if blueprint.deadline is not None:
        yield None, blueprint.deadline, "deadline"
    for step in blueprint.steps:
        if step.deadline is not None:
            yield step, step.deadline, f"steps.{step.id}.deadline"


def calendar_of(blueprint: Blueprint, deadline: Deadline) -> str | None:
    """The name of the calendar a deadline counts by."""
    return deadline.calendar or blueprint.calendar


def durations(deadline: Deadline) -> Iterator[tuple[str, str]]:
    """Every duration of a deadline with its key."""
    if deadline.goal is not None:
        yield "goal", deadline.goal
    yield "within", deadline.within
    for number, late in enumerate(deadline.late):
        yield f"late.{number}.after", late.after
        if late.every is not None:
            yield f"late.{number}.every", late.every


def calendars_named(blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    """Every calendar that is named, with the path at which it stands."""
    if blueprint.calendar is not None:
        yield blueprint.calendar, "calendar"
    for _, deadline, path in stated(blueprint):
        if deadline.calendar is not None:
            yield deadline.calendar, f"{path}.calendar"


def example(notes: Notes, blueprint: Blueprint, calendars: Mapping[str, Calendar], now: int) -> None:
    """One due time of each deadline, from now: where the calendar does not reach so far, it is found out here."""
    for step, deadline, path in stated(blueprint):
        calendar = calendars.get(calendar_of(blueprint, deadline) or "")
        if calendar is None:
            continue
        who = say("the-instance") if step is None else quoted(step.id)
        for key, duration in durations(deadline):
            if is_business(duration) and after(calendar, now, amount(duration, calendar.day)) is None:
                message = say("due-beyond-calendar", who=who, name=quoted(calendar.name))
                expected = say(
                    "longer-calendar", first=as_it_is(calendar.first.year), last=as_it_is(calendar.last.year)
                )
                notes.error("deadline.beyond", _at(notes, path, key), message, expected, duration_words(duration))


def _at(notes: Notes, path: str, key: str) -> Place:
    """Where a duration stands: in the deadline, or in one of its short forms."""
    step = path.removesuffix("deadline")
    for place in (f"{path}.{key}", f"{step}{key}", f"{step}wait.{key}"):
        if place in notes.places:
            return notes.places[place]
    return notes.at(f"{path}.{key}")
