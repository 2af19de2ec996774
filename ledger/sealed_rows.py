"""Sealing what lies in operational rows: encrypted like openings, and no entry holds a commitment to it.

The data key is one of the data subject's, of the class `draft`: it is destroyed with the others when the data subject
is erased, whatever classes the erasure names, and then no copy of the row can be read.
"""

from typing import Any, Protocol

from ledger.errors import Unavailable
from ledger.rows import R, Table
from ledger.tables import DATA_KEY
from ledger.vault import DRAFT, DataKey, Vault
from ledger.work import Rows, UnitOfWork


class SealsRows(UnitOfWork, Protocol):
    """A unit of work that seals what it puts into operational rows."""

    def seal_row(self, place: str, value: Any, data_subject: str) -> bytes:
        """The value sealed for this place (a row's key and version); it opens nowhere else."""
        ...


class OpensRows(Rows, Protocol):
    """A view that opens what operational rows hold."""

    def unseal_row(self, place: str, sealed: bytes, data_subject: str) -> Any:
        """The value; None when its key was destroyed, `BrokenState` when it was altered or is of another place."""
        ...


class _Reads(Protocol):
    def read(self, table: Table[R], key: tuple[Any, ...]) -> R | None: ...


def data_key_for(rows: _Reads, vault: Vault, data_subject: str, made: int) -> tuple[DataKey, bool]:
    """The data key that seals rows about this data subject, and whether it was made just now."""
    row = rows.read(DATA_KEY, (data_subject, DRAFT))
    if row is None:
        return vault.new_data_key(data_subject, DRAFT, made), True
    if not row.wrapped:
        told = "expected the erasure of this data subject on record again before more is kept about it"
        raise Unavailable("VAULT_EPOCH", told)
    return row, False


def open_row(rows: _Reads, vault: Vault, place: str, sealed: bytes, data_subject: str) -> Any:
    """See `OpensRows.unseal_row`."""
    row = rows.read(DATA_KEY, (data_subject, DRAFT))
    return None if row is None or not row.wrapped else vault.open_row(row, place, sealed)
