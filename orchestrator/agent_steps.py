"""The `agent` step: who is asked, which gates the answer passes, and the review of what does not pass. Pure.

An answer is laid into the data when every gate lets it through: its form, a rule table, a condition, a second agent,
a lot. What any of them stops, or cannot judge, becomes a task for a person; nothing that goes wrong raises.
"""

from typing import Any, NamedTuple

from ledger.wording import NOTHING, Wording
from orchestrator import agent_transitions as a
from orchestrator import clocks, deadlines, watching
from orchestrator import transitions as t
from orchestrator.agents import EXPECTS, JOB, PROPOSAL, Asked, Profile, held_by, operation_of
from orchestrator.commands import CallEvidence
from orchestrator.expected import answer_of_kind, fault_of, settled
from orchestrator.instance import Activation
from orchestrator.paths import value_at
from orchestrator.plan import CLASSES, role_name, strictest
from orchestrator.run import Failed, Run
from orchestrator.under_way import list_fault
from orchestrator.work_steps import narrowed
from versioning.agent_steps import members_of, schema_of
from versioning.blueprint import AgentStep, DataField

MAY_NOT_SEE = "AGENT_MAY_NOT_SEE"
NO_SUCH_AGENT = "NO_SUCH_AGENT"
REJECTED = "PROPOSAL_REJECTED"
JUDGES_ITSELF = "JUDGES_ITSELF"  # a second look by who looked first is none
UNREADABLE = "ANSWER_UNREADABLE"  # of a worker or an endpoint: nothing that could be a proposal
ERASED = "ERASED"  # what was proposed can be read no more

_PASSES = DataField("passes", "boolean", "internal")  # what a rule table that gates answers


class Said(NamedTuple):
    """What a try brought: the answer and what it took."""

    output: Any = None
    fault: str = ""
    model: str = ""
    prompt: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    tools: tuple[str, ...] = ()


def said_of(result: Any) -> Said:
    """What our own runner tells of a try; anything else is no answer."""
    if type(result) is not dict or not result.keys() <= set(Said._fields):
        return Said(fault=UNREADABLE)
    return Said(**{**result, "tools": tuple(result.get("tools", ()))})


# Asking


def begin_agent(run: Run, activation: Activation, step: AgentStep) -> None:
    """Ask the first agent that serves and may see what is shown."""
    candidates = run.inputs.agents.candidates(step.agent, run.value)
    able = _able(run, step, candidates)
    if not able:
        run.fail(activation, MAY_NOT_SEE if candidates else NO_SUCH_AGENT, "agent")
        return
    _request(run, activation.number, step, able[0])


def _able(run: Run, step: AgentStep, candidates: tuple[Profile, ...]) -> list[Profile]:
    shown = CLASSES.index(strictest([run.plan.class_of(path) for path in step.shows]))
    return [one for one in candidates if CLASSES.index(one.sees) >= shown]


def _request(run: Run, number: int, step: AgentStep, profile: Profile) -> None:
    arguments = _shown(run, step)
    by = JOB if profile.worker else "call"
    run.emit(a.ProposalRequested(number, step.id, profile.name, profile.digest, by))
    if profile.worker:
        run.emit(t.JobCreated(number, profile.worker, {**arguments, EXPECTS: schema_of(step)}))
    else:
        key = f"{run.instance.id}.{number}.{profile.name}"
        run.emit(t.CallRequested(number, operation_of(profile.name, False), arguments, key))


def _shown(run: Run, step: AgentStep) -> dict[str, Any]:
    shown = {}
    for path in step.shows:
        root, _, rest = path.partition(".")
        shown[path] = value_at(run.value(root), rest)
    return shown


# Answers


def answered(run: Run, activation: Activation, step: AgentStep, result: Any, seen: CallEvidence) -> None:
    """Take what an endpoint answered: a proposal, or what it makes of one."""
    _, judging, agent = held_by(activation.holder)
    run.emit(t.CallSucceeded(activation.number, seen.connector, seen.request, seen.answer))
    said = said_of(result)
    if judging:
        _judged(run, activation.number, step, Asked(agent, seen.connector), said)
    else:
        _made(run, activation.number, step, Asked(agent, seen.connector), said)


def worked(run: Run, activation: Activation, step: AgentStep, result: Any) -> None:
    """Take what a worker proposed."""
    asked = run.inputs.agents.asked(activation.number)
    profile = run.inputs.agents.named(asked.agent)
    run.emit(t.JobCompleted(activation.number))
    is_same = profile is not None and profile.digest == asked.profile
    said = Said(result, model=profile.model, prompt=profile.prompt) if profile and is_same else Said(result)
    _made(run, activation.number, step, asked, said)


def _made(run: Run, number: int, step: AgentStep, asked: Asked, said: Said) -> None:
    output = said.output
    if not said.fault:
        output = settled(schema_of(step), run.plan.field_at(step.into), output)
    run.emit(
        a.ProposalMade(
            number,
            asked.agent,
            asked.profile,
            said.model,
            said.prompt,
            output,
            said.fault,
            said.tokens_in,
            said.tokens_out,
            said.tools,
        )
    )
    gated = _gated(run, number, step, (output, said.output), said.fault)
    if gated is not None:
        _refer(run, number, step, gated)
    elif step.judge is not None:
        _ask_judge(run, number, step, (asked.agent, output))
    else:
        _draw(run, number, step, output)


