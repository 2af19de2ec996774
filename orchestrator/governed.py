"""What an act on a running instance needs: its permission, what the blueprint says of it, and a second person.

An act that a second person confirms is judged twice, when it is proposed and when it is confirmed, by the same lines.
What is confirmed is what was proposed: the proposal's digest is of what is done and of what it rests on in the
instance, and both are worked out again. It is stale once that has moved: another visit to a step that is ended, or to
one inside it, another value under one that is corrected, another suspension than the one that is to end.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from ledger.actor import acting, is_person
from ledger.canonical import b64url, encode
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import entries
from orchestrator.act import Act
from orchestrator.durations import microseconds
from orchestrator.migrating import Migrate
from orchestrator.moments import end_of
from orchestrator.moving import inside
from orchestrator.on_instances import state_of
from orchestrator.paths import is_commitment, value_at
from orchestrator.plan import plan_of, role_name
from orchestrator.ports import Permitted
from orchestrator.recording import Recording, basis_of, person_of
from orchestrator.refusal_texts import why
from orchestrator.resolving import RESOLVE, acts_in, acts_of
from orchestrator.sealing import ACT_REASON, CANCELLED_REASON, opened, reason_path
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.subject import Subject
from orchestrator.tables import ProposalRow
from orchestrator.turned_down import NOT_A_PERSON
from versioning.act_rules import WITHIN, ActRule, rule_of

ALWAYS_WITH_REASON = ("modify", "correct", "migrate")  # a course or data that the blueprint does not account for
KINDS = {
    "suspend": (entries.INSTANCE_SUSPENDED, "suspended"),
    "resume": (entries.INSTANCE_RESUMED, "resumed"),
    "cancel": (entries.INSTANCE_CANCELLED, "cancelled"),
    "modify": (entries.INSTANCE_MODIFIED, "modified"),
    "correct": (entries.INSTANCE_CORRECTED, "corrected"),
    "migrate": (entries.INSTANCE_MIGRATED, "migrated"),
    RESOLVE: (entries.INCIDENT_RESOLVED, "resolved"),
}


class Steering(NamedTuple):
    """An act as it is asked for: its name, what the machine is to do, and why."""

    act: str
    command: Any
    reason: str = ""


class Allowed(NamedTuple):
    """That the first person may: the permit, and what the blueprint says of the act.

    `further` are the permits of what else a resolution of an incident is, in the order of `resolving.acts_of`.
    """

    permit: Permitted
    rule: ActRule
    further: tuple[Permitted, ...] = ()

    @property
    def permits(self) -> tuple[Permitted, ...]:
        """All of them."""
        return (self.permit, *self.further)


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
    return allowed if isinstance(allowed, Refusal) else carry_allowed(act, subject, asked, allowed)


def in_what_stands_still(act: Act, subject: Subject, name: str) -> Refusal | None:
    """Why an instance does not go on by itself: the one that runs it is suspended, and it goes on with that. One that
    its parent waits for no more does."""
    around = act.load(subject.row.parent) if name == "resume" and subject.row.parent else None
    if around is None or not around.instance.suspended:
        return None
    is_run = any(one.holder == subject.row.id for one in around.instance.live)
    return Refusal(Reason.WRONG_STATE, why("parent-suspended")) if is_run else None


def carry_allowed(act: Act, subject: Subject, asked: Steering, allowed: Allowed) -> Done | Refusal:
    """As `carry`, of an act that who acts may do."""
    if (refusal := in_what_stands_still(act, subject, asked.act)) is not None:
        return refusal
    if needs_reason(allowed.rule) and not asked.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("act-without-reason", act=as_it_is(asked.act)))
    told = told_of(subject, asked.command)
    if allowed.rule.second:
        refusal = act.judge(subject, asked.command)
        return propose(act, subject, asked, allowed) if refusal is None else refusal
    refusal = act.do(subject, asked.command)
    if refusal is not None:
        return refusal
    if asked.reason:
        told["reason"] = subject.sealer.seal(_reason_at(asked), asked.reason, "confidential")
    return recorded(act, subject, asked.act, told, allowed.permits)


def reason_path_of(act: str, said: Mapping[str, Any]) -> str:
    """Where the reason of an act is sealed; `said` is what it does, as a proposal has it."""
    if act == RESOLVE:
        return reason_path(said["incident"])
    return CANCELLED_REASON if act == "cancel" else ACT_REASON


def _reason_at(asked: Steering) -> str:
    is_resolution = isinstance(asked.command, c.ResolveIncident)
    said = {"incident": _incident_of(asked.command)} if is_resolution else {}
    return reason_path_of(asked.act, said)


def _incident_of(command: c.ResolveIncident) -> int:
    return c.split_id(command.incident_id)[1]


def recorded(act: Act, subject: Subject, name: str, more: Mapping[str, Any], permits: Sequence[Permitted]) -> Done:
    """Record an act that was carried out; `more` goes into the payload."""
    kind, outcome = KINDS[name]
    result = {"instance": subject.row.id, **state_of(subject)}
    recording = Recording(kind, outcome, basis_of(*permits), person_of(act.uow.actor))
    return act.record(subject, recording, {"result": result, **more})


def told_of(subject: Subject, command: Any) -> dict[str, Any]:
    """What the entry of an act tells beside its transitions, asked for before it is done: what stood at the corrected
    paths, commitments where it is classed; of a resolution also its incident and the acts on the instance that it is.
    """
    if isinstance(command, Migrate):
        old, new = subject.row, command.plan.version
        under, to = ({"version": old.version, "number": old.number}, {"version": new.digest, "number": new.number})
        return {"migrated": {"from": under, "to": to}}
    if isinstance(command, Correct):
        return {"corrections": _corrections(subject, command.values)}
    if not isinstance(command, c.ResolveIncident):
        return {}
    acts = acts_of(command.how, with_data=bool(command.data))
    told: dict[str, Any] = {"incident": _incident_of(command), "acts": [*acts]}
    return {**told, "corrections": _corrections(subject, command.data)} if command.data else told


def _corrections(subject: Subject, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"path": path, "before": _before(subject, path)} for path in sorted(values)]


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
    expires_at = end_of(uow.now, microseconds(rule.within or WITHIN))
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
    seconds = seconds_of(subject, asked.act, said)
    if len(seconds) > 1:
        payload["proposed"]["roles"] = [*seconds]
    if asked.reason:
        payload["reason"] = subject.sealer.seal(_reason_at(asked), asked.reason, "confidential")
    act.note(subject, entries.ACT_PROPOSED, payload, basis_of(*allowed.permits))
    return Done("proposed", result)


def _said(subject: Subject, command: Any) -> dict[str, Any]:
    """What an act does, as it is recorded: members that do not apply are absent."""
    if isinstance(command, Modify):
        return {"moves": [[number, to] for number, to in command.moves], "ends": [*command.ends]}
    if isinstance(command, Migrate):
        version = command.plan.version
        moves = [[number, to] for number, to in command.moves]
        return {"version": version.digest, "number": version.number, "moves": moves}
    if isinstance(command, Correct):
        return {"values": _sealed(subject, command.values)}
    if isinstance(command, c.ResolveIncident):
        said: dict[str, Any] = {"incident": _incident_of(command), "how": command.how}
        to = {"to": command.to} if command.to else {}
        values = {"values": _sealed(subject, command.data)} if command.data else {}
        return {**said, **to, **values}
    return {}


def _sealed(subject: Subject, values: Mapping[str, Any]) -> dict[str, Any]:
    plan, seal = subject.plan, subject.sealer.seal
    return {path: seal(f"act.{path}", value, plan.class_of(path)) for path, value in sorted(values.items())}


def seconds_of(subject: Subject, act: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles of which who confirms an act holds all, each once."""
    rules = [rule_of(subject.plan.version.blueprint.acts, name) for name in acts_in(act, said)]
    return tuple(dict.fromkeys([role_name(rule.second) for rule in rules if rule.second]))


