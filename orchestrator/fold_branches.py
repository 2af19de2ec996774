"""What begins again or is passed over, of the branches that a fork waits for, in the state of an instance."""

from collections.abc import Callable
from typing import Any

from ledger.errors import BrokenState
from orchestrator.branch_transitions import BranchBegunAgain, BranchPassedOver
from orchestrator.instance import Instance, passed


def _begun_again(instance: Instance, transition: BranchBegunAgain) -> Instance:
    fork, branch = instance.known(transition.activation), transition.branch
    left = tuple([one for one in fork.arrived if one not in (branch, passed(branch))])
    if len(left) == len(fork.arrived):
        raise BrokenState(f"expected branch `{branch}` to be over, found it not")
    return instance.put(fork, fork._replace(arrived=left))


def _passed_over(instance: Instance, transition: BranchPassedOver) -> Instance:
    fork, branch = instance.known(transition.activation), transition.branch
    if branch in fork.arrived or passed(branch) in fork.arrived:
        raise BrokenState(f"expected branch `{branch}` not to be over, found that it is")
    return instance.put(fork, fork._replace(arrived=(*fork.arrived, passed(branch))))


BRANCHED: dict[type[Any], Callable[[Instance, Any], Instance]] = {
    BranchBegunAgain: _begun_again,
    BranchPassedOver: _passed_over,
}
