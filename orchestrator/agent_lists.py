"""The figures of agents, for whoever looks: one row for each version, as the fold counts them."""

from ledger.work import Rows
from orchestrator.agent_tables import AGENT_FIGURE, AgentFigureRow


def figures(rows: Rows, agent: str) -> tuple[AgentFigureRow, ...]:
    """The counts of every version of an agent, by digest."""
    return rows.group(AGENT_FIGURE, agent)
