"""Messages that came before somebody waited for them, and what a sender's id makes of a message sent again.

A message is kept in the box of its name, key and domain. Who begins to wait looks into the box of its own domain and
into that of the root domain, whose messages are for any.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

import orjson

from ledger.canonical import b64url, encode
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput, TooLarge
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator.commands import Correlate
from orchestrator.durations import microseconds
from orchestrator.entries import MESSAGE_DELIVERED, MESSAGE_KEPT, SCHEMA
from orchestrator.legible import has_controls
from orchestrator.message_tables import MESSAGE, MESSAGE_BOX, SENT, MessageRow
from orchestrator.refusal_texts import why
from orchestrator.sealing import message_mark, sent_mark
from orchestrator.store import in_domain
from rbac.permission import WHOLE

DAY = 86_400 * SECOND
KEEP_MAX = 30 * DAY
REPEATED_WITHIN = 30 * DAY  # after delivery, a sender's id is still known
ID_MAX = 200  # characters of a sender's id
DATA_BYTES_MAX = 24 * 1024  # of a message that is kept: what waits for it lays it into an entry with much else
DELIVERED_BYTES_MAX = 36 * 1024  # of kept messages together, which one command lays into its entry
DELIVERED_MAX = 50  # kept messages one command may deliver; a loop over more of them becomes an incident
LOOKED_AT_MAX = 70  # kept messages looked at for one who waits; those behind so many that do not fit stay kept

KEY_PATH, DATA_PATH, BODY_PATH = "key", "data", "message.body"  # where the parts of a message are sealed


KEYLESS = Refusal(Reason.INVALID_DATA, why("keyless-message-kept"))


def kept_until(uow: UnitOfWork, command: Correlate) -> int | Refusal:
    """Until when a message is kept when nobody waits for it; 0 for one that is not kept. Or why it is no message."""
    if len(command.message_id) > ID_MAX:
        return Refusal(Reason.INVALID_DATA, why("message-id-length", most=ID_MAX))
    texts = (command.message, command.message_id, command.key if type(command.key) is str else "")
    if any(map(has_controls, texts)):
        return Refusal(Reason.INVALID_DATA, why("message-with-controls"))
    if not command.keep_for:
        return 0
    try:
        length = microseconds(command.keep_for)
    except BrokenInput:
        length = 0
    if not 0 < length <= KEEP_MAX:
        return Refusal(Reason.INVALID_DATA, why("keep-for-no-duration"))
    if len(encode(command.data)) > DATA_BYTES_MAX:
        raise TooLarge(why("kept-bytes", most=DATA_BYTES_MAX), "data")
    return uow.now + length


def waiting_for(uow: UnitOfWork, key_mark: str, domain: str, limit: int) -> list[tuple[Any, ...]]:
    """Instance and number of who waits on record for a message in a domain: the longest first, those suspended last."""
    term, names = in_domain(domain)
    return uow.query(
        "SELECT subscription.instance, subscription.number FROM subscription JOIN instance"
        " ON instance.log_id = subscription.log_id AND instance.id = subscription.instance"
        " WHERE subscription.log_id = {log} AND subscription.key_mark = ? AND subscription.state = 'open'"
        f"{term}"
        " ORDER BY instance.suspended <> '', subscription.since, subscription.instance, subscription.number LIMIT ?",
        (key_mark, *names, limit),
    )


def keep(uow: UnitOfWork, command: Correlate, until: int, basis: Mapping[str, Any]) -> dict[str, Any]:
    """Record a message that nobody waits for yet; its result as a command answers it."""
    subject = uow.ids.ordered("ms", uow.now)

    def sealed(path: str, value: Any) -> Any:
        # Nobody has declared what the message holds or whom it is about, so it can be erased by its own id.
        return uow.seal(subject, path, value, data_class="confidential", data_subject=subject)

    result = {"kept": subject, "message": command.message, "expires_at": until}
    payload: dict[str, Any] = {
        "message": command.message,
        "key": sealed(KEY_PATH, command.key),
        "key_mark": message_mark(uow, command.message, command.key, test=command.test),
        "domain": command.domain,
        "expires_at": until,
        "result": result,
    }
    if command.data is not None:
        payload["data"] = sealed(DATA_PATH, command.data)
    if command.message_id:
        payload |= sent_value(uow, command, sealed(BODY_PATH, body_digest(command)), until)
    uow.stage(EntryDraft(MESSAGE_KEPT, SCHEMA, subject, payload, {}, basis))
    return result


class Wait(NamedTuple):
    """An activation that waits for a message."""

    instance: str
    number: int


class Deliveries:
    """What one command does with kept messages: who got which, and which were tried and did not fit."""

    __slots__ = ("_bytes", "_got", "_passed_over", "_tried")

    def __init__(self) -> None:
        self._bytes = 0  # of what was delivered
        self._tried = 0  # of what is tried now
        self._got: dict[str, tuple[Wait, int]] = {}  # by message; and until when its sender's id is known
        self._passed_over: set[tuple[Wait, str]] = set()

    def to_try(
        self, uow: UnitOfWork, wait: Wait, key_mark: str, domain: str
    ) -> Iterator[tuple[MessageRow, Any] | None]:
        """The messages to try, oldest first, with their data in clear. None, and nothing after it, where this command
        may deliver no more."""
        for row in islice(_kept(uow, key_mark, domain), LOOKED_AT_MAX):
            if row.id in self._got or (wait, row.id) in self._passed_over:
                continue
            data = data_of(uow, row)
            self._tried = len(encode(data))
            if len(self._got) >= DELIVERED_MAX or self._bytes + self._tried > DELIVERED_BYTES_MAX:
                yield None
                return
            yield row, data

    def take(self, uow: UnitOfWork, row: MessageRow, wait: Wait) -> None:
        """Count a message as delivered, so that nobody else in this command gets it."""
        self._got[row.id] = wait, uow.now + REPEATED_WITHIN if row.id_mark else 0
        self._bytes += self._tried

    def pass_over(self, row: MessageRow, wait: Wait) -> None:
        """A message that was taken does not fit: it stays kept."""
        del self._got[row.id]
        self._bytes -= self._tried
        self._passed_over.add((wait, row.id))

    def stage(self, uow: UnitOfWork) -> None:
        """An entry for each message that was delivered."""
        for message, (wait, until) in self._got.items():
            told = {"instance": wait.instance, "activation": wait.number, **({"until": until} if until else {})}
            uow.stage(EntryDraft(MESSAGE_DELIVERED, SCHEMA, message, told))


def _kept(uow: UnitOfWork, key_mark: str, domain: str) -> Iterator[MessageRow]:
    """The kept messages for one who waits in this domain, oldest first, those alone whose time is not over."""
    boxes = [_in_box(uow, key_mark, one) for one in sorted({domain, WHOLE})]
    for row in merge(*boxes, key=lambda one: (one.kept_at, one.id)):
        if row.expires_at > uow.now:
            yield row


def _in_box(uow: UnitOfWork, key_mark: str, domain: str) -> Iterator[MessageRow]:
    box = uow.get(MESSAGE_BOX, key_mark, domain)
    following = "" if box is None else box.oldest
    while following:
        row = uow.get(MESSAGE, following)
        assert row is not None
        yield row
        following = row.after


def data_of(uow: UnitOfWork, row: MessageRow) -> Any:
    """The data of a kept message in clear; None where there is none, or where it was erased."""
    return uow.unseal(row.id, DATA_PATH, orjson.loads(row.data)) if row.data else None


def id_mark(uow: UnitOfWork, command: Correlate) -> str:
    """The fingerprint of a message's sender's id; empty where it has none."""
    if not command.message_id:
        return ""
    return sent_mark(uow, command.message, (command.key, command.domain, command.test), command.message_id)


def body_digest(command: Correlate) -> str:
    """What tells two messages of one id apart. It is a digest of classed data, so it is only ever sealed."""
    return b64url(sha256(encode({"data": command.data})).digest())


def sent_value(uow: UnitOfWork, command: Correlate, body: Any, until: int) -> Mapping[str, Any]:
    """`payload.sent` of the entry that says what became of a message; nothing for one without a sender's id."""
    mark = id_mark(uow, command)
    return {"sent": {"id_mark": mark, "body": body, "until": until}} if mark else {}


def repeated(uow: UnitOfWork, command: Correlate) -> Done | Refusal | None:
    """The answer to a message whose id was there before: what became of the first. None for one that is new."""
    mark = id_mark(uow, command)
    sent = uow.get(SENT, mark) if mark else None
    if sent is None or sent.until <= uow.now:
        return None
    body = uow.unseal(sent.subject, BODY_PATH, orjson.loads(sent.body))
    if body is not None and body != body_digest(command):
        return Refusal(Reason.MESSAGE_ID_REUSED, why("message-id-reused"))
    result = {"message": command.message, "became": sent.outcome}
    where = {"kept": sent.subject, "expires_at": sent.until} if sent.outcome == "kept" else {"instance": sent.instance}
    return Done("repeated", {**result, **where})
