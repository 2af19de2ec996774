"""One entry while it is folded into rows: what every part of the fold is handed."""

from collections.abc import Sequence
from typing import Any

from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import FoldView, R, Table
from orchestrator import tables
from orchestrator.counting import SHARES, Share, at_step, instance_changes
from orchestrator.figure_tables import FIGURE
from orchestrator.instance import Instance, parse_marking

NOT_YET = Instance("")


class Folding:
    """One entry being folded: the view, the instance so far, its index and the instant it was recorded.

    `counts` is what the entry adds to the figures of the instance's blueprint and domain.
    """

    __slots__ = ("_made", "at", "began", "counts", "id", "index", "instance", "row", "view")

    def __init__(self, view: FoldView, entry: Entry) -> None:
        self.view = view
        self.id = entry.subject
        self.at = entry.recorded
        self.index = entry.index
        self.row = self.began = view.get(tables.INSTANCE, entry.subject)
        self.counts: dict[Share, int] = {}
        self._made: tuple[tuple[Table[Any], int], ...] = ()
        self.instance = NOT_YET  # each transition brings the state it leads to

    @property
    def started(self) -> tables.InstanceRow:
        """The row of the instance, which must be there."""
        if self.row is None:
            raise BrokenState(f"expected {self.id} to have started")
        return self.row

    def known(self, table: Table[R], *key: Any) -> R:
        """A row of this instance that must be there."""
        row = self.view.get(table, self.id, *key)
        if row is None:
            raise BrokenState(f"expected a row of `{table.name}` for {self.id}.{key[0]}, found none")
        return row

    def change(self, table: Table[R], key: tuple[Any, ...], **changes: Any) -> None:
        """Put a row of this instance with some fields changed."""
        before = self.known(table, *key)
        self.move(table, before, before._replace(**changes))

    def make(self, table: Table[R], number: int, row: R) -> None:
        """Put a row for what begins: over the row it had, where it was begun before this entry."""
        is_new = (self.began is None or number >= self.began.next_number) and (table, number) not in self._made
        self._made = (*self._made, (table, number))
        self.move(table, None if is_new else self.view.get(table, self.id, number), row)

    def move(self, table: Table[R], before: R | None, row: R) -> None:
        """Put a row in the place of another, with what that changes in the figures."""
        self.view.put(table, row)
        shares = SHARES.get(table)
        if shares is not None:
            self._count(() if before is None else shares(before), shares(row))

    def put_instance(self, row: tables.InstanceRow) -> None:
        """Put the instance's row, and add to the figures what the whole entry has changed."""
        self.view.put(tables.INSTANCE, row)
        if row.test:  # in no figure: what is tried is counted apart
            return
        began, counts, live = self.began, self.counts, self.instance.live
        status, was = ("", ()) if began is None else (began.status, parse_marking(began.marking))
        if status == row.status and len(live) == 1 == len(was):  # most commands: told at once
            self._count((at_step(was[0].step),), (at_step(live[0].step),))
        else:
            before, after = {one.step for one in was}, {one.step for one in live}
            for share, count in instance_changes((status, before), (row.status, after), row.started_at):
                counts[share] = counts.get(share, 0) + count
        whose = row.blueprint, row.domain
        if amounts := {(*whose, *share): count for share, count in counts.items() if count}:
            self.view.add(FIGURE, amounts)

    def _count(self, before: Sequence[Share], after: Sequence[Share]) -> None:
        if before == after:
            return
        counts = self.counts
        for share in before:
            counts[share] = counts.get(share, 0) - 1
        for share in after:
            counts[share] = counts.get(share, 0) + 1
