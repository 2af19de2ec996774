"""Handlers of commands about tasks: claim, release, state, complete - forms and decisions.

A decision needs four yeses, all under the head lock and at one instant: the state of the task (the machine), the
access policy, the named authority with its duties, and what was shown being what is recorded now. Only then is the
statement signed, its nonce used up, and the decision recorded with everything it rests on.
"""

from typing import Any

from governance.above import Kind
from governance.decision import DecisionRequest
from governance.duties import DutyFacts, check_duties
from governance.service import decision_basis, decision_payload
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, tables
from orchestrator.act import Act, acting, is_person
from orchestrator.feel import TypedData
from orchestrator.instance import TASK_STATES
from orchestrator.measure import amount_of, currency_of
from orchestrator.offering import Passed, not_offered, passes_of
from orchestrator.ports import Deps, Permitted
from orchestrator.reason_codes import coded
from orchestrator.resume import IS_DELEGATED
from orchestrator.reviews import view_of_task
from orchestrator.run import Failed
from orchestrator.sealing import reason_path
from orchestrator.shown import shown_digest, view
from orchestrator.stating import Allowed, FoundTask, Said, keep, new_salt, salted, shown_changed, sign, statement_of
from orchestrator.steering import SUSPENDED
from orchestrator.subject import Subject
from versioning.blueprint import AgentStep, DecideStep, TaskStep

_NOT_FOUND = Refusal(Reason.NOT_FOUND, "expected a task of this organisation, found none")
_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, "expected a person who signed in, found a service, an agent or an API key")


def find_task(act: Act, task_id: str) -> FoundTask | Refusal:
    """An open task with its instance and step."""
    instance_id, number = c.split_id(task_id)
    subject = act.load(instance_id)
    row = None if subject is None else act.uow.get(tables.TASK, instance_id, number)
    if subject is None or row is None:
        return _NOT_FOUND
    activation = subject.instance.activation(number)
    if activation is None or activation.state not in TASK_STATES:
        return Refusal(Reason.WRONG_STATE, f"expected an open task, found it {row.state}")
    if subject.instance.suspended:
        return SUSPENDED
    step = subject.plan.steps[activation.step]
    assert isinstance(step, TaskStep | DecideStep | AgentStep)
    return FoundTask(subject, activation, step)


def claim_task(deps: Deps, uow: UnitOfWork, command: c.ClaimTask) -> Done | Refusal:
    """Take a task for oneself: a candidate of its role, and nobody else at the same time."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    permit = may_claim(act, found)
    if isinstance(permit, Refusal):
        return permit
    return _changed(act, found.subject, command, (entries.TASK_CLAIMED, "claimed", permit))


def may_claim(act: Act, found: FoundTask) -> Permitted | Refusal:
    """Whether who acts may take this task: access, the role it is offered to, and the authority it needs."""
    uow, deps = act.uow, act.deps
    if not is_person(uow.actor):
        return _NOT_A_PERSON
    permit = deps.access.check(uow, uow.actor, found.subject.row.domain, "task", "claim")
    if isinstance(permit, Refusal):
        return permit
    row = uow.get(tables.TASK, found.subject.row.id, found.activation.number)
    role = "" if row is None else row.role
    if role and not deps.access.holds(uow, uow.actor, found.subject.row.domain, role):
        return Refusal(Reason.NO_RULE, f"expected role `{role}`, to which the task is offered")
    return not_offered_to(act, found) or permit


def not_offered_to(act: Act, found: FoundTask) -> Refusal | None:
    """Why a decision is not offered to who acts: no authority names them, or a deadline has passed it on to others.

    What they may decide, and up to which limit, is asked when they do; here nobody holds up a decision that could never
    be theirs.
    """
    subject, step = found.subject, found.step
    if not isinstance(step, DecideStep):
        return None
    row = act.uow.get(tables.TASK, subject.row.id, found.activation.number)
    if row is None or not row.above:
        kind = Kind(subject.row.domain, step.authority, subject.row.blueprint, step.id, step.outcomes, "")
        return act.deps.authorities.unnamed(act.uow, kind)
    measured = act.evaluating(subject)(step.measure, subject.context(step.measure)) if step.measure else None
    passed = Passed(
        step=step,
        passes=passes_of(subject.plan, found.activation),
        blueprint=subject.row.blueprint,
        domain=subject.row.domain,
        currency=currency_of(measured),
        facts=_facts(act.uow, subject),
    )
    return not_offered(act.deps, act.uow, passed)


def release_task(deps: Deps, uow: UnitOfWork, command: c.ReleaseTask) -> Done | Refusal:
    """Give a claimed task back to its role."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    permit = deps.access.check(uow, uow.actor, found.subject.row.domain, "task", "claim")
    if isinstance(permit, Refusal):
        return permit
    return _changed(act, found.subject, command, (entries.TASK_RELEASED, "released", permit))


