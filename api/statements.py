"""Signed statements for others: a decision as it is on record, and where a released blueprint version comes from.

    decision    application/vnd.muniment.decision.v1+json: what the entry says, and where it stands in the log
    release     in-toto Statement v1; its subject `blueprint/<name>@<number>` has the version's digest,
                SHA-256( RFC 8785 of {"kind", "name", "source", "value"} ); its predicate is RELEASE_PREDICATE

Both are bodies of DSSE envelopes that the log's key signs: canonical JSON, though only the bytes count. They are made
from entries alone, never from rows that follow from them, and classed values are commitments as in the entry. Pure.
"""

from collections.abc import Sequence
from typing import Any

from ledger.canonical import b64url, encode, from_b64url
from ledger.chain import leaf_hash
from ledger.dsse import IN_TOTO_STATEMENT
from ledger.entry import parse_entry
from ledger.errors import BrokenState
from orchestrator.pages import shut
from versioning.entries import CHANGE_RELEASED

DECISION_FORM = "muniment/decision/v1"
RELEASE_PREDICATE = "https://muniment.example/blueprint-release/v1"
SAID = (
    "decision", "shown", "shown_digest", "statement", "signature", "reason", "reason_code", "reason_words",
    "reason_list",
)  # fmt: skip
"""What of a decision's payload is told to whoever may read it; the rest is the machine's."""


def decision_statement(data: bytes) -> bytes:
    """The body about one decision, from its entry's exact bytes and nothing else."""
    entry = parse_entry(data)
    if "decision" not in entry.payload:
        raise BrokenState("expected the entry of a decision")
    said = {name: shut(entry.payload[name]) for name in SAID if name in entry.payload}
    return encode(
        {
            "form": DECISION_FORM,
            "subject": entry.subject,
            "actor": dict(entry.actor),
            "said": said,
            "basis": dict(entry.basis),
            "entry": _place(data),
        }
    )


def release_statement(trail: Sequence[bytes]) -> bytes:
    """The in-toto statement about one released version, from the entries of its change request, oldest first: proposal,
    reviews, release. The last one says what was released."""
    entry = parse_entry(trail[-1])
    said = entry.payload
    if entry.kind != CHANGE_RELEASED:
        raise BrokenState("expected the entry of a release")
    subject = {
        "name": f"{said['kind']}/{said['name']}@{said['version']}",
        "digest": {"sha256": from_b64url(said["digest"]).hex()},
    }
    predicate = {
        "log": entry.origin,
        "authors": list(said["authors"]),
        "approvers": list(said["approvers"]),
        "change_request": entry.subject,
        "released_at": entry.recorded_at,
        "trail": [_place(data) for data in trail],
    }
    return encode(
        {
            "_type": IN_TOTO_STATEMENT,
            "subject": [subject],
            "predicateType": RELEASE_PREDICATE,
            "predicate": predicate,
        }
    )


def _place(data: bytes) -> dict[str, Any]:
    """Where an entry stands, so that a receipt of it can be asked for and compared."""
    entry = parse_entry(data)
    return {
        "log": entry.origin,
        "index": entry.index,
        "kind": entry.kind,
        "recorded_at": entry.recorded_at,
        "leaf_hash": b64url(leaf_hash(data)),
    }
