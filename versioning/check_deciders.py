"""Whether somebody could take each decision today, with its authority and its duties. Pure."""

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
    each of those parts could have been played by somebody else.
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
        # An empty set of others is a fault of that step, or a start by a service; it excludes nobody here.
        others = [acting.get(duty.step or "", frozenset()) for duty in step.duties if duty.kind == "not step"]
        barred = begun if any(duty.kind == "not initiator" for duty in step.duties) else []
        if not all(_decides(left, [*others, some]) for some in barred or [frozenset()]):
            message = say("duties-exclude-all", step=quoted(step.id))
            notes.error("decision.nobody", place, message, say("one-more-person"))
        elif step.quorum is not None and len(left) < step.quorum.need:
            message = say("too-few-voters", step=quoted(step.id))
            notes.error(
                "quorum.members", place, message, say("persons", need=as_it_is(step.quorum.need)), as_it_is(len(left))
            )


def _decides(left: frozenset[str], others: list[frozenset[str]]) -> bool:
    """Whether somebody is left when each part was played by somebody else, as far as anybody could play it."""
    return any(all(not some or some - {person} for some in others) for person in left)


def _actors(step: Step, people: People) -> frozenset[str]:
    """Who could act at a step: those of its role or authority, among them those it is offered to."""
    if isinstance(step, DecideStep):
        return offered_among(people.deciders(step.authority, step.role), step.offer, people)
    if isinstance(step, AgentStep):
        return offered_among(people.holders(step.review_by), step.offer, people)
    return offered_among(people.holders(step.role), step.offer, people) if isinstance(step, TaskStep) else frozenset()
