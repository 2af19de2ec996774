"""How steps begin that give work to somebody outside: task, decide, call, job, run, wait."""

from ledger.canonical import encode
from ledger.tuples import made
from orchestrator import clocks, keeping, watching
from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.instance import Activation
from orchestrator.plan import role_name
from orchestrator.ranking import PRIORITY_USUAL, priority_of
from orchestrator.run import Failed, Run
from versioning.blueprint import CallStep, DecideStep, JobStep, Offer, RunStep, TaskStep, WaitStep

CALL_OUT = "CALL_OUT"  # of a call that is asked for with other arguments while the first may still be answered
ANEW = "anew"  # where that is held


def begin_task(run: Run, activation: Activation, step: TaskStep) -> None:
    """Offer the form to its role."""
    due = clocks.due_at(run, activation)
    skill, unit = narrowed(step.offer)
    run.emit(made(t.TaskOffered, (activation.number, role_name(step.role), "", False, due, skill, unit)))


def begin_decide(run: Run, activation: Activation, step: DecideStep) -> None:
    """Offer the decision; the decision kind says whose authority it takes."""
    due = clocks.due_at(run, activation)
    skill, unit = narrowed(step.offer)
    run.emit(made(t.TaskOffered, (activation.number, role_name(step.role), step.authority, False, due, skill, unit)))


def narrowed(offer: Offer | None) -> tuple[str, str]:
    """To which skill and unit, where an offer says so."""
    return ("", "") if offer is None else (offer.skill, offer.unit)


def begin_call(run: Run, activation: Activation, step: CallStep) -> None:
    """Ask the runner for a call. The idempotency key is the activation, so every try is the same call.

    One that is asked for again with other arguments is another call: under the same key the other side would answer
    what it has answered before, or refuse it. While the first is out nobody knows whether it has happened, and its
    answer would be taken for that of the other: so the step is held until it has come, or can come no more. What has
    been answered is kept to be undone, whatever becomes of asking again.
    """
    arguments = run.arguments(step.arguments)
    number = activation.number
    if type(arguments) is tuple:
        run.fail(activation, arguments[1].code, f"with {arguments[0]}")
    elif type(arguments) is dict:
        key = f"{run.instance.id}.{number}"
        before = run.inputs.asked(number) if number in run.again else None
        if before is not None and encode(before.arguments) == encode(arguments):
            run.emit(t.CallRequested(number, step.operation, arguments, before.key))
            if before.answered:
                keeping.keep_former(run, run.live(number))
            return
        if before is not None:
            if any(out.number == number for out in run.inputs.out()):
                run.hold(activation, CALL_OUT, ANEW)
                return
            if before.answered or keeping.kept_of(run, activation) is not None:
                keeping.keep_former(run, activation)
            key = _next_key(key, before.key)
        run.emit(t.CallRequested(number, step.operation, arguments, key))


def _next_key(first: str, before: str) -> str:
    """`pi_....7`, then `pi_....7.2` and so on."""
    count = 1 if before == first else int(before.removeprefix(f"{first}."))
    return f"{first}.{count + 1}"


def begin_job(run: Run, activation: Activation, step: JobStep) -> None:
    """Put the job where workers of its type find it, by its priority."""
    arguments = run.arguments(step.arguments)
    if type(arguments) is tuple:
        run.fail(activation, arguments[1].code, f"with {arguments[0]}")
        return
    said = run.evaluate(step.priority) if step.priority else PRIORITY_USUAL
    priority = priority_of(said)
    if priority is None:
        run.fail(activation, said.code if type(said) is Failed else "PRIORITY_INVALID", "priority")
    elif type(arguments) is dict:
        run.emit(t.JobCreated(activation.number, step.type, arguments, priority))


def begin_run(run: Run, activation: Activation, step: RunStep) -> None:
    """Ask for an instance of another blueprint; the service starts it in the same command."""
    arguments = run.arguments(step.arguments)
    if type(arguments) is tuple:
        run.fail(activation, arguments[1].code, f"with {arguments[0]}")
    elif type(arguments) is dict:
        run.emit(t.ChildRequested(activation.number, step.blueprint, arguments))


def begin_wait(run: Run, activation: Activation, step: WaitStep) -> None:
    """Wait for a message by name and key, both fixed now, for a delay, an instant, a condition, or the first event."""
    if step.message is not None:
        watching.subscribe(run, activation, step.message, step.key)
    elif step.delay is not None:
        watching.wait_for_length(run, activation, (run.inputs.now, step.delay), step.calendar)
    elif step.until is not None:
        watching.wait_for_instant(run, activation, step.until)
    elif step.condition is not None:
        watching.wait_for_condition(run, activation)
    elif step.watches:
        run.emit(events.FirstAwaited(activation.number))
    else:
        run.fail(activation, "NOTHING_TO_WAIT_FOR", "wait")
