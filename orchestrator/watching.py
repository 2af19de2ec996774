"""Events a step is watched for: each is waited for by an activation of its own, in the scope of the step's.

So a message or a time waited for is the same row whoever waits for it, and closing the step closes them all.
"""

from typing import Any

from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.deadlines import CALENDAR_ENDS, NO_SUCH_CALENDAR
from orchestrator.durations import microseconds
from orchestrator.instance import BESIDE, ELEMENT, Activation
from orchestrator.message_keys import KEY_INVALID, is_key
from orchestrator.moments import NO_INSTANT, instant_of, is_sayable
from orchestrator.refusal_texts import why
from orchestrator.run import LIVE_MAX, Entering, Failed, Run
from orchestrator.under_way import message_fault
from versioning.blueprint import Step, WaitStep, Watch
from versioning.business_time import after, amount, is_business

_BEGINNING = 2  # beside a watch: the step its event has just begun, and the one it would begin next
DELAY = "delay"  # the name of the timer of a wait for a time


def watch_events(run: Run, activation: Activation, step: Step) -> None:
    """Begin to wait for every event of a step, once for each visit."""
    if any(one.scope == activation.number and one.watch is not None for one in run.instance.live):
        return
    for place, watch in enumerate(step.watches, 1):
        if watch.kind != "error":
            _set(run, activation.number, place, watch)


def _set(run: Run, host: int, place: int, watch: Watch) -> None:
    number = run.instance.next_number
    run.emit(events.WatchSet(number, host, place))
    if watch.meanwhile and not _has_room(run):
        run.hold(run.live(number), "ACTIVATION_LIMIT", "watch")  # goes on by a retry, when something has ended
        return
    begin(run, run.live(number), watch)


def begin(run: Run, activation: Activation, watch: Watch) -> None:
    """Wait for one event."""
    if watch.kind == "message":
        subscribe(run, activation, watch.on, watch.key)
    elif watch.kind == "after":
        step = run.step_of(activation)
        by = watch.calendar or (step.calendar if isinstance(step, WaitStep) else None)
        wait_for_length(run, activation, (activation.entered_at, watch.on), by)
    elif watch.kind == "condition":
        wait_for_condition(run, activation)
    else:
        wait_for_instant(run, activation, watch.on)


def subscribe(run: Run, activation: Activation, message: str, source: str | None) -> None:
    """Wait for a message by name and key, both fixed now."""
    key = run.evaluate(source) if source is not None else Failed("KEY_MISSING")
    if key is None:
        key = Failed("KEY_MISSING")
    elif type(key) is not Failed and not is_key(key):
        key = Failed(KEY_INVALID)
    if type(key) is Failed:
        run.fail(activation, key.code, "key")
        return
    run.emit(t.MessageSubscribed(activation.number, message, key, since=run.inputs.now))


def wait_for_instant(run: Run, activation: Activation, source: str) -> None:
    """Wait until the instant an expression yields now; one that is over has come."""
    value = run.evaluate(source)
    if type(value) is Failed:
        run.fail(activation, value.code, "until")
        return
    try:
        due = instant_of(value)
    except BrokenInput:
        run.fail(activation, NO_INSTANT, "until")
        return
    wait_until(run, activation, max(due, run.inputs.now))


def wait_for_length(run: Run, activation: Activation, length: tuple[int, str], calendar: str | None) -> None:
    """Wait for a duration from an instant; of working time by the calendar in force (`calendar`, else the blueprint's),
    which stands with the timer as that of a deadline does."""
    since, duration = length
    if not is_business(duration):
        wait_until(run, activation, since + microseconds(duration))
        return
    name = calendar or run.plan.version.blueprint.calendar
    dated = run.inputs.calendars.in_force(name) if name else None
    due = None if dated is None else after(dated.calendar, since, amount(duration, dated.calendar.day))
    if dated is None or due is None:
        run.fail(activation, NO_SUCH_CALENDAR if dated is None else CALENDAR_ENDS, "wait")
        return
    run.emit(t.DelayStarted(activation.number))
    run.emit(t.TimerSet(activation.number, DELAY, due, dated.digest, since))


def wait_for_condition(run: Run, activation: Activation) -> None:
    """Wait until a condition holds; it is judged once this command is through, and so at once (`conditions`)."""
    run.emit(events.ConditionAwaited(activation.number))
    run.awaited.add(activation.number)


def wait_until(run: Run, activation: Activation, due: int) -> None:
    """Wait for an instant."""
    if not is_sayable(due):
        run.hold(activation, NO_INSTANT, "wait")
        return
    run.emit(t.DelayStarted(activation.number))
    run.emit(t.TimerSet(activation.number, DELAY, due))


def deliver(run: Run, activation: Activation, watch: Watch, data: Any, kept: str = "") -> Refusal | None:
    """The message a step is watched for has come."""
    if watch.into is not None:
        refusal = message_fault(run, watch.into, data)
        if refusal is not None:
            return refusal
    elif data is not None:
        return Refusal(Reason.INVALID_DATA, why("message-with-data"))
    run.emit(t.MessageCorrelated(activation.number, kept))
    if watch.into is not None:
        run.lay(watch.into, data)
    happened(run, run.live(activation.number), watch)
    if watch.meanwhile and activation.watch is not None:
        # It may come again, and is waited for behind those who wait already: else none of them would ever get it.
        run.emit(t.StepLeft(activation.number))
        _set(run, activation.scope, activation.watch + 1, watch)
    return None


def _has_room(run: Run) -> bool:
    """Whether what begins now and what the event would begin next would both fit beside all that is live."""
    return len(run.instance.live) + _BEGINNING <= LIVE_MAX


def happened(run: Run, activation: Activation, watch: Watch) -> None:
    """Leave the step for where the event leads, or begin that beside it."""
    host = run.live(activation.scope)
    run.emit(events.WatchFired(activation.number, host.number, watch.next, watch.meanwhile))
    if not watch.meanwhile:
        run.close(host, watch.next)
        run.todo.append(Entering(watch.next, host.scope, host.branch))
        return
    run.todo.append(Entering(watch.next, host.number, f"{BESIDE}{activation.watch}"))
    if watch.kind != "message":
        run.emit(t.StepLeft(activation.number))


def caught(step: Step, code: str) -> Watch | None:
    """What a step does about a failure with this code: its own word for it, else what it says for any."""
    errors = {watch.on: watch for watch in step.watches if watch.kind == "error"}
    return errors.get(code) or errors.get("any")


def catch(run: Run, activation: Activation, code: str) -> bool:
    """Leave a step that has failed for where it says; False when it says nothing of such a failure."""
    if activation.branch.startswith(ELEMENT):
        activation = run.live(activation.scope)  # what fails for an element fails for the step
    watch = caught(run.step_of(activation), code)
    if watch is None:
        return False
    run.lead_on(activation.number, code, watch.next)
    return True
