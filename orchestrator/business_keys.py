"""Business keys: what may be one, and whether one is taken."""

from collections.abc import Mapping
from typing import Protocol

from ledger.refusal import Reason, Refusal
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.instance import CANCELLED, ENDED
from orchestrator.legible import has_controls, looks_like_another, turns
from orchestrator.plan import Plan
from orchestrator.refusal_texts import why
from orchestrator.sealing import business_key_mark
from orchestrator.subject import Subject
from versioning.starts import start_of

KEY_LENGTH_MAX = 200  # characters of a business key; it is an index key


class Command(Protocol):
    """What a command has come to so far (`orchestrator.act.Act`): its instances, and the newest it began by a key."""

    uow: UnitOfWork

    @property
    def subjects(self) -> Mapping[str, Subject]: ...
    @property
    def taken_keys(self) -> Mapping[tuple[str, str, bool], Subject]: ...


def key_fault(act: Command, plan: Plan, started: t.InstanceStarted) -> Refusal | None:
    """Why no instance can start with this key (`started.key`, in clear)."""
    key = started.key
    if type(key) is not str or not key or len(key) > KEY_LENGTH_MAX:
        return Refusal(Reason.INVALID_DATA, why("business-key-length", most=KEY_LENGTH_MAX))
    if has_controls(key) or turns(key):
        return Refusal(Reason.INVALID_DATA, why("business-key-with-controls"))
    if looks_like_another(key):
        return Refusal(Reason.INVALID_DATA, why("business-key-like-another"))
    blueprint = plan.version.blueprint
    begun = act.taken_keys.get((blueprint.id, key, started.test))  # by this command: it is on no record yet
    holder = _holder_of(act.uow, started) if begun is None else begun.row.id
    if holder is None:
        return None
    subject = act.subjects.get(holder) if begun is None else begun  # this command may have ended it
    is_over = (_status(act.uow, holder) if subject is None else subject.instance.status) in (ENDED, CANCELLED)
    if is_over and start_of(blueprint.starts, started.begun_by).reuse != "never":
        return None
    return Refusal(Reason.BUSINESS_KEY_TAKEN, why("business-key-taken"), (("instance", holder),))


def _status(uow: UnitOfWork, instance_id: str) -> str:
    row = uow.get(tables.INSTANCE, instance_id)
    assert row is not None  # the key is folded with its instance
    return row.status


def _holder_of(uow: UnitOfWork, started: t.InstanceStarted) -> str | None:
    """The newest instance of the blueprint with this key."""
    mark = business_key_mark(uow, started.blueprint, started.key, test=started.test)
    found = uow.get(tables.BUSINESS_KEY, started.blueprint, mark)
    return None if found is None else found.instance
