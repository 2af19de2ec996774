"""Tables of publication: what was shown to everybody, who signed it beside the log, and the tiles of the tree."""

from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Text, text
from sqlalchemy import Table as SqlTable

from ledger.rows import Table, TableClass

metadata = MetaData()

SqlTable(
    "published",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("kept", Text, nullable=False),
    Index(
        "published_unkept", "log_id", "published_at", sqlite_where=text("kept = ''"), postgresql_where=text("kept = ''")
    ),
    info={"class": "published"},
)

SqlTable(
    "published_line",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("key_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    info={"class": "published"},
)

SqlTable(
    "tile",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("level", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    Column("inner_hashes", LargeBinary, nullable=False),
    info={"class": "published"},
)

SqlTable(
    "reached",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("what", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    info={"class": "published"},
    sqlite_with_rowid=False,
)


class PublishedRow(NamedTuple):
    """`kept` says why it stays when its day is over: empty, or the reason."""

    size: int
    note: str
    published_at: int
    kept: str


class PublishedLineRow(NamedTuple):
    """See `ledger.publication.Line`."""

    size: int
    key_id: str
    kind: str
    value: bytes
    made_at: int


class TileRow(NamedTuple):
    """See `ledger.publication.Tile`."""

    level: int
    number: int
    hashes: bytes
    inner_hashes: bytes


class ReachedRow(NamedTuple):
    """Up to which size `what` (publishing, a witness, ...) got, and when."""

    what: str
    size: int
    at: int


_PUBLISHED: Final = TableClass.PUBLISHED
_OVER: Final = (  # its day is over, nothing keeps it, and there is a newer one
    "kept = '' AND published_at < ? - 86400000000 "
    "AND size < (SELECT size FROM reached WHERE log_id = {log} AND what = 'published')"
)
PUBLISHED = Table("published", PublishedRow, key=1, table_class=_PUBLISHED, expired=_OVER)
PUBLISHED_LINE = Table("published_line", PublishedLineRow, key=2, group=1, table_class=_PUBLISHED, follows="published")
TILE = Table("tile", TileRow, key=2, table_class=_PUBLISHED)
REACHED = Table("reached", ReachedRow, key=1, table_class=_PUBLISHED)

TABLES: Final = (PUBLISHED, PUBLISHED_LINE, TILE, REACHED)
