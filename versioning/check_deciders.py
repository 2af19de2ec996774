"""Whether somebody could take each decision today, with its authority and its duties. Pure."""

from collections.abc import Mapping, Sequence

from ledger.wording import as_it_is
from versioning.blueprint import AgentStep, Blueprint, DecideStep, Step, TaskStep
from versioning.check_offers import offered_among
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.registers import People


def somebody_could_decide(notes: Notes, blueprint: Blueprint, people: People) -> None:
    """For every decision there is today at least one person whom its duties need not exclude.

    A duty excludes one person at a time: the initiator, whoever acted in another step. So a decider is enough if
    each of those parts could have been played by somebody else; whichever way the instance began.
    """
    acting = {step.id: _actors(step, people) for step in blueprint.steps}
    begun = [people.holders(start.requires) for start in blueprint.starts]
    for step in blueprint.steps:
        if not isinstance(step, DecideStep) or not step.authority:
            continue
        able = acting[step.id]
        place = notes.of_step(step, "authority")
        if not able:
            message = say("nobody-could-decide", step=quoted(step.id))
            notes.error(
                "decision.nobody", place, message, say("person-with-authority", authority=quoted(step.authority))
            )
            continue
        left = able
        if any(duty.kind == "not author of blueprint" for duty in step.duties):
            left = left - people.authors
        barred = begun if any(duty.kind in _BY_INITIATOR for duty in step.duties) else [frozenset[str]()]
        if not all(any(_keeps(step, person, acting, (some, people)) for person in left) for some in barred):
            message = say("duties-exclude-all", step=quoted(step.id))
            notes.error("decision.nobody", place, message, say("one-more-person"))
        elif step.quorum is not None and len(left) < step.quorum.need:
            message = say("too-few-voters", step=quoted(step.id))
            notes.error(
                "quorum.members", place, message, say("persons", need=as_it_is(step.quorum.need)), as_it_is(len(left))
            )


_BY_INITIATOR = ("not initiator", "not same unit as initiator", "not on behalf of initiator")
_NOT_THEY = ("not initiator", "not step", "not on behalf of initiator", "not on behalf of step")


def _keeps(
    step: DecideStep, person: str, acting: Mapping[str, frozenset[str]], around: tuple[frozenset[str], People]
) -> bool:
    """Whether a person keeps the duties of a decision where each other part was played by somebody who lets them.

    What nobody could do is a fault of that step, or a start by a service; it excludes nobody here.
    """
    begun, people = around
    for duty in step.duties:
        others = begun if duty.kind in _BY_INITIATOR else acting.get(duty.step or "", frozenset())
        if duty.kind in _NOT_THEY and others and not others - {person}:
            return False
        if duty.kind.startswith("not same unit") and others and not _apart(person, others, people):
            return False
        if duty.kind == "at least persons":
            parts = [acting.get(name, frozenset()) for name in duty.shared]
            able = [some - {person} for some in parts if some]
            if 1 + most_persons(able) + parts.count(frozenset()) < duty.needed:
                return False
    return True


def _apart(person: str, others: frozenset[str], people: People) -> bool:
    """Whether one of the others is of another unit, where units are known."""
    if people.units is None:
        return True
    own = people.units(person)
    return bool(own) and any(units and not units & own for units in map(people.units, others))


def most_persons(parts: Sequence[frozenset[str]]) -> int:
    """How many different persons can act in so many parts, each played by one of those who could."""
    plays: dict[str, int] = {}

    def placed(part: int, seen: set[str]) -> bool:
        for person in sorted(parts[part] - seen):
            seen.add(person)
            if person not in plays or placed(plays[person], seen):
                plays[person] = part
                return True
        return False

    return sum(placed(part, set()) for part in range(len(parts)))


def _actors(step: Step, people: People) -> frozenset[str]:
    """Who could act at a step: those of its role or authority, among them those it is offered to."""
    if isinstance(step, DecideStep):
        return offered_among(people.deciders(step.authority, step.role), step.offer, people)
    if isinstance(step, AgentStep):
        return offered_among(people.holders(step.review_by), step.offer, people)
    return offered_among(people.holders(step.role), step.offer, people) if isinstance(step, TaskStep) else frozenset()
