"""What each command does to the activation it names, before the machine advances.

Each function checks, then emits; it refuses before it has emitted anything. Access, authority, duties, leases and
what was shown are the service's questions; here stands what follows from the state of the instance alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.refusal import Reason, Refusal
from ledger.tuples import made
from ledger.wording import as_it_is
from orchestrator import children, clocks, deadlines, keeping, undoing, watching
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.agent_transitions import ReviewTaken
from orchestrator.child_transitions import ChildRetried
from orchestrator.correcting import values_fault
from orchestrator.forms import fields_fault, taken
from orchestrator.instance import Activation
from orchestrator.laying import decision_fault, lay_decision, said_by
from orchestrator.moving import cannot_move, move
from orchestrator.paths import root_of
from orchestrator.refusal_texts import why
from orchestrator.reviewing import complete_review
from orchestrator.run import Entering, Run
from orchestrator.turned_down import wrong_state
from orchestrator.under_way import list_fault, message_fault
from versioning.blueprint import AgentStep, DecideStep, RunStep, Step, TaskStep, UndoStep, WaitStep
from versioning.passing_over import passed_over_to


@dataclass(frozen=True, slots=True)
class Begin:
    """Start: the facts of the instance and its first data, checked by the caller."""

    started: t.InstanceStarted
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message for the activation that waits for it; `kept` is its id where it was kept."""

    activation: int
    data: Any = field(default=None)
    kept: str = ""


@dataclass(frozen=True, slots=True)
class HoldWait:
    """Too many kept messages for one command: this activation waits for help instead of the next."""

    activation: int


def begin(run: Run, command: Begin) -> Refusal | None:
    """Record the start, lay the first data, enter the first step."""
    run.emit(command.started)
    for name, value in command.data.items():
        run.lay(name, value)
    run.todo.append(Entering(run.plan.version.blueprint.first))
    return None


def claim_task(run: Run, command: c.ClaimTask) -> Refusal | None:
    """Take an offered task."""
    found = open_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    if is_voted_on(run.step_of(found)):
        return VOTED_ON
    if found.state == states.CLAIMED:
        if found.holder != run.inputs.by:
            return Refusal(Reason.CLAIMED_BY_OTHER, why("open-claimed-by-other"))
        return Refusal(Reason.WRONG_STATE, why("claimed-by-oneself"))
    run.emit(made(t.TaskClaimed, (found.number, run.inputs.by, "")))
    if isinstance(run.step_of(found), AgentStep):
        run.emit(ReviewTaken(found.number))
    return None


def release_task(run: Run, command: c.ReleaseTask) -> Refusal | None:
    """Give a claimed task back."""
    found = held_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    run.emit(t.TaskReleased(found.number))
    return None


def complete_task(run: Run, command: c.CompleteTask) -> Refusal | None:
    """Complete a claimed form or decision and go on."""
    found = held_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    step = run.step_of(found)
    if isinstance(step, DecideStep):
        return _complete_decision(run, command, found, step)
    if isinstance(step, AgentStep):
        return complete_review(run, command, found, step)
    assert isinstance(step, TaskStep)
    if command.outcome:
        return Refusal(Reason.UNKNOWN_OUTCOME, why("form-with-outcome"))
    values = taken(run.plan, step.expects, command.data)
    if isinstance(values, Refusal):
        return values
    if (refusal := list_fault(run, values)) is not None:
        return refusal
    run.emit(made(t.TaskCompleted, (found.number, step.id, run.inputs.by, "")))
    for path, value in values:
        run.lay(path, value)
    run.done(run.live(found.number), step.next)
    return None


def _complete_decision(run: Run, command: c.CompleteTask, found: Activation, step: DecideStep) -> Refusal | None:
    if step.quorum is not None:
        return VOTED_ON
    said = said_by(run, command)
    refusal = decision_said(step, command) or decision_fault(run, step, said)
    if refusal is not None:
        return refusal
    run.emit(made(t.TaskCompleted, (found.number, step.id, run.inputs.by, command.outcome)))
    lay_decision(run, step, said)
    run.done(run.live(found.number), dict(step.next).get(command.outcome, ""))
    return None


