"""The machine: what a command does to an instance, as transitions or a refusal. Pure.

`step` judges the command against the live activations, then advances until every activation waits for somebody or
the instance is over. It raises nothing for what a blueprint or its data may bring: an expression that fails, a
condition that is neither true nor false, a step that would run for ever - each becomes an incident that holds its
activation until it is resolved.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.refusal import Reason, Refusal
from ledger.tuples import made
from orchestrator import (
    agent_steps,
    branching,
    children,
    clocks,
    conditions,
    each,
    flow_steps,
    handing,
    late,
    migrating,
    resume,
    resume_work,
    steering,
    undoing,
    voting,
    watching,
    work_steps,
)
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.each_transitions import ElementBegun
from orchestrator.instance import ACTIVE, ELEMENT, PARTS, UNDOING, Instance
from orchestrator.plan import Plan
from orchestrator.refusal_texts import why
from orchestrator.run import LIVE_MAX, Entering, Failed, Inputs, PartOver, Run
from orchestrator.transitions import Transition
from versioning.blueprint import (
    AgentStep,
    AllStep,
    AnyOfStep,
    CallStep,
    ChooseStep,
    DecideStep,
    EachStep,
    EndStep,
    JobStep,
    RulesStep,
    RunStep,
    SendStep,
    TaskStep,
    TellStep,
    UndoStep,
    WaitStep,
)

AUTOMATIC_STEPS_MAX = 200  # steps entered by one command; a loop that waits for nobody becomes an incident

_BEGIN: dict[type[Any], Callable[[Run, Any, Any], None]] = {
    TaskStep: work_steps.begin_task,
    DecideStep: work_steps.begin_decide,
    CallStep: work_steps.begin_call,
    JobStep: work_steps.begin_job,
    RunStep: work_steps.begin_run,
    WaitStep: work_steps.begin_wait,
    AgentStep: agent_steps.begin_agent,
    RulesStep: flow_steps.begin_rules,
    ChooseStep: flow_steps.begin_choose,
    AllStep: flow_steps.begin_all,
    AnyOfStep: flow_steps.begin_any_of,
    EachStep: each.begin,
    SendStep: flow_steps.begin_send,
    TellStep: flow_steps.begin_tell,
    UndoStep: undoing.begin,
    EndStep: flow_steps.begin_end,
}

_RESUME: dict[type[Any], Callable[[Run, Any], Refusal | None]] = {
    resume.Begin: resume.begin,
    children.EndChild: children.end_child,
    children.FailChild: children.fail_child,
    c.ClaimTask: resume.claim_task,
    c.ReleaseTask: resume.release_task,
    c.BeginBranch: branching.begin_branch,
    c.RepeatBranch: branching.repeat_branch,
    c.PassOverBranch: branching.pass_over_branch,
    c.CompleteTask: resume.complete_task,
    handing.ReassignTask: handing.reassign_task,
    handing.DelegateTask: handing.delegate_task,
    handing.ReturnTask: handing.return_task,
    handing.GiveTask: handing.give_task,
    handing.TakeTask: handing.take_task,
    handing.TakeAway: handing.take_away,
    c.CompleteJob: resume_work.complete_job,
    c.FailJob: resume_work.fail_job,
    c.StartCall: resume_work.start_call,
    c.SucceedCall: resume_work.succeed_call,
    c.FailCall: resume_work.fail_call,
    late.TakeLate: late.take_late,
    late.FailLate: late.fail_late,
    resume.Deliver: resume.deliver,
    resume.HoldWait: resume.hold_wait,
    c.FireTimer: resume.fire_timer,
    c.ResolveIncident: resume.resolve_incident,
    c.CancelInstance: resume.cancel,
    voting.CastVote: voting.cast_vote,
    steering.Suspend: steering.suspend,
    steering.Resume: steering.resume_instance,
    steering.Modify: steering.modify,
    steering.Correct: steering.correct,
    migrating.Migrate: migrating.migrate,
}


_ANY_STATUS = (resume.Begin, late.TakeLate)


def step(instance: Instance, plan: Plan, command: Any, inputs: Inputs) -> tuple[Transition, ...] | Refusal:
    """The transitions of one command, in order, or why it is turned down. Never changes what it is given."""
    carried = carry_out(instance, plan, command, inputs)
    return carried if isinstance(carried, Refusal) else carried.transitions


class Carried(NamedTuple):
    """The transitions of one command, and the instance after each (its revision is raised when they are recorded)."""

    transitions: tuple[Transition, ...]
    states: tuple[Instance, ...]


def carry_out(instance: Instance, plan: Plan, command: Any, inputs: Inputs) -> Carried | Refusal:
    """As `step`, with the state reached, for who goes on from it within the same command."""
    if instance.status != ACTIVE and type(command) not in _ANY_STATUS:
        return Refusal(Reason.WRONG_STATE, why("instance-over"))
    if instance.suspended and type(command) not in steering.WHILE_SUSPENDED:
        return steering.SUSPENDED
    run = Run(instance, plan, inputs)
    refusal = _RESUME[type(command)](run, command)
    if refusal is not None:
        return refusal
    budget = _advance(run, AUTOMATIC_STEPS_MAX)
    while run.plan.awaits and not run.instance.suspended and conditions.judge(run):
        budget = _advance(run, budget)
    if run.plan.voted:
        voting.void_outdated(run)
    if run.plan.stands_still:
        clocks.settle(run)
    return made(Carried, (tuple(run.out), tuple(run.states)))


def _advance(run: Run, budget: int) -> int:
    """Enter and begin what is to come; how many steps may still be entered in this command."""
    while run.todo:
        todo = run.todo.pop(0)
        if not run.is_wanted(todo):
            continue
        if isinstance(todo, PartOver):
            _part_over(run, todo)
            continue
        number = todo if isinstance(todo, int) else _enter(run, todo)
        branch = run.live(number).branch
        if run.instance.suspended and not branch.startswith(UNDOING):
            continue  # it begins when the instance is resumed; what is undone is asked for, and goes out then
        budget -= not branch.startswith(ELEMENT)  # of those there are no more than a list may have
        if budget < 0:
            run.hold(run.live(number), "STEP_LIMIT", "enter")
        elif len(run.instance.live) > LIVE_MAX:
            run.hold(run.live(number), "ACTIVATION_LIMIT", "enter")
        else:
            _begin(run, number)
    return budget


def _part_over(run: Run, over: PartOver) -> None:
    if over.part.branch.startswith(ELEMENT):
        each.over(run, over)
    else:
        undoing.over(run, over.part.scope)


def _enter(run: Run, entering: Entering) -> int:
    number = run.instance.next_number
    if entering.branch.startswith(ELEMENT):
        run.emit(ElementBegun(number, entering.scope, int(entering.branch[1:]) + 1, run.inputs.now))
        return number
    run.emit(made(t.StepEntered, (number, entering.step, run.inputs.now, entering.scope, entering.branch)))
    return number


def _begin(run: Run, number: int) -> None:
    activation = run.live(number)
    step_ = run.step_of(activation)
    if activation.branch and activation.watch is not None:
        watching.begin(run, activation, step_.watches[activation.watch])
        return
    if activation.branch.startswith(PARTS):
        (each.begin_element if activation.branch.startswith(ELEMENT) else undoing.begin_again)(run, activation)
        return
    if step_.skip_when is not None:
        skips = run.evaluate(step_.skip_when)
        if type(skips) is not bool:
            code = skips.code if type(skips) is Failed else "CONDITION_NOT_BOOLEAN"
            run.fail(activation, code, "skip when")
            return
        if skips:
            resume.pass_over(run, activation)
            return
    if step_.deadline is not None or run.plan.course is not None:
        if not clocks.begin(run, activation):
            return
        activation = run.live(number)
    if step_.watches:
        watching.watch_events(run, activation, step_)
    _BEGIN[type(step_)](run, run.live(number), step_)
