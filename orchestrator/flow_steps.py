"""How steps begin that need nobody outside: rules, choose, all, end."""

from orchestrator import transitions as t
from orchestrator.instance import Activation
from orchestrator.run import Entering, Failed, Run
from versioning.blueprint import AllStep, ChooseStep, EndStep, RulesStep


def begin_rules(run: Run, activation: Activation, step: RulesStep) -> None:
    """Evaluate the rule table and lay its value; the table's digest and matching rules are recorded with it."""
    arguments = run.arguments(step.arguments)
    if type(arguments) is tuple:
        run.hold(activation, arguments[1].code, f"with {arguments[0]}")
        return
    assert type(arguments) is dict
    if not step.arguments:
        arguments = {name: run.value(name) for name in run.plan.fields}
    ruled = run.inputs.rules(step.table, arguments, run.plan.field_at(step.into))
    if isinstance(ruled, Failed):
        run.hold(activation, ruled.code, "rules")
        return
    if run.plan.fault_at(step.into, ruled.value) is not None:
        run.hold(activation, "RESULT_INVALID", "into")
        return
    run.emit(t.RulesEvaluated(activation.number, step.table, ruled.digest, ruled.rows))
    run.lay(step.into, ruled.value)
    run.leave(run.live(activation.number), step.next)


def begin_choose(run: Run, activation: Activation, step: ChooseStep) -> None:
    """Take the first branch whose condition is true. A condition that is neither true nor false chooses nothing."""
    for place, branch in enumerate(step.branches, 1):
        if branch.when is not None:
            holds = run.evaluate(branch.when)
            if type(holds) is not bool:
                code = holds.code if type(holds) is Failed else "CONDITION_NOT_BOOLEAN"
                run.hold(activation, code, f"when {place}")
                return
            if not holds:
                continue
        run.emit(t.BranchChosen(activation.number, place))
        run.leave(run.live(activation.number), branch.next)
        return
    run.hold(activation, "NO_BRANCH", "choose")


def begin_all(run: Run, activation: Activation, step: AllStep) -> None:
    """Enter every branch; the activation stays until each of them has arrived."""
    branches = tuple(dict.fromkeys(step.branches))
    run.emit(t.BranchesOpened(activation.number, branches))
    run.todo.extend([Entering(branch, activation.number, branch) for branch in branches])


def begin_end(run: Run, activation: Activation, step: EndStep) -> None:
    """The instance is over; whatever else is open is closed first."""
    run.stop_timers(activation)
    run.emit(t.StepLeft(activation.number))
    run.close_all()
    run.emit(t.InstanceEnded(step.outcome))
