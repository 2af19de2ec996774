"""What a reviewer does with an agent's proposal: accept it, correct it, reject it. Pure; refuses before it emits."""

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator import agent_transitions as a
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator import watching
from orchestrator.agent_steps import REJECTED, answer_fault
from orchestrator.expected import changes, settled
from orchestrator.instance import Activation
from orchestrator.refusal_texts import why
from orchestrator.run import Entering, Run
from versioning.agent_steps import ACCEPT, CORRECT, REJECT, REVIEWS, schema_of
from versioning.blueprint import AgentStep


def complete_review(run: Run, command: c.CompleteTask, found: Activation, step: AgentStep) -> Refusal | None:
    """Lay what was accepted or corrected into the data; what is rejected leads where the step says, or is held."""
    if command.outcome not in REVIEWS:
        return Refusal(Reason.UNKNOWN_OUTCOME, why("one-of", names=as_it_is(", ".join(REVIEWS))))
    if command.outcome != CORRECT and command.data:
        return Refusal(Reason.INVALID_DATA, why("uncorrected-with-data"))
    if command.outcome == REJECT:
        return _reject(run, command, found, step)
    asked = run.inputs.agents.asked(found.number)
    field = run.plan.field_at(step.into)
    value = asked.output
    if command.outcome == CORRECT:
        value = settled(schema_of(step), field, dict(command.data))
    fault = answer_fault(run, step, value)
    if fault:
        message = why("to-correct-or-reject", fault=fault) if command.outcome == ACCEPT else fault
        return Refusal(Reason.INVALID_DATA, message)
    changed = changes(schema_of(step), field, asked.output, value)
    if command.outcome == CORRECT and not changed:
        return Refusal(Reason.INVALID_DATA, why("nothing-corrected"))
    run.emit(t.TaskCompleted(found.number, step.id, run.inputs.by, command.outcome))
    run.emit(a.ProposalReviewed(found.number, asked.agent, asked.profile, command.outcome, changed))
    run.lay(step.into, value)
    run.leave(run.live(found.number), step.next)
    return None


def _reject(run: Run, command: c.CompleteTask, found: Activation, step: AgentStep) -> Refusal | None:
    if not command.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("rejected-without-reason"))
    asked = run.inputs.agents.asked(found.number)
    run.emit(t.TaskCompleted(found.number, step.id, run.inputs.by, REJECT))
    run.emit(a.ProposalReviewed(found.number, asked.agent, asked.profile, REJECT))
    activation = run.live(found.number)
    if step.rejected is not None:
        run.close(activation, step.rejected)
        run.todo.append(Entering(step.rejected, activation.scope, activation.branch))
    elif not watching.catch(run, activation, REJECTED):
        run.fail(activation, REJECTED, "review")
    return None