def digest_of(subject: Subject, act: str, said: Mapping[str, Any]) -> str:
    """Of an act and of all that it rests on in the instance as it stands."""
    rests_on: list[Any] = []
    for number in sorted([*[move[0] for move in said.get("moves", ())], *said.get("ends", ())]):
        live = subject.instance.activation(number)
        found = None if live is None else [live.step, live.scope, live.branch, live.revision, live.incident]
        rests_on.append([number, found])
        rests_on += [[one.number, one.step, one.revision] for one in inside(subject.instance, number)]
    if act == "migrate":
        rests_on += [[subject.row.version], *[[one.number, one.step, one.revision] for one in subject.instance.live]]
    if act == "resume":
        rests_on.append(["suspended_at", subject.row.suspended_at])
    if act == RESOLVE:
        held = next((one for one in subject.instance.live if one.incident == said["incident"]), None)
        found = None if held is None else [held.number, held.step, held.scope, held.branch, held.revision]
        rests_on.append([said["incident"], found])
    rests_on += [[path, _before(subject, path)] for path in sorted(said.get("values", ()))]
    told = {"instance": subject.row.id, "act": act, "said": said, "rests_on": rests_on}
    return b64url(sha256(encode(told)).digest())


def migration_to(act: Act, subject: Subject, number: int, moves: Sequence[tuple[int, str]] = ()) -> Migrate | Refusal:
    """From the version an instance is under to that of this number, released and not retired."""
    versions, name = act.deps.versions, subject.row.blueprint
    version = versions.version(act.uow, name, number)
    if version is None:
        return Refusal(Reason.NOT_FOUND, why("no-such-version"))
    if versions.current(act.uow, name) is None:
        return Refusal(Reason.WRONG_STATE, why("blueprint-retired"))
    return Migrate(plan_of(version), subject.plan, tuple(moves), subject.row.begun_by)


