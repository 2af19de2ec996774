"""What happens where persons decide by voting. See `orchestrator.transitions`."""

from typing import NamedTuple


class VoteCast(NamedTuple):
    """A person has voted for an outcome of the decision of this activation. `vote` is the number of the vote itself.

    `revision` is that of the task it was put before them as. `left` others could still vote then, and `in_chair` says
    that they were in the chair of the committee.
    """

    activation: int
    vote: int
    step: str
    by: str
    outcome: str
    revision: int
    left: int
    in_chair: bool = False


class VotesCounted(NamedTuple):
    """The voting is over, as `how` says: `agreed`, `vetoed` or `tied`. A tie that has no outcome is to be resolved."""

    activation: int
    how: str
    outcome: str = ""


class VotesVoided(NamedTuple):
    """The decision is taken back, or has to be voted on anew, as it is about other values: these votes stay on record
    and count no more."""

    activation: int
    votes: tuple[int, ...]


Voted = VoteCast | VotesCounted | VotesVoided

KINDS = {"vote.cast": VoteCast, "votes.counted": VotesCounted, "votes.voided": VotesVoided}
