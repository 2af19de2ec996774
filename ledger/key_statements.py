"""What is signed about the keys of a log: orders to change them, and the list of them all. Standard library only.

Both are signed notes (`ledger.note`), so that any tool for notes opens them, and neither can be taken for a checkpoint:
their second line is no number.

    order   muniment/key-order/v1       by the key in force or the identity key, before the entry that carries it
            log <origin>
            act <kind of the entry>
            purpose <purpose>
            key <vkey put in force> | -
            ends <key id of the key that ends> | -
            void <size> | -             signatures of that key on larger sizes prove nothing
            size <n>                    of the log when the order was signed: it stands at index n or later

    list    muniment/keys/v1            by the identity key, after the fact: what a verifier keeps beside its pinned key
            log <origin>
            size <n>                    it tells of the entries before index n
            <purpose> <from> <to> <void> <vkey>         one line for each key there ever was; `-` where there is none

A key signs checkpoints of the sizes from < size <= to; those above `void` prove nothing although they were signed so.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledger.errors import BrokenInput
from ledger.note import (
    ED25519,
    ML_DSA_44_COSIGNATURE,
    NOTE_BYTES_MAX,
    Verifier,
    VerifierKey,
    open_note,
    parse_note,
    parse_vkey,
)

COMMIT_KEY = "commit"
IDENTITY_KEY = "identity"
POST_QUANTUM_KEY = "post-quantum"
PURPOSES = (COMMIT_KEY, IDENTITY_KEY, POST_QUANTUM_KEY)
TYPE_OF = {COMMIT_KEY: ED25519, IDENTITY_KEY: ED25519, POST_QUANTUM_KEY: ML_DSA_44_COSIGNATURE}

ENROLLED = "key.enrolled"
CERTIFIED = "key.certified"
ROTATED = "key.rotated"
RETIRED = "key.retired"
COMPROMISED = "key.compromised"
ORDERED = (ENROLLED, ROTATED, RETIRED, COMPROMISED)  # the kinds that carry an order

KEYS_MAX = 200  # of one log: an ML-DSA-44 vkey has 1,800 characters, and an entry holds 60 KiB
LIST_BYTES_MAX = 40_000  # of a list, so that it fits into an entry

_ORDER = "muniment/key-order/v1"
_LIST = "muniment/keys/v1"
_NONE = "-"


class Order(NamedTuple):
    """What a signer of an order wants done. `ends` is a key id in hexadecimal."""

    origin: str
    act: str
    purpose: str
    vkey: str | None
    ends: str | None
    void_from: int | None
    size: int


class ListedKey(NamedTuple):
    """A key with the sizes it signs (`from_size` < size <= `to_size`) and those from which that proves nothing."""

    purpose: str
    vkey: str
    from_size: int
    to_size: int | None = None
    void_from: int | None = None

    def signs(self, size: int) -> bool:
        """Whether checkpoints of this size are this key's to sign."""
        return self.from_size < size and (self.to_size is None or size <= self.to_size)

    def proves(self, size: int) -> bool:
        """Whether its signature on a checkpoint of this size says that the log signed it."""
        return self.signs(size) and (self.void_from is None or size <= self.void_from)


class KeyList(NamedTuple):
    """All keys of a log as of `size`, in the order in which they were put in force."""

    origin: str
    size: int
    keys: tuple[ListedKey, ...]


def format_order(order: Order) -> str:
    """The text to sign."""
    lines = [
        _ORDER,
        f"log {order.origin}",
        f"act {order.act}",
        f"purpose {order.purpose}",
        f"key {order.vkey or _NONE}",
        f"ends {order.ends or _NONE}",
        f"void {_number(order.void_from)}",
        f"size {order.size}",
    ]
    return "\n".join(lines) + "\n"


def parse_order(text: str) -> Order:
    """The one inverse of `format_order`; any other text is `BrokenInput`."""
    lines = text.split("\n")
    names = ("log", "act", "purpose", "key", "ends", "void", "size")
    if len(lines) != 9 or lines[0] != _ORDER or lines[8]:
        raise BrokenInput("expected an order about a key")
    said = [_after(line, name) for line, name in zip(lines[1:8], names, strict=True)]
    origin, act, purpose, vkey, ends, void, size = said
    number = _size(size)
    if number is None:
        raise BrokenInput("expected a size")
    order = Order(origin, act, purpose, _known(vkey), _known(ends), _size(void), number)
    if act not in ORDERED or purpose not in PURPOSES or format_order(order) != text:
        raise BrokenInput("expected an order about a key, as it is written")
    return order


