"""A log of opaque entries, written from the specification of tiles alone."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.fetching import Folder
from ledger.checking import CHECKS
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.note import (
    ED25519,
    VerifierKey,
    verifier_key,
)
from ledger.tiles import RightEdge, TileName, bundles_of, write_bundle
from ledger.tree import CompactRange
from ledger.verify.tiles import Manner, TilesReport, verify_tiles

ORIGIN = "example.com/foreign"
SIGNER = Ed25519PrivateKey.generate()
KEY = verifier_key("sum.example.com", ED25519, SIGNER.public_key().public_bytes_raw())


def signed(text: str) -> str:
    line = b64encode(KEY.key_id + SIGNER.sign(text.encode())).decode()
    return f"{text}\n\u2014 {KEY.name} {line}\n"


def write_foreign(folder: Path, entries: Sequence[bytes]) -> str:
    """A log of opaque entries, written from the specification; its checkpoint."""
    leaves = [sha256(b"\0" + data).digest() for data in entries]
    edge = RightEdge()
    tiles = [*edge.extend(leaves), *edge.partial()]
    files = {TileName(level, number, len(hashes) // 32).path(): hashes for level, number, hashes, _ in tiles}
    for name in bundles_of(len(entries)):
        files[name.path()] = write_bundle(entries[name.number * 256 : name.number * 256 + name.width])
    note = signed(format_checkpoint(Checkpoint(ORIGIN, len(entries), CompactRange().extend(leaves).root())))
    files["checkpoint"] = note.encode()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return note


def entry(number: int) -> bytes:
    return b"opaque %d" % number * (number % 5)


def verdict(folder: Path, keys: Sequence[VerifierKey] = (KEY,), **manner: Any) -> TilesReport:
    return verify_tiles(Folder(folder), Manner(keys, CHECKS, **manner))
