"""Signed notes and verifier keys (c2sp.org/signed-note v1.0.0).

    note     = text "\\n" signature line, one or more
    text     = UTF-8, ends in "\\n", no control character below 0x20 but "\\n"
    line     = U+2014 " " key name " " base64( key id[4] || signature ) "\\n"
    vkey     = key name "+" 8 lower case hex digits of the key id "+" base64( type[1] || public key )
    key id   = SHA-256( key name || 0x0A || type[1] || public key )[:4]

The signatures stand after the last empty line; they cover the text with its final newline, not the empty line.
Base64 is RFC 4648 section 4 with padding, in its one canonical spelling. A key name is not empty and holds neither
Unicode space nor "+". Lines of unknown keys are passed over; a line of a known key that does not verify, or a second
line of a known key, breaks the whole note (the second rule is ours: no honest signer writes two).
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol

from ledger.errors import BrokenInput, Misuse, TooLarge

ED25519 = 0x01
ED25519_COSIGNATURE = 0x04
ML_DSA_44_COSIGNATURE = 0x06
PUBLIC_KEY_BYTES = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44_COSIGNATURE: 1312}

KEY_ID_BYTES = 4
SIGNATURE_LINES_MAX = 100  # the specification asks for at least 16; a log key, its successor and a witness network fit
NOTE_BYTES_MAX = 1_000_000  # 100 ML-DSA-44 lines of 3.4 kB and their text, with room

_DASH = "\u2014 "

CheckSignature = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature) -> whether it verifies; handed in, so that this module needs no library."""


