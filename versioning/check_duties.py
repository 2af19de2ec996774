"""Whether the duties of a step name steps in which persons act, and can be kept. Pure."""

from ledger.wording import as_it_is
from versioning.blueprint import AgentStep, Blueprint, DecideStep, Duty, Place, Step, TaskStep
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import near


def duties(notes: Notes, blueprint: Blueprint, step: Step) -> None:
    """Everything wrong with the duties of a step by themselves."""
    if not isinstance(step, TaskStep | DecideStep):
        return
    for number, duty in enumerate(step.duties):
        place = notes.of_step(step, f"duties.{number}")
        named = duty.shared if duty.kind == "at least persons" else [duty.step] if duty.step is not None else []
        known = [_acting(notes, blueprint, step, one, place) for one in named]
        if duty.kind == "at least persons" and all(known):
            _persons(notes, blueprint, step, duty, place)


def _acting(notes: Notes, blueprint: Blueprint, step: Step, name: str, place: Place) -> bool:
    """Whether a step of this name is there and a person acts in it."""
    steps = {other.id: other for other in blueprint.steps}
    other = steps.get(name)
    if other is None:
        message = say("duty-names-no-step", step=quoted(step.id), near=near(name, steps))
        notes.error("step.unknown", place, message, say("step"), quoted(name))
    elif not isinstance(other, TaskStep | DecideStep | AgentStep):
        message = say("duty-names-nobody", step=quoted(step.id), other=quoted(other.id))
        notes.error("duty.nobody", place, message, say("acting-step"))
    else:
        return True
    return False


def _persons(notes: Notes, blueprint: Blueprint, step: Step, duty: Duty, place: Place) -> None:
    """So many persons can act in these steps, and none of them is one in which many act at once."""
    if step.id in duty.shared or len(set(duty.shared)) != len(duty.shared):
        notes.error("duty.persons", place, say("duty-counts-twice", step=quoted(step.id)), say("other-steps-once"))
    elif duty.needed > len(duty.shared) + 1:
        message = say("duty-needs-too-many", step=quoted(step.id))
        notes.error("duty.persons", place, message, say("persons-at-most", most=as_it_is(len(duty.shared) + 1)))
    for one in (step, *[blueprint.step(name) for name in duty.shared]):
        if isinstance(one, DecideStep) and one.quorum is not None:
            message = say("duty-counts-votes", step=quoted(step.id), other=quoted(one.id))
            notes.error("duty.persons", place, message, say("step-of-one-person"))
