"""Tables of what people do about an instance without moving it on. Keys begin with the instance's id."""

from typing import NamedTuple

from ledger.rows import Table


class ProposalRow(NamedTuple):
    """What a delegate proposed last: `data` is canonical JSON by path, `reason` one commitment or `null`.

    It counts while the task is at this `revision`.
    """

    instance: str
    number: int
    by: str
    outcome: str
    data: str
    reason: str
    revision: int
    proposed_at: int


PROPOSAL = Table("task_proposal", ProposalRow, key=2)

FOLDED = (PROPOSAL,)
