"""The entry of a released artefact of a kind without a room of its own, and the listing row its fold keeps.

Subject: `kind:name`. Payload: result, kind, name, version, digest, title, owner, retired; a blueprint adds
`decisions`, one {step, decision_kind, outcomes} for each decision step, which the authority model is compiled from.
"""

from collections.abc import Sequence
from typing import Any

from ledger import canonical
from ledger.entry import Entry, EntryDraft
from ledger.rows import FoldView
from versioning import tables
from versioning.artefact import RETIRED, Release
from versioning.tables import DecisionPointRow, ListingRow


def listing_draft(
    entry_kind: str, release: Release, title: str, owner: str = "", decisions: Sequence[dict[str, Any]] | None = None
) -> EntryDraft:
    """The owner's entry of a release, schema 1."""
    payload: dict[str, Any] = {
        "result": {"kind": release.kind, "name": release.name, "version": release.version, "digest": release.digest},
        "kind": release.kind,
        "name": release.name,
        "version": release.version,
        "digest": release.digest,
        "title": title,
        "owner": owner,
        "retired": release.value == RETIRED,
    }
    if decisions is not None:
        payload["decisions"] = list(decisions)
    refs = {"change_request": release.change_request}
    return EntryDraft(entry_kind, 1, f"{release.kind}:{release.name}", payload, refs=refs)


def fold_listing(view: FoldView, entry: Entry) -> None:
    """Keep what lists show of the version in force."""
    payload = entry.payload
    row = ListingRow(
        kind=payload["kind"],
        name=payload["name"],
        version=payload["version"],
        digest=payload["digest"],
        title=payload["title"],
        owner=payload["owner"],
        retired=int(payload["retired"]),
        released_at=entry.recorded,
    )
    view.put(tables.LISTING, row)


def fold_blueprint(view: FoldView, entry: Entry) -> None:
    """The listing, and a row for each decision step of this version."""
    fold_listing(view, entry)
    payload = entry.payload
    for decision in payload["decisions"]:
        row = DecisionPointRow(
            blueprint=payload["name"],
            version=payload["version"],
            step=decision["step"],
            decision_kind=decision["decision_kind"],
            outcomes=canonical.encode_trusted(decision["outcomes"]).decode("utf-8"),
        )
        view.put(tables.DECISION_POINT, row)
