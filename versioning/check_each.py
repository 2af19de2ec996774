"""What a step for each element of a list needs of the data, and what a step that undoes needs of the others."""

from ledger.wording import as_it_is
from versioning.blueprint import Blueprint, EachStep, UndoStep
from versioning.data_forms import RESERVED
from versioning.data_paths import find
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes


def each(notes: Notes, blueprint: Blueprint) -> None:
    """The list is declared with its items, results go into a list, and the element has a name of its own."""
    taken = {field.name for field in blueprint.data}
    for step in blueprint.steps:
        if not isinstance(step, EachStep):
            continue
        for path, key in ((step.of, "each"), (step.into, "into")):
            found = None if path is None else find(blueprint.data, path)
            place = notes.of_step(step, key)
            if path is None or (found is None and key == "into"):
                continue  # a result that nobody declared is told with those of other steps
            if found is None:
                notes.error("data.unknown", place, say("list-undeclared", step=quoted(step.id)), say("list"))
            elif found.below or found.field.type != "list" or (found.field.items is None and key == "each"):
                what = say("list-with-items") if key == "each" else say("list")
                notes.error("each.list", place, say("no-list", path=quoted(path)), what, as_it_is(found.field.type))
        place = notes.of_step(step, "as")
        if step.element in RESERVED:
            notes.error("each.name", place, say("element-name-reserved"), say("another-name"))
        elif step.element in taken:
            message = say("element-name-taken", step=quoted(step.id))
            notes.error("each.name", place, message, say("own-name"), quoted(step.element))
        taken.add(step.element)


def undoing(notes: Notes, blueprint: Blueprint) -> None:
    """A step that undoes names steps that can be undone, and there is one."""
    steps = {step.id: step for step in blueprint.steps}
    for step in blueprint.steps:
        if not isinstance(step, UndoStep):
            continue
        place = notes.of_step(step, "take back")
        if not any(other.undo is not None for other in blueprint.steps):
            notes.error("undo.nothing", place, say("nothing-to-undo", step=quoted(step.id)), say("step-with-undo"))
        for name in step.steps:
            other = steps.get(name)
            if other is None:
                notes.error(
                    "step.unknown", place, say("names-no-step", step=quoted(step.id)), say("step"), quoted(name)
                )
            elif other.undo is None:
                notes.error("undo.nothing", place, say("cannot-be-undone", name=quoted(name)), say("step-with-undo"))
