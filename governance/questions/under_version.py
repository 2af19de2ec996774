"""Which version of its blueprint an instance is under, from its entries alone. Pure, standard library only.

It is the one that the instance started on, until a person lets it go on under another (`instance.migrated`). That entry
rests on the version before it; what follows in it, and every entry after it, is of the other.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record, Records
from governance.questions.registers import ReleasedBlueprint

STARTED, MIGRATED = "instance.started", "instance.migrated"

Known = Callable[[str], ReleasedBlueprint | None]
"""The released version with a digest; None where its release is not at hand."""


class Under(NamedTuple):
    """A version that an instance is under: the name of its blueprint, its digest and its number."""

    blueprint: str
    digest: str
    number: int


class Stretch(NamedTuple):
    """What an instance did under one version; `since` is the entry that started it, or by which it was migrated."""

    under: Under
    since: Record


def under_after(under: Under | None, record: Record) -> Under | None:
    """The version an instance is under after one entry; `under` is the one before it, None before its start."""
    for one in record.transitions(STARTED, MIGRATED):
        under = _under_by(under, one)
    return under


def under_before(records: Records, instance: str, index: int) -> Under | None:
    """The version an instance is under just before an entry; None before its start."""
    before = [record for record in records.of(instance) if record.index < index]
    found = stretches(before)
    return found[-1].under if found else None


def stretches(records: Iterable[Record]) -> tuple[Stretch, ...]:
    """The versions an instance has been under, by its entries (oldest first); none where its start is not there."""
    found: list[Stretch] = []
    for record in records:
        for one in record.transitions(STARTED, MIGRATED):
            before = found[-1].under if found else None
            after = _under_by(before, one)
            if after is not None and (one["t"] == MIGRATED or before is None):
                found.append(Stretch(after, record))
    return tuple(found)


def nothing_known(_digest: str) -> ReleasedBlueprint | None:
    """See `Known`: of no version."""
    return None


def _under_by(under: Under | None, one: Mapping[str, Any]) -> Under | None:
    version = str(one["version"]), int(one["number"])
    if one["t"] == STARTED:
        return under or Under(str(one["blueprint"]), *version)
    return None if under is None else Under(under.blueprint, *version)
