"""The flow of data: declared paths, reading only what is certain to have been written, results that nobody reads.

Certain means on every way the net allows: at a place the data written is what all ways into it have in common; a join
has what its branches have written together, and one that waits for some of them what each of its ways has. An object
counts as written once something of it is: what a step shows of `risk` is what there is of it. A rule table without
`with` reads what is there, absent values as null, so nothing of what it reads need be certain. A result put on a whole
object counts as writing all of it; the machine checks it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.wording import as_it_is, listed
from versioning.blueprint import (
    AgentStep,
    AnyOfStep,
    Blueprint,
    CallStep,
    ChooseStep,
    DataField,
    DecideStep,
    EachStep,
    JobStep,
    RulesStep,
    RunStep,
    SendStep,
    Step,
    TaskStep,
    TellStep,
    WaitStep,
    inner_of,
    kind_of,
    watch_key,
)
from versioning.check_start import keys
from versioning.data_paths import classes_at, find, leaves_at, required_leaves
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.net import Net
from versioning.notes import Notes
from versioning.reader import near


class Read(NamedTuple):
    """A step reads `path`; `key` says where in the step."""

    path: str
    key: str


class Source(NamedTuple):
    """An expression of a step; `key` says where. `of`: `when measure priority key argument skip until condition
    text`."""

    source: str
    key: str
    of: str


def expressions_of(step: Step) -> tuple[Source, ...]:
    """Every expression of a step with its path inside the step."""
    found: list[Source] = []
    if step.skip_when is not None:
        found.append(Source(step.skip_when, "skip when", "skip"))
    if isinstance(step, CallStep | JobStep | RulesStep | RunStep | SendStep):
        found += [Source(source, f"with.{name}", "argument") for name, source in step.arguments]
        found += [Source(step.key, "key", "key")] if isinstance(step, SendStep) else []
        if isinstance(step, JobStep) and step.priority:
            found.append(Source(step.priority, "priority", "priority"))
    elif isinstance(step, ChooseStep | AnyOfStep):
        ways, kind = enumerate(step.branches), kind_of(step)
        found += [Source(way.when, f"{kind}.{number}.when", "when") for number, way in ways if way.when is not None]
    elif isinstance(step, TellStep):
        found.append(Source(step.text, "send.text", "text"))
    elif isinstance(step, DecideStep) and step.measure:
        found.append(Source(step.measure, "measure", "measure"))
    elif isinstance(step, AgentStep) and step.accept_when:
        found.append(Source(step.accept_when, "accept when", "when"))
    elif isinstance(step, WaitStep) and step.key is not None:
        found.append(Source(step.key, "wait.key", "key"))
    elif isinstance(step, WaitStep) and step.until is not None:
        found.append(Source(step.until, "wait.until", "until"))
    elif isinstance(step, WaitStep) and step.condition is not None:
        found.append(Source(step.condition, "wait.condition", "condition"))
    for number, watch in enumerate(step.watches):
        where = watch_key(step, number)
        found += [Source(watch.key, f"{where}.key", "key")] if watch.key is not None else []
        found += [Source(watch.on, f"{where}.{watch.kind}", watch.kind)] if watch.kind in ("until", "condition") else []
    for key, inner in (("do", inner_of(step)), ("undo", step.undo)):
        if inner is not None:
            found += [Source(source, f"{key}.with.{name}", "argument") for name, source in inner.arguments]
    if isinstance(step, EachStep) and step.until is not None:
        found.append(Source(step.until, "until", "when"))
    return tuple(found)


def is_after(key: str) -> bool:
    """Whether what stands at a key of a step is evaluated when the step has written its results."""
    return key == "until" or key.startswith("undo.")


def shown_by(step: Step) -> tuple[Read, ...]:
    """The paths a step puts before a person or an agent."""
    shows = step.shows if isinstance(step, TaskStep | DecideStep | AgentStep | TellStep) else ()
    inside = "send." if isinstance(step, TellStep) else ""
    return tuple([Read(path, f"{inside}shows.{number}") for number, path in enumerate(shows)])


def written_by(step: Step) -> tuple[Read, ...]:
    """The paths a step sets when it is done, with where they stand."""
    if isinstance(step, TaskStep):
        return tuple([Read(path, f"expects.{number}") for number, path in enumerate(step.expects)])
    found = [Read(path, f"bring.{path}") for path, _ in step.bring] if isinstance(step, RunStep) else []
    into: str | None = getattr(step, "into", None)
    if into:
        found.append(Read(into, "into"))
    return tuple(found)


def brought_to(step: Step) -> tuple[Read, ...]:
    """The paths that the messages a step is watched for set when they come."""
    watches = enumerate(step.watches)
    return tuple([Read(one.into, f"{watch_key(step, number)}.into") for number, one in watches if one.into])


def measured_in_clear(notes: Notes, blueprint: Blueprint, reads: Mapping[str, tuple[Read, ...]]) -> None:
    """What stands in clear in the ledger rests on nothing that is sealed: measures of decisions, priorities of jobs."""
    for step in blueprint.steps:
        for read in reads.get(step.id, ()):
            sealed = sorted(classes_at(blueprint.data, read.path) - {"public", "internal"})
            if read.key in ("measure", "priority") and sealed:
                names = {"step": quoted(step.id), "path": quoted(read.path)}
                is_measure = read.key == "measure"
                message = say("measure-in-clear", **names) if is_measure else say("priority-in-clear", **names)
                place = notes.of_step(step, read.key)
                notes.error(f"{read.key}.class", place, message, say("data-public-or-internal"), listed(sealed))


Reads = Mapping[str, tuple[Read, ...]]  # by step: what it reads that must be certain


def declared(notes: Notes, blueprint: Blueprint) -> None:
    """Every path a step shows or sets is declared, and so is the business key, which stands in clear."""
    for step in blueprint.steps:
        for read in (*shown_by(step), *written_by(step), *brought_to(step)):
            if find(blueprint.data, read.path) is None:
                _undeclared(notes, blueprint, step, read)
    for number, path in enumerate(blueprint.gives):
        if find(blueprint.data, path) is None:
            message = say("gives-undeclared", path=quoted(path))
            notes.error("data.unknown", notes.at(f"gives.{number}"), message, say("path-in-data"), quoted(path))
    _fields(notes, blueprint.data, "data", blueprint.currency)
    keys(notes, blueprint)


def _undeclared(notes: Notes, blueprint: Blueprint, step: Step, read: Read) -> None:
    names = [field.name for field in blueprint.data]
    message = say("undeclared-data", step=quoted(step.id), near=near(read.path, names))
    notes.error("data.unknown", notes.of_step(step, read.key), message, say("path-in-data"), quoted(read.path))


def _fields(notes: Notes, fields: Iterable[DataField], path: str, currency: str) -> None:
    for field in fields:
        here = f"{path}.{field.name}"
        if field.type == "money" and not currency:
            notes.error(
                "data.currency",
                notes.at(here),
                say("money-without-currency", name=quoted(field.name)),
                say("blueprint-currency"),
            )
        if field.data_subject and field.data_class not in ("personal", "special"):
            message = say("data-subject-class", name=quoted(field.name))
            notes.error(
                "data.subject", notes.at(here), message, say("class-personal-or-special"), as_it_is(field.data_class)
            )
        _fields(notes, field.properties, f"{here}.properties", currency)


def certain(blueprint: Blueprint, net: Net) -> dict[str, frozenset[str]]:
    """By step: the leaves certain to have been written whenever it is entered (in any scope)."""
    writes = {
        step.id: frozenset(leaf for read in written_by(step) for leaf in leaves_at(blueprint.data, read.path))
        for step in blueprint.steps
    }
    at: dict[int, frozenset[str]] = {net.first: required_leaves(blueprint.data)}
    changed = True
    while changed:
        changed = False
        for transition in net.transitions:
            if any(place not in at for place in transition.takes):
                continue
            after = frozenset[str]().union(*(at[place] for place in transition.takes))
            if transition.cause in ("done", "outcome"):
                after |= writes[transition.step]
            elif transition.cause == "watch":
                watch = blueprint.step(transition.step).watches[int(transition.detail)]
                after |= leaves_at(blueprint.data, watch.into) if watch.into else frozenset()
            for place in transition.gives:
                before = at.get(place)
                meet = after if before is None else before & after
                if meet != before:
                    at[place] = meet
                    changed = True
    found: dict[str, frozenset[str]] = {}
    for number, leaves in at.items():
        place_ = net.places[number]
        if place_.kind == "at":
            found[place_.step] = found.get(place_.step, leaves) & leaves
    return found


def flow(notes: Notes, blueprint: Blueprint, net: Net, reads: Reads) -> None:
    """A step reads only what is certain to be there; a condition that is waited for may read what is to come."""
    known = certain(blueprint, net)
    writers: dict[str, list[str]] = {}
    own: dict[str, frozenset[str]] = {}
    for step in blueprint.steps:
        own[step.id] = frozenset(leaf for read in written_by(step) for leaf in leaves_at(blueprint.data, read.path))
        for written in (*written_by(step), *brought_to(step)):
            for leaf in leaves_at(blueprint.data, written.path):
                writers.setdefault(leaf, []).append(step.id)
    for step in blueprint.steps:
        if step.id not in known:
            continue
        told: set[str] = set()
        for read in reads.get(step.id, ()):
            wanted = leaves_at(blueprint.data, read.path)
            there = known[step.id] | own[step.id] if is_after(read.key) else known[step.id]
            if not wanted or wanted & there or read.path in told or read.key.endswith(".condition"):
                continue
            told.add(read.path)
            by = sorted({quoted(name) for leaf in wanted for name in writers.get(leaf, ())})
            found = say("uncertain-writers", names=listed(by)) if by else say("no-writer")
            message = say("read-before-written", step=quoted(step.id), path=quoted(read.path))
            expected = say("certain-writer")
            notes.error("data.uncertain", notes.of_step(step, read.key), message, expected, found)


def unread(notes: Notes, blueprint: Blueprint, reads: Reads, open_reads: Iterable[str]) -> None:
    """A result nobody reads is either forgotten or not needed. `open_reads`: paths read that need not be certain."""
    paths = {read.path for some in reads.values() for read in some} | set(open_reads)
    paths |= {*(start.key for start in blueprint.starts), *blueprint.gives}
    read_leaves = frozenset(leaf for path in paths for leaf in leaves_at(blueprint.data, path))
    for step in blueprint.steps:
        for written in (*written_by(step), *brought_to(step)):
            leaves = leaves_at(blueprint.data, written.path)
            if leaves and not leaves & read_leaves:
                message = say("unread-data", path=quoted(written.path), step=quoted(step.id))
                notes.warning("data.unread", notes.of_step(step, written.key), message)
