"""Why an occurrence of a schedule is when it is, in words. Pure; English, like all words that a record keeps."""

from datetime import datetime

from ledger.clock import moment_of
from ledger.wording import Wording, as_it_is
from versioning.business_time import Calendar
from versioning.business_words import NAMED_MAX, in_turn, passed_days, passed_words
from versioning.schedule import Clockwork, Occurrence, asks_business_days
from versioning.time_texts import moment_words, tell


def occurrence_words(of: Clockwork, occurrence: Occurrence, since: int) -> Wording:
    """`Tuesday 29 December 2026, 09:00 (Europe/London); 25 December is a holiday (Christmas Day)`.

    Days that are not as their weekday are told from `since` (the occurrence before it) on.
    """
    shown = moment_of(occurrence.at).astimezone(of.zone)
    said = [tell("occurs", moment=moment_words(shown), zone=as_it_is(of.zone.key)), *_clocks(of, occurrence, shown)]
    if of.calendar is not None and asks_business_days(of.schedule):
        said += _days(of.calendar, since, occurrence.at)
    return in_turn(said)


def _clocks(of: Clockwork, occurrence: Occurrence, shown: datetime) -> list[Wording]:
    """What the clocks do to its time of day."""
    meant, time = datetime.fromisoformat(occurrence.local), as_it_is(occurrence.local[11:])
    if shown.replace(tzinfo=None, fold=0) != meant:
        return [tell("clocks-over", time=time)]
    first, second = (meant.replace(tzinfo=of.zone, fold=fold).utcoffset() for fold in (0, 1))
    return [] if first == second else [tell("clocks-twice", time=time)]


def _days(calendar: Calendar, since: int, until: int) -> list[Wording]:
    passed = [one for one in passed_days(calendar, since, until) if one.cause != "clock"]
    said = [passed_words(one) for one in passed[:NAMED_MAX]]
    return [*said, tell("and-more-days", count=len(passed) - NAMED_MAX)] if len(passed) > NAMED_MAX else said
