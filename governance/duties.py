"""Separation of duties: rules over history about who may not do both. Pure, standard library only.

Duties are judged over natural persons, so a second account changes nothing, and they bind both the person who acts and
the one they act for. Nothing fails open: a fact that is not known refuses. Design: governance, "Authority".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from governance.refusal_texts import why
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is

NOT_INITIATOR = "not initiator"
NOT_STEP = "not step"
NOT_AUTHOR = "not author of blueprint"
NOT_APPROVER = "not approver of blueprint"


class DutyRule(Protocol):
    """A duty as a blueprint states it: its kind, and the step for `not step`."""

    @property
    def kind(self) -> str: ...
    @property
    def step(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty of our own making, where no blueprint states one."""

    kind: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """Who did what, as ids of natural persons (an instance started by a service names its actor id).

    `initiator` None and empty `authors` or `approvers` mean *not known*. `actors_by_step` holds every person who acted
    at a step, on every visit, and every person they acted for; a step nobody acted at is absent.
    """

    initiator: str | None = None
    actors_by_step: tuple[tuple[str, tuple[str, ...]], ...] = ()
    authors: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()


def duty_words(duty: DutyRule) -> str:
    """How a duty is named in refusals and records: `not step assess`."""
    return f"{duty.kind} {duty.step}" if duty.step else duty.kind


def check_duties(duties: Iterable[DutyRule], persons: Sequence[str], facts: DutyFacts) -> Refusal | None:
    """SOD naming the first duty, in the order given, that one of the persons breaks; None when all are kept."""
    for duty in duties:
        words = duty_words(duty)
        excluded = _excluded(duty, facts)
        if excluded is None:
            return _refusal(words, why("duty-unknown", duty=as_it_is(words)))
        if any(person in excluded for person in persons):
            return _refusal(words, why("duty-excludes", duty=as_it_is(words)))
    return None


def _excluded(duty: DutyRule, facts: DutyFacts) -> tuple[str, ...] | None:
    """Whom a duty excludes; None when that cannot be known, an unknown duty included."""
    if duty.kind == NOT_INITIATOR:
        return (facts.initiator,) if facts.initiator else None
    if duty.kind == NOT_STEP and duty.step:
        return tuple(person for step, persons in facts.actors_by_step if step == duty.step for person in persons)
    if duty.kind == NOT_AUTHOR:
        return facts.authors or None
    if duty.kind == NOT_APPROVER:
        return facts.approvers or None
    return None


def _refusal(words: str, message: Wording) -> Refusal:
    return Refusal(Reason.SOD, message, (("duty", words),))
