"""Transitions of agents' proposals. As all of `orchestrator.transitions`: a released one keeps its meaning.

Values of data (`output`, `said`, what a change was and is) are commitments in an entry where they are classed.
"""

from typing import Any, NamedTuple


class ProposalRequested(NamedTuple):
    """An agent is asked: for a proposal, or (`judging`) what it makes of one. `profile` is the digest of its version;
    `by` is how it is reached, `call` or `job`."""

    activation: int
    step: str
    agent: str
    profile: str
    by: str = "call"
    judging: bool = False


class ProposalMade(NamedTuple):
    """What an agent answered. `fault` says why it is no proposal (`PROSE`, `TOOL_NOT_ALLOWED`, ...), `prompt` is the
    digest of the prompt, `tools` the operations it used, in order."""

    activation: int
    agent: str
    profile: str
    model: str
    prompt: str
    output: Any = None
    fault: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    tools: tuple[str, ...] = ()


class ProposalJudged(NamedTuple):
    """What a second agent made of it; `said` is its answer. Without a readable one it has not accepted."""

    activation: int
    agent: str
    profile: str
    model: str
    prompt: str
    accepted: bool = False
    said: Any = None
    fault: str = ""


class ProposalGated(NamedTuple):
    """The gate that did not let it through (`output schema rules condition judge sample`), or none; `code` says why
    where it could not be told. `table` is the digest of the rule table, `roll` the lot drawn, of ten thousand."""

    activation: int
    gate: str = ""
    code: str = ""
    table: str = ""
    rows: tuple[int, ...] = ()
    roll: int = -1


class ReviewTaken(NamedTuple):
    """Somebody has claimed the review: the time on task begins."""

    activation: int


class ProposalReviewed(NamedTuple):
    """`verdict`: accept, correct, reject. `changes` are {path, before, after} of a correction, by declared members."""

    activation: int
    agent: str
    profile: str
    verdict: str
    changes: tuple[dict[str, Any], ...] = ()


Proposed = ProposalRequested | ProposalMade | ProposalJudged | ProposalGated | ReviewTaken | ProposalReviewed

KINDS = {
    "proposal.requested": ProposalRequested,
    "proposal.made": ProposalMade,
    "proposal.judged": ProposalJudged,
    "proposal.gated": ProposalGated,
    "review.taken": ReviewTaken,
    "proposal.reviewed": ProposalReviewed,
}
