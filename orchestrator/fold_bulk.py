"""The folds of acts on many instances. An item that was done says so in the entry of its instance (`payload.bulk`).

| kind | schema | subject | payload |
|---|---|---|---|
| bulk.started | 1 | `bk_...` | act, said, items, reason, result |
| bulk.refused | 1 | `bk_...` | place, item, reason, message |
"""

from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView
from orchestrator.bulk_tables import BULK, BULK_ITEM, BulkItemRow, BulkRow
from orchestrator.entries import BULK_REFUSED, BULK_STARTED, SCHEMA


def folds() -> Folds:
    """The folds of acts on many instances, by kind and schema."""
    return {(BULK_STARTED, SCHEMA): _started, (BULK_REFUSED, SCHEMA): _refused}


def _started(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    items = payload["items"]
    view.put(
        BULK,
        BulkRow(
            id=entry.subject,
            act=payload["act"],
            said=text_trusted(payload["said"]),
            reason=text_trusted(payload.get("reason")),
            actor=text_trusted(dict(entry.actor)),
            total=len(items),
            done=0,
            proposed=0,
            refused=0,
            started_at=entry.recorded,
            finished_at=None,
        ),
    )
    for place, item in enumerate(items, 1):
        view.put(BULK_ITEM, BulkItemRow(entry.subject, place, item, "waiting", ""))


def _refused(view: FoldView, entry: Entry) -> None:
    _reached(view, entry, (entry.subject, entry.payload["place"]), ("refused", entry.payload["reason"]))


def reached(view: FoldView, entry: Entry) -> None:
    """An item was done or proposed, by this entry of its instance: `payload.bulk` is {id, place, as}."""
    told = entry.payload["bulk"]
    _reached(view, entry, (told["id"], told["place"]), (told["as"], ""))


def _reached(view: FoldView, entry: Entry, place: tuple[str, int], became: tuple[str, str]) -> None:
    bulk, item = view.get(BULK, place[0]), view.get(BULK_ITEM, *place)
    if bulk is None or item is None or item.state != "waiting":
        raise BrokenState(f"expected item {place[1]} of {place[0]} to be waiting, found it is not")
    state, code = became
    view.put(BULK_ITEM, item._replace(state=state, code=code))
    counted = bulk._replace(**{state: getattr(bulk, state) + 1})
    is_over = counted.done + counted.proposed + counted.refused == counted.total
    view.put(BULK, counted._replace(finished_at=entry.recorded if is_over else None))