def decision_said(step: DecideStep, command: c.CompleteTask) -> Refusal | None:
    """Why what was said is no decision of this step."""
    if command.outcome not in step.outcomes:
        return Refusal(Reason.UNKNOWN_OUTCOME, why("one-of", names=as_it_is(", ".join(step.outcomes))))
    if step.reason_required and not command.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("decided-without-reason"))
    codes = step.codes_of(command.outcome)
    if codes is not None and step.reason_required and not command.reason_code:
        return Refusal(Reason.REASON_MISSING, why("reason-code-missing", codes=as_it_is(codes)))
    if command.data:
        return Refusal(Reason.INVALID_DATA, why("decision-with-data"))
    return None


def deliver(run: Run, command: Deliver) -> Refusal | None:
    """Take the message that was waited for and go on."""
    activation = run.instance.activation(command.activation)
    if activation is None or activation.state != states.WAITING:
        return wrong_state(why("nothing-waits-for-message"))
    step = run.step_of(activation)
    if activation.watch is not None and step.watches[activation.watch].kind == "message":
        return watching.deliver(run, activation, step.watches[activation.watch], command.data, command.kept)
    if activation.watch is not None or not isinstance(step, WaitStep) or step.message is None:
        return wrong_state(why("nothing-waits-for-message"))
    if step.into is not None:
        refusal = message_fault(run, step.into, command.data)
        if refusal is not None:
            return refusal
    elif command.data is not None:
        return Refusal(Reason.INVALID_DATA, why("message-with-data"))
    run.emit(t.MessageCorrelated(activation.number, command.kept))
    if step.into is not None:
        run.lay(step.into, command.data)
    run.leave(run.live(activation.number), step.next)
    return None


def hold_wait(run: Run, command: HoldWait) -> Refusal | None:
    """Hold an activation that waits for a message, since one command can deliver no more of them."""
    activation = run.instance.activation(command.activation)
    if activation is None or activation.state != states.WAITING:
        return wrong_state(why("nothing-waits-for-message"))
    run.hold(activation, "MESSAGE_LIMIT", "message")
    return None


def fire_timer(run: Run, command: c.FireTimer) -> Refusal | None:
    """What a due timer does: the next try, the end of a delay, or what a deadline asks for."""
    _, number, name = c.split_timer_id(command.timer_id)
    activation = run.instance.activation(number)
    timer = clocks.timer_of(run, number, name)
    if timer is None or timer.due != command.due or timer.paused_at:
        return wrong_state(why("no-running-timer"))
    if run.inputs.now < timer.due:
        return wrong_state(why("no-due-timer"))
    run.emit(t.TimerFired(number, name, timer.due))
    if command.unfit:
        clocks.hold(run, number, command.unfit, name)
    elif activation is None or name == deadlines.DEADLINE:
        clocks.react(run, number, timer)
    elif name == "retry":
        _try_again(run, activation)
    else:
        step = run.step_of(activation)
        if activation.watch is not None:
            watching.happened(run, run.live(number), step.watches[activation.watch])
        elif activation.branch.startswith(states.ELEMENT):
            run.todo.append(number)
        elif isinstance(step, UndoStep):
            undoing.waited(run, run.live(number), step)
        else:
            assert isinstance(step, WaitStep)
            run.leave(run.live(number), step.next)
    return None


def _try_again(run: Run, activation: Activation) -> None:
    """Offer a job or call once more, or begin another instance in the place of one that failed."""
    number = activation.number
    if isinstance(run.step_of(activation), RunStep):
        run.emit(ChildRetried(number))
        children.begin_again(run, run.live(number))
    else:
        run.emit(t.JobRetried(number) if run.is_job(activation) else t.CallRetried(number))


def resolve_incident(run: Run, command: c.ResolveIncident) -> Refusal | None:
    """Let a held activation go on."""
    number = c.split_id(command.incident_id)[1]
    activation = next((a for a in run.instance.live if a.incident == number), None)
    if activation is None:
        return wrong_state(why("no-open-incident"))
    if command.how == "retry" and command.data:
        return Refusal(Reason.INVALID_DATA, why("retry-with-data"))
    if command.how == "correct" and not command.data:
        return Refusal(Reason.INVALID_DATA, why("no-value-given"))
    refusal = fields_fault(run.plan, command.data) or values_fault(run.plan, command.data)
    refusal = refusal or list_fault(run, command.data.items())
    if refusal is not None:
        return refusal
    step = run.step_of(activation)
    if command.how == "skip" and not can_skip(step, activation):
        return Refusal(Reason.INVALID_DATA, why("not-skipped"))
    if command.how == "other":
        fault = cannot_move(run, activation, command.to) if activation.watch is None else wrong_state(why("no-step"))
        if fault is not None:
            return fault
    elif command.to:
        return Refusal(Reason.INVALID_DATA, why("resolution-with-step"))
    is_done = command.how in ("skip", "other") and keeping.has_happened(run, activation)
    run.emit(t.IncidentResolved(activation.number, number, command.how))
    for name, value in command.data.items():
        run.lay(name, value)
    if is_done:
        _keep(run, run.live(activation.number), command.data)
    if command.how == "skip":
        skip(run, run.live(activation.number))
    elif command.how == "other":
        move(run, activation.number, command.to)
    else:
        run.again.add(activation.number)
        run.todo.append(activation.number)
    return None


