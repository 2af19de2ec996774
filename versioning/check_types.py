"""Expressions of a blueprint: each reads, types, and yields what the place it stands in asks for."""

from collections.abc import Mapping

from ledger.wording import NOTHING, Wording, as_it_is
from versioning.agent_steps import data_beside, members_of
from versioning.blueprint import AgentStep, Blueprint, DataField, EachStep, Place, RulesStep, Step, element_of
from versioning.check_data import Read, Source, expressions_of
from versioning.expressions import Expressions, Typed
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.step_forms import PRIORITY_MAX

Types = Mapping[tuple[str, str], Typed]  # by step and key inside it

_WANTED: dict[str, tuple[tuple[str, ...], Wording]] = {
    "when": (("boolean",), say("condition")),
    "skip": (("boolean",), say("condition")),
    "measure": (("money", "number", "integer"), say("measure")),
    "condition": (("boolean",), say("condition")),
    "until": (("date", "date and time"), say("date-or-time")),
    "priority": (("number", "integer"), say("priority", most=PRIORITY_MAX)),
    "text": (("string",), say("text-or-string")),
    "key": (("string", "integer"), say("message-key")),
}
_DURATIONS = frozenset(("duration", "days and time duration", "years and months duration"))


def types_of(notes: Notes, blueprint: Blueprint, expressions: Expressions) -> dict[tuple[str, str], Typed]:
    """Type every expression; faults become findings, and what is left is the types of those without."""
    found: dict[tuple[str, str], Typed] = {}
    for step in blueprint.steps:
        for source in expressions_of(step):
            typed = _typed(step, source, blueprint, expressions)
            place = notes.of_step(step, source.key)
            for message, offset in typed.faults:
                said = say("expression-fault", source=quoted(source.source), step=quoted(step.id), fault=message)
                notes.error("expression", _inside(place, notes, step, source, offset), said)
            if not typed.faults:
                found[step.id, source.key] = typed
                _wanted(notes, step, source, typed, place)
    return found


def _typed(step: Step, source: Source, blueprint: Blueprint, expressions: Expressions) -> Typed:
    """What an expression says of an answer is typed over its members too, which are nobody else's to have written."""
    if not isinstance(step, AgentStep) or source.key != "accept when":
        data = blueprint.data
        # What is done or undone for an element knows it by its name; whether all are done does not.
        if isinstance(step, EachStep) and source.key.startswith(("do.", "undo.")):
            data = (*data, element_of(blueprint, step))
        return expressions.typed(source.source, data, blueprint.currency)
    members = {one.name for one in members_of(step, blueprint.data)}
    typed = expressions.typed(source.source, data_beside(step, blueprint.data), blueprint.currency)
    return typed._replace(reads=tuple([path for path in typed.reads if path.partition(".")[0] not in members]))


def reads_of(step: Step, types: Types) -> tuple[Read, ...]:
    """What the expressions of a step read; of a list that it goes through the list."""
    read = [
        Read(path, source.key)
        for source in expressions_of(step)
        for path in (types[step.id, source.key].reads if (step.id, source.key) in types else ())
    ]
    if not isinstance(step, EachStep):
        return tuple(read)
    own = [Read(step.of, one.key) if one.path.partition(".")[0] == step.element else one for one in read]
    return (Read(step.of, "each"), *own)


def _inside(place: Place, notes: Notes, step: Step, source: Source, offset: int) -> Place:
    """Where a fault stands: exact for an expression on one line, whose mark `= ` takes two columns."""
    exact = f"steps.{step.id}.{source.key}" in notes.places and "\n" not in source.source
    return Place(place.line, place.column + 2 + offset) if exact else place


def _wanted(notes: Notes, step: Step, source: Source, typed: Typed, place: Place) -> None:
    if source.of not in _WANTED or typed.type in ("any", "null"):
        return
    names, words = _WANTED[source.of]
    if typed.type not in names:
        message = say("expression-of-wrong-type", key=quoted(source.key.rpartition(".")[2]), step=quoted(step.id))
        notes.error("expression.type", place, message, words, as_it_is(typed.type))


def fits(wanted: DataField, given: str) -> bool:
    """Whether a value of a type of the expression language may be put where `wanted` is declared."""
    if given in ("any", "null", wanted.type) or str(wanted.type) == "any":
        return True
    if wanted.type in ("number", "integer"):
        return given in ("number", "integer")
    if wanted.type == "duration":
        return given in _DURATIONS
    return wanted.type == "money" and given.startswith("money")


def field_fault(wanted: DataField, given: DataField, path: str) -> Wording:
    """Why a declared result may not be put where `wanted` is declared; empty when it may.

    A property that `wanted` does not have is a fault: it would be lost, and nothing may be lost silently.
    """
    if not fits(wanted, given.type):
        return say("types-differ", path=quoted(path), wanted=as_it_is(wanted.type), given=as_it_is(given.type))
    if wanted.items is not None and given.items is not None:
        return field_fault(wanted.items, given.items, f"{path} item")
    if not wanted.properties or not given.properties:
        return NOTHING
    known = {member.name: member for member in wanted.properties}
    for member in given.properties:
        if member.name not in known:
            return say("not-declared", path=quoted(f"{path}.{member.name}"))
        fault = field_fault(known[member.name], member, f"{path}.{member.name}")
        if fault:
            return fault
    return NOTHING


def implicit_inputs(step: Step) -> bool:
    """Whether the step reads its inputs from the data by name."""
    if isinstance(step, AgentStep):
        return step.table is not None
    return isinstance(step, RulesStep) and not step.arguments
