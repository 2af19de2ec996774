"""A pack of as many entries as one likes, written without a database: what speed and memory are measured on.

python -m tests.console.large ENTRIES FILE      prints the verifier key
"""

import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.canonical import b64url, encode
from ledger.chain import GENESIS, chain_hash, leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.counts import Count, CountTree
from ledger.keys import Ed25519Signer
from ledger.levels import Levels
from ledger.pack import json_bytes, write_bag
from ledger.verify.pack_parts import (
    CHECKPOINTS,
    COMPLETENESS,
    ENTRIES,
    INCLUSION,
    completeness_bytes,
    entries_bytes,
    inclusion_bytes,
)

ORIGIN = "ledger.example.com/large"
AT = "2026-11-22T21:13:08.000000Z"
STEPS = 20  # entries of one instance
WORDS = "paid against the order, the delivery note and the contract of the supplier; " * 2


class Writing:
    """Entries one after another, chained."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.leaves: list[bytes] = []
        self.counts: dict[str, int] = {}
        self.last: dict[str, bytes] = {}
        self._chain = GENESIS

    def add(self, kind: str, subject: str, payload: dict[str, Any]) -> None:
        """One entry more."""
        number = self.counts.get(subject, 0)
        data = encode(
            {
                "actor": {"id": "actor:1", "kind": "person", "method": "password", "person": "person:a"},
                "basis": {"permit": {"policy": "p" * 43, "rules": ["r-1", "r-7"]}},
                "index": len(self.entries),
                "kind": kind,
                "origin": ORIGIN,
                "payload": payload,
                "prev": b64url(self._chain),
                "recorded_at": AT,
                "schema": 1,
                "subject": subject,
                "subject_index": number,
                "v": 1,
            }
        )
        leaf = leaf_hash(data)
        self._chain = chain_hash(self._chain, leaf)
        self.entries.append(data)
        self.leaves.append(leaf)
        self.counts[subject] = number + 1
        self.last[subject] = leaf


def large_pack(entries: int) -> tuple[bytes, str]:
    """(pack, verifier key) of a log of so many entries, all of them in the pack."""
    signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\5" * 32))
    writing = Writing()
    writing.add("ledger.opened", "ledger:large", {"keys": [{"purpose": "commit", "vkey": signer.vkey}]})
    for number in range(entries - 2):
        payload = {
            "note": WORDS,
            "result": {},
            "transitions": [{"path": "grade", "t": "variable.set", "value": number}],
        }
        writing.add("instance.advanced", f"pi_{number // STEPS:08}", payload)
    tree = CountTree(Count(one, writing.counts[one], writing.last[one]) for one in writing.counts)
    subjects = sorted(writing.counts)
    counted = len(writing.entries)
    writing.add(
        "subjects.counted", "ledger:large", {"root": b64url(tree.root), "size": counted, "subjects": tree.total}
    )
    levels = Levels(writing.leaves)
    text = format_checkpoint(Checkpoint(ORIGIN, len(writing.leaves), levels.root))
    files = {
        ENTRIES: entries_bytes(writing.entries),
        CHECKPOINTS: json_bytes({"note": signer.sign_note(text)}),
        INCLUSION: inclusion_bytes((at, levels.inclusion(at)) for at in range(len(writing.leaves))),
        COMPLETENESS: completeness_bytes(counted, [proof for one in subjects if (proof := tree.prove(one))]),
    }
    about = {
        "built_at": AT,
        "instances": [one for one in subjects if one.startswith("pi_")],
        "organisation": "Large",
        "pack_id": "pk_large",
        "recipient": "Regulator",
        "subjects": subjects,
    }
    return write_bag("pk_large", files, about, signer.sign_bytes), signer.vkey


if __name__ == "__main__":
    made, vkey = large_pack(int(sys.argv[1]))
    Path(sys.argv[2]).write_bytes(made)
    sys.stdout.write(f"{vkey}\n")
