"""How many entries a subject has at a stated size, or that it has none: proved off-line. Standard library only.

    {"subject", "counted": base64url of the exact bytes of a `subjects.counted` entry,
     "path": inclusion proof of that entry, leaf sibling first, "checkpoint": signed note,
     "present": COUNT | null, "before": COUNT | null, "after": COUNT | null}
    COUNT = {"subject", "entries", "last_leaf", "place", "path"}

Origin, index and size are read from the entry and from the checkpoint, after its signature held by a key the verifier
brought along; nothing else in the file is trusted. Hashes are base64url. What a count says is as of the size it states:
all entries before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain import HASH_BYTES, leaf_hash
from ledger.checkpoint import open_checkpoint
from ledger.counts import COUNTED, Count, CountProof, SubjectProof, check_subject
from ledger.errors import BrokenInput
from ledger.note import CheckSignature
from ledger.proof import check_inclusion
from ledger.verify.bytes import b64url, from_b64url
from ledger.verify.canonical import decode
from ledger.verify.receipt import counting

PATH_MAX = 64  # hashes: no tree has more levels

_MEMBERS = frozenset(("subject", "counted", "path", "checkpoint", "present", "before", "after"))
_COUNT = frozenset(("subject", "entries", "last_leaf", "place", "path"))


@dataclass(frozen=True, slots=True)
class SubjectVerdict:
    """What was proved: at `counted` (index of the count), which covers all entries before it, the subject has
    `entries` entries (0: none), the last with leaf hash `last_leaf`; the count stands in the tree of `size`."""

    origin: str
    subject: str
    counted: int
    recorded_at: str
    entries: int
    last_leaf: str | None
    size: int

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


def proof_value(
    subject: str, counted: bytes, path: Sequence[bytes], proof: SubjectProof, checkpoint: str
) -> dict[str, Any]:
    """The file, as a value."""
    return {
        "subject": subject,
        "counted": b64url(counted),
        "path": [b64url(node) for node in path],
        "checkpoint": checkpoint,
        "present": _count_value(proof.present),
        "before": _count_value(proof.before),
        "after": _count_value(proof.after),
    }


def check_subject_proof(
    value: Any, vkeys: Sequence[str], check: CheckSignature, key_lists: Sequence[str] = ()
) -> SubjectVerdict:
    """The verdict; `BrokenInput` for what is no such file, was not signed by a pinned key, or proves nothing."""
    if type(value) is not dict or value.keys() != _MEMBERS or type(value["checkpoint"]) is not str:
        raise BrokenInput("expected a proof of a subject's count")
    note = value["checkpoint"]
    verifiers = counting(note, vkeys, check, key_lists)
    checkpoint = open_checkpoint(note, note.partition("\n")[0], verifiers).checkpoint
    origin = checkpoint.origin
    data = _bytes(value["counted"], "counted")
    entry = decode(data)
    payload = _payload(entry, origin)
    index = entry["index"]
    if not 0 <= index < checkpoint.size or not check_inclusion(
        index, checkpoint.size, leaf_hash(data), _path(value["path"]), checkpoint.root
    ):
        raise BrokenInput("expected the count in the tree of the checkpoint, found a proof that does not lead there")
    subject, total = _text(value["subject"]), payload["subjects"]
    proof = SubjectProof(*[_count(value[name], total) for name in ("present", "before", "after")])
    entries = check_subject(subject, proof, total, _hash(payload["root"]))
    if entries is None:
        raise BrokenInput("expected a proof of this subject's count, found one that does not lead to the stated root")
    last = None if proof.present is None else b64url(proof.present.counted.last_leaf)
    return SubjectVerdict(origin, subject, index, str(entry["recorded_at"]), entries, last, checkpoint.size)


def _payload(entry: Any, origin: str) -> Mapping[str, Any]:
    """What the entry counts; it covers all entries before it, or it is none."""
    try:
        payload: Mapping[str, Any] = entry["payload"]
        is_count = entry["kind"] == COUNTED and entry["schema"] == 1 and entry["origin"] == origin
        numbers = [entry["index"], payload["size"], payload["subjects"]]
    except (KeyError, TypeError) as error:
        raise BrokenInput("expected an entry that counts subjects") from error
    if not is_count or any(type(one) is not int for one in numbers) or payload["size"] != entry["index"]:
        raise BrokenInput("expected an entry of this log that counts the subjects of all entries before it")
    return payload


def _count_value(proof: CountProof | None) -> dict[str, Any] | None:
    if proof is None:
        return None
    return {
        "subject": proof.counted.subject,
        "entries": proof.counted.entries,
        "last_leaf": b64url(proof.counted.last_leaf),
        "place": proof.place,
        "path": [b64url(node) for node in proof.path],
    }


def _count(value: Any, total: int) -> CountProof | None:
    if value is None:
        return None
    if type(value) is not dict or value.keys() != _COUNT:
        raise BrokenInput("expected a count of a subject")
    if type(value["entries"]) is not int or type(value["place"]) is not int or value["entries"] < 1:
        raise BrokenInput("expected a count of at least one entry at its place")
    counted = Count(_text(value["subject"]), value["entries"], _hash(value["last_leaf"]))
    return CountProof(counted, value["place"], total, _path(value["path"]))


def _text(value: Any) -> str:
    """A subject: text that has UTF-8 bytes, which a lone surrogate has not."""
    try:
        if type(value) is str and value.encode():
            return value
    except UnicodeEncodeError:
        pass
    raise BrokenInput("expected a subject")


def _path(value: Any) -> tuple[bytes, ...]:
    if type(value) is not list or len(value) > PATH_MAX:
        raise BrokenInput(f"expected at most {PATH_MAX} hashes in a path")
    return tuple([_hash(node) for node in value])


def _hash(text: Any) -> bytes:
    data = _bytes(text, "a hash")
    if len(data) != HASH_BYTES:
        raise BrokenInput(f"expected a hash of {HASH_BYTES} bytes")
    return data


def _bytes(text: Any, what: str) -> bytes:
    if type(text) is not str:
        raise BrokenInput(f"expected {what} in base64url")
    return from_b64url(text)
