"""The questions of a task: which it is, who may claim it, and who may complete it with which outcome.

Asked by who acts, and of somebody else before the task is given to them (`as_person`); nothing is staged.
"""

from typing import TYPE_CHECKING, Any

from governance.above import Kind
from governance.decision import DecisionRequest
from ledger.actor import acting, is_person
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is, listed
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.acted import broken_duty, facts_of, with_units
from orchestrator.ballots import may_vote
from orchestrator.feel import TypedData
from orchestrator.instance import TASK_STATES
from orchestrator.measure import amount_of, currency_of
from orchestrator.offering import Passed, moves_of, not_offered, offered_as
from orchestrator.ports import Permitted
from orchestrator.refusal_texts import why
from orchestrator.resume import IS_DELEGATED, is_voted_on
from orchestrator.run import Failed
from orchestrator.stating import Allowed, FoundTask, offer_in
from orchestrator.steering import SUSPENDED
from orchestrator.subject import Subject
from orchestrator.turned_down import NOT_A_PERSON
from versioning.blueprint import AgentStep, DecideStep, TaskStep

if TYPE_CHECKING:
    from orchestrator.act import Act

_NOT_FOUND = Refusal(Reason.NOT_FOUND, why("no-such-task"))


def find_task(act: "Act", task_id: str) -> FoundTask | Refusal:
    """An open task with its instance and step."""
    instance_id, number = c.split_id(task_id)
    subject = act.load(instance_id)
    row = None if subject is None else act.uow.get(tables.TASK, instance_id, number)
    if subject is None or row is None:
        return _NOT_FOUND
    activation = subject.instance.activation(number)
    if activation is None or activation.state not in TASK_STATES:
        return Refusal(Reason.WRONG_STATE, why("task-not-open", state=as_it_is(row.state)))
    if subject.instance.suspended:
        return SUSPENDED
    step = subject.plan.steps[activation.step]
    assert isinstance(step, TaskStep | DecideStep | AgentStep)
    return FoundTask(subject, activation, step, offer_in(row, activation))


def may_claim(act: "Act", found: FoundTask) -> Permitted | Refusal:
    """Whether who acts may take this task: access, the role it is offered to, and the authority it needs."""
    permit = offered_by_role(act, found)
    return permit if isinstance(permit, Refusal) else not_offered_to(act, found) or permit


def offered_by_role(act: "Act", found: FoundTask) -> Permitted | Refusal:
    """Whether who acts may take tasks, and is of those this one is offered to by role, skill and unit."""
    uow, deps, offer = act.uow, act.deps, found.offer
    if not is_person(uow.actor):
        return NOT_A_PERSON
    permit = deps.access.check(uow, uow.actor, found.subject.row.domain, "task", "claim")
    if isinstance(permit, Refusal) or offer is None:
        return permit
    if offer.role and not deps.access.holds(uow, uow.actor, found.subject.row.domain, offer.role):
        return Refusal(Reason.NO_RULE, why("role-of-offer", role=as_it_is(offer.role)))
    if offer.skill or offer.unit:
        outside = offered_as(deps, uow, offer, acting(uow.actor))
        if isinstance(outside, Refusal):
            return outside
    return permit


def not_to_take(act: "Act", found: FoundTask) -> Refusal | None:
    """Why who acts, of those it is offered to by role, may not take this task: it is not offered to them as a decision,
    a duty bars them, or no authority of theirs reaches it; in this order.

    An authority that reaches what is measured is one that names them. So where there is one, and no deadline has passed
    the decision on, it is offered to them, and that is not asked apart.
    """
    beyond = out_of_reach(act, found)
    passed_on = found.offer is not None and found.offer.above
    not_theirs = not_offered_to(act, found) if beyond is not None or passed_on else None
    return not_theirs or duty_broken(act, found) or beyond


def not_offered_to(act: "Act", found: FoundTask) -> Refusal | None:
    """Why a decision is not offered to who acts: no authority names them, or a deadline has passed it on to others.

    Up to which limit they may decide is asked apart (`out_of_reach`); here it is who could be asked at all.
    """
    subject, step = found.subject, found.step
    if not isinstance(step, DecideStep):
        return None
    if found.offer is None or not found.offer.above:
        kind = Kind(subject.row.domain, step.authority, subject.row.blueprint, step.id, step.outcomes, "")
        return act.deps.authorities.unnamed(act.uow, kind)
    measured = _measured(act, subject, step)
    passed = Passed(
        step=step,
        moves=moves_of(subject.plan, found.activation),
        blueprint=subject.row.blueprint,
        domain=subject.row.domain,
        currency=currency_of(measured),
        facts=facts_of(act.uow, subject),
    )
    return not_offered(act.deps, act.uow, passed)


def out_of_reach(act: "Act", found: FoundTask) -> Refusal | None:
    """Why who acts has no authority that stands and reaches this decision with any of its outcomes; None for a form.

    Nobody holds up a decision that could never be theirs. What is used up within a period comes back, and a measure
    that cannot be worked out may still come: neither bars anybody before they decide.
    """
    subject, step = found.subject, found.step
    if not isinstance(step, DecideStep):
        return None
    measured = _measured(act, subject, step)
    kind = Kind(subject.row.domain, step.authority, subject.row.blueprint, step.id, step.outcomes, "")
    amount = None if type(measured) is Failed else amount_of(measured)
    return act.deps.authorities.unnamed(act.uow, kind, amount)


