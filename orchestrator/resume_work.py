"""What becomes of work done outside: jobs of workers, calls of the runner. As `resume`, it refuses before it emits."""

from ledger.clock import SECOND
from ledger.refusal import Refusal
from orchestrator import agent_steps, deadlines, under_way, watching
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.refusal_texts import why
from orchestrator.run import Run
from orchestrator.turned_down import wrong_state
from versioning.blueprint import AgentStep, CallStep, JobStep


def complete_job(run: Run, command: c.CompleteJob) -> Refusal | None:
    """Take a job's result and go on."""
    activation = run.instance.activation(c.split_id(command.job_id)[1])
    if activation is None or activation.state != states.CREATED:
        return wrong_state(why("no-open-job"))
    step = run.step_of(activation)
    if isinstance(step, AgentStep):
        agent_steps.worked(run, activation, step, command.result)
        return None
    refusal = under_way.result_refused(run, activation, command.result)
    if refusal is not None:
        return refusal
    run.emit(t.JobCompleted(activation.number))
    run.finish(activation, command.result)
    return None


def fail_job(run: Run, command: c.FailJob) -> Refusal | None:
    """Count a failed try of a job."""
    activation = run.instance.activation(c.split_id(command.job_id)[1])
    if activation is None or activation.state != states.CREATED:
        return wrong_state(why("no-open-job"))
    after = command.retry_after if command.retryable else 0
    run.emit(t.JobFailed(activation.number, command.code, activation.tries + 1, after))
    _again(run, activation.number, command, after)
    return None


def start_call(run: Run, command: c.StartCall) -> Refusal | None:
    """Note that a try of a call goes out."""
    activation = run.instance.activation(c.split_id(command.call_id)[1])
    if activation is None or activation.state != states.REQUESTED:
        return wrong_state(why("no-call"))
    run.emit(t.CallStarted(activation.number, activation.tries + 1))
    return None


def succeed_call(run: Run, command: c.SucceedCall) -> Refusal | None:
    """Take a call's answer and go on."""
    activation = run.instance.activation(c.split_id(command.call_id)[1])
    if activation is None or activation.state != states.REQUESTED:
        return wrong_state(why("no-call"))
    step = run.step_of(activation)
    if isinstance(step, AgentStep):
        if command.unfit:  # an agent has no effect: it counts as a try that failed
            return fail_call(run, c.FailCall(command.call_id, command.lease, command.unfit, False, command.evidence))
        agent_steps.answered(run, activation, step, command.result, command.evidence)
        return None
    # The effect has happened, so the answer cannot be turned down; one that does not fit is an incident.
    seen = command.evidence
    run.emit(t.CallSucceeded(activation.number, seen.connector, seen.request, seen.answer))
    if command.unfit:
        run.fail(activation, command.unfit, "into", has_happened=True)
        return None
    if code := under_way.unfit(run, activation, command.result):
        run.fail(activation, code, "into", has_happened=True)
        return None
    run.finish(activation, command.result)
    return None


def fail_call(run: Run, command: c.FailCall) -> Refusal | None:
    """Count a failed try of a call."""
    activation = run.instance.activation(c.split_id(command.call_id)[1])
    if activation is None or activation.state != states.REQUESTED:
        return wrong_state(why("no-call"))
    seen, tries = command.evidence, activation.tries + 1
    run.emit(t.CallFailed(activation.number, command.code, tries, seen.connector, seen.request, seen.answer))
    _again(run, activation.number, command)
    return None


def _again(run: Run, number: int, failed: c.FailJob | c.FailCall, after: int = 0) -> None:
    """Another try after a pause, or, when there is none left, an incident.

    The pause is that of the blueprint, or `after` seconds where that is longer: nobody outside may shorten it.
    """
    activation = run.live(number)
    step = run.step_of(activation)
    if isinstance(step, AgentStep):
        agent_steps.failed(run, activation, step, failed)
        return
    assert isinstance(step, CallStep | JobStep)
    since = run.inputs.now, after * SECOND
    due = deadlines.next_try(step.retry, activation.tries, (run.instance.id, number), since)
    if failed.retryable and due is not None:
        run.emit(t.TimerSet(number, "retry", due))
    elif not watching.catch(run, activation, failed.code):
        run.fail(activation, failed.code, "call" if isinstance(step, CallStep) else "job")
