"""What lies in an evidence pack, read strictly: entries, proofs, counts, openings. Standard library only.

records/entries.jsonl      canonical bytes exactly as hashed, one entry a line, by index
records/openings.jsonl     {"index", "path", "salt", "subject", "value"} of commitments that are opened
proofs/checkpoints.jsonl   {"note"}: signed notes, smallest tree first
proofs/inclusion.jsonl     {"index", "path"}: against the last checkpoint, one line for each entry
proofs/consistency.jsonl   {"new", "old", "path"}: between neighbours among the checkpoints
proofs/completeness.json   {"counted", "subjects": [{"entries", "last_leaf", "path", "place", "subject", "total"}]}
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.counts import Count, CountProof
from ledger.dsse import Envelope
from ledger.errors import BrokenInput
from ledger.note import parse_note
from ledger.pack import MANIFEST, Bag, json_bytes, read_json, read_manifest, read_statement
from ledger.verify.bytes import b64url, from_b64url
from ledger.verify.canonical import decode

ENTRIES = "records/entries.jsonl"
OPENINGS = "records/openings.jsonl"
CHECKPOINTS = "proofs/checkpoints.jsonl"
INCLUSION = "proofs/inclusion.jsonl"
CONSISTENCY = "proofs/consistency.jsonl"
COMPLETENESS = "proofs/completeness.json"

_INCLUSION_LINE = re.compile(
    rb'\{"index":(0|[1-9][0-9]{0,15}),"path":\["([A-Za-z0-9_-]{43}(?:","[A-Za-z0-9_-]{43})*)"\]\}'
)


class PackedEntry(NamedTuple):
    """An entry of a pack: its bytes, leaf hash and decoded value."""

    number: int
    data: bytes
    leaf: bytes
    value: Mapping[str, Any]


class Opening(NamedTuple):
    """A salt and a value, and the commitment's place they claim: entry, subject, path."""

    number: int
    subject: str
    path: str
    salt: bytes
    value: Any


@dataclass(frozen=True, slots=True)
class Notes:
    """The signed checkpoints as text, and what each states."""

    texts: tuple[str, ...]
    checkpoints: tuple[Checkpoint, ...]

    @property
    def last(self) -> Checkpoint:
        return self.checkpoints[-1]


class PackParts:
    """The parts of one bag, each read once when it is first asked for; a part that cannot be read raises each time."""

    def __init__(self, bag: Bag) -> None:
        self.bag = bag

    @cached_property
    def envelope(self) -> Envelope:
        """The signed manifest."""
        return read_manifest(_file(self.bag, MANIFEST.removeprefix("data/")))

    @cached_property
    def statement(self) -> Mapping[str, Any]:
        """What the manifest states, signed or not."""
        return read_statement(self.envelope.payload)

    @property
    def predicate(self) -> Mapping[str, Any]:
        """What the pack says of itself."""
        predicate: Mapping[str, Any] = self.statement["predicate"]
        return predicate

    @cached_property
    def entries(self) -> tuple[PackedEntry, ...]:
        """See `read_entries`."""
        return read_entries(self.bag)

    @cached_property
    def notes(self) -> Notes:
        """See `read_notes`."""
        return read_notes(self.bag)

    @cached_property
    def inclusion(self) -> dict[int, tuple[bytes, ...]]:
        """See `read_inclusion`."""
        return read_inclusion(self.bag)

    @cached_property
    def consistency(self) -> dict[tuple[int, int], tuple[bytes, ...]]:
        """See `read_consistency`."""
        return read_consistency(self.bag)

    @cached_property
    def completeness(self) -> tuple[int, dict[str, CountProof]]:
        """See `read_completeness`."""
        return read_completeness(self.bag)

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """See `read_openings`."""
        return read_openings(self.bag)


def entries_bytes(entries: Iterable[bytes]) -> bytes:
    """`records/entries.jsonl`."""
    return b"".join([data + b"\n" for data in entries])


def read_entries(bag: Bag) -> tuple[PackedEntry, ...]:
    """The entries; `BrokenInput` when a line is no canonical object with an index."""
    found: list[PackedEntry] = []
    for number, data in enumerate(_lines(bag, ENTRIES), 1):
        place = f"{ENTRIES}:{number}"
        try:
            value = decode(data)
        except BrokenInput as error:
            raise BrokenInput(error.message, place) from error
        if type(value) is not dict or type(value.get("index")) is not int:
            raise BrokenInput("expected an entry", place)
        found.append(PackedEntry(value["index"], data, leaf_hash(data), value))
    if not found:
        raise BrokenInput("expected entries, found none", ENTRIES)
    return tuple(found)


