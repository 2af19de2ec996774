"""Evidence packs on the record, newest first: who built each, when, for whom, and whether it can be downloaded here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from api.allowing import opened
from governance.evidence import PACK_BUILT
from ledger.entry import Entry, parse_entry
from ledger.service import View

_BEHIND = "pl"  # letters alone: so the range is the same in every collation
_PACKS = (
    "SELECT subject FROM subject WHERE log_id = {log} AND subject >= 'pk' AND subject < ? "
    "AND substr(subject, 1, 3) = 'pk_' ORDER BY subject DESC LIMIT ?"
)


class PackListed(NamedTuple):
    """A pack and the entry that records it."""

    pack: str
    entry: Entry


def packs(view: View, before: str, limit: int) -> list[PackListed]:
    """Packs by id, which is by time, newest first; those before one where it is given."""
    found = []
    for (pack,) in view.query(_PACKS, (before or _BEHIND, limit)):
        entries = [parse_entry(row.bytes) for row in view.history(pack)]
        found += [PackListed(pack, entry) for entry in entries if entry.kind == PACK_BUILT]
    return found


def pack_value(view: View, listed: PackListed, may: bool, folder: Path) -> dict[str, Any]:
    """A pack as plain data; purpose and recipient in clear where the caller may read confidential values."""
    pack, entry = listed
    payload = entry.payload
    questions: Sequence[str] = payload["questions"]
    return {
        "pack": pack,
        "entry_index": entry.index,
        "recorded_at": int(entry.recorded),
        "built_by": entry.actor["id"],
        "purpose": opened(view, (pack, "purpose"), payload["purpose"], may),
        "recipient": opened(view, (pack, "recipient"), payload["recipient"], may),
        "instances": list(payload["instances"]),
        "questions": list(questions),
        "digest": payload["digest"],
        "pack_bytes": payload["pack_bytes"],
        "entries": payload["result"]["entries"],
        "href": f"/v1/evidence-packs/{pack}" if (folder / f"{pack}.zip").is_file() else None,
    }
