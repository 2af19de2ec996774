"""What an act on a running instance needs: its permission, what the blueprint says of it, and a second person.

An act that a second person confirms is judged twice, when it is proposed and when it is confirmed, by the same lines.
What is confirmed is what was proposed: the proposal's digest is of what is done and of what it rests on in the
instance, and both are worked out again. It is stale once that has moved: another visit to a step that is ended, another
value under one that is corrected.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from ledger.canonical import b64url, encode
from ledger.clock import SECOND
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries
from orchestrator.act import Act, acting, is_person
from orchestrator.durations import microseconds
from orchestrator.on_instances import state_of
from orchestrator.paths import is_commitment, value_at
from orchestrator.plan import role_name
from orchestrator.ports import Permitted
from orchestrator.refusal_texts import why
from orchestrator.sealing import ACT_REASON, CANCELLED_REASON, opened
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.subject import Subject
from orchestrator.tables import ProposalRow
from versioning.act_rules import ActRule, rule_of

WITHIN = 2 * 86_400 * SECOND  # a second person has so long where the blueprint does not say
ALWAYS_WITH_REASON = ("modify", "correct")  # a course or data that the blueprint does not account for
KINDS = {
    "suspend": (entries.INSTANCE_SUSPENDED, "suspended"),
    "resume": (entries.INSTANCE_RESUMED, "resumed"),
    "cancel": (entries.INSTANCE_CANCELLED, "cancelled"),
    "modify": (entries.INSTANCE_MODIFIED, "modified"),
    "correct": (entries.INSTANCE_CORRECTED, "corrected"),
}


class Steering(NamedTuple):
    """An act as it is asked for: its name, what the machine is to do, and why."""

    act: str
    command: Any
    reason: str = ""


class Allowed(NamedTuple):
    """That the first person may: the permit, and what the blueprint says of the act."""

    permit: Permitted
    rule: ActRule


def may_steer(act: Act, subject: Subject, name: str) -> Allowed | Refusal:
    """Whether who acts may do or propose this act on this instance."""
    domain, rule = subject.row.domain, rule_of(subject.plan.version.blueprint.acts, name)
    permit = act.deps.access.check(act.uow, act.uow.actor, domain, "instance", name)
    if isinstance(permit, Refusal):
        return permit
    role = role_name(rule.role)
    if role and not act.deps.access.holds(act.uow, act.uow.actor, domain, role):
        return Refusal(Reason.NO_RULE, why("role-of-blueprint", role=as_it_is(role)))
    return Allowed(permit, rule)


def needs_reason(rule: ActRule) -> bool:
    """Whether an act is done with a reason alone."""
    return rule.reason_required or rule.act in ALWAYS_WITH_REASON


def carry(act: Act, subject: Subject, asked: Steering) -> Done | Refusal:
    """Do an act now, or propose it where a second person confirms it."""
    allowed = may_steer(act, subject, asked.act)
    if isinstance(allowed, Refusal):
        return allowed
    if needs_reason(allowed.rule) and not asked.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("act-without-reason", act=as_it_is(asked.act)))
    corrections = corrections_of(subject, asked.command)
    if allowed.rule.second:
        refusal = act.judge(subject, asked.command)
        return propose(act, subject, asked, allowed) if refusal is None else refusal
    refusal = act.do(subject, asked.command)
    if refusal is not None:
        return refusal
    more: dict[str, Any] = {**corrections}
    if asked.reason:
        more["reason"] = subject.sealer.seal(reason_path_of(asked.act), asked.reason, "confidential")
    return recorded(act, subject, asked.act, (more, allowed.permit))


def reason_path_of(act: str) -> str:
    """Where the reason of an act is sealed."""
    return CANCELLED_REASON if act == "cancel" else ACT_REASON


def recorded(act: Act, subject: Subject, name: str, rest: tuple[Mapping[str, Any], Permitted]) -> Done:
    """Record an act that was carried out."""
    more, permit = rest
    kind, outcome = KINDS[name]
    result = {"instance": subject.row.id, **state_of(subject)}
    person = act.uow.actor.person
    refs = {} if person is None else {"person": person}
    envelope = {"basis": {"permit": permit.as_basis()}, "refs": refs}
    act.record(subject, kind, {"result": result, **more}, envelope)
    return Done(outcome, result)


def corrections_of(subject: Subject, command: Any) -> dict[str, Any]:
    """What stood at the corrected paths before, as it is recorded: commitments where it is classed."""
    if not isinstance(command, Correct):
        return {}
    return {"corrections": [{"path": path, "before": _before(subject, path)} for path in sorted(command.values)]}


def _before(subject: Subject, path: str) -> Any:
    root, _, rest = path.partition(".")
    sealed_at = subject.plan.sealed_at(path)
    if sealed_at is not None:
        root, _, rest = sealed_at[0].partition(".")
    return value_at(subject.recorded(root), rest) if rest else subject.recorded(root)


# Proposals


def propose(act: Act, subject: Subject, asked: Steering, allowed: Allowed) -> Done:
    """Record what is to be confirmed; nothing of it happens yet."""
    uow, rule = act.uow, allowed.rule
    proposal = uow.ids.ordered("ap", uow.now)
    said = _said(subject, asked.command)
    digest = digest_of(subject, asked.act, said)
    expires_at = uow.now + (microseconds(rule.within) if rule.within else WITHIN)
    result = {"instance": subject.row.id, "proposal": proposal, "digest": digest, "expires_at": expires_at}
    payload: dict[str, Any] = {
        "result": result,
        "proposed": {
            "id": proposal,
            "act": asked.act,
            "said": said,
            "digest": digest,
            "by": acting(uow.actor),
            "role": role_name(rule.second),
            "expires_at": expires_at,
        },
    }
    if asked.reason:
        payload["reason"] = subject.sealer.seal(reason_path_of(asked.act), asked.reason, "confidential")
    act.note(subject, entries.ACT_PROPOSED, payload, allowed.permit)
    return Done("proposed", result)


def _said(subject: Subject, command: Any) -> dict[str, Any]:
    """What an act does, as it is recorded: members that do not apply are absent."""
    if isinstance(command, Modify):
        return {"moves": [[number, to] for number, to in command.moves], "ends": [*command.ends]}
    if isinstance(command, Correct):
        plan, seal = subject.plan, subject.sealer.seal
        return {
            "values": {
                path: seal(f"act.{path}", value, plan.class_of(path)) for path, value in sorted(command.values.items())
            }
        }
    return {}


def digest_of(subject: Subject, act: str, said: Mapping[str, Any]) -> str:
    """Of an act and of all that it rests on in the instance as it stands."""
    rests_on: list[Any] = []
    for number in sorted([*[move[0] for move in said.get("moves", ())], *said.get("ends", ())]):
        live = subject.instance.activation(number)
        found = None if live is None else [live.step, live.scope, live.branch, live.revision, live.incident]
        rests_on.append([number, found])
    rests_on += [[path, _before(subject, path)] for path in sorted(said.get("values", ()))]
    told = {"instance": subject.row.id, "act": act, "said": said, "rests_on": rests_on}
    return b64url(sha256(encode(told)).digest())


def command_of(uow: UnitOfWork, row: ProposalRow) -> Steering | Refusal:
    """A proposed act, to be carried out; a value that was erased meanwhile makes it stale."""
    said = orjson.loads(row.said)
    if row.act == "modify":
        moves = tuple([(number, to) for number, to in said["moves"]])
        return Steering(row.act, Modify(moves, tuple(said["ends"])))
    if row.act == "correct":
        values = {}
        for path, value in said["values"].items():
            values[path] = opened(uow, row.instance, f"act.{path}", value)
            if is_commitment(value) and values[path] is None:
                return Refusal(Reason.PROPOSAL_STALE, why("proposed-values-erased"))
        return Steering(row.act, Correct(values))
    plain = {"suspend": Suspend(), "resume": Resume(), "cancel": c.CancelInstance(row.instance)}
    return Steering(row.act, plain[row.act])


def stands_against(act: Act, subject: Subject, row: ProposalRow) -> Refusal | None:
    """Why who acts cannot confirm a proposal; None when nothing stands against it."""
    uow = act.uow
    if row.state != "proposed":
        return Refusal(Reason.WRONG_STATE, why("proposal-not-open", state=as_it_is(row.state)))
    if row.expires_at <= uow.now:
        return Refusal(Reason.PROPOSAL_STALE, why("proposal-over"))
    if not is_person(uow.actor):
        return Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))
    if row.by == acting(uow.actor):
        return Refusal(Reason.OWN_PROPOSAL, why("own-proposal"))
    if not act.deps.access.holds(uow, uow.actor, subject.row.domain, row.role):
        return Refusal(Reason.NO_RULE, why("role-of-second", role=as_it_is(row.role)))
    if row.digest != digest_of(subject, row.act, orjson.loads(row.said)):
        return Refusal(Reason.PROPOSAL_STALE, why("instance-changed"))
    return None
