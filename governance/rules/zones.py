"""Named time zones (`Europe/Paris`), read from the `tzdata` package and never from the machine: the same decision gives
the same answer wherever it is made. Which release of the rules that is, the lock file says.

A local time that a zone skips or has twice (the hour around a change of its offset) names no one moment.
"""

from datetime import datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from governance.rules.errors import Unanswerable
from governance.rules.source_texts import tell
from ledger.errors import BrokenInput


@cache
def _names() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())


@cache
def zone_named(name: str) -> ZoneInfo:
    """The zone; `BrokenInput` for a name that no zone has."""
    if name not in _names():  # also keeps a name from being a path
        raise BrokenInput(tell("zone"))
    place = files("tzdata") / "zoneinfo"
    for part in name.split("/"):
        place = place / part
    with place.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def zone_of(value: tzinfo | None) -> str | None:
    """The name of a zone; None for an offset."""
    return value.key if type(value) is ZoneInfo else None


def in_zone(moment: datetime) -> datetime:
    """The moment, when its local time is one in its zone; `Unanswerable` otherwise."""
    if type(moment.tzinfo) is ZoneInfo and _offset(moment, 0) != _offset(moment, 1):
        raise Unanswerable("expected a local time that its time zone has once")
    return moment


def _offset(moment: datetime, fold: int) -> timedelta | None:
    return moment.replace(fold=fold).utcoffset()
