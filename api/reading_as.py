"""A view that answers as if somebody in particular asked: what checks written for a unit of work need of one."""

from collections.abc import Sequence
from typing import Any, cast

from ledger.actor import Actor
from ledger.clock import Instant
from ledger.ids import IdMaker
from ledger.rows import R, Table
from ledger.service import View
from ledger.work import UnitOfWork


def reading_as(view: View, actor: Actor) -> UnitOfWork:
    """The view for a function that asks a unit of work and stages nothing; to stage would be an attribute error."""
    return cast(UnitOfWork, ReadingAs(view, actor))


class ReadingAs:
    """The reading half of a unit of work, over a view. It can stage nothing: there is no such method."""

    def __init__(self, view: View, actor: Actor) -> None:
        self._view = view
        self.actor = actor
        self.ids = IdMaker()  # checks build what would be released; the ids they give it name nothing that is kept

    @property
    def now(self) -> Instant:
        """The instant of the view."""
        return self._view.now

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self._view.origin

    @property
    def register_epoch(self) -> int:
        """See `ledger.work.UnitOfWork.register_epoch`."""
        return self._view.register_epoch

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key."""
        return self._view.get(table, *key)

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        """All rows of the group, in key order."""
        return self._view.group(table, *key)

    def prefetch(self, wanted: Sequence[tuple[Table[Any], tuple[Any, ...]]]) -> None:
        """See `ledger.reading.View.prefetch`."""
        self._view.prefetch(wanted)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A question no key answers."""
        return self._view.query(statement, parameters)

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        """The value behind a commitment."""
        return self._view.unseal(subject, path, sealed)

    def fingerprint(self, purpose: str, text: str) -> str:
        """See `ledger.work.UnitOfWork.fingerprint`."""
        return self._view.fingerprint(purpose, text)
