"""Questions to this room's tables that no handler asks twice in its own words."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeVar

from governance.authority import Register
from governance.decision import Usage
from governance.fold import AUTHORITY
from governance.grant import digest_of, grant_of, instrument_of, office_of, status_of
from governance.tables import PERIOD_USAGE, REGISTER, RegisterRow
from ledger import canonical
from ledger.clock import Instant
from ledger.errors import BrokenInput, BrokenState
from ledger.rows import R, Table

T = TypeVar("T")


class Rows(Protocol):
    """What authority is read from: a unit of work, or a read-only view of one log."""

    @property
    def origin(self) -> str:
        """The log's origin."""
        ...

    @property
    def now(self) -> Instant:
        """The instant of the batch, or of the request."""
        ...

    @property
    def register_epoch(self) -> int:
        """Raised by every write to a register table."""
        ...

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key."""
        ...

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """`?` marks a parameter; `{log}` stands for the log's number."""
        ...


def register_row(rows: Rows) -> RegisterRow | None:
    """The digest of the register in force and the entry that made it; None before the first release."""
    return rows.get(REGISTER, AUTHORITY)


def load_register(rows: Rows) -> Register:
    """The register as the tables hold it, every value hashed again; `BrokenState` for one that does not hash.

    The caller compares the digest of the whole: a row that was taken away shows only there.
    """
    return Register(
        instruments=_values(rows, "instrument", instrument_of),
        grants=_values(rows, "authority_grant", grant_of),
        statuses=_values(rows, "grant_status", status_of),
        offices=_values(rows, "office", office_of),
    )


def id_named(rows: Rows, table: Table[Any], name: str) -> str | None:
    """The id of the instrument or grant of this name."""
    found = rows.query(f"SELECT id FROM {table.name} WHERE log_id = {{log}} AND name = ? LIMIT 1", (name,))
    return found[0][0] if found else None


def used(rows: Rows, key: tuple[str, str, int, int]) -> Usage:
    """What was used up of a window so far; nothing when no decision counted in it yet."""
    row = rows.get(PERIOD_USAGE, *key)
    if row is None:
        return Usage(*key, Decimal(0))
    try:
        total = Decimal(row.total)
    except InvalidOperation as error:
        raise BrokenState("expected a decimal as the total of a period") from error
    if not total.is_finite():
        raise BrokenState("expected a finite total of a period")
    return Usage(*key, total)


def _values(rows: Rows, table: str, made: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    found = rows.query(f"SELECT value, digest FROM {table} WHERE log_id = {{log}}")
    return tuple(made(_checked(table, text, digest)) for text, digest in found)


def _checked(table: str, text: str, digest: str) -> Mapping[str, Any]:
    try:
        value = canonical.decode(text.encode())
    except BrokenInput as error:
        raise BrokenState(f"expected canonical JSON in table {table}") from error
    if type(value) is not dict or digest_of(value) != digest:
        raise BrokenState(f"expected a value in table {table} that has its released digest, found another")
    return value