def read_notes(bag: Bag) -> Notes:
    """The checkpoints; whether their signatures hold is another question."""
    texts = tuple(str(value["note"]) for value in _values(bag, CHECKPOINTS))
    if not texts:
        raise BrokenInput("expected a checkpoint, found none", CHECKPOINTS)
    return Notes(texts, tuple(parse_checkpoint(parse_note(text).text) for text in texts))


def inclusion_bytes(paths: Iterable[tuple[int, tuple[bytes, ...]]]) -> bytes:
    """`proofs/inclusion.jsonl`."""
    told: dict[bytes, str] = {}  # neighbours share most of their nodes
    return b"".join([json_bytes({"index": number, "path": _nodes(path, told)}) for number, path in paths])


def _nodes(path: tuple[bytes, ...], told: dict[bytes, str]) -> list[str]:
    for node in path:
        if node not in told:
            told[node] = b64url(node)
    return [told[node] for node in path]


def read_inclusion(bag: Bag) -> dict[int, tuple[bytes, ...]]:
    """The inclusion path of each entry, by index."""
    read: dict[str, bytes] = {}
    values = [_inclusion(line) for line in _lines(bag, INCLUSION)]
    return {value["index"]: _path(value["path"], read) for value in values}


def _inclusion(line: bytes) -> Any:
    """The value of a line; one that is spelled as it is written is neither parsed nor printed again."""
    spelled = _INCLUSION_LINE.fullmatch(line)
    if spelled is None:
        return read_json(line + b"\n")
    index, nodes = spelled.groups()
    return {"index": int(index), "path": nodes.decode("ascii").split('","')}


def consistency_bytes(proofs: Iterable[tuple[int, int, tuple[bytes, ...]]]) -> bytes:
    """`proofs/consistency.jsonl`."""
    return b"".join(
        [json_bytes({"old": old, "new": new, "path": [b64url(node) for node in path]}) for old, new, path in proofs]
    )


def read_consistency(bag: Bag) -> dict[tuple[int, int], tuple[bytes, ...]]:
    """The consistency path between two sizes."""
    if CONSISTENCY not in bag.payload:
        return {}
    return {(value["old"], value["new"]): _path(value["path"], {}) for value in _values(bag, CONSISTENCY)}


def completeness_bytes(counted: int, proofs: Iterable[CountProof]) -> bytes:
    """`proofs/completeness.json`; `counted` is the index of the `subjects.counted` entry."""
    subjects = [
        {
            "subject": proof.counted.subject,
            "entries": proof.counted.entries,
            "last_leaf": b64url(proof.counted.last_leaf),
            "place": proof.place,
            "total": proof.total,
            "path": [b64url(node) for node in proof.path],
        }
        for proof in proofs
    ]
    return json_bytes({"counted": counted, "subjects": subjects})


def read_completeness(bag: Bag) -> tuple[int, dict[str, CountProof]]:
    """(index of the `subjects.counted` entry, proof of each complete subject)."""
    value = read_json(_file(bag, COMPLETENESS))
    proofs, read = {}, dict[str, bytes]()
    for one in value["subjects"]:
        count = Count(one["subject"], one["entries"], from_b64url(one["last_leaf"]))
        proofs[count.subject] = CountProof(count, one["place"], one["total"], _path(one["path"], read))
    return value["counted"], proofs


def openings_bytes(openings: Iterable[Opening]) -> bytes:
    """`records/openings.jsonl`."""
    return b"".join(
        [
            json_bytes(
                {
                    "index": one.number,
                    "subject": one.subject,
                    "path": one.path,
                    "salt": b64url(one.salt),
                    "value": one.value,
                }
            )
            for one in openings
        ]
    )


def read_openings(bag: Bag) -> tuple[Opening, ...]:
    """The openings that go with the pack; without the file nothing is opened."""
    if OPENINGS not in bag.payload:
        return ()
    return tuple(
        Opening(value["index"], value["subject"], value["path"], from_b64url(value["salt"]), value["value"])
        for value in _values(bag, OPENINGS)
    )


def _path(nodes: Any, read: dict[str, bytes]) -> tuple[bytes, ...]:
    """The nodes of a path; `read` are those that were read before, since neighbours share most of theirs."""
    for node in nodes:
        if node not in read:
            read[node] = from_b64url(node)
    return tuple([read[node] for node in nodes])


def _file(bag: Bag, name: str) -> bytes:
    data = bag.payload.get(name)
    if data is None:
        raise BrokenInput("expected a file of the pack, found none", f"data/{name}")
    return data


def _lines(bag: Bag, name: str) -> list[bytes]:
    data = _file(bag, name)
    if data and not data.endswith(b"\n"):
        raise BrokenInput("expected lines that end in a newline", f"data/{name}")
    return data.split(b"\n")[:-1]


def _values(bag: Bag, name: str) -> list[Any]:
    return [read_json(line + b"\n") for line in _lines(bag, name)]
