"""Handlers of messages: one is delivered to who waits for it, starts an instance, or is kept until somebody waits."""

from collections.abc import Mapping
from typing import Any

from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, resume
from orchestrator.act import Act
from orchestrator.kept import (
    BODY_PATH,
    KEYLESS,
    REPEATED_WITHIN,
    body_digest,
    keep,
    kept_until,
    repeated,
    sent_value,
    waiting_for,
)
from orchestrator.message_keys import key_fault
from orchestrator.message_tables import MESSAGE
from orchestrator.on_instances import Way, begin, may_start, state_of
from orchestrator.ports import Deps, Permitted
from orchestrator.recording import Recording, basis_of
from orchestrator.refusal_texts import why
from orchestrator.sealing import message_mark
from orchestrator.steering import SUSPENDED
from orchestrator.subject import Subject
from orchestrator.turned_down import not_the_system
from versioning.blueprint import BlueprintVersion, DataClass
from versioning.starts import start_of


def correlate(deps: Deps, uow: UnitOfWork, command: c.Correlate) -> Done | Refusal:
    """Deliver a message to the instance that waits for this name and key, of several to the one that has
    waited longest; else start the instance it starts; else keep it, where the sender says for how long. One that is
    suspended gets it when it goes on: until then it is kept, or refused."""
    until = kept_until(uow, command)
    if isinstance(until, Refusal):
        return until
    permit = deps.access.check(uow, uow.actor, command.domain, "message", "correlate")
    if isinstance(permit, Refusal):
        return permit
    known = repeated(uow, command)
    if known is not None:
        return known
    act = Act(uow, deps)
    mark = message_mark(uow, command.message, command.key, test=command.test)
    for instance_id, number in waiting_for(uow, mark, command.domain, 1):
        subject = act.load(instance_id)
        if subject is not None:
            if not subject.instance.suspended:
                return _deliver(act, subject, (number, command), permit)
            return _kept(uow, command, until, permit) if until else SUSPENDED
    fault = key_fault(command)
    if fault is not None:
        return fault
    starts = deps.versions.starting_by(uow, command.message)
    if starts:
        return _start(act, starts, command)
    if until:
        return KEYLESS if command.key is None else _kept(uow, command, until, permit)
    return Refusal(Reason.NOT_FOUND, why("nobody-waits"))


def _kept(uow: UnitOfWork, command: c.Correlate, until: int, permit: Permitted) -> Done:
    return Done("kept", keep(uow, command, until, basis_of(permit)))


def _deliver(act: Act, subject: Subject, asked: tuple[int, c.Correlate], permit: Permitted) -> Done | Refusal:
    number, command = asked
    refusal = act.do(subject, resume.Deliver(number, command.data))
    if refusal is not None:
        return refusal
    result = {"instance": subject.row.id, "message": command.message, **state_of(subject)}
    payload = {"result": result, **sent_to(subject, command)}
    return act.record(subject, Recording(entries.MESSAGE_CORRELATED, "correlated", basis_of(permit)), payload)


def _start(act: Act, starts: tuple[BlueprintVersion, ...], command: c.Correlate) -> Done | Refusal:
    if len(starts) > 1:  # which of them was meant is nothing to guess at
        return Refusal(Reason.WRONG_STATE, why("starts-by-message-counted", count=len(starts)))
    way = Way(starts[0], start_of(starts[0].blueprint.starts, f"message {command.message}"))
    permit = may_start(act.deps, act.uow, way.start, command.domain)
    if isinstance(permit, Refusal):
        return permit
    if not isinstance(command.data, Mapping):
        return Refusal(Reason.INVALID_DATA, why("start-data-unnamed"))
    begun = begin(act, way, command.domain, command.data, test=command.test)
    if isinstance(begun, Refusal):
        return begun
    return begun.record(permit, {"message": command.message, **sent_to(begun.subject, command)})


def sent_to(subject: Subject, command: c.Correlate) -> dict[str, Any]:
    """`payload.sent` of an entry of the instance that got a message; its digest goes with the data it came of."""
    if not command.message_id:
        return {}
    data_class: DataClass = "personal" if subject.row.data_subject else "confidential"
    body = subject.sealer.seal(BODY_PATH, body_digest(command), data_class)
    return dict(sent_value(subject.uow, command, body, subject.uow.now + REPEATED_WITHIN))


def expire(deps: Deps, uow: UnitOfWork, command: c.ExpireMessage) -> Done | Refusal:  # noqa: ARG001 - as every handler
    """Record that nobody waited for a kept message in time."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    row = uow.get(MESSAGE, command.message_id)
    if row is None:
        return Refusal(Reason.NOT_FOUND, why("no-such-message"))
    if row.state != "kept" or row.expires_at != command.due or command.due > uow.now:
        return Refusal(Reason.WRONG_STATE, why("no-kept-message-over"))
    result = {"kept": row.id, "message": row.message}
    uow.stage(EntryDraft(entries.MESSAGE_EXPIRED, entries.SCHEMA, row.id, {"result": result}))
    return Done("expired", result)
