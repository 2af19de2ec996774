"""Tables of messages that came before somebody waited for them, and of what became of those with a sender's id."""

from typing import NamedTuple

from ledger.rows import Table


class MessageRow(NamedTuple):
    """A message that came before somebody waited for it. `state`: kept, delivered, expired.

    `key` and `data` are commitments as canonical JSON, `data` empty where there is none. `before` and `after` are its
    neighbours in its box while it is kept; `instance` and `number` say who got it. `id_mark` as in `SentRow`.
    """

    id: str
    message: str
    key: str
    key_mark: str
    data: str
    domain: str
    state: str
    id_mark: str
    kept_at: int
    expires_at: int
    before: str
    after: str
    instance: str
    number: int


class MessageBoxRow(NamedTuple):
    """The messages of one name and key (by fingerprint) and domain that are kept, oldest first, as a linked list."""

    key_mark: str
    domain: str
    oldest: str
    newest: str


class SentRow(NamedTuple):
    """What became of the message with this sender's id, by fingerprint; until then the id counts.

    `outcome`: kept, correlated, started. `body` is the commitment of the digest of its data, sealed for `subject`.
    """

    id_mark: str
    subject: str
    body: str
    outcome: str
    instance: str
    until: int


MESSAGE = Table("message", MessageRow, key=1)
MESSAGE_BOX = Table("message_box", MessageBoxRow, key=2)
SENT = Table("message_sent", SentRow, key=1)
