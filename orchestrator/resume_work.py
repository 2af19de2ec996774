"""What becomes of work done outside: jobs of workers, calls of the runner. As `resume`, it refuses before it emits."""

from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import deadlines, watching
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.resume import wrong_state
from orchestrator.run import Run
from versioning.blueprint import CallStep, JobStep


def complete_job(run: Run, command: c.CompleteJob) -> Refusal | None:
    """Take a job's result and go on."""
    activation = run.instance.activation(c.split_id(command.job_id)[1])
    if activation is None or activation.state != states.CREATED:
        return wrong_state("an open job")
    fault = run.result_fault(activation, command.result)
    if fault is not None:
        return Refusal(Reason.INVALID_DATA, fault.message)
    run.emit(t.JobCompleted(activation.number))
    run.finish(activation, command.result)
    return None


def fail_job(run: Run, command: c.FailJob) -> Refusal | None:
    """Count a failed try of a job."""
    activation = run.instance.activation(c.split_id(command.job_id)[1])
    if activation is None or activation.state != states.CREATED:
        return wrong_state("an open job")
    run.emit(t.JobFailed(activation.number, command.code, activation.tries + 1))
    _again(run, activation.number, command.code, command.retryable)
    return None


def start_call(run: Run, command: c.StartCall) -> Refusal | None:
    """Note that a try of a call goes out."""
    activation = run.instance.activation(c.split_id(command.call_id)[1])
    if activation is None or activation.state != states.REQUESTED:
        return wrong_state("a call to be made")
    run.emit(t.CallStarted(activation.number, activation.tries + 1))
    return None


def succeed_call(run: Run, command: c.SucceedCall) -> Refusal | None:
    """Take a call's answer and go on."""
    activation = run.instance.activation(c.split_id(command.call_id)[1])
    if activation is None or activation.state != states.REQUESTED:
        return wrong_state("a call to be made")
    # The effect has happened, so the answer cannot be turned down; one that does not fit is an incident.
    seen = command.evidence
    run.emit(t.CallSucceeded(activation.number, seen.connector, seen.request, seen.answer))
    if run.result_fault(activation, command.result) is not None:
        run.hold(activation, "RESULT_INVALID", "into")
        return None
    run.finish(activation, command.result)
    return None


def fail_call(run: Run, command: c.FailCall) -> Refusal | None:
    """Count a failed try of a call."""
    activation = run.instance.activation(c.split_id(command.call_id)[1])
    if activation is None or activation.state != states.REQUESTED:
        return wrong_state("a call to be made")
    seen, tries = command.evidence, activation.tries + 1
    run.emit(t.CallFailed(activation.number, command.code, tries, seen.connector, seen.request, seen.answer))
    _again(run, activation.number, command.code, command.retryable)
    return None


def _again(run: Run, number: int, code: str, retryable: bool) -> None:
    """Another try after a pause, or, when there is none left, an incident."""
    activation = run.live(number)
    step = run.step_of(activation)
    assert isinstance(step, CallStep | JobStep)
    if retryable and step.retry is not None and activation.tries <= step.retry.times:
        due = run.inputs.now + deadlines.backoff(step.retry, activation.tries)
        run.emit(t.TimerSet(number, "retry", due))
    elif not watching.catch(run, activation, code):
        run.hold(activation, code, "call" if isinstance(step, CallStep) else "job")
