"""What others may read of decisions: keyset pages, for doors."""

from collections.abc import Sequence
from typing import Any

from governance.store import Rows
from governance.tables import DECISION, DecisionRow


def decisions(
    rows: Rows, domains: Sequence[str], about: tuple[str, str, str], before: str, limit: int
) -> list[DecisionRow]:
    """Newest first by id; `about` is (person, grant, decision kind), each empty for any."""
    marks = ", ".join("?" * len(domains)) or "NULL"
    person, grant, kind = about
    found = rows.query(
        f"SELECT {', '.join(DecisionRow._fields)} FROM decision WHERE log_id = {{log}} AND domain IN ({marks})"
        " AND (? = '' OR person = ?) AND (? = '' OR grant_id = ?) AND (? = '' OR decision_kind = ?)"
        " AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?",
        (*domains, person, person, grant, grant, kind, kind, before, before, limit),
    )
    return [DecisionRow(*row) for row in found]


def decision(rows: Rows, decision_id: str) -> DecisionRow | None:
    """One decision by the id of its task."""
    row: Any = rows.get(DECISION, decision_id)
    return None if row is None else DecisionRow(*row)