def _keep(run: Run, activation: Activation, data: Mapping[str, Any]) -> None:
    """Keep what undoes a step that is gone past though it was done; its result is known where it has been laid."""
    into = getattr(run.plan.steps[activation.step], "into", None)
    if into is not None and root_of(into) in data:
        keeping.keep(run, activation)
    else:
        keeping.keep_unfit(run, activation, keeping.UNFIT)


def can_skip(step: Any, activation: Activation) -> bool:
    """Whether a step has one way on, so that it can be gone past; a watch can be done without."""
    if activation.watch is not None or activation.branch.startswith(states.PARTS):
        return True
    following = getattr(step, "next", None)
    return type(following) is str and bool(following or activation.scope)


def skip(run: Run, activation: Activation) -> None:
    """Go on without a step or an event, as somebody has resolved its incident; `can_skip` has looked."""
    step = run.step_of(activation)
    run.emit(t.StepSkipped(activation.number, "incident"))
    if activation.watch is not None:
        run.emit(t.StepLeft(activation.number))
        return
    run.leave(run.live(activation.number), step.next)  # type: ignore[union-attr, arg-type]  # can_skip has looked


def pass_over(run: Run, activation: Activation) -> None:
    """Go on without a step whose condition says so. One that does not say where that leads is held."""
    to = passed_over_to(run.step_of(activation))
    if to is None or not (to or activation.scope):
        run.fail(activation, "CANNOT_SKIP", "skip when")
        return
    run.emit(t.StepSkipped(activation.number, "condition"))
    run.leave(run.live(activation.number), to)


def cancel(run: Run, command: c.CancelInstance) -> Refusal | None:
    """Close everything, undo what can be undone, and end the instance."""
    if run.instance.cancelling:
        return wrong_state(why("being-cancelled"))
    undoing.cancel(run, undoing.PARENT if command.reason == PARENT_CANCELLED else undoing.ACTOR)
    return None


PARENT_CANCELLED = "parent cancelled"  # the reason the service gives when it cancels what a cancelled step ran


VOTED_ON = Refusal(Reason.WRONG_STATE, why("task-voted-on"))
IS_DELEGATED = Refusal(Reason.DELEGATED, why("delegated-not-returned"))


def is_voted_on(step: Step) -> bool:
    """Whether a step is a decision that persons take by voting."""
    return isinstance(step, DecideStep) and step.quorum is not None


def open_task(run: Run, task_id: str, expected_revision: int | None) -> Activation | Refusal:
    """The open task, at the revision that was seen where one is stated."""
    activation = run.instance.activation(c.split_id(task_id)[1])
    if activation is None or activation.state not in states.TASK_STATES:
        return wrong_state(why("no-open-task"))
    if expected_revision is not None and expected_revision != activation.revision:
        return Refusal(
            Reason.STALE_REVISION,
            why("other-revision", revision=activation.revision, expected=expected_revision),
            (("revision", str(activation.revision)),),
        )
    return activation


def held_task(run: Run, task_id: str, expected_revision: int | None) -> Activation | Refusal:
    """The task when it is claimed by who acts, else why not."""
    found = open_task(run, task_id, expected_revision)
    if isinstance(found, Refusal):
        return found
    if found.state != states.CLAIMED:
        return Refusal(Reason.NOT_CLAIMED, why("nobody-claimed"))
    if found.holder != run.inputs.by:
        return Refusal(Reason.CLAIMED_BY_OTHER, why("claimed-by-other"))
    if found.delegate:
        return IS_DELEGATED
    return found
