"""Why an occurrence of a schedule is when it is, in words. Pure; English, like all words that a record keeps."""

from datetime import datetime

from ledger.clock import moment_of
from versioning.business_time import Calendar
from versioning.business_words import NAMED_MAX, moment_words, passed_days, passed_words
from versioning.schedule import Clockwork, Occurrence, asks_business_days


def occurrence_words(of: Clockwork, occurrence: Occurrence, since: int) -> str:
    """`Tuesday 29 December 2026, 09:00 (Europe/London); 25 December is a holiday (Christmas Day)`.

    Days that are not as their weekday are told from `since` (the occurrence before it) on.
    """
    shown = moment_of(occurrence.at).astimezone(of.zone)
    said = [f"{moment_words(shown)} ({of.zone.key})", *_clocks(of, occurrence, shown)]
    if of.calendar is not None and asks_business_days(of.schedule):
        said += _days(of.calendar, since, occurrence.at)
    return "; ".join(said)


def _clocks(of: Clockwork, occurrence: Occurrence, shown: datetime) -> list[str]:
    """What the clocks do to its time of day."""
    meant = datetime.fromisoformat(occurrence.local)
    if shown.replace(tzinfo=None, fold=0) != meant:
        return [f"the clocks are put forward over {occurrence.local[11:]}"]
    first, second = (meant.replace(tzinfo=of.zone, fold=fold).utcoffset() for fold in (0, 1))
    return [] if first == second else [f"the clocks show {occurrence.local[11:]} twice, and this is the first time"]


def _days(calendar: Calendar, since: int, until: int) -> list[str]:
    passed = [one for one in passed_days(calendar, since, until) if one.cause != "clock"]
    said = [passed_words(one) for one in passed[:NAMED_MAX]]
    return [*said, f"and {len(passed) - NAMED_MAX} more days"] if len(passed) > NAMED_MAX else said