def _gated(run: Run, number: int, step: AgentStep, outputs: tuple[Any, Any], fault: str) -> a.ProposalGated | None:
    """The first gate that stops an answer (as it is ours, and as it came)."""
    output, came = outputs
    if fault:
        return a.ProposalGated(number, "output", fault)
    if answer_fault(run, step, output) or fault_of(schema_of(step), came):
        return a.ProposalGated(number, "schema")
    if step.table is not None:
        # What nobody has described hides no data: else an answer would say itself what it is judged by.
        members = {one.name: output.get(one.name) for one in members_of(step, run.plan.version.blueprint.data)}
        given = {**{name: run.value(name) for name in run.plan.fields}, **members}
        ruled = run.inputs.rules(step.table, given, _PASSES)
        if isinstance(ruled, Failed):
            return a.ProposalGated(number, "rules", ruled.code)
        if ruled.value is not True:
            return a.ProposalGated(number, "rules", "", ruled.digest, ruled.rows)
    if step.accept_when:
        holds = run.inputs.agents.evaluate(step, output, run.value)
        if holds is not True:
            return a.ProposalGated(number, "condition", holds.code if isinstance(holds, Failed) else "")
    return None


def answer_fault(run: Run, step: AgentStep, output: Any) -> Wording:
    """Why an answer in our own form cannot be laid into the data; empty when it can."""
    if type(output) is not dict:
        return answer_of_kind("object")
    fault = fault_of(schema_of(step), output, ours=True)
    if fault:
        return fault
    wrong = run.plan.fault_at(step.into, output) or list_fault(run, [(step.into, output)])
    return NOTHING if wrong is None else wrong.message


def _draw(run: Run, number: int, step: AgentStep, output: Any) -> None:
    """Everything passed: laid into the data, or reviewed all the same where the lot says so. A list may have been gone
    through further while a judge had it."""
    if list_fault(run, [(step.into, output)]) is not None:
        _refer(run, number, step, a.ProposalGated(number, "schema"))
        return
    if not step.sample:
        _pass(run, number, step, (output, a.ProposalGated(number)))
        return
    roll = run.inputs.agents.roll(number)
    if roll < step.sample:
        _refer(run, number, step, a.ProposalGated(number, "sample", roll=roll))
    else:
        _pass(run, number, step, (output, a.ProposalGated(number, roll=roll)))


def _pass(run: Run, number: int, step: AgentStep, passed: tuple[Any, a.ProposalGated]) -> None:
    output, gated = passed
    run.emit(gated)
    run.lay(step.into, output)
    run.leave(run.live(number), step.next)


# Judging


def _ask_judge(run: Run, number: int, step: AgentStep, proposed: tuple[str, Any]) -> None:
    """Ask the second agent, of a proposal with whose it is: one of another version of itself is its own."""
    assert step.judge is not None
    proposer, output = proposed
    profile = run.inputs.agents.named(step.judge)
    code = NO_SUCH_AGENT if profile is None or profile.worker else ""
    if step.judge == proposer:
        code = JUDGES_ITSELF
    elif profile is not None and not _able(run, step, (profile,)):
        code = MAY_NOT_SEE
    if profile is None or code:
        _refer(run, number, step, a.ProposalGated(number, "judge", code))
        return
    run.emit(a.ProposalRequested(number, step.id, profile.name, profile.digest, judging=True))
    key = f"{run.instance.id}.{number}.{profile.name}.judge"
    arguments = {**_shown(run, step), PROPOSAL: output}
    run.emit(t.CallRequested(number, operation_of(profile.name, True), arguments, key))


def _judged(run: Run, number: int, step: AgentStep, asked: Asked, said: Said) -> None:
    accepted = not said.fault and type(said.output) is dict and said.output.get("accept") is True
    run.emit(
        a.ProposalJudged(number, asked.agent, asked.profile, said.model, said.prompt, accepted, said.output, said.fault)
    )
    output = run.inputs.agents.asked(number).output
    if not accepted:
        _refer(run, number, step, a.ProposalGated(number, "judge", said.fault))
    elif output is None:  # erased while the judge had it
        _refer(run, number, step, a.ProposalGated(number, "judge", ERASED))
    else:
        _draw(run, number, step, output)


# What goes wrong


def failed(run: Run, activation: Activation, step: AgentStep, command: Any) -> None:
    """A try has failed: another later, then the next agent that serves, then a person."""
    number, code = activation.number, command.code
    _, judging, agent = held_by(activation.holder)
    due = deadlines.next_try(step.retry, activation.tries, (run.instance.id, number), (run.inputs.now, 0))
    if command.retryable and due is not None:
        run.emit(t.TimerSet(number, "retry", due))
        return
    if judging:
        run.stop_work(activation)
        _refer(run, number, step, a.ProposalGated(number, "judge", code))
        return
    candidates = run.inputs.agents.candidates(step.agent, run.value)
    names = [one.name for one in candidates]
    behind = candidates[names.index(agent) + 1 :] if agent in names else ()
    able = _able(run, step, behind)
    if able:
        run.stop_work(activation)
        _request(run, number, step, able[0])
    elif not watching.catch(run, activation, code):
        run.fail(activation, code, "agent")


def _refer(run: Run, number: int, step: AgentStep, gated: a.ProposalGated) -> None:
    """Give it to a person, with what stopped it."""
    run.emit(gated)
    code = clocks.begin_review(run, run.live(number))
    if code:
        run.hold(run.live(number), code, "deadline")
        return
    activation = run.live(number)
    due = clocks.due_at(run, activation)
    run.emit(t.TaskOffered(number, role_name(step.review_by), "", False, due, *narrowed(step.offer)))
