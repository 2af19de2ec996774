"""The rule table as a governed artefact. Reading and checking belong to `governance.rules`, handed in by wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.entry import EntryDraft
from ledger.work import UnitOfWork
from versioning.artefact import Artefact, FindingLike, Release
from versioning.entries import RULE_TABLE_RELEASED
from versioning.kinds.listing import listing_draft


class TableLike(Protocol):
    """A read rule table."""

    @property
    def id(self) -> str: ...


ReadTable = Callable[[str], TableLike]  # or `BrokenInput` with location
ValueOf = Callable[[Any], Any]  # the table as canonical data
CheckTable = Callable[[UnitOfWork, Any], Sequence[FindingLike]]


def _no_findings(uow: UnitOfWork, table: Any) -> Sequence[FindingLike]:  # noqa: ARG001 - the shape of a check
    return ()


@dataclass(frozen=True, slots=True)
class RuleTableArtefact:
    """A rule table read from its source, with its canonical value."""

    name: str
    value: Any
    table: TableLike


@dataclass(frozen=True, slots=True)
class RuleTableKind:
    """`read_table` reads the source, `value_of` prints a table as canonical data, `check_table(uow, table)` looks for
    what a reviewer must be told."""

    read_table: ReadTable
    value_of: ValueOf
    check_table: CheckTable = _no_findings

    @property
    def kind(self) -> str:
        return "rule-table"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> RuleTableArtefact:
        """The rule table of the source; `BrokenInput` with location."""
        table = self.read_table(source)
        return RuleTableArtefact(table.id, self.value_of(table), table)

    def check(self, uow: UnitOfWork, artefact: RuleTableArtefact | Artefact) -> Sequence[FindingLike]:
        """What the handed-in check finds; nothing for a retirement."""
        return self.check_table(uow, artefact.table) if isinstance(artefact, RuleTableArtefact) else ()

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`rule_table.released`."""
        title = release.value.get("title") if isinstance(release.value, dict) else None
        return listing_draft(RULE_TABLE_RELEASED, release, title if isinstance(title, str) and title else release.name)
