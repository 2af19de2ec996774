"""One record in the ledger: its envelope, its bytes, and the draft it grows from.

    bytes = RFC 8785 of { v, origin, index, prev, recorded_at, occurred_at?, kind, schema, subject, subject_index,
                          part?, refs?, actor, basis?, command_id?, command?, correlation_id?, payload }

`prev` is the chain hash before this entry, base64url. `part` is [k, n] (k from 1) when a command touches n subjects.
`command` is {mac, outcome}: HMAC of the request and the outcome code, so that the command row is a fold.
The exact bytes are stored, hashed, proved and exported; nothing is serialised again to verify.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ledger.canonical import SAFE_INTEGER, from_b64url
from ledger.clock import Instant, parse_instant
from ledger.errors import BrokenInput, TooLarge
from ledger.skeleton import decode, encode

ENVELOPE = 1
ENTRY_BYTES_MAX = 60 * 1024  # C2SP tlog-tiles bundles allow 65,535; the rest is room for framing

_REQUIRED = frozenset(
    ("v", "origin", "index", "prev", "recorded_at", "kind", "schema", "subject", "subject_index", "actor", "payload")
)
_OPTIONAL = frozenset(("occurred_at", "part", "refs", "basis", "command_id", "command", "correlation_id"))


NOTHING: Mapping[str, Any] = MappingProxyType({})


class EntryDraft(NamedTuple):
    """What a command wants recorded; the batch adds place, time, actor and command.

    `payload` holds commitments where values are classed confidential and above, made by `UnitOfWork.seal`.
    `result` is the answer to the caller; it stands in the payload so that a repeated command can be answered again.
    `made` is what the payload was printed from, for the fold of this kind: it need not read back what has just been
    written. It is no part of the entry, and a replay has none.
    """

    kind: str
    schema: int
    subject: str
    payload: dict[str, Any]
    refs: Mapping[str, str] = NOTHING
    basis: Mapping[str, Any] = NOTHING
    occurred_at: str | None = None
    correlation_id: str | None = None
    made: Any = None


class Entry(NamedTuple):
    """A recorded entry, read back from its bytes or about to be written.

    A named tuple, as every value the write path makes by the thousand: a frozen dataclass takes seven times as long.
    """

    origin: str
    index: int  # type: ignore[assignment]  # hides `tuple.index`, which nobody asks an entry for
    prev: str
    recorded_at: str
    kind: str
    schema: int
    subject: str
    subject_index: int
    actor: Mapping[str, str]
    payload: Mapping[str, Any]
    occurred_at: str | None = None
    part: tuple[int, int] | None = None
    refs: Mapping[str, str] = NOTHING
    basis: Mapping[str, Any] = NOTHING
    command_id: str | None = None
    command: Mapping[str, str] | None = None
    correlation_id: str | None = None
    made: Any = None  # see `EntryDraft.made`; stands in no bytes

    @property
    def recorded(self) -> Instant:
        """`recorded_at` as an instant."""
        return parse_instant(self.recorded_at)


Closing = tuple[str, tuple[int, int] | None, Mapping[str, str] | None]
"""What only the batch knows of an entry: prev, part and command."""


def encode_entry(entry: Entry, closing: Closing | None = None) -> bytes:
    """The canonical bytes; members that are not set are absent. `BrokenInput` when a member lies outside the domain.

    `closing` stands for the entry's own prev, part and command: the hot path closes an entry without copying it.
    """
    prev, part, command = closing or (entry.prev, entry.part, entry.command)
    value: dict[str, Any] = {
        "v": ENVELOPE,
        "origin": entry.origin,
        "index": entry.index,
        "prev": prev,
        "recorded_at": entry.recorded_at,
        "kind": entry.kind,
        "schema": entry.schema,
        "subject": entry.subject,
        "subject_index": entry.subject_index,
        "actor": entry.actor,
        "payload": entry.payload,
    }
    if part is not None:
        value["part"] = part
    if command is not None:
        value["command"] = command
    if entry.occurred_at is not None:
        value["occurred_at"] = entry.occurred_at
    if entry.refs:
        value["refs"] = entry.refs
    if entry.basis:
        value["basis"] = entry.basis
    if entry.command_id is not None:
        value["command_id"] = entry.command_id
    if entry.correlation_id is not None:
        value["correlation_id"] = entry.correlation_id
    data = encode(value)
    if len(data) > ENTRY_BYTES_MAX:
        raise TooLarge(f"expected an entry of at most {ENTRY_BYTES_MAX} bytes, found {len(data)}")
    return data


def parse_entry(data: bytes) -> Entry:
    """The entry of canonical bytes. Strict and total: a whole entry or `BrokenInput`."""
    if len(data) > ENTRY_BYTES_MAX:
        raise TooLarge(f"expected an entry of at most {ENTRY_BYTES_MAX} bytes, found {len(data)}")
    return entry_of(decode(data))


def entry_of(value: Any) -> Entry:
    """The entry of a decoded value; every member has its type or the whole is `BrokenInput`."""
    if type(value) is not dict:
        raise BrokenInput("expected an object")
    members = value.keys()
    if not members >= _REQUIRED:
        raise BrokenInput(f"expected member {min(_REQUIRED - members)}")
    if extra := members - _REQUIRED - _OPTIONAL:
        raise BrokenInput(f"found unknown member {min(extra)}")
    if value["v"] != ENVELOPE:
        raise BrokenInput(f"expected envelope {ENVELOPE}")
    _check_types(value)
    return build_entry(value)


def build_entry(value: dict[str, Any]) -> Entry:
    """As `entry_of`, for a value that was checked before."""
    part = value.get("part")
    return Entry(
        origin=value["origin"],
        index=value["index"],
        prev=value["prev"],
        recorded_at=value["recorded_at"],
        kind=value["kind"],
        schema=value["schema"],
        subject=value["subject"],
        subject_index=value["subject_index"],
        actor=value["actor"],
        payload=value["payload"],
        occurred_at=value.get("occurred_at"),
        part=None if part is None else (part[0], part[1]),
        refs=value.get("refs", {}),
        basis=value.get("basis", {}),
        command_id=value.get("command_id"),
        command=value.get("command"),
        correlation_id=value.get("correlation_id"),
    )


def _check_types(value: dict[str, Any]) -> None:
    for name in ("origin", "prev", "recorded_at", "kind", "subject", "occurred_at", "command_id", "correlation_id"):
        if name in value and (type(value[name]) is not str or not value[name]):
            raise BrokenInput(f"expected text in {name}")
    for name in ("index", "schema", "subject_index"):
        if type(value[name]) is not int or not 0 <= value[name] <= SAFE_INTEGER:
            raise BrokenInput(f"expected a count in {name}")
    for name in ("actor", "payload", "refs", "basis", "command"):
        if name in value and type(value[name]) is not dict:
            raise BrokenInput(f"expected an object in {name}")
    for name in ("actor", "refs", "command"):
        if any(type(member) is not str for member in value.get(name, {}).values()):
            raise BrokenInput(f"expected text members in {name}")
    if "part" in value:
        part = value["part"]
        if type(part) is not list or len(part) != 2 or any(type(n) is not int for n in part):
            raise BrokenInput("expected [k, n] in part")
        if not 1 <= part[0] <= part[1]:
            raise BrokenInput("expected 1 <= k <= n in part")
    if len(from_b64url(value["prev"])) != 32:
        raise BrokenInput("expected 32 bytes in prev")
    parse_instant(value["recorded_at"])
