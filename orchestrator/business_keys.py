"""Business keys: what may be one, and whether one is taken."""

from collections.abc import Container, Mapping
from typing import Protocol

from ledger.refusal import Reason, Refusal
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.legible import has_controls, looks_like_another, turns
from orchestrator.plan import Plan
from orchestrator.refusal_texts import why
from orchestrator.sealing import business_key_mark
from orchestrator.subject import Subject
from versioning.starts import start_of

KEY_LENGTH_MAX = 200  # characters of a business key; it is an index key


class Command(Protocol):
    """What a command has come to so far (`orchestrator.act.Act`): its instances, and the keys of those it begins."""

    uow: UnitOfWork

    @property
    def subjects(self) -> Mapping[str, Subject]: ...
    @property
    def taken_keys(self) -> Container[tuple[str, str, bool]]: ...


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
    holder = _holder_of(act.uow, started)
    taken = (blueprint.id, key, started.test) in act.taken_keys
    if holder is not None and not taken:
        row = act.uow.get(tables.INSTANCE, holder)
        subject = act.subjects.get(holder)  # this command may have ended it
        assert row is not None  # the key is folded with its instance
        status = row.status if subject is None else subject.instance.status
        reuse = start_of(blueprint.starts, started.begun_by).reuse
        taken = reuse == "never" or status == "active"
    if taken:
        details = () if holder is None else (("instance", holder),)
        return Refusal(Reason.BUSINESS_KEY_TAKEN, why("business-key-taken"), details)
    return None


def _holder_of(uow: UnitOfWork, started: t.InstanceStarted) -> str | None:
    """The newest instance of the blueprint with this key."""
    mark = business_key_mark(uow, started.blueprint, started.key, test=started.test)
    found = uow.get(tables.BUSINESS_KEY, started.blueprint, mark)
    return None if found is None else found.instance
