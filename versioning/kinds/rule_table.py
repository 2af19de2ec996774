"""The rule table as a governed artefact. Reading and checking belong to `governance.rules`, handed in by wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.entry import EntryDraft
from ledger.work import UnitOfWork
from versioning.artefact import RETIRED, ArtefactLike, FindingLike, Release
from versioning.entries import RULE_TABLE_RELEASED
from versioning.kinds.listing import listing_draft

ReadTable = Callable[[str], ArtefactLike]  # source -> name and canonical value, or `BrokenInput` with location
CheckTable = Callable[[UnitOfWork, Any], Sequence[FindingLike]]


def _no_findings(uow: UnitOfWork, artefact: Any) -> Sequence[FindingLike]:  # noqa: ARG001 - the shape of a check
    return ()


@dataclass(frozen=True, slots=True)
class RuleTableKind:
    """`read_table` reads the source; `check_table` finds gaps, overlaps and unknown references."""

    read_table: ReadTable
    check_table: CheckTable = _no_findings

    @property
    def kind(self) -> str:
        return "rule-table"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> ArtefactLike:
        """The rule table of the source; `BrokenInput` with location."""
        return self.read_table(source)

    def check(self, uow: UnitOfWork, artefact: ArtefactLike) -> Sequence[FindingLike]:
        """What the handed-in check finds; nothing for a retirement."""
        return () if artefact.value == RETIRED else self.check_table(uow, artefact)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`rule_table.released`."""
        title = release.value.get("title") if isinstance(release.value, dict) else None
        return listing_draft(RULE_TABLE_RELEASED, release, title if isinstance(title, str) else release.name)
