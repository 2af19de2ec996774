"""The fold of agents' proposals into rows: the newest of each activation, the counts of each version, every review."""

from collections.abc import Callable
from typing import Any

import orjson

from ledger.canonical import text_trusted
from orchestrator import agent_transitions as a
from orchestrator.agent_tables import (
    AGENT_FIGURE,
    AGENT_OUTCOME,
    PROPOSAL,
    AgentFigureRow,
    AgentOutcomeRow,
    ProposalRow,
)
from orchestrator.confidence import confidence_in
from orchestrator.folding import Folding
from orchestrator.paths import is_commitment

_REVIEWED = {"accept": "accepted", "correct": "corrected", "reject": "rejected"}


def _requested(folding: Folding, transition: a.ProposalRequested) -> None:
    if transition.judging:
        _change(folding, transition.activation, state="judging")
        return
    row = ProposalRow(
        folding.id, transition.activation, transition.step, transition.agent, transition.profile, "asked", "", "", "",
        "", folding.at, 0, None,
    )  # fmt: skip
    folding.view.put(PROPOSAL, row)
    _count(folding, (transition.agent, transition.profile), asked=1)


def _made(folding: Folding, transition: a.ProposalMade) -> None:
    output = "" if transition.output is None else text_trusted(transition.output)
    changes = {"agent": transition.agent, "profile": transition.profile, "fault": transition.fault}
    _change(folding, transition.activation, state="made", output=output, **changes)
    tokens = {"tokens_in": transition.tokens_in, "tokens_out": transition.tokens_out}
    _count(folding, (transition.agent, transition.profile), made=1, **tokens)


def _gated(folding: Folding, transition: a.ProposalGated) -> None:
    state = "reviewing" if transition.gate else "passed"
    closed_at = None if transition.gate else folding.at
    changes = {"gate": transition.gate, "code": transition.code}
    row = _change(folding, transition.activation, state=state, closed_at=closed_at, **changes)
    _count(folding, (row.agent, row.profile), **{"referred" if transition.gate else "passed": 1})


def _taken(folding: Folding, transition: a.ReviewTaken) -> None:
    _change(folding, transition.activation, claimed_at=folding.at)


def _reviewed(folding: Folding, transition: a.ProposalReviewed) -> None:
    row = _change(folding, transition.activation, state=transition.verdict, closed_at=folding.at)
    spent = {"timed": 1, "spent": folding.at - row.claimed_at} if row.claimed_at else {}
    _count(folding, (row.agent, row.profile), **{_REVIEWED[transition.verdict]: 1}, **spent)
    _label(folding, row)


def _label(folding: Folding, row: ProposalRow) -> None:
    """Keep what the review said, beside how sure the agent was."""
    if folding.started.test:
        return
    output = orjson.loads(row.output) if row.output else None
    confidence = row.output if is_commitment(output) else confidence_in(output)
    outcome = AgentOutcomeRow(
        row.agent, folding.index, folding.id, row.number, row.step, row.profile, row.gate, row.state, confidence,
        folding.at,
    )  # fmt: skip
    folding.view.put(AGENT_OUTCOME, outcome)


def _change(folding: Folding, number: int, **changes: Any) -> ProposalRow:
    row = folding.known(PROPOSAL, number)._replace(**changes)
    folding.view.put(PROPOSAL, row)
    return row


def _count(folding: Folding, of: tuple[str, str], **more: int) -> None:
    if folding.started.test:  # its figures are of what it does in earnest
        return
    row = folding.view.get(AGENT_FIGURE, *of) or AgentFigureRow(*of)
    counted = {name: getattr(row, name) + count for name, count in more.items()}
    folding.view.put(AGENT_FIGURE, row._replace(**counted))


AGENT_ROWS: dict[type[Any], Callable[[Folding, Any], None]] = {
    a.ProposalRequested: _requested,
    a.ProposalMade: _made,
    a.ProposalGated: _gated,
    a.ReviewTaken: _taken,
    a.ProposalReviewed: _reviewed,
}
