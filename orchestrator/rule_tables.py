"""Rule tables in force, as the engine evaluates them: read from their released source once per digest."""

from collections.abc import Mapping
from typing import Any, Protocol

from governance.rules.dmn.as_table import read_any_table
from governance.rules.table import CompiledTable, compile_table
from ledger.work import UnitOfWork
from orchestrator.feel import rule
from orchestrator.run import Failed, Ruled
from versioning.blueprint import BlueprintVersion, DataField

TABLES_MAX = 512  # compiled tables kept in one process; far above what an organisation runs

NO_SUCH_TABLE = "NO_SUCH_RULE_TABLE"


class Artefact(Protocol):
    """A released version of a governed artefact, as far as it matters here."""

    @property
    def digest(self) -> str: ...
    @property
    def source(self) -> str | None: ...


class Artefacts(Protocol):
    """Released versions of governed artefacts (`versioning.service.Versions`)."""

    def current(self, uow: UnitOfWork, kind: str, name: str) -> Artefact | None: ...


class ReleasedTables:
    """`ports.RuleTables` over the rule tables in force; which one it was stands in the transition by its digest."""

    def __init__(self, artefacts: Artefacts) -> None:
        self._artefacts = artefacts
        self._compiled: dict[str, CompiledTable] = {}

    def evaluate(
        self,
        uow: UnitOfWork,
        version: BlueprintVersion,  # noqa: ARG002 - for tables resolved at release
        table: str,
        given: tuple[Mapping[str, Any], DataField | None],
    ) -> Ruled | Failed:
        """The value of the table in force for these arguments."""
        found = self._artefacts.current(uow, "rule-table", table)
        if found is None or found.source is None:
            return Failed(NO_SUCH_TABLE)
        compiled = self._compiled.get(found.digest)
        if compiled is None:
            compiled = compile_table(read_any_table(found.source))
            if len(self._compiled) >= TABLES_MAX:
                self._compiled.clear()
            self._compiled[found.digest] = compiled
        arguments, into = given
        return rule(compiled, found.digest, arguments, into)
