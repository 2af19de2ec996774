"""The machine's clocks: when deadlines begin, what they do when they are due, and when they stand still.

The deadline of the whole instance has the number 0. Which calendar counts is asked when a clock begins or goes on, and
stands in the transition by its digest; until then that version counts, whatever is released meanwhile, so that a due
time once told does not move. Where the calendar does not reach so far an incident is held, never a wrong time.
"""

from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.deadlines import (
    DEADLINE,
    HELD,
    LEFT,
    NO_SUCH_CALENDAR,
    PASSED_ON,
    PEOPLE_TOLD,
    REASSIGNED,
    Course,
    Dated,
    Due,
    lapse,
    resumed,
    schedule,
    why_not,
)
from orchestrator.instance import Activation, Timer
from orchestrator.plan import role_name
from orchestrator.run import Entering, Run
from orchestrator.task_transitions import TaskDueMoved
from orchestrator.told_transitions import as_member
from versioning.blueprint import AgentStep, DecideStep, Recipient, WaitStep

WHOLE = 0  # the number of the instance's own deadline


def begin(run: Run, activation: Activation) -> bool:
    """Set the clocks that begin with this activation; False where one cannot, and the activation is held instead."""
    instance, course = run.instance, run.plan.course
    if course is not None and instance.clock is None and not instance.fired:
        code = _set(run, WHOLE, course, run.inputs.started_at or run.inputs.now)
        if code:
            run.hold(activation, code, "deadline of the instance")
            return False
    course = run.plan.courses.get(activation.step)
    if isinstance(run.step_of(activation), AgentStep):
        return True  # the clock of a review begins with the review
    if course is not None and not activation.fired and activation.timer(DEADLINE) is None:
        code = _set(run, activation.number, course, activation.entered_at)
        if code:
            run.hold(activation, code, "deadline")
            return False
    return True


def begin_review(run: Run, activation: Activation) -> str:
    """Set the clock of a review, from now; a code where it cannot be. One that runs already goes on."""
    course = run.plan.courses.get(activation.step)
    if course is None or activation.fired or activation.timer(DEADLINE) is not None:
        return ""
    return _set(run, activation.number, course, run.inputs.now)


def _set(run: Run, number: int, course: Course, since: int) -> str:
    """Begin a clock; a code where that cannot be."""
    dated = run.inputs.calendars.in_force(course.calendar) if course.calendar else None
    if course.calendar and dated is None:
        return NO_SUCH_CALENDAR
    calendar = None if dated is None else dated.calendar
    dues = schedule(course, since, 0, calendar)
    if dues is None:
        return why_not(course)
    digest = "" if dated is None else dated.digest
    if number == WHOLE:
        late = lapse(since, course.within, calendar) or 0
        run.emit(t.TimerSet(number, DEADLINE, dues[0].at, digest, since, late))
    else:
        own = since if since != run.live(number).entered_at else 0
        run.emit(t.TimerSet(number, DEADLINE, dues[0].at, digest, own))
    return ""


def due_at(run: Run, activation: Activation, timer: Timer | None = None) -> int:
    """When the step is late, for who is offered its task: by its own deadline or by that of what it lies in, whichever
    is earlier; 0 where there is none, or no calendar tells any more."""
    if not run.plan.courses:
        return 0
    dues = [_own_due(run, activation, timer)]
    while activation.scope:
        activation = run.live(activation.scope)
        dues.append(_own_due(run, activation, None))
    return min(filter(None, dues), default=0)


def _own_due(run: Run, activation: Activation, timer: Timer | None) -> int:
    course = run.plan.courses.get(activation.step)
    if course is None or activation.watch is not None:
        return 0
    timer = timer or activation.timer(DEADLINE)
    if not course.calendar:
        dated = None
    elif timer is None:  # all has fired
        dated = run.inputs.calendars.in_force(course.calendar)
    else:
        dated = run.inputs.calendars.released(timer.calendar)
    since = (0 if timer is None else timer.since) or activation.entered_at
    return lapse(since, course.within, None if dated is None else dated.calendar) or 0


def react(run: Run, number: int, timer: Timer) -> None:
    """All that is planned for the instant of a timer that has fired, then the timer of what comes next."""
    course = _course(run, number)
    dated = run.inputs.calendars.released(timer.calendar) if timer.calendar else None
    dues = schedule(course, _since(run, number, timer), _fired(run, number), None if dated is None else dated.calendar)
    if dues is None:
        is_missing = course.calendar and dated is None
        hold(run, number, NO_SUCH_CALENDAR if is_missing else why_not(course))
        return
    for due in dues:
        if due.at > timer.due:
            run.emit(t.TimerSet(number, DEADLINE, due.at, timer.calendar, timer.since))
            return
        _escalate(run, number, course, due)
        if due.reaction.act == LEFT:
            activation = run.live(number)
            run.close(activation, due.reaction.to)
            run.todo.append(Entering(due.reaction.to, activation.scope, activation.branch))
            return
        if number != WHOLE:
            _act(run, run.live(number), due, timer)


