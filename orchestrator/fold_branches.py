"""What begins again or is passed over, of the branches that a fork waits for, in the state of an instance."""

from collections.abc import Callable
from typing import Any

from ledger.errors import BrokenState
from orchestrator.branch_transitions import BranchBegunAgain, BranchPassedOver
from orchestrator.instance import Activation, Instance, passed


def _begun_again(instance: Instance, transition: BranchBegunAgain) -> Instance:
    fork, branch = _fork(instance, transition.activation), transition.branch
    left = tuple([one for one in fork.arrived if one not in (branch, passed(branch))])
    if len(left) == len(fork.arrived):
        raise BrokenState(f"expected branch `{branch}` to be over, found it not")
    return _with(instance, fork, left)


def _passed_over(instance: Instance, transition: BranchPassedOver) -> Instance:
    fork, branch = _fork(instance, transition.activation), transition.branch
    if branch in fork.arrived or passed(branch) in fork.arrived:
        raise BrokenState(f"expected branch `{branch}` not to be over, found that it is")
    return _with(instance, fork, (*fork.arrived, passed(branch)))


def _fork(instance: Instance, number: int) -> Activation:
    fork = instance.activation(number)
    if fork is None:
        raise BrokenState(f"expected a live activation {number}, found none")
    return fork


def _with(instance: Instance, fork: Activation, arrived: tuple[str, ...]) -> Instance:
    changed = fork._replace(arrived=arrived)
    return instance.with_live(tuple([changed if one is fork else one for one in instance.live]))


BRANCHED: dict[type[Any], Callable[[Instance, Any], Instance]] = {
    BranchBegunAgain: _begun_again,
    BranchPassedOver: _passed_over,
}
