"""Instants that expressions of a blueprint yield: a date is its midnight, and what names no offset is in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from governance.rules.errors import RuleError
from governance.rules.temporal import parse_date_time
from ledger.canonical import SAFE_INTEGER
from ledger.clock import Instant
from ledger.errors import BrokenInput
from ledger.wording import in_english
from orchestrator.refusal_texts import why

NO_INSTANT = "NO_INSTANT"  # of an incident: a time that is none, or that no entry can say

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_sayable(instant: int) -> bool:
    """Whether an entry can say this instant, and so a timer be set for it."""
    return abs(instant) <= SAFE_INTEGER


def end_of(now: int, length: int) -> Instant:
    """When this length is over, at the latest the last instant that an entry can say."""
    return Instant(min(now + length, SAFE_INTEGER))


def instant_of(value: Any) -> Instant:
    """The instant of a date, or a date and time, in canonical JSON; `BrokenInput` for any other value."""
    if type(value) is not str:
        raise BrokenInput(why("date-or-moment"))
    try:
        moment = parse_date_time(value)
    except RuleError as error:
        raise BrokenInput(why("time-that-exists", why=in_english(str(error)))) from error
    if type(moment) is not datetime:
        raise BrokenInput(why("year-counted"))
    known = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    instant = (known - _EPOCH) // timedelta(microseconds=1)
    if not is_sayable(instant):
        raise BrokenInput(why("time-recordable"))
    return Instant(instant)
