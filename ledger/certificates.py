"""What readers are told of erasures: which values are gone, when they went, and the certificate with its proofs."""

from typing import Any, Protocol

from ledger.canonical import b64url
from ledger.clock import instant_text
from ledger.entry import Entry, parse_entry
from ledger.erasure import epoch_of
from ledger.erasure_tables import ERASURE, ErasureRow
from ledger.proof import prove_inclusion
from ledger.reading import View
from ledger.rows import R, Table
from ledger.tables import ENTRY

_CARRIED_OUT = "SELECT carried_out, parts FROM erasure WHERE log_id = {log} AND carried_out IS NOT NULL"
_KEYS = (
    "SELECT record_class FROM data_key WHERE log_id = {log} AND data_subject = ? ORDER BY record_class"
)  # fmt: skip
_OPENINGS = (
    "SELECT record_class, COUNT(*), MIN(idx), MAX(idx) FROM opening WHERE log_id = {log} AND data_subject = ? "
    "GROUP BY record_class ORDER BY record_class"
)


class _Rows(Protocol):
    def get(self, table: Table[R], *key: Any) -> R | None: ...

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]: ...


def told_erased(rows: _Rows, data_subject: str) -> dict[str, Any]:
    """What stands beside a commitment whose opening is gone: the reason, and the newest certificate there is.

    Without a certificate the reason is `LOST`: that is a fault, and verification names it.
    """
    carried = [row for row in rows.group(ERASURE, data_subject) if row.carried_out is not None] if data_subject else []
    if not carried:
        return {"reason": "LOST"}
    newest = max(carried, key=lambda row: row.carried_out or 0)
    entry = _entry(rows, newest.carried_out)
    told = {"erased_at": instant_text(entry.recorded)} if entry is not None else {}  # none: in the running batch
    return {"reason": "ERASED", "certificate": newest.carried_out, **told}


def is_erased(rows: _Rows, data_subject: str, record_class: str) -> bool:
    """Whether what is held about somebody in this class was erased, or is about to be."""
    asked = rows.group(ERASURE, data_subject)
    return any(not row.classes or record_class in row.classes.split() for row in asked)


def destroyed(view: View) -> frozenset[int]:
    """The indexes of all openings that certificates name."""
    found: set[int] = set()
    for first, pieces in view.query(_CARRIED_OUT):
        for row in view.entries(int(first), int(first) + int(pieces)):
            found.update(index for index, _, _ in parse_entry(row.bytes).payload["destroyed"])
    return frozenset(found)


def held(view: View, data_subject: str) -> dict[str, Any]:
    """What is held about a data subject, without a value: openings by class, erasures. Every opening is read."""
    classes = [
        {"class": record_class, "openings": int(count), "first": int(first), "last": int(last)}
        for record_class, count, first, last in view.query(_OPENINGS, (data_subject,))
    ]
    return {
        "data_subject": data_subject,
        "classes": classes,
        "erasures": list(map(_told, erasures(view, data_subject))),
    }


def is_subject_known(view: View, data_subject: str) -> bool:
    """Whether anything is held, or was erased, under this id."""
    return bool(view.query(_KEYS, (data_subject,)) or erasures(view, data_subject))


def erasures(view: View, data_subject: str) -> list[ErasureRow]:
    """The erasures asked for, oldest first."""
    return sorted(view.group(ERASURE, data_subject), key=lambda row: row.requested)


def certificate(view: View, row: ErasureRow) -> dict[str, Any]:
    """The certificate of an erasure that was carried out: its entries, each with a receipt and an inclusion proof.

    `keys_destroyed` says whether the older key-encryption keys are on record as destroyed.
    """
    assert row.carried_out is not None
    indexes = [row.requested, *range(row.carried_out, row.carried_out + row.parts)]
    return {
        **_told(row),
        "keys_destroyed": epoch_of(view).ended >= row.epoch,
        "entries": [_proved(view, index) for index in indexes],
    }


def _told(row: ErasureRow) -> dict[str, Any]:
    return {
        "erasure": row.id,
        "data_subject": row.data_subject,
        "ground": row.ground,
        "classes": row.classes.split(" ") if row.classes else [],
        "requested": row.requested,
        "carried_out": row.carried_out,
        "epoch": row.epoch,
    }


def _proved(view: View, index: int) -> dict[str, Any]:
    row = view.entry(index)
    assert row is not None
    receipt = {
        "log": view.log.name,
        "index": index,
        "leaf_hash": b64url(row.leaf_hash),
        "size": view.head.size,
        "checkpoint": view.head.checkpoint,
        "proof": [b64url(one) for one in prove_inclusion(index, view.head.size, view.leaf_hashes)],
    }
    return {"bytes": b64url(row.bytes), "receipt": receipt}


def _entry(rows: _Rows, index: int | None) -> Entry | None:
    row = None if index is None else rows.get(ENTRY, index)
    return None if row is None else parse_entry(row.bytes)