def register_asked(act: "Act", found: FoundTask) -> dict[str, Any]:
    """The register of authority that was asked whether a decision reaches who holds it, for the basis of the entry."""
    digest = act.deps.authorities.register_digest(act.uow) if isinstance(found.step, DecideStep) else ""
    return {"register": digest} if digest else {}


def _measured(act: "Act", subject: Subject, step: DecideStep) -> Any:
    """What limits are measured on; `Failed` where it cannot be worked out, None where the step has no measure."""
    return act.evaluating(subject)(step.measure, subject.context(step.measure)) if step.measure else None


def allowed_to(act: "Act", found: FoundTask, outcome: str) -> Allowed | Refusal:
    """Access for both, then duties for a form and named authority for a decision."""
    uow, step, holder = act.uow, found.step, found.activation.holder
    if not is_person(uow.actor):
        return NOT_A_PERSON
    deed = "decide" if isinstance(step, DecideStep) else "complete"
    permit = act.deps.access.check(uow, uow.actor, found.subject.row.domain, "task", deed)
    if isinstance(permit, Refusal):
        return permit
    if found.activation.delegate:
        return IS_DELEGATED
    if refusal := _without_role(act, found):
        return refusal
    if not isinstance(step, DecideStep):
        return duty_broken(act, found) or Allowed(permit)
    if holder and holder != acting(uow.actor):
        return Refusal(Reason.CLAIMED_BY_OTHER, why("claimed-by-other"))
    if outcome not in step.outcomes:
        return Refusal(Reason.UNKNOWN_OUTCOME, why("one-of", names=listed(step.outcomes)))
    if not holder and (refusal := not_offered_to(act, found)) is not None:
        return refusal
    if is_voted_on(step) and (refusal := may_vote(act, found)) is not None:
        return refusal
    return _decide(act, found, outcome, permit)


def shut_out(act: "Act", found: FoundTask) -> Refusal | None:
    """Why who acts could complete it in no way at all; None when one outcome of a decision, or the form, is open."""
    first: Refusal | None = None
    for outcome in found.step.outcomes if isinstance(found.step, DecideStep) else ("",):
        allowed = allowed_to(act, found, outcome)
        if not isinstance(allowed, Refusal):
            return None
        first = first or allowed
    return first


def _decide(act: "Act", found: FoundTask, outcome: str, permit: Permitted) -> Allowed | Refusal:
    uow, subject, step = act.uow, found.subject, found.step
    assert isinstance(step, DecideStep)
    measured = _measured(act, subject, step)
    if type(measured) is Failed:
        return Refusal(Reason.INVALID_DATA, why("measure-failed", code=as_it_is(measured.code)))
    bound = bound_with(act, found) if step.duties else ()
    persons = [str(one) for one in (uow.actor.person, uow.actor.on_behalf_of, *bound) if one is not None]
    decided = act.deps.authorities.decide(
        uow,
        DecisionRequest(
            person=uow.actor.person,
            domain=subject.row.domain,
            decision_kind=step.authority,
            blueprint=subject.row.blueprint,
            step=step.id,
            outcome=outcome,
            measure=amount_of(measured),
            on_behalf_of=uow.actor.on_behalf_of,
            stands_in_for=bound,
            duties=step.duties,
            facts=with_units(act.deps, uow, step.duties, persons, facts_of(uow, subject)),
            context=TypedData(subject.plan, subject.read, act.allowance),
        ),
    )
    if isinstance(decided, Refusal):
        return decided
    return Allowed(permit, decided)


def _without_role(act: "Act", found: FoundTask) -> Refusal | None:
    """Why who holds it completes it no more: the role it was offered to is not theirs any longer."""
    row = found.offer
    if row is None or not row.role or found.activation.holder != acting(act.uow.actor):
        return None
    if act.deps.access.holds(act.uow, act.uow.actor, row.domain, row.role):
        return None
    return Refusal(Reason.NO_RULE, why("role-of-offer", role=as_it_is(row.role)))


def duty_broken(act: "Act", found: FoundTask) -> Refusal | None:
    """The duty that bars who acts from this task, whatever they would choose: at the claim and after it."""
    step, actor = found.step, act.uow.actor
    if isinstance(step, AgentStep) or not step.duties:
        return None
    persons = [str(one) for one in (actor.person, actor.on_behalf_of) if one is not None]
    persons += bound_with(act, found)
    return broken_duty(act.deps, act.uow, step.duties, persons, facts_of(act.uow, found.subject))


def bound_with(act: "Act", found: FoundTask) -> tuple[str, ...]:
    """Whom who acts stands in for, now or when they took the task: duties bind them alike."""
    uow, person = act.uow, acting(act.uow.actor)
    now = act.deps.stand_ins.stood_in_for(uow, person, uow.now)
    taken = found.stood_in_for if found.activation.holder == person else ""
    return tuple(dict.fromkeys((taken, *now))) if taken else now
