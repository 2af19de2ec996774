"""The governed artefacts of this room: access policy, person, actor, role assignment.

Each kind reads its source, checks it against what is registered, and makes the entry of its release; the change
request that carries it belongs to the versioning room, which knows these objects by their shape alone. There is no
other way to change policy, people or roles after the ceremony.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from ledger import canonical
from ledger.clock import Instant, parse_instant
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.ids import PersonId
from ledger.wording import Wording, as_it_is, as_told, listed
from ledger.work import UnitOfWork
from rbac import entries, store
from rbac.finding_texts import say
from rbac.permission import WHOLE, Action, Object, check_slug, check_typed, is_slug
from rbac.refusal_texts import why
from rbac.roles import AccessPolicy, Effect, parse_policy, policy_digest, policy_of, policy_value
from rbac.source import At, read_source
from rbac.source_texts import tell
from rbac.tables import ACTOR, ASSIGNMENT, ASSIGNMENT_NAME, AssignmentRow

NAME_MAX = 200  # a person's name as shown on records; longer ones are a pasted document
STATUSES = ("active", "left")


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a source holds: its name among those of its kind, and its canonical value."""

    name: str
    value: dict[str, Any]


class Finding(NamedTuple):
    """One thing a check found. `severity` is `error` (no release) or `warning`."""

    rule: str
    severity: Literal["error", "warning"]
    message: str
    location: str = ""


