"""Handlers of commands about instances: start, fire a timer."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from ledger.actor import acting
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries
from orchestrator import transitions as t
from orchestrator.act import NOT_FOUND, Act
from orchestrator.paths import value_at
from orchestrator.plan import role_name
from orchestrator.ports import Deps, Permitted
from orchestrator.recording import Recording, basis_of, person_of
from orchestrator.refusal_texts import why
from orchestrator.subject import Subject
from orchestrator.turned_down import not_the_system
from versioning.blueprint import BlueprintVersion
from versioning.starts import Start, begun_by, start_by


def start_instance(deps: Deps, uow: UnitOfWork, command: c.StartInstance) -> Done | Refusal:
    """Start an instance of the version in force, or of a released one named by digest."""
    if command.version is None:
        version = deps.versions.current(uow, command.blueprint)
    else:
        version = deps.versions.by_digest(uow, command.version)
    if version is None or version.blueprint.id != command.blueprint:
        return Refusal(Reason.NOT_FOUND, why("no-such-blueprint"))
    rule = start_by(version.blueprint.starts, "api")
    permit = may_start(deps, uow, rule or version.blueprint.start, command.domain)
    if isinstance(permit, Refusal):
        return permit
    if rule is None:
        ways = ", ".join(dict.fromkeys(start.by for start in version.blueprint.starts))
        return Refusal(Reason.WRONG_STATE, why("starts-otherwise", by=as_it_is(ways)))
    data = dict(command.data)
    if "." not in rule.key:
        data.setdefault(rule.key, command.business_key)
    if value_at(data, rule.key) != command.business_key:
        return Refusal(Reason.INVALID_DATA, why("no-business-key", key=as_it_is(rule.key)))
    begun = begin(Act(uow, deps), Way(version, rule), command.domain, data, test=command.test)
    return begun if isinstance(begun, Refusal) else begun.record(permit, {})


def may_start(deps: Deps, uow: UnitOfWork, start: Start, domain: str) -> Permitted | Refusal:
    """Whether who asks may start an instance in this way in this domain, which a refusal for want of a rule names."""
    permit = deps.access.check(uow, uow.actor, domain, "instance", "start")
    role = role_name(start.requires)
    if not isinstance(permit, Refusal) and role and not deps.access.holds(uow, uow.actor, domain, role):
        permit = Refusal(Reason.NO_RULE, why("role-not-held", role=as_it_is(role)))
    if isinstance(permit, Refusal) and permit.reason is Reason.NO_RULE:
        message = why("in-domain", domain=as_it_is(domain), why=permit.message)
        return Refusal(permit.reason, message, (*permit.details, ("domain", domain)))
    return permit


class Way(NamedTuple):
    """A version, and the way in which an instance of it begins."""

    version: BlueprintVersion
    start: Start


class Begun(NamedTuple):
    """An instance that has begun within a command and is not recorded yet."""

    act: Act
    subject: Subject

    def record(self, permit: Permitted, more: Mapping[str, Any]) -> Done:
        """Record it; `more` goes into the payload."""
        result = {"instance": self.subject.row.id, **state_of(self.subject)}
        refs = person_of(self.act.uow.actor)
        recording = Recording(entries.INSTANCE_STARTED, "started", basis_of(permit), refs)
        return self.act.record(self.subject, recording, {"result": result, **more})


def begin(act: Act, way: Way, domain: str, data: Mapping[str, Any], *, test: bool = False) -> Begun | Refusal:
    """Begin an instance with these data, which hold its business key; who may has been asked."""
    version, start = way
    started = t.InstanceStarted(
        blueprint=version.blueprint.id,
        version=version.digest,
        number=version.number,
        key=value_at(data, start.key),
        key_mark="",
        initiator=acting(act.uow.actor),
        domain=domain,
        test=test,
        begun_by=begun_by(version.blueprint.starts, start),
    )
    subject = act.start(version, started, data)
    return subject if isinstance(subject, Refusal) else Begun(act, subject)


def state_of(subject: Subject) -> dict[str, Any]:
    """Status and revision, as commands on an instance answer them."""
    return {"status": subject.instance.status, "revision": subject.instance.revision + 1}


def fire_timer(deps: Deps, uow: UnitOfWork, command: c.FireTimer) -> Done | Refusal:
    """Fire a due timer. The row's instant is part of the command, so one timer fires once whoever sends it."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    act = Act(uow, deps)
    subject = act.load(c.split_timer_id(command.timer_id)[0])
    if subject is None:
        return NOT_FOUND
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    return act.record(subject, Recording(entries.TIMER_FIRED, "fired"), {"result": state_of(subject)})


def arguments_of(text: str) -> dict[str, Any]:
    """Recorded arguments of a job or call."""
    value: dict[str, Any] = orjson.loads(text)
    return value
