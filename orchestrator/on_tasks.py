"""Handlers of commands about tasks: claim, release, state, complete - forms and decisions.

A decision needs four yeses, all under the head lock and at one instant: the state of the task (the machine), the
access policy, the named authority with its duties, and what was shown being what is recorded now. Only then is the
statement signed, its nonce used up, and the decision recorded with everything it rests on.
"""

from typing import Any

from governance.service import decision_basis, decision_payload
from ledger.actor import acting
from ledger.refusal import Reason, Refusal
from ledger.wording import listed
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries
from orchestrator.act import Act
from orchestrator.ballots import as_vote
from orchestrator.handing import TakeTask
from orchestrator.offering import offered_as
from orchestrator.ports import Deps
from orchestrator.reason_codes import coded
from orchestrator.recording import Recording, basis_of, person_of
from orchestrator.refusal_texts import why
from orchestrator.resume import is_voted_on
from orchestrator.reviews import view_of_task
from orchestrator.shown import shown_digest, view
from orchestrator.stating import (
    Allowed,
    FoundTask,
    Said,
    keep,
    new_salt,
    reason_at,
    salted,
    shown_changed,
    sign,
    statement_of,
)
from orchestrator.subject import Subject
from orchestrator.task_questions import (
    allowed_to,
    find_task,
    not_to_take,
    offered_by_role,
    register_asked,
)
from orchestrator.vote_transitions import VoteCast, VotesCounted
from versioning.blueprint import AgentStep, DecideStep


def claim_task(deps: Deps, uow: UnitOfWork, command: c.ClaimTask) -> Done | Refusal:
    """Take a task for oneself: a candidate of its role, and nobody else at the same time."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    permit = offered_by_role(act, found)
    if isinstance(permit, Refusal):
        return permit
    if (refusal := not_to_take(act, found)) is not None:
        return refusal  # nobody holds up, or reads up on, what they could never complete
    absent = _taken_for(act, found)
    taking = TakeTask(command.task_id, absent, command.expected_revision) if absent else command
    basis = {**basis_of(permit), **register_asked(act, found)}
    return _changed(act, found.subject, taking, Recording(entries.TASK_CLAIMED, "claimed", basis))


def _taken_for(act: Act, found: FoundTask) -> str:
    """In whose place who acts takes this task, where it is not offered to them by themselves; empty where it is."""
    offer, holder = found.offer, found.activation.holder
    if not holder and (offer is None or not (offer.skill or offer.unit)):
        return ""  # it is offered to whoever has the role
    deps, uow, person = act.deps, act.uow, acting(act.uow.actor)
    if holder and holder != person:
        return holder if holder in deps.stand_ins.stood_in_for(uow, person, uow.now) else ""
    offered = person if offer is None else offered_as(deps, uow, offer, person)
    return offered if not isinstance(offered, Refusal) and offered != person else ""


def release_task(deps: Deps, uow: UnitOfWork, command: c.ReleaseTask) -> Done | Refusal:
    """Give a claimed task back to its role."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    permit = deps.access.check(uow, uow.actor, found.subject.row.domain, "task", "claim")
    if isinstance(permit, Refusal):
        return permit
    return _changed(act, found.subject, command, Recording(entries.TASK_RELEASED, "released", basis_of(permit)))


def _changed(act: Act, subject: Subject, command: Any, recording: Recording) -> Done | Refusal:
    number = c.split_id(command.task_id)[1]
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    activation = subject.instance.activation(number)
    result = {"task": command.task_id, "revision": 0 if activation is None else activation.revision}
    return act.record(subject, recording, {"result": result})