class Release(Protocol):
    """What the change request hands over when it is released."""

    @property
    def change_request(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def authors(self) -> tuple[str, ...]: ...
    @property
    def approvers(self) -> tuple[str, ...]: ...


def released(release: Release) -> dict[str, Any]:
    """The change request's word in the entry of a release."""
    return {"change_request": release.change_request, "version": release.version, "digest": release.digest}


def _status(members: dict[str, At]) -> str:
    if "status" not in members:
        return "active"
    text = members["status"].text()
    if text not in STATUSES:
        members["status"].fail(tell("one-of", known=listed(STATUSES), found=as_it_is(text)))
    return text


def slug_at(at: At, what: Wording) -> str:
    """The name that stands here."""
    try:
        return check_slug(at.text(), what)
    except BrokenInput as fault:
        at.fail(as_told(fault.message))


class AccessPolicyKind:
    """`access policy: NAME` with domains and roles (see `rbac.roles`). An organisation has one."""

    kind = "access-policy"
    data_class = "internal"

    def read(self, source: str) -> Artefact:
        policy = parse_policy(source)
        return Artefact(policy.name, policy_value(policy))

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        policy = policy_of(artefact.value)
        findings = list(policy_findings(policy))
        present = store.newest_policy(uow)
        if present is not None and present.name != policy.name:
            message = say("one-access-policy", present=as_it_is(present.name), other=as_it_is(policy.name))
            findings.append(Finding("one-access-policy", "error", message, "access policy"))
        held = {assignment.role for assignment in store.every_held(uow) if assignment.in_force(uow.now)}
        names = {role.name for role in policy.roles}
        findings += [
            Finding("role-in-use", "error", say("role-in-use", role=as_it_is(role)), "roles")
            for role in sorted(held - names)
        ]
        included = {name for role in policy.roles for name in role.includes}
        findings += [
            Finding("role-without-holder", "warning", say("role-unheld", role=as_it_is(role)), f"roles.{role}")
            for role in sorted(names - held - included)
        ]
        return tuple(findings)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        policy = policy_of(release.value)
        present = store.newest_policy(uow)
        number = 1 if present is None else present.number + 1
        body = policy_body(policy, number)
        payload = {
            **body,
            "authors": list(release.authors),
            "approvers": list(release.approvers),
            "release": released(release),
            "result": {"policy": policy.name, "number": number, "digest": body["digest"]},
        }
        return EntryDraft(entries.ACCESS_POLICY_RELEASED, 1, f"access-policy:{policy.name}", payload)


def policy_body(policy: AccessPolicy, number: int) -> dict[str, Any]:
    """A policy version as it stands in entries."""
    value = policy_value(policy)
    return {"name": policy.name, "number": number, "digest": policy_digest(policy), "value": value}


_CHANGE_CONTROL = (Action.PROPOSE, Action.APPROVE, Action.RELEASE)


def policy_findings(policy: AccessPolicy) -> tuple[Finding, ...]:
    """What the policy alone shows: change control nobody could use, roles that say nothing."""
    findings = []
    for action in _CHANGE_CONTROL:
        allowed = any(
            rule.effect is Effect.ALLOW and (rule.object, rule.action) == (Object.CHANGE_REQUEST, action)
            for role in policy.roles
            for rule in role.rules
        )
        if not allowed:
            message = say("change-control-closed", action=as_it_is(action))
            findings.append(Finding("change-control-closed", "error", message, "roles"))
    findings += [
        Finding("empty-role", "warning", say("role-empty", name=as_it_is(role.name)), f"roles.{role.name}")
        for role in policy.roles
        if not role.rules and not role.includes
    ]
    return tuple(findings)


class PersonKind:
    """`person: REF`, `name: ...`, `status: active|left`. The name is personal: the source is kept sealed."""

    kind = "person"
    data_class = "personal"

    def read(self, source: str) -> Artefact:
        members = read_source(source).record(("person", "name"), ("status",))
        name = members["name"].text()
        if len(name) > NAME_MAX:
            members["name"].fail(tell("name-length", most=NAME_MAX))
        ref = slug_at(members["person"], tell("a-reference"))
        return Artefact(ref, {"person": ref, "name": name, "status": _status(members)})

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        known = store.person_by_ref(uow, artefact.name)
        if known is None and artefact.value["status"] == "left":
            return (Finding("unknown-person", "error", say("leaving-person-unknown"), "person"),)
        return ()

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        known = store.person_by_ref(uow, release.name)
        person = uow.ids.random("person:") if known is None else known.id
        payload = {
            "person": person,
            "name": seal_name(uow, person, person, "name", release.value["name"]),
            "status": release.value["status"],
            "release": released(release),
            "result": {"person": person},
        }
        if known is not None:
            return EntryDraft(entries.PERSON_CHANGED, 1, person, payload)
        return EntryDraft(entries.PERSON_REGISTERED, 1, person, {**payload, "ref": release.name, "actor": person})


def seal_name(uow: UnitOfWork, person: str, subject: str, path: str, name: str) -> Any:
    """A person's name as it may stand in an entry."""
    return uow.seal(subject, path, name, data_class="personal", data_subject=PersonId(person))


class ActorKindOfArtefact:
    """`actor: svc:NAME` or `agent:NAME`, `title: ...`, `status: active|left`. Persons come with their actor."""

    kind = "actor"
    data_class = "internal"

    def read(self, source: str) -> Artefact:
        members = read_source(source).record(("actor", "title"), ("status",))
        actor = members["actor"].text()
        try:
            check_typed(actor, "svc", "agent")
        except BrokenInput as fault:
            members["actor"].fail(as_told(fault.message))
        title = members["title"].text()
        if len(title) > NAME_MAX:
            members["title"].fail(tell("title-length", most=NAME_MAX))
        return Artefact(actor, {"actor": actor, "title": title, "status": _status(members)})

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        if uow.get(ACTOR, artefact.name) is None and artefact.value["status"] == "left":
            return (Finding("unknown-actor", "error", say("leaving-actor-unknown"), "actor"),)
        return ()

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        actor = check_typed(release.name, "svc", "agent")
        value = release.value
        payload = {"actor": actor, "title": value["title"], "status": value["status"], "release": released(release)}
        payload["result"] = {"actor": actor}
        if uow.get(ACTOR, actor) is not None:
            return EntryDraft(entries.ACTOR_CHANGED, 1, actor, payload)
        return EntryDraft(entries.ACTOR_REGISTERED, 1, actor, {**payload, "kind": actor_kind(actor)})


def actor_kind(actor: str) -> str:
    """The kind an actor id begins with."""
    return "service" if actor.startswith("svc:") else "agent"


class RoleAssignmentKind:
    """`role assignment: NAME`, `to`, `role`, `domain`, `from`, `until`: one role of one actor, half-open.

    A later version may only bring the end forward or set it: another role or person is another assignment.
    Nothing counts before its release, whatever `from` says.
    """

    kind = "role-assignment"
    data_class = "internal"

    def read(self, source: str) -> Artefact:
        members = read_source(source).record(("role assignment", "to", "role"), ("domain", "from", "until"))
        name = slug_at(members["role assignment"], tell("a-name"))
        to = members["to"].text()
        if not is_slug(to):
            try:
                check_typed(to, "person", "svc", "agent")
            except BrokenInput:
                members["to"].fail(tell("reference-or-id"))
        start, until = instant_at(members.get("from")), instant_at(members.get("until"))
        if start is not None and until is not None and until <= start:
            members["until"].fail(tell("end-after-beginning"))
        value = {
            "name": name,
            "to": to,
            "role": slug_at(members["role"], tell("a-role")),
            "domain": slug_at(members["domain"], tell("a-domain")) if "domain" in members else WHOLE,
            "from": start,
            "until": until,
        }
        return Artefact(name, value)

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        value = artefact.value
        findings = []
        actor = store.actor_named(uow, value["to"])
        if actor is None:
            findings.append(Finding("unknown-actor", "error", say("nobody-registered"), "to"))
        row = store.newest_policy(uow)
        policy = None if row is None else parse_row(row.value)
        if policy is None or policy.role(value["role"]) is None:
            message = say("no-such-role", role=as_it_is(value["role"]))
            findings.append(Finding("unknown-role", "error", message, "role"))
        if policy is None or value["domain"] not in policy.domain_names():
            message = say("no-such-domain", domain=as_it_is(value["domain"]))
            findings.append(Finding("unknown-domain", "error", message, "domain"))
        present = _present(uow, artefact.name)
        if present is None and value["until"] is not None and value["until"] <= uow.now:
            findings.append(Finding("already-over", "error", say("end-in-the-past"), "until"))
        if present is not None:
            findings += _change_findings(present, value, actor)
        return tuple(findings)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        value = release.value
        actor = store.actor_named(uow, value["to"])
        if actor is None:
            raise BrokenInput(why("no-such-holder"), "to")
        until = value["until"]
        present = _present(uow, release.name)
        if present is not None:
            if faults := _change_findings(present, value, actor):
                raise BrokenInput(faults[0].message, faults[0].location)
            end = {"assignment": present.id, "actor": actor, "valid_until": max(until, uow.now)}
            payload = {**end, "release": released(release), "result": {"assignment": present.id}}
            return EntryDraft(entries.ROLE_UNASSIGNED, 1, actor, payload)
        start = max(value["from"] or 0, uow.now)
        if until is not None and until <= start:
            raise BrokenInput(why("end-in-future"), "until")
        assignment = uow.ids.ordered("ra", uow.now)
        body = assignment_body(actor, assignment, (value["name"], value["role"], value["domain"]), (start, until))
        payload = {**body, "release": released(release), "result": {"assignment": assignment}}
        return EntryDraft(entries.ROLE_ASSIGNED, 1, actor, payload)


def assignment_body(
    actor: str, assignment: str, what: tuple[str, str, str], valid: tuple[int, int | None]
) -> dict[str, Any]:
    """A role assignment as it stands in entries; `what` is (name, role, domain)."""
    name, role, domain = what
    body: dict[str, Any] = {"assignment": assignment, "name": name, "actor": actor, "role": role, "domain": domain}
    return {**body, "valid_from": valid[0], "valid_until": valid[1]}


def parse_row(value: str) -> AccessPolicy:
    """The policy of a stored row; `BrokenInput` when it is none."""
    return policy_of(canonical.decode(value.encode("utf-8")))


def instant_at(at: At | None) -> Instant | None:
    """The instant that stands here, where something does."""
    if at is None:
        return None
    try:
        return parse_instant(at.text())
    except BrokenInput as fault:
        at.fail(as_told(fault.message))


def _present(uow: UnitOfWork, name: str) -> AssignmentRow | None:
    found = uow.get(ASSIGNMENT_NAME, name)
    return None if found is None else uow.get(ASSIGNMENT, found.actor, found.id)


def _change_findings(present: AssignmentRow, value: dict[str, Any], actor: str | None) -> list[Finding]:
    findings = []
    if (present.actor, present.role, present.domain) != (actor, value["role"], value["domain"]):
        message = say("assignment-fixed")
        findings.append(Finding("assignment-fixed", "error", message, "role assignment"))
    if value["until"] is None:
        findings.append(Finding("nothing-to-end", "error", say("nothing-to-end"), "until"))
    elif present.valid_until is not None and value["until"] > present.valid_until:
        findings.append(Finding("assignment-longer", "error", say("assignment-longer"), "until"))
    return findings


access_policy_kind = AccessPolicyKind()
person_kind = PersonKind()
actor_kind_of_artefact = ActorKindOfArtefact()
role_assignment_kind = RoleAssignmentKind()
