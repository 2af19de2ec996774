"""The rows of acts on many instances at once: the act as it was asked for, and one row for each of its items."""

from typing import NamedTuple

from ledger.rows import Table


class BulkRow(NamedTuple):
    """`said` is what is done, as canonical JSON; `actor` who asked, whose rights count when each item is reached.

    `total` is as many items as were named when it was asked for: `done`, `proposed` and `refused` of them were reached.
    """

    id: str
    act: str
    said: str
    reason: str
    actor: str
    total: int
    done: int
    proposed: int
    refused: int
    started_at: int
    finished_at: int | None


class BulkItemRow(NamedTuple):
    """`state`: waiting, done, proposed, refused; `code` is the reason code of a refusal."""

    bulk: str
    place: int
    item: str
    state: str
    code: str


BULK = Table("bulk_act", BulkRow, key=1)
BULK_ITEM = Table("bulk_item", BulkItemRow, key=2)