def _changed(act: Act, subject: Subject, command: Any, rest: tuple[str, str, Permitted]) -> Done | Refusal:
    kind, outcome, permit = rest
    number = c.split_id(command.task_id)[1]
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    activation = subject.instance.activation(number)
    result = {"task": command.task_id, "revision": 0 if activation is None else activation.revision}
    act.record(subject, kind, {"result": result}, {"basis": {"permit": permit.as_basis()}})
    return Done(outcome, result)


def state_statement(deps: Deps, uow: UnitOfWork, command: c.StateStatement) -> Done | Refusal:
    """The statement to sign, with a nonce that is good once. Nothing is recorded until it is signed."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    if not isinstance(found.step, DecideStep) or found.step.sign is None:
        return Refusal(Reason.WRONG_STATE, "expected a decision that is signed, found another task")
    if command.outcome not in found.step.outcomes:
        return Refusal(Reason.UNKNOWN_OUTCOME, f"expected one of {', '.join(found.step.outcomes)}")
    shown = view(found.step.shows, found.subject.recorded)
    if command.shown_digest and command.shown_digest != shown_digest(shown):
        return shown_changed((), shown)
    allowed = allowed_to(act, found, command.outcome)
    if isinstance(allowed, Refusal):
        return allowed
    code = coded(deps.reason_lists, uow, found.step, command.reason_code)
    if isinstance(code, Refusal):
        return code
    said = Said(command.outcome, command.reason, command.reason_code, shown_digest(shown), new_salt())
    statement = statement_of(uow, (found, allowed), said)
    keep(uow, found, statement, (shown, said.salt))
    return Done("stated", {"statement": statement.as_value(), "shown": shown, "nonce": statement.nonce})


def complete_task(deps: Deps, uow: UnitOfWork, command: c.CompleteTask) -> Done | Refusal:
    """Complete a form or take a decision, once."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    if not is_person(uow.actor):
        return _NOT_A_PERSON
    shown = view_of_task(uow, found)
    allowed = allowed_to(act, found, command.outcome)
    if isinstance(allowed, Refusal):
        return allowed
    payload: dict[str, Any] = {"task": found.activation.number}
    refusal = act.do(found.subject, command)
    if refusal is not None:
        return refusal
    bound = _bind(act, (found, allowed), command, shown)
    if isinstance(bound, Refusal):
        return bound
    payload.update(bound)
    result: dict[str, Any] = {"task": command.task_id, "instance": found.subject.row.id}
    result["status"] = found.subject.instance.status
    if command.outcome:
        result["outcome"] = command.outcome
    payload["result"] = result
    act.record(found.subject, entries.TASK_COMPLETED, payload, _envelope(uow, allowed))
    return Done(command.outcome or "completed", result)


def _envelope(uow: UnitOfWork, allowed: Allowed) -> dict[str, Any]:
    basis: dict[str, Any] = {"permit": allowed.permit.as_basis()}
    refs = {} if uow.actor.person is None else {"person": str(uow.actor.person)}
    if allowed.decided is not None:
        basis["decision"] = decision_basis(allowed.decided)
        refs["grant"] = allowed.decided.grant.id
    return {"basis": basis, "refs": refs}


