"""Who was told of what (folded), what people chose (folded), and how far telling and sending got (operational)."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger.clock import SECOND
from ledger.rows import Table, TableClass

NEVER = 1 << 62


class NotificationRow(NamedTuple):
    """A person is told of the entry at index `cause`, once. `about` is an instance, a task or an incident.

    `mail` and `hook` say how it goes out besides the console: empty for not at all, `due`, `sent`, `given up`.
    """

    person: str
    cause: int
    kind: str
    about: str
    domain: str
    made_at: int
    mail: str
    hook: str


class PreferenceRow(NamedTuple):
    """What a person chose. `group_work` 1: told of what is offered to all of a role too. `address` is a commitment."""

    person: str
    mail: int
    hook: int
    group_work: int
    language: str
    address: str


class WatchRow(NamedTuple):
    """A person follows an instance, or one task of it."""

    person: str
    about: str
    instance: str
    since: int
    over_at: int


class ReadRow(NamedTuple):
    """Up to which cause a person has read."""

    person: str
    upto: int
    over_at: int


class ScannedRow(NamedTuple):
    """Up to which index entries were looked at; its `name` is `notifications`."""

    name: str
    upto: int
    over_at: int


class TryRow(NamedTuple):
    """What is under way to a person by one channel: the lease on it, its failed tries and when the next is due."""

    person: str
    cause: int
    channel: str
    token: str
    until: int
    tries: int
    fault: str
    over_at: int


KNOWN = 365 * 86_400 * SECOND  # how long what a person follows or has read is kept after the last word of it

NOTIFICATION = Table("notification", NotificationRow, key=2)
PREFERENCE = Table("notification_preference", PreferenceRow, key=1)
WATCH = Table("notification_watch", WatchRow, key=2, table_class=TableClass.OPERATIONAL, expired="over_at < ?")
READ = Table("notification_read", ReadRow, key=1, table_class=TableClass.OPERATIONAL, expired="over_at < ?")
SCANNED = Table("notification_scanned", ScannedRow, key=1, table_class=TableClass.OPERATIONAL, expired="over_at < ?")
TRY = Table("notification_try", TryRow, key=3, table_class=TableClass.OPERATIONAL, expired="over_at < ?")

TABLES = (NOTIFICATION, PREFERENCE, WATCH, READ, SCANNED, TRY)

metadata = sa.MetaData()


def _schema(table: Table[Any]) -> sa.Table:
    kinds = table.row.__annotations__
    return sa.Table(
        table.name,
        metadata,
        sa.Column("log_id", sa.BigInteger, primary_key=True, autoincrement=False),
        *[
            sa.Column(
                name,
                sa.Text if kinds[name] is str else sa.BigInteger,
                primary_key=place < table.key,
                nullable=False,
                autoincrement=False,
            )
            for place, name in enumerate(table.columns)
        ],
        info={"class": table.table_class.value},
    )


# Grounds for being operational: a lost watch is set again; a lost mark shows what was read as unread; where telling got
# to follows from what was told; a lost try is made again, under the same id.
_MADE = {table.name: _schema(table) for table in TABLES}
for _channel in ("mail", "hook"):
    _column = _MADE["notification"].c[_channel]
    sa.Index(
        f"notification_{_channel}_due",
        _MADE["notification"].c.log_id,
        _MADE["notification"].c.cause,
        _MADE["notification"].c.person,
        sqlite_where=_column == sa.literal_column("'due'"),
        postgresql_where=_column == sa.literal_column("'due'"),
    )
sa.Index("notification_watched", *[_MADE["notification_watch"].c[name] for name in ("log_id", "instance", "person")])
