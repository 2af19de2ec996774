"""The witness protocol's messages (c2sp.org/tlog-witness v1.0.0), for both ends.

    request   "old " decimal "\\n"  base64( hash[32] ) "\\n" 0..63 times  "\\n"  checkpoint note
    200       signature lines of the witness          409   decimal "\\n" as text/x.tlog.size
    400 old above the size    403 no signature of the log    404 unknown log    422 not consistent

Forms alone: who asks is `api.witnesses`, who answers is the room `witness`.
"""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from ledger.cosignature import CosignatureVerifier, cosigned_at
from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import NOTE_BYTES_MAX, SignatureLine, VerifierKey, from_base64, parse_note
from ledger.policy import Checks
from ledger.tree import HASH_BYTES, SIZE_MAX

PROOF_LINES_MAX = 63
BODY_BYTES_MAX = 256 * 1024  # 16 lines of the longest signatures there are (5 kB each) and a whole proof, twice over
SIZE_TYPE = "text/x.tlog.size"
AHEAD_SECONDS_MAX = 3600  # a cosignature from further in the future than this is the mark of a wrong clock

_SIZE_DIGITS_MAX = len(str(SIZE_MAX))


class Asked(NamedTuple):
    """A request to cosign: the size the log believes the witness to be at, the proof from there, the note."""

    old: int
    proof: tuple[bytes, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Lines:
    """200: the witness's own lines, verified, as (line as written, seconds it states)."""

    lines: tuple[tuple[str, SignatureLine, int], ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """409: the size of the latest checkpoint that the witness cosigned."""

    size: int


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """422: by the witness's record, the checkpoint does not extend what it cosigned before."""


@dataclass(frozen=True, slots=True)
class Useless:
    """Any other answer: nothing in it can be used. `reason` is for the alarm and repeats nothing of the answer."""

    reason: str
    is_lie: bool = False


Told = Lines | Elsewhere | Inconsistent | Useless


def add_checkpoint_body(asked: Asked) -> bytes:
    """The body of `POST add-checkpoint`."""
    if len(asked.proof) > PROOF_LINES_MAX:
        raise Misuse(f"expected at most {PROOF_LINES_MAX} hashes, found {len(asked.proof)}")
    hashes = "".join(f"{b64encode(one).decode()}\n" for one in asked.proof)
    return f"old {asked.old}\n{hashes}\n{asked.note}".encode()


def parse_add_checkpoint(body: bytes) -> Asked:
    """The inverse, strict and total: a request, or `BrokenInput` (`TooLarge` over a limit). The note is not read."""
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(f"expected a body of at most {BODY_BYTES_MAX} bytes")
    head, empty, note = body.partition(b"\n\n")
    if not empty or not note:
        raise BrokenInput("expected an empty line and a checkpoint after the proof")
    try:
        first, *lines = head.decode("ascii").split("\n")
        text = note.decode()
    except UnicodeDecodeError as error:
        raise BrokenInput("expected ASCII before the checkpoint and UTF-8 in it") from error
    old = parse_size(first.removeprefix("old "))
    if not first.startswith("old ") or old is None:
        raise BrokenInput("expected `old` and a size in decimal", "line 1")
    if len(lines) > PROOF_LINES_MAX:
        raise BrokenInput(f"expected at most {PROOF_LINES_MAX} hashes, found {len(lines)}")
    return Asked(old, tuple([_hash(line, f"line {number}") for number, line in enumerate(lines, 2)]), text)


def parse_size(text: str) -> int | None:
    """A size in ASCII decimal without leading zeros; None when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= _SIZE_DIGITS_MAX):
        return None
    size = int(text)
    return size if str(size) == text and size <= SIZE_MAX else None


def origin_hash(origin: str) -> str:
    """What a witness's monitoring address calls a log."""
    return sha256(origin.encode()).hexdigest()


class Expected(NamedTuple):
    """Whose answer it must be, over which checkpoint text, and what time it is (POSIX seconds)."""

    keys: tuple[VerifierKey, ...]
    text: str
    now: int


def read_answer(status: int, content_type: str, body: bytes, expected: Expected, checks: Checks) -> Told:
    """What a witness's answer says. Never raises: an answer is the work of somebody else."""
    if status == 409:
        return _read_size(content_type, body)
    if status == 422:
        return Inconsistent()
    if status == 200:
        return _read_lines(body, expected, checks)
    known = {400: "calls our request broken", 403: "does not know our key", 404: "does not know our log"}
    return Useless(f"the witness {known.get(status, f'answered {status}')}")


def _read_size(content_type: str, body: bytes) -> Told:
    text = body.decode("ascii", "replace")
    size = parse_size(text[:-1]) if text.endswith("\n") else None
    if size is None or content_type.partition(";")[0].strip().lower() != SIZE_TYPE:
        return Useless("the witness answered 409 without a size", is_lie=True)
    return Elsewhere(size)


def _read_lines(body: bytes, expected: Expected, checks: Checks) -> Told:
    if len(body) > NOTE_BYTES_MAX // 2:
        return Useless("the witness answered more than signature lines", is_lie=True)
    try:
        note = parse_note(expected.text.encode() + b"\n" + body)
    except BrokenInput:
        return Useless("the witness answered something else than signature lines", is_lie=True)
    if note.text != expected.text:  # an empty line in the answer would make another text of it
        return Useless("the witness answered something else than signature lines", is_lie=True)
    known = {(key.name, key.key_id): key for key in expected.keys if key.type in checks}
    found: dict[bytes, tuple[str, SignatureLine, int]] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        seconds = cosigned_at(line.signature)
        is_good = CosignatureVerifier(key, checks[key.type]).verify(expected.text.encode(), line.signature)
        if seconds is None or not is_good:
            return Useless("the witness answered a signature that does not verify", is_lie=True)
        if not 0 < seconds <= expected.now + AHEAD_SECONDS_MAX:
            return Useless("the witness answered a cosignature without a time, or of the future", is_lie=True)
        if line.key_id in found:
            return Useless("the witness answered two lines of one key", is_lie=True)
        written = f"\u2014 {line.name} {b64encode(line.key_id + line.signature).decode()}\n"
        found[line.key_id] = (written, line, seconds)
    if not found:
        return Useless("the witness answered no line of a key we know", is_lie=True)
    return Lines(tuple(found.values()))


def _hash(line: str, location: str) -> bytes:
    data = from_base64(line, location)
    if len(data) != HASH_BYTES:
        raise BrokenInput(f"expected a hash of {HASH_BYTES} bytes in base64", location)
    return data
