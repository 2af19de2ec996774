"""What stands already of the artefacts a folder holds: versions in force, and what open change requests propose."""

from collections.abc import Iterable

from ledger.errors import BrokenInput
from ledger.work import Rows
from versioning import store
from versioning.artefact import Kinds, content_digest
from versioning.change import ChangeRequest
from versioning.proposals import Held, Standing


def standing(rows: Rows, kinds: Kinds, artefacts: Iterable[tuple[str, str]]) -> Standing:
    """For these (kind, name). Compared are clear texts, so whoever shows this to somebody must ask who reads."""
    current: dict[tuple[str, str], Held] = {}
    pending: set[str] = set()
    for kind, name in artefacts:
        held = _held(rows, kind, name)
        if held is not None:
            current[kind, name] = held
        for change_id in store.open_changes(rows, kind, name):
            change = store.change_request(rows, change_id)
            digest = None if change is None else _proposed(rows, kinds, change)
            if digest is not None:
                pending.add(digest)
    return Standing(current, frozenset(pending))


def _held(rows: Rows, kind: str, name: str) -> Held | None:
    number, _ = store.current_number(rows, kind, name)
    row = store.version_row(rows, kind, name, number)
    if row is None:
        return None
    version = store.artefact_version(rows, row)
    return Held(number, version.value, version.source)


def _proposed(rows: Rows, kinds: Kinds, change: ChangeRequest) -> str | None:
    """The digest over clear value and text; None for a retirement, an erased text, or one that no longer reads."""
    edit = store.edit(rows, change)
    source = rows.unseal(change.id, "source", edit.source)
    if change.retires or source is None or change.kind not in kinds:
        return None
    try:
        return content_digest(change.kind, change.name, kinds[change.kind].read(source).value, source)
    except BrokenInput:
        return None
