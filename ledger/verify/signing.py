"""Which keys sign for a log, and whether a checkpoint was signed by one that was valid then.

The log names its keys itself, in `ledger.opened`. That proves nothing to whoever does not know one of them from
elsewhere: a verifier hands in the keys it pinned, and the first keys of the log must be among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import BrokenInput
from ledger.note import ED25519, CheckSignature, Note, VerifierKey, parse_note, parse_vkey
from ledger.verify.report import Fault, Finding, Place


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key and the index of the entry that put it in force: it may sign sizes above it."""

    key: VerifierKey
    index: int


class LogKeys:
    """The keys of one log, in the order in which they were put in force."""

    def __init__(self, trusted: Sequence[str], check_signature: CheckSignature | None) -> None:
        self.trusted = tuple(map(parse_vkey, trusted))
        self._check = check_signature
        self._named: list[LogKey] = []

    @property
    def can_check(self) -> bool:
        """Whether there is a way to check signatures and any key to check them with."""
        return self._check is not None and bool(self._named or self.trusted)

    def name(self, index: int, payload: Any) -> tuple[str, str] | None:
        """Take the keys that an entry names; (expected, found) when the first ones are not those pinned."""
        keys = _keys_in(payload)
        is_first = not self._named
        self._named += [LogKey(key, index) for key in keys]
        if is_first and self.trusted and not set(keys) & set(self.trusted):
            return f"a key pinned outside, {_ids(self.trusted)}", f"key {_ids(keys)}"
        return None

    def valid_at(self, size: int) -> tuple[VerifierKey, ...]:
        """The keys that may sign a checkpoint of this size."""
        if not self._named:
            return self.trusted
        return tuple(named.key for named in self._named if named.index < size)

    def judge(self, checkpoint: Checkpoint, note: Note, place: Place) -> Finding | None:
        """Check 5 for one checkpoint."""
        if self._check is None or not self.can_check:
            return None
        valid = {(key.name, key.key_id): key for key in self.valid_at(checkpoint.size) if key.type == ED25519}
        lines = [line for line in note.signatures if (line.name, line.key_id) in valid]
        if not lines:
            signed = ", ".join(f"{line.name} {line.key_id.hex()}" for line in note.signatures)
            expected = f"a signature by key {_ids(tuple(valid.values()))}"
            return Finding(5, Fault.WRONG_KEY, expected, f"one by {signed}", None, place)
        for line in lines:
            key = valid[line.name, line.key_id]
            if not self._check(key.public_key, note.text.encode(), line.signature):
                found = "a signature that does not verify"
                return Finding(5, Fault.ALTERED, f"a signature by key {key.key_id.hex()}", found, None, place)
        return None


def read_checkpoint(note: str, origin: str, place: Place) -> tuple[Checkpoint, Note] | Finding:
    """The checkpoint of a note about this log, signatures not looked at yet."""
    try:
        parsed = parse_note(note)
        checkpoint = parse_checkpoint(parsed.text)
    except BrokenInput as error:
        return Finding(5, Fault.ALTERED, "a signed checkpoint", str(error), None, place)
    if checkpoint.origin != origin:
        return Finding(5, Fault.ALTERED, f"a checkpoint of {origin}", f"one of {checkpoint.origin}", None, place)
    return checkpoint, parsed


def _keys_in(payload: Any) -> list[VerifierKey]:
    """The verifier keys of a `ledger.opened` payload; what cannot be read names no key."""
    keys = []
    listed = payload.get("keys") if isinstance(payload, dict) else None
    for item in listed if isinstance(listed, list) else []:
        vkey = item.get("vkey") if isinstance(item, dict) else None
        try:
            keys.append(parse_vkey(vkey if isinstance(vkey, str) else ""))
        except BrokenInput:
            continue
    return keys


def _ids(keys: Sequence[VerifierKey]) -> str:
    return ", ".join(key.key_id.hex() for key in keys) or "none"