def format_list(listed: KeyList) -> str:
    """The text to sign; `BrokenInput` when it is too long for an entry."""
    lines = [_LIST, f"log {listed.origin}", f"size {listed.size}"]
    lines += [
        f"{key.purpose} {key.from_size} {_number(key.to_size)} {_number(key.void_from)} {key.vkey}"
        for key in listed.keys
    ]
    text = "\n".join(lines) + "\n"
    if len(text) > LIST_BYTES_MAX:
        raise BrokenInput(f"expected a list of at most {LIST_BYTES_MAX} bytes, found {len(text)}")
    return text


def parse_list(text: str) -> KeyList:
    """The one inverse of `format_list`; any other text is `BrokenInput`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != _LIST or lines[-1]:
        raise BrokenInput("expected a list of keys")
    origin, size = _after(lines[1], "log"), _size(_after(lines[2], "size"))
    if size is None or len(lines) - 4 > KEYS_MAX:
        raise BrokenInput(f"expected a size and at most {KEYS_MAX} keys")
    keys = tuple(_listed(line) for line in lines[3:-1])
    listed = KeyList(origin, size, keys)
    if format_list(listed) != text:
        raise BrokenInput("expected a list of keys, as it is written")
    return listed


def open_order(note: str, signers: Iterable[Verifier]) -> tuple[Order, frozenset[bytes]]:
    """An order and the key ids that signed it, one of `signers` at least; else `BrokenInput`."""
    opened = open_note(note, signers)
    return parse_order(opened.text), frozenset(line.key_id for line in opened.verified)


def open_list(note: str, signers: Iterable[Verifier]) -> KeyList:
    """A list that one of `signers` signed; else `BrokenInput`."""
    return parse_list(open_note(note, signers).text)


def read_lists(text: str) -> tuple[str, ...]:
    """The signed lists of a file in the order in which they were made: one note after another."""
    if len(text) > NOTE_BYTES_MAX:
        raise BrokenInput(f"expected a file of at most {NOTE_BYTES_MAX} bytes")
    starts = [at for at in _starts(text, f"{_LIST}\n") if at == 0 or text[at - 1] == "\n"]
    if not starts or starts[0] != 0:
        raise BrokenInput("expected signed lists of keys")
    notes = tuple(text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True))
    for note in notes:
        parse_list(parse_note(note).text)
    return notes


def key_of(listed: ListedKey) -> VerifierKey:
    """The verifier key of a listed key, whose type must be the one of its purpose."""
    return check_vkey(listed.vkey, listed.purpose)


def check_vkey(vkey: str, purpose: str, origin: str | None = None) -> VerifierKey:
    """The verifier key; `BrokenInput` unless its type is that of the purpose and its name `origin` (if given)."""
    key = parse_vkey(vkey)
    if purpose not in TYPE_OF or key.type != TYPE_OF[purpose]:
        raise BrokenInput(f"expected a key of the type that a {purpose[:20]} key has, found 0x{key.type:02x}")
    if origin is not None and key.name != origin:
        raise BrokenInput(f"expected a key of {origin}, found one of `{key.name[:80]}`")
    return key


def signing(keys: Sequence[ListedKey], size: int, purpose: str) -> tuple[ListedKey, ...]:
    """Those of this purpose that sign checkpoints of this size."""
    return tuple(key for key in keys if key.purpose == purpose and key.signs(size))


def _listed(line: str) -> ListedKey:
    parts = line.split(" ", 4)
    start = _size(parts[1]) if len(parts) == 5 else None
    if start is None:
        raise BrokenInput("expected purpose, from, to, void and key")
    key = ListedKey(parts[0], parts[4], start, _size(parts[2]), _size(parts[3]))
    key_of(key)
    return key


def _after(line: str, name: str) -> str:
    found, space, value = line.partition(" ")
    if found != name or not space or not value:
        raise BrokenInput(f"expected a line `{name} ...`")
    return value


def _size(text: str) -> int | None:
    if text == _NONE:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise BrokenInput("expected a size in decimal")
    return int(text)


def _known(text: str) -> str | None:
    return None if text == _NONE else text


def _number(value: int | None) -> str:
    return _NONE if value is None else str(value)


def _starts(text: str, what: str) -> list[int]:
    found, at = [], text.find(what)
    while at >= 0:
        found.append(at)
        at = text.find(what, at + 1)
    return found
