"""What a blueprint names outside itself: roles, decision kinds, connector operations, rule tables, other blueprints."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import get_args

from ledger.wording import Wording, as_it_is, listed
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
    SendStep,
    Step,
    TaskStep,
    inner_of,
)
from versioning.bringing import is_more_open
from versioning.check_agents import agents
from versioning.check_committees import committees
from versioning.check_data import shown_by
from versioning.check_messages import messages
from versioning.check_run_keys import run_keys
from versioning.check_runs import runs
from versioning.check_told import everybody_told, offices, offices_told, roles_told
from versioning.check_types import Types, field_fault, fits, reads_of
from versioning.data_paths import classes_at, find, leaves
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import near
from versioning.registers import Registers
from versioning.starts import start_path

_BY_STRICTNESS: tuple[DataClass, ...] = get_args(DataClass)


def references(notes: Notes, blueprint: Blueprint, registers: Registers, types: Types) -> None:
    """Every name of another artefact is one that exists, and takes and yields what the steps say."""
    _roles(notes, blueprint, registers.roles)
    for step in blueprint.steps:
        if isinstance(step, DecideStep) and step.authority:
            place = notes.of_step(step, "authority")
            _known(notes, registers.decision_kinds, say("decision-kind"), step.authority, place)
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
    run_keys(notes, blueprint, registers.running or {}, types)
    if registers.running is not None:
        messages(notes, blueprint, registers.running)
    offices(notes, blueprint, registers.offices)
    _missing(notes, blueprint, registers)


def _code_lists(notes: Notes, step: DecideStep, known: frozenset[str] | None) -> None:
    if step.reason_codes is not None:
        _known(notes, known, say("reason-code-list"), step.reason_codes, notes.of_step(step, "reason.codes"))
    for outcome, name in step.outcome_codes:
        _known(notes, known, say("reason-code-list"), name, notes.of_step(step, f"reason.codes.{outcome}"))


def _calendars(notes: Notes, blueprint: Blueprint, registers: Registers) -> None:
    for name, path in _calendars_named(blueprint):
        _known(notes, registers.calendars, say("calendar"), name, notes.at(path))
    if registers.calendars is not None:
        check_deadlines.example(notes, blueprint, registers.calendars, registers.now)
        check_waits.example(notes, blueprint, registers.calendars, registers.now)
        check_start.example(notes, blueprint, registers.calendars, registers.now)


def _calendars_named(blueprint: Blueprint) -> tuple[tuple[str, str], ...]:
    deadlines, waits = check_deadlines.calendars_named(blueprint), check_waits.calendars_waited_by(blueprint)
    return (*deadlines, *waits, *check_start.named(blueprint))


def _start(notes: Notes, blueprint: Blueprint, starts: Mapping[str, str]) -> None:
    """A message that two blueprints start by starts nothing: nobody could say which was meant."""
    for number, start in enumerate(blueprint.starts):
        other = starts.get(start.message, blueprint.id)
        if start.message and other != blueprint.id:
            place = notes.at(f"{start_path(blueprint.starts, number)}.message")
            message = say("message-taken", other=quoted(other))
            notes.error("start.message", place, message, say("own-message"), quoted(start.message))


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
    needs: tuple[tuple[str, object, bool, Wording], ...] = (
        ("roles", registers.roles, True, say("unknown-roles")),
        ("decision-kinds", registers.decision_kinds, DecideStep in kinds, say("unknown-decision-kinds")),
        ("operations", registers.operations, CallStep in kinds, say("unknown-operations")),
        ("agents", registers.agents, AgentStep in kinds, say("unknown-agents")),
        ("tables", registers.tables, RulesStep in kinds or gated, say("unknown-rule-tables")),
        ("blueprints", registers.blueprints, RunStep in kinds, say("unknown-blueprints")),
        ("runs", registers.running, RunStep in kinds, say("unknown-runs")),
        ("messages", registers.running, SendStep in kinds, say("unknown-messages")),
        ("reason-codes", registers.reason_codes, codes, say("unknown-reason-codes")),
        ("committees", registers.committees, votes, say("unknown-committees")),
        ("offices", registers.offices, offices_told(blueprint), say("unknown-offices")),
        ("starts", registers.starts, any(start.message for start in blueprint.starts), say("unknown-starts")),
        ("calendars", registers.calendars, bool(_calendars_named(blueprint)), say("unknown-calendars")),
        ("classes", registers.may_read, True, say("unknown-classes")),
        ("people", registers.people, DecideStep in kinds, say("unknown-deciders")),
        ("acts", registers.people, confirms, say("unknown-confirmers")),
        ("offers", registers.people, offers, say("unknown-offers")),
    )
    for name, register, needed, words in needs:
        if needed and register is None:
            notes.not_run(f"register.{name}", words)


def _known(notes: Notes, register: Collection[str] | None, what: Wording, name: str, place: Place) -> bool:
    if register is None:
        return False
    if name not in register:
        notes.error("reference", place, say("does-not-exist", what=what, near=near(name, register)), what, quoted(name))
        return False
    return True


def _roles(notes: Notes, blueprint: Blueprint, roles: frozenset[str] | None) -> None:
    _known(notes, roles, say("role"), blueprint.owner, notes.at("owner"))
    for number, start in enumerate(blueprint.starts):
        if start.requires:
            place = notes.at(f"{start_path(blueprint.starts, number)}.requires")
            _known(notes, roles, say("role"), start.requires, place)
    for rule in blueprint.acts:
        for key, asked in (("role", rule.role), ("second", rule.second)):
            if asked:
                _known(notes, roles, say("role"), asked, notes.at(f"acts.{rule.act}.{key}"))
    for number, late in enumerate(blueprint.deadline.late if blueprint.deadline else ()):
        if late.tell is not None:
            _known(notes, roles, say("role"), late.tell, notes.at(f"deadline.late.{number}.tell"))
    for _, path, one in everybody_told(blueprint):
        if one.kind == "role":
            _known(notes, roles, say("role"), one.name, notes.at(path))
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
                _known(notes, roles, say("role"), role, notes.of_step(step, key))


def _operation(notes: Notes, blueprint: Blueprint, registers: Registers, step: CallStep, types: Types) -> None:
    operations = registers.operations
    place = notes.of_step(step, "call")
    if operations is None or not _known(notes, operations, say("connector-operation"), step.operation, place):
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
            message = say("argument-hands-out", name=quoted(name), step=quoted(step.id), over=as_it_is(over[-1]))
            notes.error(
                "argument.class",
                notes.of_step(step, f"with.{name}"),
                message,
                say("hands-out-at-most", most=as_it_is(most)),
                as_it_is(over[-1]),
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
    if tables is None or not _known(notes, tables, say("rule-table"), step.table, notes.of_step(step, "rules")):
        return
    table = tables[step.table]
    if step.arguments:
        _arguments(notes, step, table.takes, [field.name for field in table.takes], types)
    else:
        for field in table.takes:
            found = find(blueprint.data, field.name)
            place = notes.of_step(step, "rules")
            if found is None:
                message = say("table-reads-undeclared", table=quoted(step.table))
                notes.error("rules.input", place, message, say("datum-or-with"), quoted(field.name))
            elif not fits(field, found.field.type):
                message = say("input-of-other-type", name=quoted(field.name), table=quoted(step.table))
                notes.error("rules.input", place, message, as_it_is(field.type), as_it_is(found.field.type))
    _result(notes, blueprint, step, step.into, table.yields)


def _run(notes: Notes, blueprint: Blueprint, registers: Registers, step: RunStep, types: Types) -> None:
    place = notes.of_step(step, "run")
    if step.blueprint == blueprint.id:
        notes.error("run.itself", place, say("runs-itself"), say("another-blueprint"))
        return
    blueprints = registers.blueprints
    if blueprints is None or not _known(notes, blueprints, say("blueprint"), step.blueprint, place):
        return
    data = blueprints[step.blueprint]
    _arguments(notes, step, data, [field.name for field in data if field.required], types)
    known = None if registers.running is None else registers.running.get(step.blueprint)
    for path, given in step.bring:
        place, here, there = notes.of_step(step, f"bring.{path}"), find(blueprint.data, path), find(data, given)
        if known is not None and given not in known.gives:
            message = say(
                "does-not-give", blueprint=quoted(step.blueprint), given=quoted(given), near=near(given, known.gives)
            )
            notes.error(
                "run.bring", place, message, say("one-of", names=listed(known.gives) or say("nothing")), quoted(given)
            )
        elif here is None or there is None or here.below or there.below:
            continue
        elif why := field_fault(here.field, there.field, path):
            notes.error("run.bring", place, say("brought-does-not-fit", step=quoted(step.id), why=why))
        elif is_more_open(data, given, blueprint.data, path):
            message = say("brought-more-open", path=quoted(path), given=quoted(given), blueprint=quoted(step.blueprint))
            notes.error("run.class", place, message, say("class-as-strict"))


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
            message = say("argument-not-taken", step=quoted(step.id), near=near(name, known))
            notes.error("argument", place, message, say("one-of", names=listed(known) or say("nothing")), quoted(name))
        elif typed is not None and not fits(known[name], typed.type):
            message = say("argument-of-wrong-type", name=quoted(name), step=quoted(step.id))
            notes.error("argument", place, message, as_it_is(known[name].type), as_it_is(typed.type))
    for name in needed:
        if name not in given:
            message = say("argument-missing", step=quoted(step.id), name=quoted(name))
            notes.error("argument", notes.of_step(step, "with"), message, say("in-with", name=as_it_is(name)))


def _result(notes: Notes, blueprint: Blueprint, step: Step, into: str | None, yields: DataField | None) -> None:
    found = None if into is None else find(blueprint.data, into)
    if into is None or found is None or found.below or yields is None:
        return
    fault = field_fault(found.field, yields, into)
    if fault:
        message = say("result-does-not-fit", step=quoted(step.id), fault=fault)
        notes.error("result", notes.of_step(step, "into"), message)


def classes(notes: Notes, blueprint: Blueprint, registers: Registers, types: Types) -> None:
    """A role may read all that a step it may claim or be told by shows, and what a text says to it. A decision without
    a role is judged when it is opened."""
    may_read: Callable[..., bool] | None = registers.may_read
    if may_read is None:
        return
    for step in blueprint.steps:
        role = step.role if isinstance(step, TaskStep | DecideStep) else getattr(step, "review_by", None)
        for one in dict.fromkeys(filter(None, (role, *roles_told(blueprint, step)))):
            if registers.roles is not None and one not in registers.roles:
                continue  # that it does not exist is told already, and what it may not read follows from that
            _shown(notes, blueprint, (step, one, may_read), types)


def _shown(
    notes: Notes, blueprint: Blueprint, shown: tuple[Step, str, Callable[[str, DataClass], bool]], types: Types
) -> None:
    step, role, may_read = shown
    said = [read for read in reads_of(step, types) if read.key == "send.text"]
    for read in (*shown_by(step), *said):
        found = find(blueprint.data, read.path)
        if found is None:
            continue
        classed = {leaf.data_class for _, leaf in leaves(found.field, found.path)}
        hidden = sorted(data_class for data_class in classed if not may_read(role, data_class))
        if hidden:
            message = say("role-may-not-read", role=quoted(role), names=listed(hidden), path=quoted(read.path))
            notes.error("shows.class", notes.of_step(step, read.key), message, say("class-the-role-may-read"))
