"""Why an occurrence of a schedule is when it is, in words. Pure; English, like all words that a record keeps."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from ledger.clock import moment_of
from ledger.wording import Wording, as_it_is
from versioning.business_time import Calendar
from versioning.business_words import NAMED_MAX, in_turn, passed_words, special_days
from versioning.schedule import Clockwork, Occurrence, asks_business_days, instant_on
from versioning.time_texts import moment_words, tell


def occurrence_words(of: Clockwork, occurrence: Occurrence, since: int) -> Wording:
    """`Tuesday 29 December 2026, 09:00 (Europe/London); 25 December is a holiday (Christmas Day)`.

    Days that are not as their weekday are told where it rests on them: from `since` (the occurrence before it) on, or
    of its month up to it, or after it where it is the last business day.
    """
    shown = moment_of(occurrence.at).astimezone(of.zone)
    said = [tell("occurs", moment=moment_words(shown), zone=as_it_is(of.zone.key)), *_clocks(of, occurrence, shown)]
    if of.calendar is not None and asks_business_days(of.schedule):
        said += _days(of, of.calendar, occurrence, since)
    return in_turn(said)


def _clocks(of: Clockwork, occurrence: Occurrence, shown: datetime) -> list[Wording]:
    """What the clocks do to its time of day."""
    meant, time = datetime.fromisoformat(occurrence.local), as_it_is(occurrence.local[11:])
    if shown.replace(tzinfo=None, fold=0) != meant:
        return [tell("clocks-over", time=time)]
    first, second = (meant.replace(tzinfo=of.zone, fold=fold).utcoffset() for fold in (0, 1))
    return [] if first == second else [tell("clocks-twice", time=time)]


def _days(of: Clockwork, calendar: Calendar, occurrence: Occurrence, since: int) -> list[Wording]:
    passed = special_days(calendar, *_asked(of, occurrence, since))
    said = [passed_words(one) for one in passed[:NAMED_MAX]]
    return [*said, tell("and-more-days", count=len(passed) - NAMED_MAX)] if len(passed) > NAMED_MAX else said


def _asked(of: Clockwork, occurrence: Occurrence, since: int) -> tuple[date, date]:
    """From which day to which it is asked whether they are business days: those since the occurrence before, or those
    of the month that are counted."""
    on = date.fromisoformat(occurrence.local[:10])
    if of.schedule.on == "last business day":
        return on, on.replace(day=monthrange(on.year, on.month)[1])
    if of.schedule.on:
        return on.replace(day=1), on
    first = moment_of(since).astimezone(of.zone).date()
    if first < on and instant_on(of.zone, first, of.schedule.at[-1]) <= since:
        first += timedelta(days=1)
    return first, on
