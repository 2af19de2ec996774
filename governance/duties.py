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
PERSONS = "at least persons"
OTHER_UNIT_THAN_INITIATOR = "not same unit as initiator"
OTHER_UNIT_THAN_STEP = "not same unit as step"
NOT_FOR_INITIATOR = "not on behalf of initiator"
NOT_FOR_STEP = "not on behalf of step"
BY_UNIT = (OTHER_UNIT_THAN_INITIATOR, OTHER_UNIT_THAN_STEP)


class DutyRule(Protocol):
    """A duty as a blueprint states it: its kind, the step for `not step`; how many persons are `needed` over its own
    step and those it is `shared` with."""

    @property
    def kind(self) -> str: ...
    @property
    def step(self) -> str | None: ...
    @property
    def needed(self) -> int: ...
    @property
    def shared(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty of our own making, where no blueprint states one."""

    kind: str
    step: str | None = None
    needed: int = 0
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """Who did what, as ids of natural persons (an instance started by a service names its actor id).

    `initiator` None and empty `authors` or `approvers` mean *not known*. `actors_by_step` holds every person who acted
    at a step, on every visit, and every person they acted for; a step nobody acted at is absent. `units` are those of
    each person at that instant, where a duty asks for them. Steps that are `voted` on bind nobody to anybody:
    everybody votes for themselves.
    """

    initiator: str | None = None
    actors_by_step: tuple[tuple[str, tuple[str, ...]], ...] = ()
    authors: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    units: tuple[tuple[str, tuple[str, ...]], ...] = ()
    voted: tuple[str, ...] = ()


def duty_words(duty: DutyRule) -> str:
    """How a duty is named in refusals and records: `not step assess`."""
    if duty.kind == PERSONS:
        return f"at least {duty.needed} persons here and in {' and '.join(duty.shared)}"
    return f"{duty.kind} {duty.step}" if duty.step else duty.kind


def check_duties(duties: Iterable[DutyRule], persons: Sequence[str], facts: DutyFacts) -> Refusal | None:
    """SOD naming the first duty, in the order given, that one of the persons breaks; None when all are kept."""
    for duty in duties:
        if duty.kind == PERSONS:
            if persons_at_most(duty, persons, facts) < max(duty.needed, 1):
                return _refusal(duty, why("duty-too-few", duty=as_it_is(duty_words(duty))))
            continue
        excluded = _of_their_units(duty, persons, facts) if duty.kind in BY_UNIT else _excluded(duty, facts)
        if excluded is None:
            return _refusal(duty, why("duty-unknown", duty=as_it_is(duty_words(duty))))
        for person in persons:
            if person in excluded:
                return _refusal(duty, why("duty-excludes", duty=as_it_is(duty_words(duty))))
    return None


def persons_at_most(duty: DutyRule, persons: Sequence[str], facts: DutyFacts) -> int:
    """How many there can still be over the steps of a duty, once these persons have acted at its own.

    Whoever acted for another is one with them, and so are all who acted at one of the steps, on whatever visit: a step
    that is done again brings nobody more. A step nobody has acted at can still bring one more.
    """
    acted: dict[str, set[str]] = {}
    for step, some in facts.actors_by_step:
        if step in duty.shared:
            acted.setdefault(step, set()).update(some)
    groups: list[set[str]] = []
    for together in (set(persons), *acted.values()):
        one = together.union(*[group for group in groups if group & together])
        groups = [*[group for group in groups if not group & together], one]
    return len(groups) + len(set(duty.shared) - set(acted))


def compared_by_unit(duties: Iterable[DutyRule], facts: DutyFacts) -> tuple[str, ...]:
    """The persons whose units are asked for beside those of who acts."""
    found = [some for duty in duties if duty.kind in BY_UNIT for some in _others(duty, facts)]
    return tuple(dict.fromkeys(found))


def _others(duty: DutyRule, facts: DutyFacts) -> tuple[str, ...]:
    if duty.kind == OTHER_UNIT_THAN_INITIATOR:
        return (facts.initiator,) if facts.initiator else ()
    return _actors(duty.step or "", facts)


def _actors(step: str, facts: DutyFacts) -> tuple[str, ...]:
    return tuple([person for one, persons in facts.actors_by_step if one == step for person in persons])


def _chained(first: tuple[str, ...], facts: DutyFacts) -> tuple[str, ...]:
    """These persons and whoever acted on behalf of one of them, or they of him, through however many others.

    Who acted in one step, on whatever visit, is taken to have acted for each other: nobody is let through for want of
    knowing which visit it was.
    """
    together: dict[str, set[str]] = {}
    for step, persons in facts.actors_by_step:
        if step not in facts.voted:
            together.setdefault(step, set()).update(persons)
    chain = set(first)
    for _ in together:  # each step can bind the chain to the next once
        for some in together.values():
            if some & chain:
                chain |= some
    return tuple(sorted(chain))


def _of_their_units(duty: DutyRule, persons: Sequence[str], facts: DutyFacts) -> tuple[str, ...] | None:
    """Who of the persons is of a unit that one of the others is of; None where the unit of anybody is not known."""
    units = {person: set(some) for person, some in facts.units}
    others = _others(duty, facts)
    if duty.kind == OTHER_UNIT_THAN_INITIATOR and not others:
        return None
    if others and not all(units.get(person) for person in (*persons, *others)):
        return None
    barred: set[str] = set().union(*[units[other] for other in others])
    return tuple([person for person in persons if units.get(person, set()) & barred])


def _excluded(duty: DutyRule, facts: DutyFacts) -> tuple[str, ...] | None:
    """Whom a duty excludes; None when that cannot be known, an unknown duty included."""
    if duty.kind == NOT_INITIATOR:
        return (facts.initiator,) if facts.initiator else None
    if duty.kind == NOT_STEP and duty.step:
        return _actors(duty.step, facts)
    if duty.kind == NOT_FOR_INITIATOR:
        return _chained((facts.initiator,), facts) if facts.initiator else None
    if duty.kind == NOT_FOR_STEP and duty.step:
        return _chained(_actors(duty.step, facts), facts)
    if duty.kind == NOT_AUTHOR:
        return facts.authors or None
    if duty.kind == NOT_APPROVER:
        return facts.approvers or None
    return None


def _refusal(duty: DutyRule, message: Wording) -> Refusal:
    return Refusal(Reason.SOD, message, (("duty", duty_words(duty)),))
