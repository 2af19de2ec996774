"""One entry while it is folded into rows: what every part of the fold is handed."""

from typing import Any

from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import FoldView, R, Table
from orchestrator import tables
from orchestrator.instance import Instance


class Folding:
    """One entry being folded: the view, the instance so far, and the instant it was recorded."""

    __slots__ = ("at", "id", "instance", "row", "view")

    def __init__(self, view: FoldView, entry: Entry) -> None:
        self.view = view
        self.id = entry.subject
        self.at = entry.recorded
        self.row = view.get(tables.INSTANCE, entry.subject)
        self.instance = Instance(entry.subject)  # each transition brings the state it leads to

    def known(self, table: Table[R], *key: Any) -> R:
        """A row of this instance that must be there."""
        row = self.view.get(table, self.id, *key)
        if row is None:
            raise BrokenState(f"expected a row of `{table.name}` for {self.id}.{key[0]}, found none")
        return row

    def change(self, table: Table[R], key: tuple[Any, ...], **changes: Any) -> None:
        """Put a row of this instance with some fields changed."""
        self.view.put(table, self.known(table, *key)._replace(**changes))
