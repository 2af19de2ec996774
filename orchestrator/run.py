"""The machine's bench while it carries out one command: the state so far, the transitions so far, what is still to do.

Every change goes through `emit`, which applies the transition with the same line that folds the recorded entry. A
`Run` lives for one command; nothing outside `machine` and the step kinds sees it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ledger.tuples import made
from orchestrator import event_transitions as events
from orchestrator import instance as states
from orchestrator import keeping
from orchestrator import transitions as t
from orchestrator.agents import JOB, NO_AGENTS, Agents, held_by
from orchestrator.deadlines import DEADLINE, NO_CALENDARS, Calendars
from orchestrator.fold import APPLY
from orchestrator.instance import Activation, Instance
from orchestrator.paths import lay, root_of, value_at
from orchestrator.plan import Plan, role_name
from orchestrator.told import NO_PEOPLE, People
from orchestrator.transitions import Transition
from orchestrator.validation import Fault, value_fault
from orchestrator.vote_transitions import VotesVoided
from versioning.blueprint import AgentStep, DataField, EachStep, ForkStep, RunStep, Step, Watch, heads_of
from versioning.whole_errors import answer

LIVE_MAX = 500  # live activations of one instance; a marking is read and written whole with every command


class Failed(NamedTuple):
    """An expression, rule table or value that could not be worked out; the code names why and repeats no value."""

    code: str


class Ruled(NamedTuple):
    """What a rule table yielded, which table it was (digest), and the numbers of its matching rules."""

    value: Any
    digest: str = ""
    rows: tuple[int, ...] = ()


class Asked(NamedTuple):
    """A call as it was asked for: its idempotency key, its arguments in clear, and whether it has been answered."""

    key: str
    arguments: dict[str, Any]
    answered: bool = False


class Out(NamedTuple):
    """A call that has gone out and may come back `until` its lease is over; `step` and `branch` are what had asked,
    where nobody waits for it any more."""

    number: int
    step: str
    branch: str
    until: int


def _none_out() -> tuple[Out, ...]:
    """No call is out."""
    return ()


def _none_asked(_number: int) -> None:
    """No activation has asked for a call."""


def _nowhere(_number: int) -> str:
    """No incident is held anywhere."""
    return ""


class Inputs(NamedTuple):
    """All that a command may ask for besides the instance and the plan. Pure as far as the machine can tell.

    `read` gives a variable in clear by name (None when it has no value). `evaluate` works out a FEEL expression over
    the variables it may read; `rules` a rule table over its arguments, as a value of the field it is laid into. `by` is
    the person, else the actor; `started_at` is when the instance started, 0 when it starts now. `asked` is
    the call that an activation has asked for before, `held_at` where in its step an incident was raised, `out` which
    calls are out, `sent` those as well whose answer may come although their lease is over.
    """

    now: int
    by: str
    read: Callable[[str], Any]
    evaluate: Callable[[str, Mapping[str, Any]], Any]
    rules: Callable[[str, Mapping[str, Any], DataField | None], Ruled | Failed]
    calendars: Calendars = NO_CALENDARS
    started_at: int = 0
    agents: Agents = NO_AGENTS
    asked: Callable[[int], Asked | None] = _none_asked
    people: People = NO_PEOPLE
    held_at: Callable[[int], str] = _nowhere
    out: Callable[[], tuple[Out, ...]] = _none_out
    sent: Callable[[], tuple[Out, ...]] = _none_out


class Entering(NamedTuple):
    """A step that is to be entered next, and the branch it runs in."""

    step: str
    scope: int = 0
    branch: str = ""


class PartOver(NamedTuple):
    """A part of a step is over: an element of its list with its result, or the undoing of what it has done.

    `done` says that the element was not gone past, so that what was done for it can be undone.
    """

    part: Activation
    result: Any = None
    done: bool = False


class Run:
    """One command on one instance. `todo` holds steps to enter, parts of steps that are over, and numbers of
    activations to begin again; `again` are those among them that may have asked for a call before; `element` is the one
    that something is just done for, by its name."""

    __slots__ = ("again", "awaited", "element", "inputs", "instance", "laid", "out", "plan", "states", "todo")

    def __init__(self, instance: Instance, plan: Plan, inputs: Inputs) -> None:
        self.instance = instance
        self.plan = plan
        self.inputs = inputs
        self.out: list[Transition] = []
        self.states: list[Instance] = []  # the instance after each of them
        self.todo: list[Entering | PartOver | int] = []
        self.again: set[int] = set()
        self.element: dict[str, Any] = {}
        self.laid: dict[str, Any] = {}  # variables as this command has set them
        self.awaited: set[int] = set()  # activations whose condition is to be judged, whatever this command has set

    def emit(self, transition: Transition) -> None:
        """Record a transition and take it into the state."""
        instance = self.instance = APPLY[type(transition)](self.instance, transition)
        self.out.append(transition)
        self.states.append(instance)

    def live(self, number: int) -> Activation:
        """The live activation with this number; asking for another is a bug of the machine."""
        for activation in self.instance.live:
            if activation.number == number:
                return activation
        raise AssertionError(f"expected a live activation {number}")

    def step_of(self, activation: Activation) -> Step:
        """See `Plan.step_of`."""
        if not activation.branch:
            return self.plan.steps[activation.step]
        return self.plan.step_of(activation.step, activation.branch)

    # Data and expressions

    def value(self, name: str) -> Any:
        """A variable in clear, as this command has left it; or the element by its name."""
        if name in self.element:
            return self.element[name]
        return self.laid[name] if name in self.laid else self.inputs.read(name)

    def evaluate(self, source: str) -> Any:
        """What an expression yields over the variables it may read, or `Failed`."""
        return self.inputs.evaluate(source, {name: self.value(name) for name in self.plan.reads(source)})

    def arguments(self, named: tuple[tuple[str, str], ...]) -> dict[str, Any] | tuple[str, Failed]:
        """All arguments by name, or the name of the first that failed and why."""
        values = {}
        for name, source in named:
            value = self.evaluate(source)
            if type(value) is Failed:
                return name, value
            values[name] = value
        return values

    def lay(self, path: str, value: Any) -> None:
        """Set the value at a path. The caller has checked it against the declared fields."""
        root, _, rest = path.partition(".")
        self.laid[root] = lay(self.value(root), rest, value)
        self.emit(made(t.VariableSet, (path, value)))

    def result_fault(self, activation: Activation, result: Any) -> Fault | None:
        """Why a result cannot be put where the step says; None where it can, or where it says nothing."""
        into = getattr(self.plan.steps[activation.step], "into", None)
        if into is None or activation.branch.startswith(states.UNDOING):
            return None
        if not activation.branch.startswith(states.ELEMENT):
            return self.plan.fault_at(into, result)
        item = self.taking(activation)
        return None if item is None else value_fault(item, result, into)

    def taking(self, activation: Activation) -> DataField | None:
        """What the result of an activation is put into, as declared: a datum, or an item of a list."""
        into = getattr(self.plan.steps[activation.step], "into", None)
        field = None if into is None else self.plan.field_at(into)
        return field.items if field is not None and activation.branch.startswith(states.ELEMENT) else field

    # Ways out of an activation

    def finish(self, activation: Activation, result: Any) -> None:
        """Go on from work that is done, with its result, of which the caller has checked that it fits."""
        activation, step = self.live(activation.number), self.step_of(activation)
        if activation.branch.startswith(states.PARTS):
            self._leave_part(activation, result, done=True)
            return
        into = getattr(step, "into", None)
        if into is not None:
            self.lay(into, result)
        self.done(activation, step.next)  # type: ignore[union-attr, arg-type]  # steps that give work out have one next

    def done(self, activation: Activation, to: str) -> None:
        """Leave a step that is done, keeping the call that undoes it where the step says one."""
        keeping.keep(self, activation)
        self.leave(self.live(activation.number), to)

    def element_of(self, step: Step, element: int) -> dict[str, Any]:
        """The element of a list (from 1) by the name that its step gives it; nothing where that names none."""
        if not isinstance(step, EachStep) or not element:
            return {}
        root = root_of(step.of)
        elements = value_at(self.value(root), step.of[len(root) + 1 :])
        is_there = type(elements) is list and element <= len(elements)
        return {step.element: elements[element - 1] if is_there else None}

    def _leave_part(self, activation: Activation, result: Any = None, *, done: bool = False) -> None:
        self.stop_timers(activation)
        self.emit(t.StepLeft(activation.number))
        self.todo.append(PartOver(activation, result, done))

    def leave(self, activation: Activation, to: str) -> None:
        """Leave a step whose work is over and go on: to the next step, or to the join of the branch it ends."""
        if activation.branch.startswith(states.PARTS):
            self._leave_part(activation)
            return
        if not to and not activation.scope:
            self.hold(activation, "NO_TARGET", "next")
            return
        if self.step_of(activation).watches:
            self.close_inside(activation.number)
        self.stop_timers(activation)
        self.emit(made(t.StepLeft, (activation.number, to)))
        if to:
            self.todo.append(made(Entering, (to, activation.scope, activation.branch)))
        elif not activation.branch.startswith(states.BESIDE):  # what runs beside a step ends without a join
            self._arrive(activation.scope, activation.branch)

    def _arrive(self, scope: int, branch: str) -> None:
        self.emit(t.JoinArrived(scope, branch))
        self.meet(scope)

    def meet(self, scope: int) -> None:
        """Go on from a fork where as many of its branches are over as its join waits for.

        They are distinct: the fold takes none a second time, so their number is no count of arrivals. One that was
        passed over is not waited for, and does not count where some of the branches have to arrive.
        """
        joining = self.live(scope)
        step = self.step_of(joining)
        assert isinstance(step, ForkStep)
        arrived = [one for one in joining.arrived if not one.startswith(states.PASSED)]
        is_met = len(arrived) >= joining.needed if joining.needed else len(joining.arrived) >= len(set(heads_of(step)))
        if is_met:
            self.close_inside(scope)
            self.emit(t.JoinFired(scope))
            self.leave(joining, step.next)

    def is_wanted(self, todo: Entering | PartOver | int) -> bool:
        """Whether what is to be entered or begun has not been closed meanwhile, by a join that had enough."""
        if isinstance(todo, PartOver):
            todo = todo.part.scope
        number = todo if isinstance(todo, int) else todo.scope
        return not number or self.instance.activation(number) is not None

    def close(self, activation: Activation, to: str = "") -> None:
        """End an activation whose work is not over, with everything that hangs on it."""
        if keeping.has_happened(self, activation):
            keeping.keep_unfit(self, activation, keeping.UNFIT)
        self.stop_work(activation)
        if self.step_of(activation).watches and activation.watch is None:
            self.close_inside(activation.number)
        if activation.incident:
            self.emit(t.IncidentResolved(activation.number, activation.incident, "left"))
        self.stop_timers(activation)
        self.emit(t.StepLeft(activation.number, to))
        if activation.branch.startswith(states.UNDOING):
            keeping.put_back(self, activation)

    def stop_work(self, activation: Activation) -> None:
        """Take back what was offered to people, workers, runners, senders and other instances."""
        number, state = activation.number, activation.state
        if state in states.TASK_STATES:
            if activation.votes:
                self.emit(VotesVoided(number, tuple([vote for vote, _, _ in self.live(number).votes])))
            self.emit(t.TaskCancelled(number))
        elif state == states.CREATED:
            self.emit(t.JobCancelled(number))
        elif state == states.REQUESTED:
            self._cancel_call(activation)
        elif state == states.BACKING_OFF:
            if isinstance(self.step_of(activation), RunStep):
                return  # what failed is over, and nothing has begun in its place
            if self.is_job(activation):
                self.emit(t.JobCancelled(number))
            else:
                self._cancel_call(activation)
        elif state == states.WAITING and not any(timer.name == "delay" for timer in activation.timers):
            self.unsubscribe(activation)
        elif state == states.RUNNING and activation.holder:
            self.emit(t.ChildCancelled(number, activation.holder))
        elif state == states.JOINING:
            self.close_inside(number, watches=False)

    def _cancel_call(self, activation: Activation) -> None:
        known = keeping.kept_of(self, activation) is not None  # that it has happened: another answer tells nothing new
        self.emit(t.CallCancelled(activation.number, "" if known else activation.step, activation.branch))

    def is_job(self, activation: Activation) -> bool:
        """Whether what is tried again is a worker's, and not a call."""
        step = self.step_of(activation)
        return held_by(activation.holder)[0] == JOB if isinstance(step, AgentStep) else hasattr(step, "type")

    def unsubscribe(self, activation: Activation) -> None:
        """Wait for its message no longer, where it waits for one."""
        visited = self.plan.visited(activation.step, activation.branch)
        is_message = visited.kind == "message" if isinstance(visited, Watch) else getattr(visited, "message", None)
        if is_message:
            self.emit(t.MessageUnsubscribed(activation.number))

    def close_inside(self, number: int, watches: bool = True) -> None:
        """End what is open in the scope of an activation; without `watches` the events it is watched for stay."""
        for inner in self.instance.live:
            is_meant = inner.scope == number and (watches or inner.watch is None)
            if is_meant and self.instance.activation(inner.number) is not None:
                self.close(inner)

    def stop_timers(self, activation: Activation) -> None:
        """Cancel what still runs of an activation's timers."""
        for timer in self.live(activation.number).timers:
            self.emit(t.TimerCancelled(activation.number, timer.name))

    def close_live(self) -> None:
        """End every activation, and drop what was to come."""
        self.todo.clear()
        while self.instance.live:
            self.close(self.instance.live[0])

    def close_all(self) -> None:
        """End every activation and the instance's own deadline; nothing stays open."""
        self.close_live()
        if self.instance.clock is not None:
            self.emit(t.TimerCancelled(0, DEADLINE))

    def fail(self, activation: Activation, code: str, where: str, has_happened: bool = False) -> None:
        """The step has failed: it is left for where it says a failure leads, or held where it says nothing.

        `has_happened`: what it asked for was done all the same, so that it can be undone.
        """
        if activation.watch is not None or activation.branch.startswith(states.UNDOING):
            self.hold(activation, code, where)
            return
        host = self.live(activation.scope) if activation.branch.startswith(states.ELEMENT) else activation
        to = self.plan.steps[host.step].on_failure_next
        of_all = answer(self.plan.version.blueprint, code) if host.step in self.plan.answered else None
        if to is None and of_all is None:
            self.hold(activation, code, where)
            return
        if has_happened:
            keeping.keep_unfit(self, activation, code)
        if to is not None:
            self.lead_on(host.number, code, to)
        elif of_all is not None:
            self.emit(events.ErrorCaught(host.number, code, of_all.next))
            self.close_live()
            self.todo.append(Entering(of_all.next))

    def lead_on(self, number: int, code: str, to: str) -> None:
        """Leave a step that has failed for another one."""
        host = self.live(number)
        self.emit(events.ErrorCaught(number, code, to))
        self.close(self.live(number), to)
        self.todo.append(Entering(to, host.scope, host.branch))

    def hold(self, activation: Activation, code: str, where: str) -> None:
        """The activation cannot go on without help: an incident for the role the blueprint names.

        For what no step of the blueprint can answer: limits of one command, clocks, and what is done beside a step.
        """
        activation = self.live(activation.number)
        self.stop_work(activation)
        for timer in activation.timers:
            if timer.name != DEADLINE:  # the deadline runs on: an incident stops no clock
                self.emit(t.TimerCancelled(activation.number, timer.name))
        role = role_name(self.step_of(activation).hold_for) or role_name(self.plan.version.blueprint.owner)
        self.emit(t.IncidentRaised(activation.number, self.instance.next_number, code, where, role))
