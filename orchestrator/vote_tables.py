"""The table of votes. Its key begins with the instance's id."""

from typing import NamedTuple

from ledger.rows import Table


class VoteRow(NamedTuple):
    """A vote on the decision of the task `number`. `state`: cast, void. `in_chair` 1: by who was in the chair then."""

    instance: str
    vote: int
    number: int
    step: str
    person: str
    outcome: str
    in_chair: int
    state: str
    voted_at: int


VOTE = Table("task_vote", VoteRow, key=2, group=1)
