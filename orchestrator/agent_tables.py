"""Rows of agents' work: what each proposed where, the figures of each version, and what reviews said."""

from typing import NamedTuple

from ledger.rows import Table


class ProposalRow(NamedTuple):
    """The newest proposal of an activation. `state`: asked, made, judging, passed, reviewing, accept, correct, reject.

    `output` is canonical JSON, a commitment where it is classed, empty until there is one. `gate` and `code` say what
    stopped it. `claimed_at` is 0 until somebody holds the review.
    """

    instance: str
    number: int
    step: str
    agent: str
    profile: str
    state: str
    output: str
    fault: str
    gate: str
    code: str
    asked_at: int
    claimed_at: int
    closed_at: int | None


class AgentFigureRow(NamedTuple):
    """What came of the proposals of one version of an agent, as counts of transitions; `spent` is the time of reviews
    from claim to completion in microseconds, of the `timed` whose claim is known."""

    agent: str
    profile: str
    asked: int = 0
    made: int = 0
    passed: int = 0
    referred: int = 0
    accepted: int = 0
    corrected: int = 0
    rejected: int = 0
    timed: int = 0
    spent: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


class AgentOutcomeRow(NamedTuple):
    """What a person made of one proposal: a labelled outcome. `entry` is the index of the review.

    It stays when the step is tried again and another proposal takes the place of this one. `confidence` is decimal
    text, the commitment of the whole answer where that is classed, and empty where the answer tells none.
    """

    agent: str
    entry: int
    instance: str
    number: int
    step: str
    profile: str
    gate: str
    verdict: str
    confidence: str
    reviewed_at: int


PROPOSAL = Table("agent_proposal", ProposalRow, key=2)
AGENT_FIGURE = Table("agent_figure", AgentFigureRow, key=2, group=1)
AGENT_OUTCOME = Table("agent_outcome", AgentOutcomeRow, key=2)