class SignatureLine(NamedTuple):
    """One line under a note: who says to have signed, with which key, and the signature bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines as written; nothing is said about whether they verify."""

    text: str
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A text that at least one known key signed. `verified` and `unknown` keep the order of the note."""

    text: str
    verified: tuple[SignatureLine, ...]
    unknown: tuple[SignatureLine, ...]


class Verifier(Protocol):
    """A known key. `message` is the note's text in UTF-8; cosignatures derive what they sign from it."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...

    def verify(self, message: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name, pinned by whoever verifies. Made by `verifier_key` or `parse_vkey`."""

    name: str
    key_id: bytes
    type: int
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """Type 0x01: plain Ed25519 over the text."""

    key: VerifierKey
    check: CheckSignature

    def __post_init__(self) -> None:
        if self.key.type != ED25519:
            raise Misuse(f"expected a key of type 0x01, found 0x{self.key.type:02x}")

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def key_id(self) -> bytes:
        return self.key.key_id

    def verify(self, message: bytes, signature: bytes) -> bool:
        return self.check(self.key.public_key, message, signature)


def key_id(name: str, key_type: int, public_key: bytes) -> bytes:
    """SHA-256(name || 0x0A || type || public key)[:4]; an identifier, far too short to stand for the key."""
    return sha256(name.encode() + b"\n" + bytes((key_type,)) + public_key).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, key_type: int, public_key: bytes) -> VerifierKey:
    """The verifier key of a public key under a name; `BrokenInput` when name, type or length do not fit."""
    if fault := _name_fault(name):
        raise BrokenInput(fault)
    expected = PUBLIC_KEY_BYTES.get(key_type)
    if expected is None:
        raise BrokenInput(f"expected a key of type 0x01, 0x04 or 0x06, found 0x{key_type:02x}")
    if len(public_key) != expected:
        raise BrokenInput(f"expected a public key of {expected} bytes, found {len(public_key)}")
    return VerifierKey(name, key_id(name, key_type, public_key), key_type, public_key)


def format_vkey(key: VerifierKey) -> str:
    """The verifier key as text."""
    return f"{key.name}+{key.key_id.hex()}+{to_base64(bytes((key.type,)) + key.public_key)}"


def parse_vkey(text: str) -> VerifierKey:
    """The verifier key of its text; the key id must be the one that follows from name, type and public key."""
    parts = text.split("+", 2)  # base64 may hold "+" itself, a name may not
    if len(parts) != 3:
        raise BrokenInput("expected a verifier key `name+id+key`")
    name, identifier, encoded = parts
    material = from_base64(encoded)
    if not material:
        raise BrokenInput("expected a type and a public key, found nothing")
    key = verifier_key(name, material[0], material[1:])
    if identifier != key.key_id.hex():
        raise BrokenInput(f"expected key id {key.key_id.hex()} for this key, found `{identifier[:16]}`")
    return key


def format_note(note: Note) -> str:
    """The note as written. What `parse_note` would not give back as it was is a bug of ours and raises `Misuse`."""
    lines = [f"{_DASH}{line.name} {to_base64(line.key_id + line.signature)}\n" for line in note.signatures]
    written = f"{note.text}\n{''.join(lines)}"
    try:
        parsed = parse_note(written)
    except BrokenInput as error:
        raise Misuse(f"expected a note that can be read back: {error}") from error
    if parsed != note:
        raise Misuse("expected a note that reads back as it was")
    return written


def parse_note(note: str | bytes) -> Note:
    """The note of its text. Strict and total: a whole note, or `BrokenInput` (`TooLarge` over a limit)."""
    written = _decoded(note)
    cut = written.rfind("\n\n")
    if cut < 0:
        raise BrokenInput("expected an empty line between text and signatures")
    block = written[cut + 2 :]
    if not block.endswith("\n"):
        raise BrokenInput("expected signature lines that end in a newline")
    lines = block[:-1].split("\n")
    if len(lines) > SIGNATURE_LINES_MAX:
        raise TooLarge(f"expected at most {SIGNATURE_LINES_MAX} signature lines, found {len(lines)}")
    return Note(
        text=written[: cut + 1],
        signatures=tuple([_parse_line(line, f"signature {number}") for number, line in enumerate(lines, 1)]),
    )


def open_note(note: str | bytes, verifiers: Iterable[Verifier]) -> OpenedNote:
    """The note, once at least one of `verifiers` signed it and none of theirs is wrong; else `BrokenInput`."""
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) is not verifier:
            raise BrokenInput(f"expected one verifier for each key, found two for `{verifier.name}`")
    parsed = parse_note(note)
    message = parsed.text.encode()
    seen: set[tuple[str, bytes]] = set()
    verified, unknown = [], []
    for line in parsed.signatures:
        key = (line.name, line.key_id)
        if key not in known:
            unknown.append(line)
            continue
        if key in seen:
            raise BrokenInput(f"expected one signature of each known key, found two of `{line.name}`")
        seen.add(key)
        if not known[key].verify(message, line.signature):
            raise BrokenInput(f"expected a signature of `{line.name}`, found one that does not verify")
        verified.append(line)
    if not verified:
        raise BrokenInput("expected a signature of a known key, found none")
    return OpenedNote(parsed.text, tuple(verified), tuple(unknown))


def _decoded(note: str | bytes) -> str:
    """The note as text, within the limit, without control characters."""
    if len(note) > NOTE_BYTES_MAX:
        raise TooLarge(f"expected a note of at most {NOTE_BYTES_MAX} bytes, found {len(note)}")
    try:
        data = note.encode() if isinstance(note, str) else note
        written = data.decode()
    except UnicodeError as error:
        raise BrokenInput("expected a note in UTF-8") from error
    if len(data) > NOTE_BYTES_MAX:
        raise TooLarge(f"expected a note of at most {NOTE_BYTES_MAX} bytes, found {len(data)}")
    if data.translate(None, _ALLOWED):
        raise BrokenInput("expected no control character but newline")
    return written


_ALLOWED = bytes((0x0A, *range(0x20, 0x100)))


def _parse_line(line: str, location: str) -> SignatureLine:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise BrokenInput("expected a dash, a key name and a signature", location)
    name, encoded = parts
    if fault := _name_fault(name):
        raise BrokenInput(fault, location)
    data = from_base64(encoded, location)
    if len(data) <= KEY_ID_BYTES:
        raise BrokenInput("expected a key id and a signature", location)
    return SignatureLine(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _name_fault(name: str) -> str | None:
    if not name:
        return "expected a key name, found nothing"
    if any(char.isspace() or char == "+" or char < " " or "\ud800" <= char <= "\udfff" for char in name):
        return "expected a key name without space, `+`, control character or lone surrogate"
    return None


def to_base64(data: bytes) -> str:
    """Base64 of RFC 4648 section 4, with padding."""
    return b64encode(data).decode("ascii")


def from_base64(text: str, location: str = "") -> bytes:
    """The bytes of canonical base64: other alphabets, white space and loose trailing bits are `BrokenInput`."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise BrokenInput("expected base64", location) from error
    if to_base64(data) != text:
        raise BrokenInput("expected base64 in its canonical spelling", location)
    return data
