"""Branches that people begin in any order: which is next, which is begun again, and which is passed over.

Pure: what follows from the state of the instance and from what its blueprint lets people do.
"""

from typing import NamedTuple

from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.branch_transitions import BranchBegunAgain, BranchPassedOver
from orchestrator.instance import Activation, passed
from orchestrator.refusal_texts import why
from orchestrator.run import Entering, Run
from orchestrator.turned_down import wrong_state
from versioning.blueprint import AllStep, Step


class Choices(NamedTuple):
    """The branches of a fork that people may begin now, begin again, and pass over, by their first steps."""

    to_begin: tuple[str, ...] = ()
    to_repeat: tuple[str, ...] = ()
    to_pass_over: tuple[str, ...] = ()


NONE = Choices()


def choices_of(step: Step, fork: Activation, live: tuple[Activation, ...]) -> Choices:
    """What people may do with the branches of a step; nothing with those of steps whose branches begin by themselves.

    None begins while another is under way. One that was passed over may be begun after all. Whoever waits for some of
    the branches waits for as many whatever is passed over, so that enough of them must be left.
    """
    if not isinstance(step, AllStep) or step.begun_by is None or fork.state != states.JOINING:
        return NONE
    branches = tuple(dict.fromkeys(step.branches))
    left_out = [one for one in branches if passed(one) in fork.arrived]
    ended = [one for one in branches if one in fork.arrived]
    left = tuple([one for one in branches if one not in ended and one not in left_out])
    is_under_way = any(one.scope == fork.number and one.branch in branches for one in live)
    over = [one for one in branches if one in left_out or (one in ended and one in step.may_repeat)]
    is_enough = not fork.needed or len(branches) - len(left_out) > fork.needed
    return Choices(
        () if is_under_way else left,
        () if is_under_way else tuple(over),
        tuple([one for one in left if one in step.may_pass_over]) if is_enough else (),
    )


def begin_branch(run: Run, command: c.BeginBranch) -> Refusal | None:
    """Begin a branch for the first time."""
    number, branch = _place(command)
    if branch not in _choices(run, number).to_begin:
        return wrong_state(why("no-branch-to-begin"))
    run.emit(t.BranchBegun(number, branch, run.inputs.by))
    run.todo.append(Entering(branch, number, branch))
    return None


def repeat_branch(run: Run, command: c.RepeatBranch) -> Refusal | None:
    """Begin a branch again that is over; what it has done stays done, and can be undone once for each time."""
    number, branch = _place(command)
    if branch not in _choices(run, number).to_repeat:
        return wrong_state(why("no-branch-to-repeat"))
    run.emit(BranchBegunAgain(number, branch, run.inputs.by))
    run.todo.append(Entering(branch, number, branch))
    return None


def pass_over_branch(run: Run, command: c.PassOverBranch) -> Refusal | None:
    """Wait no longer for a branch that has not ended: what is open in it is closed."""
    number, branch = _place(command)
    if branch not in _choices(run, number).to_pass_over:
        return wrong_state(why("no-branch-to-pass-over"))
    run.emit(BranchPassedOver(number, branch, run.inputs.by))
    for one in run.instance.live:
        if one.scope == number and one.branch == branch:
            run.close(one)
    run.meet(number)
    return None


def _place(command: c.BeginBranch | c.RepeatBranch | c.PassOverBranch) -> tuple[int, str]:
    return c.split_id(command.fork_id)[1], command.branch


def _choices(run: Run, number: int) -> Choices:
    fork = run.instance.activation(number)
    return NONE if fork is None else choices_of(run.step_of(fork), fork, run.instance.live)