def _escalate(run: Run, number: int, course: Course, due: Due) -> None:
    fired = course.fires(_fired(run, number), due.place) if course.calendar else 0
    _, act, to, urgency = due.reaction
    told = _reached(run, to) if act == PEOPLE_TOLD else ()
    run.emit(t.Escalated(number, due.place + 1, act, to, urgency, fired, told))


def _reached(run: Run, rule: str) -> tuple[dict[str, str], ...]:
    """Who is told by a rule, as it stands on record; where it reaches nobody, that does."""
    return tuple(map(as_member, run.inputs.people.told_by((Recipient.of(rule),), ())))


def _act(run: Run, activation: Activation, due: Due, timer: Timer) -> None:
    _, act, to, _ = due.reaction
    number, step = activation.number, run.step_of(activation)
    if act == PASSED_ON and activation.state in states.TASK_STATES:
        run.emit(t.TaskOffered(number, "", to, above=True, due=due_at(run, activation, timer)))
    elif act == REASSIGNED and activation.state in states.TASK_STATES:
        kind = step.authority if isinstance(step, DecideStep) else ""
        run.emit(t.TaskOffered(number, role_name(to), kind, due=due_at(run, activation, timer)))
    elif act == HELD and activation.state != states.HELD:
        run.fail(activation, "LATE", "deadline")


# Standing still


def settle(run: Run) -> None:
    """Stop the clocks around what waits for the customer, and let those go on around which nothing does any more.

    Asked once, when a command is through: within it no time passes.
    """
    if run.instance.status != states.ACTIVE:
        return
    around = _around_the_customer(run)
    for number in (WHOLE, *[activation.number for activation in run.instance.live]):
        timer = timer_of(run, number, DEADLINE)
        if timer is None:
            continue
        if number in around and not timer.paused_at:
            run.emit(t.DeadlinePaused(number, run.inputs.now))
        elif number not in around and timer.paused_at:
            _resume(run, number, timer)


def _around_the_customer(run: Run) -> set[int]:
    """What the waiting steps lie in. Their own clocks run on, whatever events they are watched for beside."""
    around: set[int] = set()
    for activation in run.instance.live:
        step = run.step_of(activation)
        if activation.watch is not None or activation.state != states.WAITING:
            continue
        if not isinstance(step, WaitStep) or not step.for_customer:
            continue
        around.add(WHOLE)
        scope = activation.scope
        while scope and scope not in around:
            around.add(scope)
            scope = run.live(scope).scope
    return around


def _resume(run: Run, number: int, timer: Timer) -> None:
    course = _course(run, number)
    then: Dated | None = None
    now: Dated | None = None
    if course.calendar:
        then, now = run.inputs.calendars.released(timer.calendar), run.inputs.calendars.in_force(course.calendar)
        if then is None or now is None:
            hold(run, number, NO_SUCH_CALENDAR)
            return
    calendar = None if now is None else now.calendar
    stood = (_since(run, number, timer), timer.paused_at, run.inputs.now)
    since = resumed(course, stood, None if then is None else then.calendar, calendar)
    dues = None if since is None else schedule(course, since, _fired(run, number), calendar)
    if since is None or dues is None:
        hold(run, number, why_not(course))
        return
    late = (lapse(since, course.within, calendar) or 0) if number == WHOLE else 0
    below = [one for one in run.instance.live if one.state in states.TASK_STATES and _is_below(run, one, number)]
    before = {one.number: due_at(run, one) for one in below if number != WHOLE}
    run.emit(t.DeadlineResumed(number, dues[0].at, "" if now is None else now.digest, since, late))
    for task, due in before.items():
        later = due_at(run, run.live(task))
        if later != due:
            run.emit(TaskDueMoved(task, later))


def hold(run: Run, number: int, code: str, where: str = DEADLINE) -> None:
    """An incident for a clock that cannot go on: it holds what is live below it, the newest that can be held.

    A clock that stands still is tried again with every command, so with the resolution of the incident too.
    """
    held = [one for one in run.instance.live if one.state == states.HELD]
    if any(number in (WHOLE, one.number) or _is_below(run, one, number) for one in held):
        return  # somebody has been asked already
    activation = run.instance.activation(number)
    if activation is not None and activation.state != states.JOINING:
        run.hold(activation, code, where)
        return
    for one in reversed(run.instance.live):
        if one.state != states.JOINING and (number == WHOLE or _is_below(run, one, number)):
            run.hold(one, code, where)
            return


def _is_below(run: Run, activation: Activation, number: int) -> bool:
    scope = activation.scope
    while scope and scope != number:
        scope = run.live(scope).scope
    return scope == number


# The clock of a number


def _course(run: Run, number: int) -> Course:
    course = run.plan.course if number == WHOLE else run.plan.courses[run.live(number).step]
    assert course is not None
    return course


def timer_of(run: Run, number: int, name: str) -> Timer | None:
    """A timer of an activation, or of the instance itself."""
    if number == WHOLE:
        return run.instance.clock if name == DEADLINE else None
    activation = run.instance.activation(number)
    return None if activation is None else activation.timer(name)


def _since(run: Run, number: int, timer: Timer) -> int:
    return timer.since or run.live(number).entered_at


def _fired(run: Run, number: int) -> int:
    return run.instance.fired if number == WHOLE else run.live(number).fired