def allowed_to(act: Act, found: FoundTask, outcome: str) -> Allowed | Refusal:
    """Access for both, then duties for a form and named authority for a decision."""
    uow, deps, subject = act.uow, act.deps, found.subject
    if not is_person(uow.actor):
        return _NOT_A_PERSON
    decides = isinstance(found.step, DecideStep)
    permit = deps.access.check(uow, uow.actor, subject.row.domain, "task", "decide" if decides else "complete")
    if isinstance(permit, Refusal):
        return permit
    if found.activation.delegate:
        return IS_DELEGATED
    if isinstance(found.step, AgentStep):
        return Allowed(permit)
    if isinstance(found.step, TaskStep):
        if found.step.duties:
            persons = [str(one) for one in (uow.actor.person, uow.actor.on_behalf_of) if one is not None]
            refusal = check_duties(found.step.duties, persons, _facts(uow, subject))
            if refusal is not None:
                return refusal
        return Allowed(permit)
    if found.activation.holder and found.activation.holder != acting(uow.actor):
        return Refusal(Reason.CLAIMED_BY_OTHER, "expected a task you have claimed, found one claimed by somebody else")
    if outcome not in found.step.outcomes:
        return Refusal(Reason.UNKNOWN_OUTCOME, f"expected one of {', '.join(found.step.outcomes)}")
    if not found.activation.holder and (refusal := not_offered_to(act, found)) is not None:
        return refusal
    return _decide(act, found, outcome, permit)


def _decide(act: Act, found: FoundTask, outcome: str, permit: Permitted) -> Allowed | Refusal:
    uow, subject, step = act.uow, found.subject, found.step
    assert isinstance(step, DecideStep)
    measured = None
    if step.measure:
        measured = act.evaluating(subject)(step.measure, subject.context(step.measure))
        if type(measured) is Failed:
            return Refusal(Reason.INVALID_DATA, f"expected a measure, found {measured.code}")
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
            duties=step.duties,
            facts=_facts(uow, subject),
            context=TypedData(subject.plan, subject.read),
        ),
    )
    if isinstance(decided, Refusal):
        return decided
    return Allowed(permit, decided)


def _facts(uow: UnitOfWork, subject: Subject) -> DutyFacts:
    actors: dict[str, tuple[str, ...]] = {}
    for row in uow.group(tables.STEP_ACTOR, subject.row.id):
        actors[row.step] = (*actors.get(row.step, ()), row.person)
    version = subject.plan.version
    return DutyFacts(subject.row.initiator, tuple(actors.items()), version.authors, version.approvers)


def _bind(
    act: Act, task: tuple[FoundTask, Allowed], command: c.CompleteTask, shown: dict[str, Any]
) -> dict[str, Any] | Refusal:
    """What the person saw, said and signed, as it goes into the entry."""
    found, allowed = task
    subject, number = found.subject, found.activation.number
    digest = shown_digest(shown)
    payload: dict[str, Any] = {}
    if found.step.shows:
        asked = command.shown_digest or isinstance(found.step, DecideStep | AgentStep)
        if asked and command.shown_digest != digest and not command.statement_nonce:
            return shown_changed((), shown)
        payload["shown"] = shown
        payload["shown_digest"] = digest
    code = coded(act.deps.reason_lists, act.uow, found.step, command.reason_code)
    if isinstance(code, Refusal):
        return code
    payload.update(code)
    if command.reason:
        reason = salted(act.uow, command.statement_nonce, command.reason)
        payload["reason"] = subject.sealer.seal(reason_path(number), reason, "confidential")
    if allowed.decided is not None:
        payload["decision"] = decision_payload(allowed.decided)
        if subject.row.test:
            payload["decision"]["test"] = True
    if isinstance(found.step, DecideStep) and found.step.sign is not None:
        signed = sign(act, task, command, shown)
        if isinstance(signed, Refusal):
            return signed
        payload.update(signed)
    return payload
