"""A log in memory that signs checkpoints, its forks, and a witness to ask."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.clock import SECOND, Instant
from ledger.keys import Ed25519Signer
from ledger.note import parse_vkey
from ledger.policy import NONE, Policy, TrustedLog
from ledger.proof import prove_consistency
from ledger.tree import root_of
from ledger.witnessing import Asked, add_checkpoint_body
from tests.conftest import SetClock
from witness.book import Book, create_book
from witness.keys import WitnessKeys, create_witness_keys
from witness.service import Reply, Witness

ORIGIN = "log.example.com/acme"
NAME = "audit.example.com/witness"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass
class Log:
    """Leaf hashes and a key; `fork` is a copy that goes on by itself, as a restored backup would."""

    leaves: list[bytes] = field(default_factory=list)
    signer: Ed25519Signer = field(default_factory=lambda: Ed25519Signer(ORIGIN, KEY))

    def add(self, *entries: str) -> "Log":
        self.leaves += [leaf_hash(entry.encode()) for entry in entries]
        return self

    def fork(self) -> "Log":
        return Log(list(self.leaves), self.signer)

    @property
    def size(self) -> int:
        return len(self.leaves)

    def note(self, size: int | None = None) -> str:
        end = self.size if size is None else size
        return self.signer.sign_note(format_checkpoint(Checkpoint(ORIGIN, end, root_of(self.leaves[:end]))))

    def proof(self, old: int, size: int | None = None) -> tuple[bytes, ...]:
        end = self.size if size is None else size
        if not 0 < old <= end:
            return ()
        return prove_consistency(old, end, lambda start, stop: self.leaves[start:stop])

    def asking(self, old: int, size: int | None = None) -> bytes:
        return add_checkpoint_body(Asked(old, self.proof(old, size), self.note(size)))


def grown(count: int) -> Log:
    return Log().add(*[f"entry {number}" for number in range(count)])


def watching(*vkeys: str) -> Policy:
    return Policy(tuple(TrustedLog(parse_vkey(vkey)) for vkey in vkeys), (), (), NONE)


def make_witness(folder: Path, clock: SetClock | None = None, *vkeys: str) -> Witness:
    keys: WitnessKeys = create_witness_keys(folder, NAME, "a passphrase")
    create_book(folder / "witness.sqlite")
    policy = watching(*(vkeys or (Log().signer.vkey,)))
    return Witness(keys, Book(folder / "witness.sqlite"), lambda: policy, clock or SetClock())


def reopened(folder: Path, witness: Witness) -> Witness:
    return Witness(witness.keys, Book(folder / "witness.sqlite"), witness.watched, witness.clock)


def said(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.body.decode()


def at(seconds: int) -> Instant:
    return Instant(seconds * SECOND)
