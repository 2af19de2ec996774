"""Why something is due when it is: the steps of the arithmetic as a value and in words. Pure.

English, like all words a record keeps; the value beside them is for other languages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ledger.clock import SECOND, moment_of
from ledger.wording import Wording, as_it_is, joined
from versioning.business_time import HOUR, MINUTE, Calendar, Opening, after, amount, offset_change
from versioning.time_texts import day_words, moment_words, tell
from versioning.words_parts import duration_words

_FORWARD = "put forward"
_BACK = "put back"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NAMED_MAX = 12  # days told one by one; of more the count is told


@dataclass(frozen=True, slots=True)
class PassedDay:
    """A day on the way that was not as its weekday. `cause`: holiday, closed, open, or `clock` where clocks change."""

    on: str
    cause: str
    name: str


@dataclass(frozen=True, slots=True)
class Explained:
    """`due_at` is None where the calendar does not reach so far. Instants in microseconds; `zone` is empty without a
    calendar."""

    duration: str
    from_at: int
    due_at: int | None
    calendar: str
    zone: str
    day_minutes: int
    passed: tuple[PassedDay, ...]
    words: Wording


def explain(calendar: Calendar, duration: str, instant: int) -> Explained:
    """When `duration` (`business P2D`) from an instant is over by this calendar, and why."""
    due = after(calendar, instant, amount(duration, calendar.day))
    passed = () if due is None else tuple(passed_days(calendar, instant, due))
    return Explained(
        duration,
        instant,
        due,
        calendar.name,
        calendar.zone.key,
        calendar.day // MINUTE,
        passed,
        _words(calendar, duration, (instant, due), passed),
    )


def elapsed(duration: str, instant: int, due: int | None) -> Explained:
    """The same of elapsed time, for which no calendar is asked; told in UTC."""
    start = moment_words(moment_of(instant))
    words = tell("counted", length=duration_words(duration), start=start, zone=as_it_is("UTC"))
    if due is not None:
        words = tell("due", counted=words, due=moment_words(moment_of(due)))
    return Explained(duration, instant, due, "", "", 0, (), words)


def _words(calendar: Calendar, duration: str, span: tuple[int, int | None], passed: tuple[PassedDay, ...]) -> Wording:
    start, due = span
    length = duration_words(duration)
    if "day" in length:
        length = tell("days-of", length=length, each=_length(calendar.day))
    zone = as_it_is(calendar.zone.key)
    counted = tell("counted", length=length, start=moment_words(calendar.local(start)), zone=zone)
    if due is None:
        years = (as_it_is(calendar.first.year), as_it_is(calendar.last.year))
        return tell("beyond", counted=counted, calendar=as_it_is(calendar.name), first=years[0], last=years[1])
    said = [tell("due", counted=counted, due=moment_words(calendar.local(due)))]
    said += [passed_words(one) for one in passed[:NAMED_MAX]]
    if len(passed) > NAMED_MAX:
        said.append(tell("and-more-unlike-days", count=len(passed) - NAMED_MAX))
    return in_turn(said)


def in_turn(said: Sequence[Wording]) -> Wording:
    """Statements one after the other, as they stand in an explanation."""
    return joined(said, "list.semicolon", "; ")


def passed_words(passed: PassedDay) -> Wording:
    """`25 December is a holiday (Christmas Day)`."""
    day = day_words(date.fromisoformat(passed.on))
    if passed.cause == "clock":
        return tell("clocks-forward" if passed.name == _FORWARD else "clocks-back", day=day)
    cause = passed.cause if passed.cause in ("holiday", "open") else "closed"
    return tell(cause, day=day, name=as_it_is(passed.name))


def _length(working: int) -> Wording:
    hours, minutes = working // HOUR, working % HOUR // MINUTE
    return duration_words(f"PT{hours}H{minutes}M")


def passed_days(calendar: Calendar, start: int, due: int) -> list[PassedDay]:
    """The days on the way that a reader could not tell by their weekday: those on which some of the time between the
    two is worked or would be, were the day as its weekday; and those on which clocks change between the two."""
    on, last = calendar.local(start).date(), calendar.local(due).date()
    found = []
    while on <= last:
        special = calendar.special.get(on)
        if special is not None and _is_between(start, due, (*calendar.openings(on), *calendar.usual_openings(on))):
            found.append(PassedDay(on.isoformat(), special.cause, special.name))
        changed = _change(calendar, on, (start, due))
        if changed:
            found.append(PassedDay(on.isoformat(), "clock", changed))
        on += timedelta(days=1)
    return found


def _is_between(start: int, due: int, openings: tuple[Opening, ...]) -> bool:
    return any(max(begins, start) < min(ends, due) for begins, ends in openings)


def special_days(calendar: Calendar, first: date, last: date) -> list[PassedDay]:
    """The days from one to another, both included, that are business days or not against their weekday."""
    found = []
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        special = calendar.special.get(on)
        if special is not None and bool(special.hours) != bool(calendar.week[on.weekday()]):
            found.append(PassedDay(on.isoformat(), special.cause, special.name))
    return found


def _change(calendar: Calendar, on: date, span: tuple[int, int]) -> str:
    """What the clocks do within a span on a day with working hours; nothing where they go on.

    A day begins when the clocks are put over its midnight, and the first time that they show it: so a change belongs
    to the one day that it makes longer or shorter.
    """
    if not calendar.hours(on):
        return ""
    (begins, before), (ends, after) = (_midnight(calendar, day) for day in (on, on + timedelta(days=1)))
    if before == after:
        return ""
    changed = offset_change(calendar.zone, begins - SECOND, ends)
    if not span[0] < changed < span[1]:
        return ""
    return _FORWARD if after > before else _BACK


def _midnight(calendar: Calendar, on: date) -> tuple[int, timedelta]:
    """The first instant of a day, and the offset until then or from then on."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=calendar.zone)
    offset = midnight.utcoffset()
    assert offset is not None
    return (midnight.replace(tzinfo=UTC) - _EPOCH - offset) // _MICROSECOND, offset
