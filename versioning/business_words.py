"""Why something is due when it is: the steps of the arithmetic as a value and in words. Pure.

English, like all words a record keeps; the value beside them is for other languages.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ledger.clock import moment_of
from versioning.business_time import HOUR, MINUTE, WEEKDAYS, Calendar, Special, after, amount
from versioning.words_parts import duration_words

NAMED_MAX = 12  # days told one by one; of more the count is told

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


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
    words: str


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
    words = f"{duration_words(duration)} from {moment_words(moment_of(instant))} (UTC)"
    if due is not None:
        words += f": due {moment_words(moment_of(due))}"
    return Explained(duration, instant, due, "", "", 0, (), words)


def moment_words(moment: datetime) -> str:
    """`Tuesday 29 December 2026, 15:00`, with seconds where there are any."""
    seconds = f":{moment.second:02d}" if moment.second else ""
    weekday = WEEKDAYS[moment.weekday()].capitalize()
    return f"{weekday} {day_words(moment.date())} {moment.year}, {moment.hour:02d}:{moment.minute:02d}{seconds}"


def day_words(on: date) -> str:
    """`25 December`."""
    return f"{on.day} {_MONTHS[on.month - 1]}"


def _words(calendar: Calendar, duration: str, span: tuple[int, int | None], passed: tuple[PassedDay, ...]) -> str:
    start, due = span
    length = duration_words(duration)
    if "day" in length:
        length += f" of {_length(calendar.day)}"
    said = [f"{length} from {moment_words(calendar.local(start))} ({calendar.zone.key})"]
    if due is None:
        years = f"{calendar.first.year} to {calendar.last.year}"
        return f"{said[0]}: not known, since the calendar {calendar.name} states the days of {years} alone"
    said[0] += f": due {moment_words(calendar.local(due))}"
    said += [passed_words(one) for one in passed[:NAMED_MAX]]
    if len(passed) > NAMED_MAX:
        said.append(f"and {len(passed) - NAMED_MAX} more days that are not as their weekday")
    return "; ".join(said)


def passed_words(passed: PassedDay) -> str:
    """`25 December is a holiday (Christmas Day)`."""
    on = day_words(date.fromisoformat(passed.on))
    if passed.cause == "clock":
        return f"on {on} the clocks are {passed.name}"
    if passed.cause == "holiday":
        return f"{on} is a holiday ({passed.name})"
    return f"{on} is {'open' if passed.cause == 'open' else 'closed'} ({passed.name})"


def _length(working: int) -> str:
    hours, minutes = working // HOUR, working % HOUR // MINUTE
    return duration_words(f"PT{hours}H{minutes}M")


def passed_days(calendar: Calendar, start: int, due: int) -> list[PassedDay]:
    """The days between, both included, that a reader could not tell by their weekday."""
    on, last = calendar.local(start).date(), calendar.local(due).date()
    found = []
    while on <= last:
        special = calendar.special.get(on)
        if special is not None and _matters(calendar, on, special):
            found.append(PassedDay(on.isoformat(), special.cause, special.name))
        changed = _change(calendar, on)
        if changed:
            found.append(PassedDay(on.isoformat(), "clock", changed))
        on += timedelta(days=1)
    return found


def _matters(calendar: Calendar, on: date, special: Special) -> bool:
    """A holiday on a day that is closed anyway explains nothing."""
    return special.cause == "open" or bool(calendar.week[on.weekday()])


def _change(calendar: Calendar, on: date) -> str:
    """What the clocks do on a day with working hours; nothing where they go on."""
    if not calendar.hours(on):
        return ""
    following = on + timedelta(days=1)
    ends = datetime(following.year, following.month, following.day, tzinfo=calendar.zone, fold=1).utcoffset()
    begins = datetime(on.year, on.month, on.day, tzinfo=calendar.zone).utcoffset()
    assert begins is not None
    assert ends is not None
    moved = (ends - begins).total_seconds()
    return "" if not moved else "put forward" if moved > 0 else "put back"
