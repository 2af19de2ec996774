"""How steps begin that need nobody outside: rules, choose, all, any of, end."""

from orchestrator import transitions as t
from orchestrator import under_way, undoing, watching
from orchestrator.instance import Activation
from orchestrator.message_keys import KEY_INVALID, is_key
from orchestrator.paths import root_of, value_at
from orchestrator.run import Entering, Failed, Run
from orchestrator.told import TEXT_CHARACTERS_MAX, TOLD_MAX
from orchestrator.told_transitions import PeopleTold, as_member, persons_of
from versioning.blueprint import AllStep, AnyOfStep, Branch, ChooseStep, EndStep, RulesStep, SendStep, TellStep


def begin_rules(run: Run, activation: Activation, step: RulesStep) -> None:
    """Evaluate the rule table and lay its value; the table's digest and matching rules are recorded with it."""
    arguments = run.arguments(step.arguments)
    if type(arguments) is tuple:
        _fail(run, activation, arguments[1].code, f"with {arguments[0]}")
        return
    assert type(arguments) is dict
    if not step.arguments:
        arguments = {name: run.value(name) for name in run.plan.fields}
    ruled = run.inputs.rules(step.table, arguments, run.plan.field_at(step.into))
    if isinstance(ruled, Failed):
        _fail(run, activation, ruled.code, "rules")
        return
    if code := under_way.unfit(run, activation, ruled.value):
        _fail(run, activation, code, "into")
        return
    run.emit(t.RulesEvaluated(activation.number, step.table, ruled.digest, ruled.rows))
    run.lay(step.into, ruled.value)
    run.leave(run.live(activation.number), step.next)


def begin_send(run: Run, activation: Activation, step: SendStep) -> None:
    """Send a message; the service gives it to whoever waits for it, or keeps it, in the same command."""
    arguments = run.arguments(step.arguments)
    key = run.evaluate(step.key)
    if type(arguments) is tuple:
        _fail(run, activation, arguments[1].code, f"with {arguments[0]}")
    elif key is None or type(key) is Failed:
        _fail(run, activation, "KEY_MISSING" if key is None else key.code, "key")
    elif not is_key(key):
        _fail(run, activation, KEY_INVALID, "key")
    elif type(arguments) is dict:
        run.emit(t.MessageSent(activation.number, step.message, key, arguments, step.keep_for))
        run.leave(activation, step.next)


def begin_tell(run: Run, activation: Activation, step: TellStep) -> None:
    """Say who is told what, and go on; how it reaches them is looked after when this is recorded. Somebody has to be:
    a duty to tell that reaches nobody is held."""
    text = run.evaluate(step.text)
    if type(text) is not str or not text.strip() or len(text) > TEXT_CHARACTERS_MAX:
        _fail(run, activation, text.code if type(text) is Failed else "TEXT_INVALID", "send.text")
        return
    completed = tuple([one for one in run.out if isinstance(one, t.TaskCompleted)])
    told = run.inputs.people.told_by(step.to, completed)
    reached = persons_of([as_member(one) for one in told])
    if not reached or len(reached) > TOLD_MAX:
        _fail(run, activation, "TOLD_LIMIT" if reached else "NOBODY_TOLD", "send.tell")
        return
    shown = {path: value_at(run.value(root_of(path)), path.partition(".")[2]) for path in step.shows}
    run.emit(PeopleTold(activation.number, step.id, tuple(map(as_member, told)), text, shown))
    run.leave(run.live(activation.number), step.next)


def _fail(run: Run, activation: Activation, code: str, where: str) -> None:
    """Leave the step for where it says such a failure leads; where it says nothing, it is held."""
    if not watching.catch(run, activation, code):
        run.fail(activation, code, where)


def begin_choose(run: Run, activation: Activation, step: ChooseStep) -> None:
    """Take the first branch whose condition is true. A condition that is neither true nor false chooses nothing."""
    for place, branch in enumerate(step.branches, 1):
        holds = _holds(run, branch)
        if type(holds) is Failed:
            run.fail(activation, holds.code, f"when {place}")
            return
        if not holds:
            continue
        run.emit(t.BranchChosen(activation.number, place))
        run.leave(run.live(activation.number), branch.next)
        return
    run.fail(activation, "NO_BRANCH", "choose")


def _holds(run: Run, branch: Branch) -> bool | Failed:
    """Whether the condition of a way holds; that of `otherwise` does."""
    if branch.when is None:
        return True
    holds = run.evaluate(branch.when)
    if type(holds) is bool or type(holds) is Failed:
        return holds
    return Failed("CONDITION_NOT_BOOLEAN")


def begin_all(run: Run, activation: Activation, step: AllStep) -> None:
    """Enter every branch, or leave that to people; the activation stays until enough of them have arrived."""
    branches = tuple(dict.fromkeys(step.branches))
    if step.begun_by is None:
        _open(run, activation, branches, step.need)
    else:
        run.emit(t.BranchesOpened(activation.number, branches, step.need))


def begin_any_of(run: Run, activation: Activation, step: AnyOfStep) -> None:
    """Enter every branch whose condition is true, else the last. All conditions are looked at before one is entered."""
    entered = []
    for place, branch in enumerate(step.branches, 1):
        holds = branch.when is not None and _holds(run, branch)
        if type(holds) is Failed:
            run.fail(activation, holds.code, f"when {place}")
            return
        if holds:
            entered.append(branch.next)
    entered = entered or [branch.next for branch in step.branches if branch.when is None]
    if not entered:
        run.fail(activation, "NO_BRANCH", "any of")
        return
    branches = tuple(dict.fromkeys(entered))
    _open(run, activation, branches, step.need or len(branches))


def _open(run: Run, activation: Activation, branches: tuple[str, ...], need: int) -> None:
    run.emit(t.BranchesOpened(activation.number, branches, need))
    run.todo.extend([Entering(branch, activation.number, branch) for branch in branches])


def begin_end(run: Run, activation: Activation, step: EndStep) -> None:
    """The instance is over; whatever else is open is closed first."""
    run.stop_timers(activation)
    run.emit(t.StepLeft(activation.number))
    run.close_all()
    run.emit(t.InstanceEnded(step.outcome))
    undoing.look_after(run)
