"""What people do with branches that they begin: begin one again, pass one over. See `orchestrator.transitions`."""

from typing import NamedTuple


class BranchBegunAgain(NamedTuple):
    """A branch that was over - it had ended, or was passed over - is begun once more: it has not arrived until then."""

    activation: int  # of the fork
    branch: str
    by: str


class BranchPassedOver(NamedTuple):
    """Nobody waits for this branch any more, which had not ended; what was open in it is closed."""

    activation: int  # of the fork
    branch: str
    by: str


Branched = BranchBegunAgain | BranchPassedOver

KINDS = {"branch.begun_again": BranchBegunAgain, "branch.passed_over": BranchPassedOver}
