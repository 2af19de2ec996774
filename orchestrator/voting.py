"""A vote, as the machine takes it: checked, cast, counted, and the step left when the voting is over.

Votes are on what was put before who cast them. Once that is another, they are void, and all are asked anew.
"""

from dataclasses import dataclass

from governance.quorum import Rule, Seat, count
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.instance import Activation
from orchestrator.laying import decision_fault, lay_decision
from orchestrator.paths import root_of, value_at
from orchestrator.refusal_texts import why
from orchestrator.resume import decision_said, open_task
from orchestrator.run import Run
from orchestrator.vote_transitions import VoteCast, VotesCounted, VotesVoided
from versioning.blueprint import DecideStep

VOTED = Refusal(Reason.ALREADY_VOTED, why("voted-before"))


@dataclass(frozen=True, slots=True)
class CastVote:
    """A decision as a vote, and who casts it: the service asks the registers that."""

    said: c.CompleteTask
    seat: Seat


def cast_vote(run: Run, command: CastVote) -> Refusal | None:
    """Take a vote of whoever may vote; nobody holds what is voted on."""
    said = command.said
    found = open_task(run, said.task_id, said.expected_revision)
    if isinstance(found, Refusal):
        return found
    step = run.step_of(found)
    assert isinstance(step, DecideStep)
    if has_voted(found, run.inputs.by):
        return VOTED
    refusal = decision_said(step, said)
    if refusal is not None:
        return refusal
    before = [outcome for _, _, outcome in found.votes]
    counted = count(rule_of(step), before, said.outcome, command.seat)
    value = {} if counted is None else {"outcome": counted.outcome, "how": counted.how}
    if counted is not None and counted.outcome and (fault := decision_fault(run, step, value)) is not None:
        return fault
    number = run.instance.next_number
    run.emit(VoteCast(found.number, number, step.id, run.inputs.by, said.outcome, found.revision, *command.seat))
    if counted is None:
        return None
    run.emit(VotesCounted(found.number, counted.how, counted.outcome))
    if not counted.outcome:
        run.fail(found, "VOTES_TIED", "quorum")
        return None
    run.emit(t.TaskCompleted(found.number, step.id, run.inputs.by, counted.outcome))
    lay_decision(run, step, value)
    run.done(run.live(found.number), dict(step.next).get(counted.outcome, ""))
    return None


def void_outdated(run: Run) -> None:
    """Let votes count no more that were cast on other values than those this command has left, by what the step shows
    or what limits are measured on. The same value laid again is no other."""
    for activation in run.instance.live if run.laid else ():
        step = run.step_of(activation)
        if activation.votes and isinstance(step, DecideStep) and _is_about_other(run, step):
            run.emit(VotesVoided(activation.number, tuple([vote for vote, _, _ in activation.votes])))


def _is_about_other(run: Run, step: DecideStep) -> bool:
    before = run.inputs.read
    for path in step.shows:
        root, rest = root_of(path), path.partition(".")[2]
        if root in run.laid and value_at(before(root), rest) != value_at(run.laid[root], rest):
            return True
    names = run.plan.reads(step.measure) if step.measure else ()
    if step.measure is None or not run.laid.keys() & set(names):
        return False
    return bool(run.inputs.evaluate(step.measure, {name: before(name) for name in names}) != run.evaluate(step.measure))


def has_voted(activation: Activation, person: str) -> bool:
    """Whether a vote of this person counts in what is voted on now."""
    return any(by == person for _, by, _ in activation.votes)


def rule_of(step: DecideStep) -> Rule:
    """By what the votes of a step are counted."""
    quorum = step.quorum
    assert quorum is not None
    return Rule(quorum.need, step.outcomes, quorum.veto is not None, quorum.tied(step.outcomes) or "")
