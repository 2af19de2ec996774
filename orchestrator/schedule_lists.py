"""Which blueprints start by the clock, for whoever looks: as planned, by name."""

from typing import NamedTuple

from ledger.work import Rows
from orchestrator.schedules import ENDED


class PlannedStart(NamedTuple):
    """A blueprint that starts by the clock; `decided_to` is the last occurrence that was decided (microseconds)."""

    blueprint: str
    decided_to: int | None


def planned_starts(rows: Rows, after: str, limit: int) -> list[PlannedStart]:
    """The schedules that have not ended, by blueprint, those after a name. A released one is here once the runner has
    planned by it."""
    found = rows.query(
        "SELECT blueprint, after_at, after_local FROM schedule WHERE log_id = {log} AND state <> ? AND blueprint > ?"
        " ORDER BY blueprint LIMIT ?",
        (ENDED, after, limit),
    )
    # Up to where is known before the first occurrence as well, but then it is no local day and time.
    return [PlannedStart(blueprint, at if local else None) for blueprint, at, local in found]
