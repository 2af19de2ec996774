"""Which blueprints start by the clock, for whoever looks: as planned, by name."""

from ledger.work import Rows
from orchestrator import tables
from orchestrator.schedules import ENDED
from orchestrator.tables import ScheduleRow


def planned_starts(rows: Rows, after: str, limit: int) -> list[ScheduleRow]:
    """The schedules that have not ended, by blueprint, those after a name. A released one is here once the runner has
    planned by it."""
    columns = ", ".join(ScheduleRow._fields)
    found = rows.query(
        f"SELECT {columns} FROM {tables.SCHEDULE.name} WHERE log_id = {{log}} AND state <> ? AND blueprint > ?"
        " ORDER BY blueprint LIMIT ?",
        (ENDED, after, limit),
    )
    return [ScheduleRow(*row) for row in found]
