"""Whom something is told, by steps and by deadlines: persons that can be told, who may read what they are shown, and
of a step at least one of them."""

from collections.abc import Iterator, Mapping

from ledger.wording import Wording
from versioning.blueprint import AgentStep, Blueprint, DecideStep, Recipient, Step, TaskStep, TellStep
from versioning.check_deadlines import stated
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.people_texts import of_people
from versioning.reader import near
from versioning.registers import People


def told(notes: Notes, blueprint: Blueprint) -> None:
    """A step whose persons are told is one in which a person acts."""
    steps = {other.id: other for other in blueprint.steps}
    for who, path, one in everybody_told(blueprint):
        other = steps.get(one.name)
        if one.kind != "step":
            continue
        if other is None:
            message = of_people("tells-no-step", step=who, near=near(one.name, steps))
            notes.error("step.unknown", notes.at(path), message, say("step"), quoted(one.name))
        elif not isinstance(other, TaskStep | DecideStep | AgentStep):
            message = of_people("tells-where-nobody-acts", step=who, other=quoted(other.id))
            notes.error("told.nobody", notes.at(path), message, say("acting-step"))


def everybody_told(blueprint: Blueprint) -> Iterator[tuple[Wording, str, Recipient]]:
    """Who tells whom, each with the path where it stands; single roles that a deadline tells are with the deadlines."""
    for step in blueprint.steps:
        if isinstance(step, TellStep):
            yield from _listed(quoted(step.id), f"steps.{step.id}.send.tell", step.to)
    for late, deadline, path in stated(blueprint):
        who = say("the-instance") if late is None else quoted(late.id)
        for number, one in enumerate(deadline.late):
            yield from _listed(who, f"{path}.late.{number}.tell", one.whom)


def _listed(who: Wording, path: str, to: tuple[Recipient, ...]) -> Iterator[tuple[Wording, str, Recipient]]:
    for number, one in enumerate(to):
        yield who, f"{path}.{number}" if len(to) > 1 else path, one


def roles_told(blueprint: Blueprint, step: Step) -> Iterator[str]:
    """The roles whose people a step tells what it shows, as `NAME`. An office is judged by who holds it when it is
    told."""
    for one in step.to if isinstance(step, TellStep) else ():
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
    for _, path, one in everybody_told(blueprint):
        if one.kind == "office" and known is not None and one.name not in known:
            message = of_people("no-such-office", near=near(one.name, known))
            notes.error("reference", notes.at(path), message, of_people("office"), quoted(one.name))


def offices_told(blueprint: Blueprint) -> bool:
    """Whether an office is told anything at all."""
    return any(one.kind == "office" for _, _, one in everybody_told(blueprint))


def somebody_told(
    notes: Notes, blueprint: Blueprint, people: People, known: Mapping[str, frozenset[str]] | None
) -> None:
    """Where a step tells roles and offices alone, somebody has one of them today: else it would be held."""
    for step in blueprint.steps:
        to = step.to if isinstance(step, TellStep) else ()
        if not to or any(one.kind not in ("role", "office") for one in to):
            continue
        holders = [people.holders(one.name) if one.kind == "role" else (known or {}).get(one.name, ()) for one in to]
        if not any(holders):
            message = of_people("nobody-is-told", step=quoted(step.id))
            notes.error("told.nobody", notes.of_step(step, "send.tell"), message, of_people("person-of-its-roles"))
