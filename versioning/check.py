"""All checks of a blueprint value: what it names exists, its expressions type, its data flow, its net is sound.

Pure. The same function serves the command line (no registers), a proposal (the organisation's) and tests.
"""

from collections.abc import Mapping

from ledger.errors import TooLarge
from ledger.wording import in_english
from versioning.blueprint import Blueprint, Place
from versioning.check_acts import somebody_could_confirm
from versioning.check_conditions import conditions
from versioning.check_data import declared, flow, measured_in_clear, shown_by, unread
from versioning.check_deciders import somebody_could_decide
from versioning.check_each import each, lists_of_their_own, undoing
from versioning.check_events import events
from versioning.check_offers import somebody_offered
from versioning.check_orders import decided_by_order
from versioning.check_registers import classes, references
from versioning.check_retries import retries
from versioning.check_run_keys import run_keys_in_turn
from versioning.check_skips import left_out
from versioning.check_structure import structure
from versioning.check_told import somebody_told
from versioning.check_types import Types, implicit_inputs, reads_of, types_of
from versioning.expressions import Expressions
from versioning.finding import Finding, errors_of, in_order
from versioning.finding_texts import say
from versioning.net import Net, net_of
from versioning.notes import Notes
from versioning.registers import NO_REGISTERS, Registers
from versioning.soundness import Soundness, soundness

NO_PLACES: Mapping[str, Place] = {}


def check(
    blueprint: Blueprint,
    registers: Registers = NO_REGISTERS,
    expressions: Expressions | None = None,
    places: Mapping[str, Place] = NO_PLACES,
) -> tuple[Finding, ...]:
    """Everything found, in the order of the source. `places` is what reading the source gave (`Parsed.places`).

    A check that needs a register, or expressions, that is not at hand is a finding of severity `not run`.
    """
    notes = Notes(places)
    notes.found += structure(blueprint, places)
    fits_together = not notes.found
    declared(notes, blueprint)
    each(notes, blueprint)
    lists_of_their_own(notes, blueprint)
    undoing(notes, blueprint)
    retries(notes, blueprint)
    events(notes, blueprint)
    left_out(notes, blueprint)
    decided_by_order(notes, blueprint)
    types: Types = {}
    if expressions is None:
        notes.not_run("expression", say("unknown-expressions"))
    else:
        types = types_of(notes, blueprint, expressions)
        measured_in_clear(notes, blueprint, {step.id: reads_of(step, types) for step in blueprint.steps})
    references(notes, blueprint, registers, types)
    classes(notes, blueprint, registers, types)
    if registers.people is not None:
        somebody_could_decide(notes, blueprint, registers.people)
        somebody_offered(notes, blueprint, registers.people)
        somebody_told(notes, blueprint, registers.people, registers.offices)
        somebody_could_confirm(notes, blueprint, registers.people)
    if not fits_together:
        notes.not_run("soundness", say("unknown-soundness"))
        return in_order(notes.found)
    try:
        net = net_of(blueprint)
    except TooLarge as large:
        notes.error("soundness", notes.at("steps"), in_english(large.message))
        return in_order(notes.found)
    _sound(notes, blueprint, soundness(net))
    if expressions is not None:
        _data(notes, blueprint, registers, net, types)
    return in_order(notes.found)


def _sound(notes: Notes, blueprint: Blueprint, found: Soundness) -> None:
    place = notes.at("steps")
    if found.steps:
        place = blueprint.step(found.steps[0]).place
    if found.verdict == "unsound":
        notes.error("soundness", place, found.words, say("sound-instance"))
    elif found.verdict == "not decided":
        notes.warning("soundness", place, say("not-decided", words=found.words))


def _data(notes: Notes, blueprint: Blueprint, registers: Registers, net: Net, types: Types) -> None:
    reads = {step.id: (*reads_of(step, types), *shown_by(step)) for step in blueprint.steps}
    if any(finding.rule in ("expression", "data.unknown") for finding in errors_of(notes.found)):
        notes.not_run("data", say("unknown-data-flow"))
        return
    flow(notes, blueprint, net, reads)
    conditions(notes, blueprint, reads)
    run_keys_in_turn(notes, blueprint, registers.running or {}, net, types)
    unread(notes, blueprint, reads, _open_reads(blueprint, registers))


def _open_reads(blueprint: Blueprint, registers: Registers) -> tuple[str, ...]:
    """What rule tables read from the data by name; a table that is not known may read everything."""
    paths: list[str] = []
    for step in blueprint.steps:
        if not implicit_inputs(step):
            continue
        table = (registers.tables or {}).get(getattr(step, "table", ""))
        if table is None:
            return tuple([field.name for field in blueprint.data])
        paths += [field.name for field in table.takes]
    return tuple(paths)
