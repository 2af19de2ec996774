"""What becomes of the instances that a step runs: one has ended, or failed, and another may begin in its place."""

from dataclasses import dataclass
from typing import Any

from ledger.refusal import Refusal
from orchestrator import deadlines, keeping, under_way, watching, work_steps
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.brought import NOTHING, Brought
from orchestrator.child_transitions import ChildFailed
from orchestrator.instance import Activation
from orchestrator.refusal_texts import why
from orchestrator.run import Run
from orchestrator.turned_down import wrong_state
from versioning.blueprint import RunStep

RUN_CYCLE = "RUN_CYCLE"  # what the instance runs would run the instance: so it is at every try


@dataclass(frozen=True, slots=True)
class EndChild:
    """The instance that this activation runs is over; `brought` is what the step takes of its data."""

    activation: int
    instance: str
    outcome: str
    brought: Brought = NOTHING


@dataclass(frozen=True, slots=True)
class FailChild:
    """The instance this activation was to run could not start, or was cancelled by itself."""

    activation: int
    instance: str  # empty when it never started
    code: str


def end_child(run: Run, command: EndChild) -> Refusal | None:
    """Go on after the instance that was run has ended."""
    activation = run.instance.activation(command.activation)
    if activation is None or activation.state != states.RUNNING or activation.holder != command.instance:
        return wrong_state(why("no-running-instance"))
    step = run.step_of(activation)
    assert isinstance(step, RunStep)
    run.emit(t.ChildEnded(activation.number, command.instance, command.outcome))
    declared = run.taking(activation)
    is_text = declared is not None and declared.type == "string"
    result: Any = command.outcome if is_text else {"instance": command.instance, "outcome": command.outcome}
    if code := under_way.unfit(run, activation, result):
        run.fail(activation, code, "into", has_happened=True)
        return None
    values, fault = command.brought
    if not fault and any(run.plan.fault_at(path, value) is not None for path, value in values):
        fault = keeping.UNFIT
    if not fault and under_way.list_fault(run, values) is not None:
        fault = under_way.ELEMENT_MOVED
    if fault:
        run.fail(activation, fault, "bring", has_happened=True)
        return None
    for path, value in values:
        run.lay(path, value)
    run.finish(activation, result)
    return None


CHILD_LIMIT = "CHILD_LIMIT"  # one command begins no more instances


def fail_child(run: Run, command: FailChild) -> Refusal | None:
    """Hold the step whose instance did not start or was cancelled."""
    activation = run.instance.activation(command.activation)
    if activation is None or activation.state != states.RUNNING or activation.holder != command.instance:
        return wrong_state(why("no-running-instance"))
    if command.code == CHILD_LIMIT and activation.branch.startswith(states.ELEMENT):
        # Of those there are no more than a list may have, so each may wait for its turn: it comes with a command of
        # its own. A step that runs one again and again has no end in sight, and is held.
        watching.wait_until(run, activation, run.inputs.now)
        return None
    if command.instance:
        run.emit(t.ChildEnded(activation.number, command.instance, ""))
    failed = run.live(activation.number)
    if _tries_again(run, failed, command):
        return None
    if command.code == CHILD_LIMIT:
        run.hold(failed, command.code, "run")  # another way would begin more in this command
    elif not watching.catch(run, failed, command.code):
        run.fail(failed, command.code, "run")
    return None


def _tries_again(run: Run, activation: Activation, failed: FailChild) -> bool:
    """Whether another instance is to begin after a pause, as with the tries of a call."""
    step = run.step_of(activation)
    assert isinstance(step, RunStep)
    tries = activation.tries + 1
    if step.retry is None or failed.code == RUN_CYCLE or tries > step.retry.times:
        return False
    run.emit(ChildFailed(activation.number, failed.instance, failed.code, tries))
    pause = deadlines.backoff(step.retry, tries, (run.instance.id, activation.number))
    run.emit(t.TimerSet(activation.number, "retry", run.inputs.now + pause))
    return True


def begin_again(run: Run, activation: Activation) -> None:
    """Begin another instance of what the step runs, with what its arguments are now."""
    if activation.branch.startswith(states.ELEMENT):
        run.todo.append(activation.number)  # its element is known when it is begun
        return
    step = run.step_of(activation)
    assert isinstance(step, RunStep)
    work_steps.begin_run(run, activation, step)
