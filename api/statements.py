"""Signed statements for others: a decision as it is on record, and where a released blueprint version comes from.

    decision    application/vnd.muniment.decision.v1+json: what the entry says, and where it stands in the log
    release     in-toto Statement v1; its subject `blueprint/<name>@<number>` has the version's digest,
                SHA-256( RFC 8785 of {"kind", "name", "source", "value"} ); its predicate is RELEASE_PREDICATE

Both are bodies of DSSE envelopes that the log's key signs: canonical JSON, though only the bytes count. Pure: what is
said was read before, and classed values are commitments here as they are in the entry.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.canonical import b64url, encode, from_b64url
from ledger.chain import leaf_hash
from ledger.dsse import IN_TOTO_STATEMENT
from ledger.entry import parse_entry
from orchestrator.pages import shut

DECISION_FORM = "muniment/decision/v1"
RELEASE_PREDICATE = "https://muniment.example/blueprint-release/v1"
SAID = (
    "decision", "shown", "shown_digest", "statement", "signature", "reason", "reason_code", "reason_words",
    "reason_list",
)  # fmt: skip
"""What of a decision's payload is told to whoever may read it; the rest is the machine's."""


def decision_statement(decision: Mapping[str, Any], data: bytes) -> bytes:
    """The body about one decision: its row, and what the entry (its exact bytes) says of it."""
    entry = parse_entry(data)
    said = {name: shut(entry.payload[name]) for name in SAID if name in entry.payload}
    return encode(
        {
            "form": DECISION_FORM,
            "decision": dict(decision),
            "said": said,
            "basis": dict(entry.basis),
            "entry": _place(data),
        }
    )


def release_statement(origin: str, version: Mapping[str, Any], trail: Iterable[bytes]) -> bytes:
    """The in-toto statement about one released version; `version` as `GET .../versions` lists it, with its name.

    `trail` are the entries of its change request, oldest first: proposal, reviews, release.
    """
    name, number = version["name"], version["version"]
    subject = {"name": f"blueprint/{name}@{number}", "digest": {"sha256": from_b64url(version["digest"]).hex()}}
    predicate = {
        "log": origin,
        "authors": list(version["authors"]),
        "approvers": list(version["approvers"]),
        "change_request": version["change_request"],
        "released_at": version["released_at"],
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
