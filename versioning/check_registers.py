"""What a blueprint names outside itself: roles, decision kinds, connector operations, rule tables, other blueprints."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import get_args

from versioning import check_deadlines, check_start, check_waits
from versioning.blueprint import (
    AgentStep,
    AllStep,
    Blueprint,
    CallStep,
    DataClass,
    DataField,
    DecideStep,
    EachStep,
    Place,
    RulesStep,
    RunStep,
    Step,
    TaskStep,
    inner_of,
)
from versioning.bringing import is_more_open
from versioning.check_agents import agents
from versioning.check_committees import committees
from versioning.check_data import shown_by
from versioning.check_offers import offered_among
from versioning.check_runs import runs
from versioning.check_structure import Notes
from versioning.check_types import Types, field_fault, fits
from versioning.data_paths import classes_at, find, leaves
from versioning.finding import quoted
from versioning.reader import near
from versioning.registers import People, Registers

_BY_STRICTNESS: tuple[DataClass, ...] = get_args(DataClass)


def references(notes: Notes, blueprint: Blueprint, registers: Registers, types: Types) -> None:
    """Every name of another artefact is one that exists, and takes and yields what the steps say."""
    _roles(notes, blueprint, registers.roles)
    for step in blueprint.steps:
        if isinstance(step, DecideStep) and step.authority:
            place = notes.of_step(step, "authority")
            _known(notes, registers.decision_kinds, "a decision kind", step.authority, place)
            _code_lists(notes, step, registers.reason_codes)
            committees(notes, step, registers.committees)
        elif isinstance(step, CallStep):
            _operation(notes, blueprint, registers, step, types)
        elif isinstance(step, AgentStep):
            agents(notes, blueprint, registers, step)
        elif isinstance(step, RulesStep):
            _table(notes, blueprint, registers, step, types)
        elif isinstance(step, RunStep):
            _run(notes, blueprint, registers, step, types)
        elif isinstance(step, EachStep):
            _each(notes, blueprint, registers, step, types)
        if step.undo is not None:
            _operation(notes, blueprint, registers, step.undo, _inside(types, "undo."))
    _calendars(notes, blueprint, registers)
    _start(notes, blueprint, registers.starts or {})
    runs(notes, blueprint, registers.running or {})
    _missing(notes, blueprint, registers)


def _code_lists(notes: Notes, step: DecideStep, known: frozenset[str] | None) -> None:
    if step.reason_codes is not None:
        _known(notes, known, "a list of reason codes", step.reason_codes, notes.of_step(step, "reason.codes"))
    for outcome, name in step.outcome_codes:
        _known(notes, known, "a list of reason codes", name, notes.of_step(step, f"reason.codes.{outcome}"))


def _calendars(notes: Notes, blueprint: Blueprint, registers: Registers) -> None:
    for name, path in _calendars_named(blueprint):
        _known(notes, registers.calendars, "a calendar", name, notes.at(path))
    if registers.calendars is not None:
        check_deadlines.example(notes, blueprint, registers.calendars, registers.now)
        check_waits.example(notes, blueprint, registers.calendars, registers.now)
        check_start.example(notes, blueprint, registers.calendars, registers.now)


def _calendars_named(blueprint: Blueprint) -> tuple[tuple[str, str], ...]:
    deadlines, waits = check_deadlines.calendars_named(blueprint), check_waits.calendars_waited_by(blueprint)
    return (*deadlines, *waits, *check_start.named(blueprint))


def _start(notes: Notes, blueprint: Blueprint, starts: Mapping[str, str]) -> None:
    """A message that two blueprints start by starts nothing: nobody could say which was meant."""
    other = starts.get(blueprint.start.message, blueprint.id)
    if other != blueprint.id:
        message = f"{quoted(other)} starts by this message already"
        notes.error(
            "start.message", notes.at("start.message"), message, "a message of its own", quoted(blueprint.start.message)
        )


def _missing(notes: Notes, blueprint: Blueprint, registers: Registers) -> None:
    """Say of each register that was not at hand what could not be checked, where the blueprint needs it at all."""
    bodies = [inner for step in blueprint.steps for inner in (inner_of(step), step.undo) if inner is not None]
    kinds = tuple([type(step) for step in (*blueprint.steps, *bodies)])
    gated = any(isinstance(step, AgentStep) and step.table for step in blueprint.steps)
    confirms = any(rule.second for rule in blueprint.acts)
    offers = any(getattr(step, "offer", None) is not None for step in blueprint.steps)
    decides = [step for step in blueprint.steps if isinstance(step, DecideStep)]
    codes = any(step.code_lists for step in decides)
    votes = any(step.quorum is not None and step.quorum.of for step in decides)
    needs: tuple[tuple[str, object, bool, str], ...] = (
        ("roles", registers.roles, True, "whether its roles exist"),
        ("decision-kinds", registers.decision_kinds, DecideStep in kinds, "whether its decision kinds exist"),
        ("operations", registers.operations, CallStep in kinds, "whether its connector operations exist"),
        ("agents", registers.agents, AgentStep in kinds, "whether its agents exist and may see what they are shown"),
        ("tables", registers.tables, RulesStep in kinds or gated, "whether its rule tables exist and fit"),
        ("blueprints", registers.blueprints, RunStep in kinds, "whether the blueprints it runs exist and fit"),
        ("runs", registers.running, RunStep in kinds, "whether the blueprints it runs may be run, and ever end"),
        ("reason-codes", registers.reason_codes, codes, "whether its lists of reason codes exist"),
        ("committees", registers.committees, votes, "whether its committees have members enough"),
        ("starts", registers.starts, bool(blueprint.start.message), "whether another blueprint starts by its message"),
        ("calendars", registers.calendars, bool(_calendars_named(blueprint)), "whether its calendars reach far enough"),
        ("classes", registers.may_read, True, "whether roles may read what they are shown"),
        ("people", registers.people, DecideStep in kinds, "whether somebody could decide today"),
        ("acts", registers.people, confirms, "whether somebody could confirm its acts today"),
        ("offers", registers.people, offers, "whether somebody it is offered to could do it today"),
    )
    for name, register, needed, words in needs:
        if needed and register is None:
            notes.not_run(f"register.{name}", words)


def _known(notes: Notes, register: Collection[str] | None, what: str, name: str, place: Place) -> bool:
    if register is None:
        return False
    if name not in register:
        notes.error("reference", place, f"{what} that does not exist{near(name, register)}", what, quoted(name))
        return False
    return True


def _roles(notes: Notes, blueprint: Blueprint, roles: frozenset[str] | None) -> None:
    _known(notes, roles, "a role", blueprint.owner, notes.at("owner"))
    if blueprint.start.requires:
        _known(notes, roles, "a role", blueprint.start.requires, notes.at("start.requires"))
    for rule in blueprint.acts:
        for key, asked in (("role", rule.role), ("second", rule.second)):
            if asked:
                _known(notes, roles, "a role", asked, notes.at(f"acts.{rule.act}.{key}"))
    for number, late in enumerate(blueprint.deadline.late if blueprint.deadline else ()):
        if late.tell is not None:
            _known(notes, roles, "a role", late.tell, notes.at(f"deadline.late.{number}.tell"))
    for step in blueprint.steps:
        named: list[tuple[str | None, str]] = [(step.hold_for, "on failure.hold for")]
        if isinstance(step, TaskStep | DecideStep):
            named.append((step.role, "role"))
        elif isinstance(step, AllStep):
            named.append((step.begun_by, "in any order"))
        if isinstance(step, AgentStep):
            named.append((step.review_by, "otherwise.review by"))
        for number, late in enumerate(step.deadline.late if step.deadline else ()):
            named.append((late.tell, f"deadline.late.{number}.tell"))
            named.append((late.reassign, f"deadline.late.{number}.reassign"))
        for role, key in named:
            if role is not None:
                _known(notes, roles, "a role", role, notes.of_step(step, key))


def _operation(notes: Notes, blueprint: Blueprint, registers: Registers, step: CallStep, types: Types) -> None:
    operations = registers.operations
    place = notes.of_step(step, "call")
    if operations is None or not _known(notes, operations, "a connector operation", step.operation, place):
        return
    operation = operations[step.operation]
    if operation.takes is not None:
        needed = [field.name for field in operation.takes if field.required]
        _arguments(notes, step, operation.takes, needed, types)
    for name, most in operation.classes.items():
        typed = types.get((step.id, f"with.{name}"))
        read = {one for path in (typed.reads if typed else ()) for one in classes_at(blueprint.data, path)}
        over = [one for one in _BY_STRICTNESS[_BY_STRICTNESS.index(most) + 1 :] if one in read]
        if over:
            message = f"the argument {quoted(name)} of {quoted(step.id)} hands out {over[-1]} data"
            notes.error(
                "argument.class", notes.of_step(step, f"with.{name}"), message, f"at most {most} data", over[-1]
            )
    _result(notes, blueprint, step, step.into, operation.yields)


def _each(notes: Notes, blueprint: Blueprint, registers: Registers, step: EachStep, types: Types) -> None:
    """What is done for each element; its results are the items of a list."""
    body, inner = step.body, _inside(types, "do.")
    if isinstance(body, RunStep):
        _run(notes, blueprint, registers, body, inner)
    elif isinstance(body, CallStep):
        _operation(notes, blueprint, registers, body, inner)
        operation = (registers.operations or {}).get(body.operation)
        if operation is not None and operation.yields is not None:
            _result(notes, blueprint, step, step.into, DataField("", "list", items=operation.yields))


def _inside(types: Types, key: str) -> Types:
    """The types of the expressions of what stands inside steps, by their keys in it."""
    return {(step, at.removeprefix(key)): typed for (step, at), typed in types.items() if at.startswith(key)}


def _table(notes: Notes, blueprint: Blueprint, registers: Registers, step: RulesStep, types: Types) -> None:
    tables = registers.tables
    if tables is None or not _known(notes, tables, "a rule table", step.table, notes.of_step(step, "rules")):
        return
    table = tables[step.table]
    if step.arguments:
        _arguments(notes, step, table.takes, [field.name for field in table.takes], types)
    else:
        for field in table.takes:
            found = find(blueprint.data, field.name)
            place = notes.of_step(step, "rules")
            if found is None:
                message = f"the rule table {quoted(step.table)} reads data that is not declared"
                notes.error("rules.input", place, message, "a datum of that name, or `with`", quoted(field.name))
            elif not fits(field, found.field.type):
                message = f"the input {quoted(field.name)} of {quoted(step.table)} has another type than the datum"
                notes.error("rules.input", place, message, field.type, found.field.type)
    _result(notes, blueprint, step, step.into, table.yields)


def _run(notes: Notes, blueprint: Blueprint, registers: Registers, step: RunStep, types: Types) -> None:
    place = notes.of_step(step, "run")
    if step.blueprint == blueprint.id:
        notes.error("run.itself", place, "a blueprint that runs itself may never end", "another blueprint")
        return
    blueprints = registers.blueprints
    if blueprints is None or not _known(notes, blueprints, "a blueprint", step.blueprint, place):
        return
    data = blueprints[step.blueprint]
    _arguments(notes, step, data, [field.name for field in data if field.required], types)
    known = None if registers.running is None else registers.running.get(step.blueprint)
    for path, given in step.bring:
        place, here, there = notes.of_step(step, f"bring.{path}"), find(blueprint.data, path), find(data, given)
        if known is not None and given not in known.gives:
            message = f"{quoted(step.blueprint)} does not give {quoted(given)}{near(given, known.gives)}"
            notes.error("run.bring", place, message, f"one of {', '.join(known.gives) or 'nothing'}", quoted(given))
        elif here is None or there is None or here.below or there.below:
            continue
        elif why := field_fault(here.field, there.field, path):
            notes.error("run.bring", place, f"what {quoted(step.id)} brings does not fit: {why}")
        elif is_more_open(data, given, blueprint.data, path):
            message = f"{quoted(path)} is classed more openly than {quoted(given)} of {quoted(step.blueprint)}"
            notes.error("run.class", place, message, "a class as strict as there")


def _arguments(
    notes: Notes, step: CallStep | RulesStep | RunStep, takes: Sequence[DataField], needed: Iterable[str], types: Types
) -> None:
    """The names handed over are those taken, none that is needed is missing, and each has the type asked for."""
    known = {field.name: field for field in takes}
    given = {name for name, _ in step.arguments}
    for name in given:
        place = notes.of_step(step, f"with.{name}")
        typed = types.get((step.id, f"with.{name}"))
        if name not in known:
            message = f"{quoted(step.id)} hands over what is not taken{near(name, known)}"
            notes.error("argument", place, message, f"one of {', '.join(known) or 'nothing'}", quoted(name))
        elif typed is not None and not fits(known[name], typed.type):
            message = f"the argument {quoted(name)} of {quoted(step.id)} has the wrong type"
            notes.error("argument", place, message, known[name].type, typed.type)
    for name in needed:
        if name not in given:
            message = f"{quoted(step.id)} does not hand over {quoted(name)}"
            notes.error("argument", notes.of_step(step, "with"), message, f"`{name}` in `with`")


def _result(notes: Notes, blueprint: Blueprint, step: Step, into: str | None, yields: DataField | None) -> None:
    found = None if into is None else find(blueprint.data, into)
    if into is None or found is None or found.below or yields is None:
        return
    fault = field_fault(found.field, yields, into)
    if fault:
        message = f"the result of {quoted(step.id)} does not fit: {fault}"
        notes.error("result", notes.of_step(step, "into"), message)


def classes(notes: Notes, blueprint: Blueprint, registers: Registers) -> None:
    """A role may read all that a step it may claim shows. A decision without a role is judged when it is opened."""
    may_read: Callable[..., bool] | None = registers.may_read
    if may_read is None:
        return
    for step in blueprint.steps:
        role = step.role if isinstance(step, TaskStep | DecideStep) else getattr(step, "review_by", None)
        if not role:
            continue
        for read in shown_by(step):
            found = find(blueprint.data, read.path)
            if found is None:
                continue
            shown = {leaf.data_class for _, leaf in leaves(found.field, found.path)}
            hidden = sorted(data_class for data_class in shown if not may_read(role, data_class))
            if hidden:
                message = f"role {quoted(role)} may not read {', '.join(hidden)} data, which {quoted(read.path)} is"
                notes.error("shows.class", notes.of_step(step, read.key), message, "a class the role may read")


def somebody_could_decide(notes: Notes, blueprint: Blueprint, people: People) -> None:
    """For every decision there is today at least one person whom its duties need not exclude.

    A duty excludes one person at a time: the initiator, whoever acted in another step. So a decider is enough if
    each of those parts could have been played by somebody else.
    """
    acting = {step.id: _actors(step, people) for step in blueprint.steps}
    for step in blueprint.steps:
        if not isinstance(step, DecideStep) or not step.authority:
            continue
        able = acting[step.id]
        place = notes.of_step(step, "authority")
        if not able:
            message = f"nobody could take the decision {quoted(step.id)} today"
            notes.error("decision.nobody", place, message, f"a person with authority {quoted(step.authority)}")
            continue
        others = [
            people.holders(blueprint.start.requires) if duty.kind == "not initiator" else acting.get(duty.step or "")
            for duty in step.duties
            if duty.kind != "not author of blueprint"
        ]
        left = able
        if any(duty.kind == "not author of blueprint" for duty in step.duties):
            left = left - people.authors
        # An empty set of others is a fault of that step, or a start by a service; it excludes nobody here.
        if not any(all(not some or some - {person} for some in others) for person in left):
            message = f"its duties exclude everybody who could take the decision {quoted(step.id)} today"
            notes.error("decision.nobody", place, message, "one more person with the authority")
        elif step.quorum is not None and len(left) < step.quorum.need:
            message = f"too few could vote on {quoted(step.id)} today"
            notes.error("quorum.members", place, message, f"{step.quorum.need} persons", str(len(left)))


def _actors(step: Step, people: People) -> frozenset[str]:
    """Who could act at a step: those of its role or authority, among them those it is offered to."""
    if isinstance(step, DecideStep):
        return offered_among(people.deciders(step.authority, step.role), step.offer, people)
    if isinstance(step, AgentStep):
        return offered_among(people.holders(step.review_by), step.offer, people)
    return offered_among(people.holders(step.role), step.offer, people) if isinstance(step, TaskStep) else frozenset()
