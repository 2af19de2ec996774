"""Durations of a blueprint as microseconds of elapsed time (ISO 8601 text: weeks, or days with a time part).

A day is 24 hours here; years and months have no fixed length and are refused. Working time comes from a calendar.
Every duration that a blueprint may state is read, 999,999,999 weeks too; whether an entry can say when it is over is
asked where it begins.
"""

import re
from functools import lru_cache

from ledger.clock import SECOND
from ledger.errors import BrokenInput
from orchestrator.refusal_texts import why

_FORM = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W|(?:(?P<days>\d{1,10})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})(?:\.(?P<fraction>\d{1,6}))?S)?)?)",
    re.ASCII,
)
_UNITS = (("weeks", 7 * 86_400), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


@lru_cache(maxsize=1024)
def microseconds(text: str) -> int:
    """The length of a duration such as `P2D` or `PT4H30M`; `BrokenInput` for anything else."""
    match = _FORM.fullmatch(text)
    if match is None or text == "P":
        raise BrokenInput(why("duration-such-as"))
    length = sum(int(match[name]) * seconds for name, seconds in _UNITS if match[name] is not None) * SECOND
    if match["fraction"] is not None:
        length += int(match["fraction"].ljust(6, "0"))
    return length
