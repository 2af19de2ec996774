"""The folds of starts by the clock: for each blueprint a row that says which occurrence is next.

| kind | schema | subject | payload |
|---|---|---|---|
| schedule.set | 1 | `schedule:NAME` | number, version, calendar, after, next or reason, result |
| schedule.occurred | 1 | `schedule:NAME` | occurrence, instance or refused, missed, after, next or reason, result |
| schedule.ended | 1 | `schedule:NAME` | result |

An occurrence is {at, local}; all up to `after` is decided.
"""

from typing import Any

from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView
from orchestrator import tables
from orchestrator.entries import SCHEDULE_ENDED, SCHEDULE_OCCURRED, SCHEDULE_SET, SCHEMA
from orchestrator.tables import ScheduleRow


def folds() -> Folds:
    """The folds of schedules, by kind and schema."""
    return {
        (SCHEDULE_SET, SCHEMA): _set,
        (SCHEDULE_OCCURRED, SCHEMA): _occurred,
        (SCHEDULE_ENDED, SCHEMA): _ended,
    }


def _set(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    row = ScheduleRow(
        blueprint=_name(entry),
        number=payload["number"],
        version=payload["version"],
        calendar=payload["calendar"],
        state="",
        reason="",
        due_at=None,
        due_local="",
        after_at=0,
        after_local="",
    )
    view.put(tables.SCHEDULE, row._replace(**_places(payload)))


def _occurred(view: FoldView, entry: Entry) -> None:
    view.put(tables.SCHEDULE, _row(view, entry)._replace(**_places(entry.payload)))


def _ended(view: FoldView, entry: Entry) -> None:
    view.put(tables.SCHEDULE, _row(view, entry)._replace(state="ended", reason="", due_at=None, due_local=""))


def _places(payload: Any) -> dict[str, Any]:
    """The next occurrence, and up to where all is decided."""
    after, following = payload["after"], payload.get("next")
    return {
        "state": "held" if following is None else "set",
        "reason": payload.get("reason", ""),
        "due_at": None if following is None else following["at"],
        "due_local": "" if following is None else following["local"],
        "after_at": after["at"],
        "after_local": after["local"],
    }


def _row(view: FoldView, entry: Entry) -> ScheduleRow:
    row = view.get(tables.SCHEDULE, _name(entry))
    if row is None:
        raise BrokenState(f"expected a row of `schedule` for {entry.subject}, found none")
    return row


def _name(entry: Entry) -> str:
    return entry.subject.partition(":")[2]
