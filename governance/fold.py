"""Folds: entries of this room into its tables. Only what stands in the entry; nothing is worked out here."""

from collections.abc import Mapping
from typing import Any

from governance import entries
from governance.tables import (
    DECISION,
    GRANT,
    GRANT_STATUS,
    INSTRUMENT,
    OFFICE,
    OFFICE_HOLDER,
    PERIOD_USAGE,
    REGISTER,
    DecisionRow,
    GrantRow,
    GrantStatusRow,
    InstrumentRow,
    OfficeHolderRow,
    OfficeRow,
    PeriodUsageRow,
    RegisterRow,
)
from ledger import canonical
from ledger.entry import Entry
from ledger.rows import Folds, FoldView

AUTHORITY = "authority"  # the name of the register's one row


def folds() -> Folds:
    """Every fold of the room by (kind, schema)."""
    return {
        (entries.INSTRUMENT_RELEASED, 1): _instrument_released,
        (entries.OFFICE_RELEASED, 1): _office_released,
        (entries.AUTHORITY_GRANTED, 1): _authority_granted,
        (entries.AUTHORITY_SUSPENDED, 1): _status_changed,
        (entries.AUTHORITY_REVOKED, 1): _status_changed,
    }


def record_decision(view: FoldView, entry: Entry, decision_id: str, decision: Mapping[str, Any]) -> None:
    """The rows of a decision, called by the fold of the entry that completes its task.

    `decision_id` is the task's id; `decision` is what `governance.service.decision_payload` made.
    """
    measure = decision["measure"]
    view.put(
        DECISION,
        DecisionRow(
            id=decision_id,
            person=decision["person"],
            on_behalf_of=decision["on_behalf_of"],
            grant_id=decision["grant"],
            grant_version=decision["grant_version"],
            domain=decision["domain"],
            decision_kind=decision["decision_kind"],
            outcome=decision["outcome"],
            amount=None if measure is None else measure["amount"],
            currency="" if measure is None else measure["currency"],
            recorded_at=entry.recorded,
            entry_index=entry.index,
        ),
    )
    for used in decision["usage"]:
        key = (used["grant"], used["currency"], used["days"], used["window_start"])
        view.put(PERIOD_USAGE, PeriodUsageRow(*key, used["total"], entry.index))


def _text(value: Any) -> str:
    return canonical.encode(value).decode("utf-8")


def _version(entry: Entry) -> tuple[str, int, str, str, str, str, int]:
    """The columns the three tables of versions share, in their order."""
    value, release = entry.payload["value"], entry.payload["release"]
    return (
        value["id"],
        value["version"],
        release["name"],
        _text(value),
        entry.payload["digest"],
        release["change_request"],
        entry.index,
    )


def _register(view: FoldView, entry: Entry) -> None:
    view.put(REGISTER, RegisterRow(AUTHORITY, entry.payload["register_digest"], entry.index))


def _instrument_released(view: FoldView, entry: Entry) -> None:
    view.put(INSTRUMENT, InstrumentRow(*_version(entry)))
    _register(view, entry)


def _authority_granted(view: FoldView, entry: Entry) -> None:
    view.put(GRANT, GrantRow(*_version(entry)))
    _register(view, entry)


def _office_released(view: FoldView, entry: Entry) -> None:
    value = entry.payload["value"]
    view.put(OFFICE, OfficeRow(*_version(entry)))
    for number, holding in enumerate(value["holdings"]):
        key = (value["id"], value["version"], number)
        row = OfficeHolderRow(*key, holding["person"], holding["held_from"], holding["held_to"])
        view.put(OFFICE_HOLDER, row)
    _register(view, entry)


def _status_changed(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    row = GrantStatusRow(
        grant_id=payload["value"]["grant"],
        entry_index=entry.index,
        value=_text(payload["value"]),
        digest=payload["digest"],
        reason=_text(payload["reason"]),
        change_request=payload["release"]["change_request"],
    )
    view.put(GRANT_STATUS, row)
    _register(view, entry)
