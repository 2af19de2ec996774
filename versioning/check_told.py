"""Whom notifications are for: persons that can be told, who may read what they are shown, and at least one of them."""

from collections.abc import Iterator, Mapping

from versioning.blueprint import AgentStep, Blueprint, DecideStep, Recipient, Step, TaskStep, TellStep
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.people_texts import of_people
from versioning.reader import near
from versioning.registers import People


def told(notes: Notes, blueprint: Blueprint, step: Step) -> None:
    """A step whose persons are told is one in which a person acts."""
    steps = {other.id: other for other in blueprint.steps}
    for key, one in recipients_of(step):
        other = steps.get(one.name)
        if one.kind != "step":
            continue
        place = notes.of_step(step, key)
        if other is None:
            message = of_people("tells-no-step", step=quoted(step.id), near=near(one.name, steps))
            notes.error("step.unknown", place, message, say("step"), quoted(one.name))
        elif not isinstance(other, TaskStep | DecideStep | AgentStep):
            message = of_people("tells-where-nobody-acts", step=quoted(step.id), other=quoted(other.id))
            notes.error("told.nobody", place, message, say("acting-step"))


def recipients_of(step: Step) -> Iterator[tuple[str, Recipient]]:
    """Whom a step tells, each with where it stands in the step."""
    to = step.to if isinstance(step, TellStep) else ()
    for number, one in enumerate(to):
        yield f"send.tell.{number}" if len(to) > 1 else "send.tell", one


def roles_told(blueprint: Blueprint, step: Step) -> Iterator[str]:
    """The roles whose people a step tells, as `NAME`. An office is judged by who holds it when it is told."""
    for _, one in recipients_of(step):
        if one.kind == "role":
            yield one.name
        elif one.kind == "initiator":
            yield from (start.requires.removeprefix("role ") for start in blueprint.starts)
        elif one.kind == "step":
            acted = next((other for other in blueprint.steps if other.id == one.name), None)
            role = acted.review_by if isinstance(acted, AgentStep) else getattr(acted, "role", None)
            yield (role or "").removeprefix("role ")


def offices(notes: Notes, blueprint: Blueprint, known: Mapping[str, frozenset[str]] | None) -> None:
    """The offices that are told exist."""
    for step in blueprint.steps:
        for key, one in recipients_of(step):
            if one.kind == "office" and known is not None and one.name not in known:
                message = of_people("no-such-office", near=near(one.name, known))
                notes.error("reference", notes.of_step(step, key), message, of_people("office"), quoted(one.name))


def offices_told(blueprint: Blueprint) -> bool:
    """Whether a step tells an office at all."""
    return any(one.kind == "office" for step in blueprint.steps for _, one in recipients_of(step))


def somebody_told(
    notes: Notes, blueprint: Blueprint, people: People, known: Mapping[str, frozenset[str]] | None
) -> None:
    """Where a step tells roles and offices alone, somebody has one of them today: else it would be held."""
    for step in blueprint.steps:
        to = [one for _, one in recipients_of(step)]
        if not to or any(one.kind not in ("role", "office") for one in to):
            continue
        holders = [people.holders(one.name) if one.kind == "role" else (known or {}).get(one.name, ()) for one in to]
        if not any(holders):
            message = of_people("nobody-is-told", step=quoted(step.id))
            notes.error("told.nobody", notes.of_step(step, "send.tell"), message, of_people("person-of-its-roles"))
