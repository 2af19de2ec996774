"""How connectors stand, for whoever looks: breakers and last failures, as runners have left them."""

from ledger.work import Rows
from orchestrator.breaker import Standing

CONNECTORS_MAX = 1_000


def standings(rows: Rows) -> dict[str, Standing]:
    """Every connector that was used lately, by name."""
    columns = ", ".join(Standing._fields)
    found = rows.query(
        f"SELECT {columns} FROM connector_standing WHERE log_id = {{log}} ORDER BY connector LIMIT ?", (CONNECTORS_MAX,)
    )
    return {row[0]: Standing(*row) for row in found}
