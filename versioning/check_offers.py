"""Whether work that is offered to a skill or a unit finds somebody today."""

from versioning.blueprint import AgentStep, Blueprint, Offer, TaskStep
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.registers import People


def offered_among(able: frozenset[str], offer: Offer | None, people: People) -> frozenset[str]:
    """Of those who could do it, those it is offered to; all of them where skills and units are not known."""
    if offer is None or people.having is None:
        return able
    for attribute, value in (("skill", offer.skill), ("unit", offer.unit)):
        if value:
            able &= people.having(attribute, value)
    return able


def somebody_offered(notes: Notes, blueprint: Blueprint, people: People) -> None:
    """For every task and review that is offered to some alone there is one of them today. Decisions are looked at with
    their duties, elsewhere."""
    for step in blueprint.steps:
        if not isinstance(step, TaskStep | AgentStep) or step.offer is None or people.having is None:
            continue
        role = step.role if isinstance(step, TaskStep) else step.review_by
        if not offered_among(people.holders(role), step.offer, people):
            where = notes.of_step(step, "offer to" if isinstance(step, TaskStep) else "otherwise.offer to")
            message = say("offered-to-nobody", step=quoted(step.id))
            notes.error("offer.nobody", where, message, say("person-of-skill-and-unit"))
