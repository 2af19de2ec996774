"""Notifications as they are read: a person's own, newest first, and what is due to go out."""

from typing import Any, Protocol

import orjson

from api.notifications.entries import HOOK, MAIL
from api.notifications.tables import NOTIFICATION, READ, NotificationRow
from api.reading_as import reading_as
from api.rooms import Rooms
from ledger.actor import Actor, ActorKind
from ledger.ids import ActorId
from ledger.rows import R, Table
from ledger.service import View
from orchestrator.notices import Notice, notices
from versioning.blueprint import DataClass

_NOTIFIER = Actor(ActorId("system:notifier"), ActorKind.SYSTEM)
UNREAD_MAX = 100  # counted; beyond it there are "99 and more"
_COLUMNS = ", ".join(NOTIFICATION.columns)
_OWN = (
    f"SELECT {_COLUMNS} FROM notification WHERE log_id = {{log}} AND person = ? AND cause < ?"
    " ORDER BY cause DESC LIMIT ?"
)
_UNREAD = (
    "SELECT COUNT(*) FROM (SELECT 1 FROM notification WHERE log_id = {log} AND person = ? AND cause > ? LIMIT ?)"
    " AS theirs"
)
_DUE = (
    "SELECT notification.person, notification.cause FROM notification LEFT JOIN notification_try"
    " ON notification_try.log_id = notification.log_id AND notification_try.person = notification.person"
    " AND notification_try.cause = notification.cause AND notification_try.channel = ?"
    " WHERE notification.log_id = {{log}} AND notification.{channel} = 'due'"
    " AND (notification_try.until IS NULL OR notification_try.until <= ?)"
    " ORDER BY notification.cause, notification.person LIMIT ?"
)


class Rows(Protocol):
    """What is read from."""

    @property
    def now(self) -> int: ...

    def get(self, table: Table[R], *key: Any) -> R | None: ...

    def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]: ...


def own(rows: Rows, person: str, before: int, limit: int) -> list[NotificationRow]:
    """Those of a person, newest first, of causes before `before`."""
    return [NotificationRow(*row) for row in rows.query(_OWN, (person, before, limit))]


def read_upto(rows: Rows, person: str) -> int:
    """Up to which cause they have read; -1 for nothing."""
    row = rows.get(READ, person)
    return -1 if row is None else row.upto


def unread(rows: Rows, person: str) -> int:
    """How many they have not read, at most `UNREAD_MAX`."""
    return int(rows.query(_UNREAD, (person, read_upto(rows, person), UNREAD_MAX))[0][0])


def notices_of(rooms: Rooms, view: View, row: NotificationRow, readable: frozenset[DataClass]) -> tuple[Notice, ...]:
    """What steps told a person by the entry they were told of, as far as they may read it."""
    entry = view.entry(row.cause) if row.about.startswith("pi_") else None
    if entry is None:
        return ()
    return notices(reading_as(view, _NOTIFIER), rooms.blueprints, orjson.loads(entry.bytes), row.person, readable)


def told_by(rooms: Rooms, view: View, row: NotificationRow) -> list[str]:
    """The titles of the steps that told a person by this entry."""
    return [one.title for one in notices_of(rooms, view, row, frozenset())]


def due(rows: Rows, channel: str, limit: int) -> list[tuple[str, int]]:
    """(person, cause) of what is to go out by a channel now, oldest first."""
    assert channel in (MAIL, HOOK)
    found = rows.query(_DUE.format(channel=channel), (channel, rows.now, limit))
    return [(str(person), int(cause)) for person, cause in found]
