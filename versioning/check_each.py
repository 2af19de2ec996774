"""What a step for each element of a list needs of the data and of the others, and what a step that undoes does."""

from collections.abc import Iterator

from ledger.wording import as_it_is
from versioning.blueprint import Blueprint, EachStep, Step, UndoStep
from versioning.branches import Branches, branches_of
from versioning.check_data import brought_to, written_by
from versioning.data_forms import RESERVED
from versioning.data_paths import find, leaves_at
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


def lists_of_their_own(notes: Notes, blueprint: Blueprint) -> None:
    """Nothing else writes into the list of results that may still grow: it would be overwritten, or mixed.

    Of other data two steps in parallel may set the same: the last one stands. A list is written result by result, each
    into what is there.
    """
    branches, told = branches_of(blueprint), set[frozenset[str]]()
    for step in blueprint.steps:
        if not isinstance(step, EachStep) or step.into is None:
            continue
        place, leaves = notes.of_step(step, "into"), leaves_at(blueprint.data, step.into)
        for other in blueprint.steps:
            names = {"step": quoted(step.id), "other": quoted(other.id)}
            read = leaves_at(blueprint.data, other.of) if isinstance(other, EachStep) else frozenset()
            if leaves & read and (other is step or branches.meet(step.id, other.id)):
                message = say("list-gone-through-meanwhile", **names)
                notes.error("each.into", place, message, say("list-of-its-own"), quoted(step.into))
            paths = _written_meanwhile(step, other, branches)
            pair = frozenset((step.id, other.id))
            if pair not in told and any(leaves & leaves_at(blueprint.data, path) for path in paths):
                told.add(pair)
                message = say("list-written-meanwhile", **names)
                notes.error("each.into", place, message, say("list-of-its-own"), quoted(step.into))


def _written_meanwhile(step: EachStep, other: Step, branches: Branches) -> Iterator[str]:
    """The paths that another step, or a message it is watched for, may set while this one is open."""
    meet = branches.meet(step.id, other.id)
    if meet:
        yield from [written.path for written in written_by(other)]
    around = other is step or other.id in [outer for outer, _ in branches.scopes.get(step.id, ())]
    for watch, brought in zip([one for one in other.watches if one.into], brought_to(other), strict=True):
        if watch.meanwhile if around else meet:  # what leaves a step closes what lies in it
            yield brought.path


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