def state_statement(deps: Deps, uow: UnitOfWork, command: c.StateStatement) -> Done | Refusal:
    """The statement to sign, with a nonce that is good once. Nothing is recorded until it is signed."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    if not isinstance(found.step, DecideStep) or found.step.sign is None:
        return Refusal(Reason.WRONG_STATE, why("not-signed-decision"))
    if command.outcome not in found.step.outcomes:
        return Refusal(Reason.UNKNOWN_OUTCOME, why("one-of", names=listed(found.step.outcomes)))
    shown = view(found.step.shows, found.subject.recorded)
    if command.shown_digest and command.shown_digest != shown_digest(shown):
        return shown_changed((), shown)
    allowed = allowed_to(act, found, command.outcome)
    if isinstance(allowed, Refusal):
        return allowed
    code = coded(deps.reason_lists, uow, found.step, (command.outcome, command.reason_code))
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
    allowed = allowed_to(act, found, command.outcome)
    if isinstance(allowed, Refusal):
        return allowed
    shown = view_of_task(uow, found)
    payload: dict[str, Any] = {"task": found.activation.number}
    if found.stood_in_for:
        payload["stands_in_for"] = found.stood_in_for
    voted = is_voted_on(found.step)
    asked = as_vote(act, found, command) if voted else command
    refusal = asked if isinstance(asked, Refusal) else act.do(found.subject, asked)
    if refusal is not None:
        return refusal
    bound = _bind(act, (found, allowed), command, shown)
    if isinstance(bound, Refusal):
        return bound
    payload |= bound
    result: dict[str, Any] = {"task": command.task_id, "instance": found.subject.row.id}
    result["status"] = found.subject.instance.status
    if command.outcome:
        result["outcome"] = command.outcome
    payload["result"] = result
    if voted:
        payload["vote"] = _voted(found, result)
    kind = entries.VOTE_CAST if voted else entries.TASK_COMPLETED
    return act.record(found.subject, _recording(uow, allowed, kind, command.outcome or "completed"), payload)


def _voted(found: FoundTask, result: dict[str, Any]) -> int:
    """The number of the vote that was cast; what came of it goes into the result."""
    sealed = found.subject.sealed
    vote = next(one for one in sealed if isinstance(one, VoteCast))
    over = [one for one in sealed if isinstance(one, VotesCounted)]
    result["vote"] = vote.vote
    if over:
        result["decided"] = {"outcome": over[0].outcome, "how": over[0].how}
    return vote.vote


def _recording(uow: UnitOfWork, allowed: Allowed, kind: str, outcome: str) -> Recording:
    basis, refs = basis_of(allowed.permit), person_of(uow.actor)
    if allowed.decided is not None:
        basis["decision"] = decision_basis(allowed.decided)
        refs["grant"] = allowed.decided.grant.id
    return Recording(kind, outcome, basis, refs)


def _bind(
    act: Act, task: tuple[FoundTask, Allowed], command: c.CompleteTask, shown: dict[str, Any]
) -> dict[str, Any] | Refusal:
    """What the person saw, said and signed, as it goes into the entry."""
    found, allowed = task
    subject, step = found.subject, found.step
    payload: dict[str, Any] = {}
    if step.shows:
        digest = shown_digest(shown)
        asked = command.shown_digest or isinstance(step, (DecideStep, AgentStep))
        if asked and command.shown_digest != digest and not command.statement_nonce:
            return shown_changed((), shown)
        payload["shown"] = shown
        payload["shown_digest"] = digest
    code = coded(act.deps.reason_lists, act.uow, step, (command.outcome, command.reason_code))
    if isinstance(code, Refusal):
        return code
    payload |= code
    if command.reason:
        reason = salted(act.uow, command.statement_nonce, command.reason)
        payload["reason"] = subject.sealer.seal(reason_at(act.uow, found), reason, "confidential")
    if allowed.decided is not None:
        payload["decision"] = decision_payload(allowed.decided)
        if subject.row.test:
            payload["decision"]["test"] = True
    if isinstance(step, DecideStep) and step.sign is not None:
        signed = sign(act, task, command, shown)
        if isinstance(signed, Refusal):
            return signed
        payload.update(signed)
    return payload