def command_of(act: Act, subject: Subject, row: ProposalRow) -> Steering | Refusal:
    """A proposed act, to be carried out; a value that was erased meanwhile makes it stale."""
    uow, said = act.uow, orjson.loads(row.said)
    if row.act == "modify":
        moves = tuple([(number, to) for number, to in said["moves"]])
        return Steering(row.act, Modify(moves, tuple(said["ends"])))
    if row.act == "migrate":
        asked = migration_to(act, subject, said["number"], [(number, to) for number, to in said["moves"]])
        return asked if isinstance(asked, Refusal) else Steering(row.act, asked)
    values: dict[str, Any] = {}
    for path, value in said.get("values", {}).items():
        values[path] = opened(uow, row.instance, f"act.{path}", value)
        if is_commitment(value) and values[path] is None:
            return Refusal(Reason.PROPOSAL_STALE, why("proposed-values-erased"))
    if row.act == "correct":
        return Steering(row.act, Correct(values))
    if row.act == RESOLVE:
        incident = f"{row.instance}.{said['incident']}"
        return Steering(row.act, c.ResolveIncident(incident, said["how"], values, to=said.get("to", "")))
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
        return NOT_A_PERSON
    if row.by == acting(uow.actor):
        return Refusal(Reason.OWN_PROPOSAL, why("own-proposal"))
    said = orjson.loads(row.said)
    for role in dict.fromkeys((row.role, *seconds_of(subject, row.act, said))):
        if not act.deps.access.holds(uow, uow.actor, subject.row.domain, role):
            return Refusal(Reason.NO_RULE, why("role-of-second", role=as_it_is(role)))
    if row.digest != digest_of(subject, row.act, said):
        return Refusal(Reason.PROPOSAL_STALE, why("instance-changed"))
    return None


def second_permits(act: Act, subject: Subject, row: ProposalRow) -> tuple[Permitted, ...] | Refusal:
    """The permits of who confirms a proposal: for all that it is, so that they may do it themselves as well."""
    permits = []
    for name in acts_in(row.act, orjson.loads(row.said)):
        permit = act.deps.access.check(act.uow, act.uow.actor, subject.row.domain, "instance", name)
        if isinstance(permit, Refusal):
            return permit
        permits.append(permit)
    return tuple(permits)
