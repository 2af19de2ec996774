"""A source looked at before it is proposed: what it would be called, and everything reading and checking it finds."""

from typing import Any, NamedTuple

from ledger.errors import BrokenInput
from ledger.work import UnitOfWork
from versioning import store
from versioning.artefact import ArtefactKind, CheckFinding, as_finding
from versioning.control import findings_of, read

NOT_READ = "source"  # the rule a text breaks that cannot be read at all


class Tried(NamedTuple):
    """`name` is empty where the text cannot be read; `current` is the version in force, 0 where there is none."""

    name: str
    current: int
    findings: tuple[CheckFinding, ...]


def try_source(rows: UnitOfWork, owner: ArtefactKind, source: str) -> Tried:
    """What a proposal of this source would come to. Nothing is written."""
    try:
        artefact = read(owner, source)
    except BrokenInput as error:
        return Tried("", 0, _unread(owner, source) or (CheckFinding(NOT_READ, "error", error.message, error.location),))
    current, _ = store.current_number(rows, owner.kind, artefact.name)
    return Tried(artefact.name, current, findings_of(owner, rows, artefact))


def _unread(owner: ArtefactKind, source: str) -> tuple[CheckFinding, ...]:
    """All that keeps the text from being read, where the kind tells more than the first of it."""
    every: Any = getattr(owner, "reading_findings", None)
    return () if every is None else tuple(as_finding(one) for one in every(source))
