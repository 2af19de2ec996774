"""An instance goes on under another version of its blueprint, by a person's act: all of it, or not at all.

Nothing that is open is silently taken for something else. Every live activation is kept, where its step stands in the
same place in both versions and is the same but for where it leads, or is moved to a step of the new version. One that
is held before it asked anybody for anything (its condition failed, say) may be another there: it is begun again. What
is done may have to be undone, calls that are out come back, and what is known has to have its place, of the same class.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is
from orchestrator import instance as states
from orchestrator import steered
from orchestrator.instance import PARTS, Activation
from orchestrator.moving import MOVES_MAX, cannot_move, not_endable, scope_of
from orchestrator.plan import Plan
from orchestrator.refusal_texts import why
from orchestrator.run import Entering, Run
from orchestrator.turned_down import wrong_state
from orchestrator.validation import value_fault
from versioning.alike import is_same, undone_alike, waits_alike
from versioning.blueprint import AgentStep, Blueprint, CallStep, DataField, EachStep, JobStep, RunStep, Step
from versioning.branches import branches_of
from versioning.net import Scope
from versioning.starts import start_of

_ASKING = (AgentStep, EachStep, JobStep, RunStep)  # what they asked others for stands apart from what holds them


@dataclass(frozen=True, slots=True)
class MigrateInstance:
    """It goes on under the version of this number. `moves` are (number of an activation, step of that version that is
    entered in its place)."""

    instance_id: str
    number: int
    moves: tuple[tuple[int, str], ...] = ()
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Migrate:
    """From the version it is `under` to that of the plan. `moves` end an activation and enter a step in its place.
    `begun_by` names the start it began by; empty where there is one alone."""

    plan: Plan
    under: Plan
    moves: tuple[tuple[int, str], ...] = ()
    begun_by: str = ""


def migrate(run: Run, command: Migrate) -> Refusal | None:
    """Go on by the plan of the new version, which is that of the run."""
    refusal = _cannot(run, command)
    if refusal is not None:
        return refusal
    version, asking = command.plan.version, steps_at(run)
    run.emit(steered.InstanceMigrated(version.digest, version.number))
    for number, to in command.moves:
        activation = run.live(number)
        run.emit(steered.StepMoved(number, to))
        run.plan = command.under  # what ends ends as it began
        run.close(activation, to)
        run.plan = command.plan
        run.todo.append(Entering(to, activation.scope, activation.branch))
    return left_fault(run, command, asking)


def _cannot(run: Run, command: Migrate) -> Refusal | None:
    numbers = [number for number, _ in command.moves]
    if len(numbers) > MOVES_MAX or len(set(numbers)) < len(numbers):
        return Refusal(Reason.INVALID_DATA, why("activations-counted", most=MOVES_MAX))
    for number, to in command.moves:
        fault = not_endable(run, number, set(numbers)) or cannot_move(run, run.live(number), to)
        if fault is not None:
            return fault
    whole = whole_fault(run, command)
    if whole is not None:
        return whole
    faults = dict(kept_faults(run, command))
    if not faults:
        return None
    first = min(faults)
    details = (("activations", ",".join(map(str, faults))),)
    return Refusal(Reason.CANNOT_MIGRATE, why("step-not-kept", number=first, why=faults[first]), details)


def _not(message: Wording) -> Refusal:
    return Refusal(Reason.CANNOT_MIGRATE, message)


def whole_fault(run: Run, command: Migrate) -> Refusal | None:
    """What bars all of the instance, whatever is moved: it is over, or what counts from its start to its end differs,
    or data have no place."""
    if run.instance.status != states.ACTIVE:
        return wrong_state(why("instance-over"))
    if run.instance.cancelling:
        return wrong_state(why("being-cancelled"))
    if command.plan.version.digest == command.under.version.digest:
        return _not(why("version-same"))
    fault = _course_fault(command) or _data_fault(run, command)
    return None if fault is None else _not(fault)


def _course_fault(command: Migrate) -> Wording | None:
    old, new = command.under.version.blueprint, command.plan.version.blueprint
    for name in ("currency", "calendar", "deadline"):
        if getattr(old, name) != getattr(new, name):
            return why("whole-differs", part=as_it_is(name))
    if _is_about_somebody(new) and not _is_about_somebody(old):  # whose it is was said as it began
        return why("whole-differs", part=as_it_is("data subject"))
    if start_of(old.starts, command.begun_by).key != start_of(new.starts, command.begun_by).key:
        return why("whole-differs", part=as_it_is("start"))
    return None


def _data_fault(run: Run, command: Migrate) -> Wording | None:
    """A value that is there no more stands in entries still, and is read by the class of the version that is in use."""
    for name, field in command.under.fields.items():
        value, other = run.inputs.read(name), command.plan.fields.get(name)
        if other is None and value is None:
            continue
        if other is None or not _has_place(field, other):
            return why("value-without-place", path=as_it_is(name))
        fault = value_fault(other, value, name)
        if fault is not None:
            return fault.message
    return None


def _is_about_somebody(blueprint: Blueprint) -> bool:
    return any(field.data_subject for field in blueprint.data)


def _has_place(field: DataField, other: DataField) -> bool:
    """Whether what lies in the one may lie in the other: of one class, about the same person, member by member."""
    if (field.type, field.data_class, field.data_subject) != (other.type, other.data_class, other.data_subject):
        return False
    if (field.items is None) != (other.items is None):
        return False
    if field.items is not None and other.items is not None and not _has_place(field.items, other.items):
        return False
    members: Mapping[str, DataField] = {member.name: member for member in other.properties}
    if bool(field.properties) != bool(other.properties):
        return False
    return all(member.name in members and _has_place(member, members[member.name]) for member in field.properties)


def kept_faults(run: Run, command: Migrate) -> Iterator[tuple[int, Wording]]:
    """By number, each live activation that is not moved and cannot be kept, and why."""
    moved = {number for number, _ in command.moves}
    scopes = branches_of(command.plan.version.blueprint).scopes
    for activation in run.instance.live:  # what lies in another has begun after it
        if activation.number in moved or activation.scope in moved:
            moved.add(activation.number)
            continue
        fault = _kept_fault(run, command, activation, scopes)
        if fault is not None:
            yield activation.number, fault


def _kept_fault(run: Run, command: Migrate, activation: Activation, scopes: Mapping[str, Scope]) -> Wording | None:
    old, new = command.under.steps[activation.step], command.plan.steps.get(activation.step)
    if new is None:
        return why("step-gone", step=as_it_is(activation.step))
    is_whole = activation.watch is None and not activation.branch.startswith(PARTS)
    if is_whole and scopes.get(activation.step) != scope_of(run.instance, activation):
        return why("step-in-other-place", step=as_it_is(activation.step))
    if not _goes_on(run, old, new, activation):
        return why("step-differs", step=as_it_is(activation.step))
    return None


def _goes_on(run: Run, old: Step, new: Step, activation: Activation) -> bool:
    """What is held and has asked for nothing is begun again, as the new version has it."""
    is_part = activation.branch.startswith(PARTS)
    if is_part or activation.state not in (states.ENTERED, states.HELD) or isinstance(old, _ASKING) or activation.votes:
        return is_same(old, new)
    if isinstance(old, CallStep) and run.inputs.asked(activation.number) is not None:
        return is_same(old, new)
    return waits_alike(old, new)


def steps_at(run: Run) -> Mapping[int, str]:
    """The step of each live activation, by number."""
    return {one.number: one.step for one in run.instance.live}


def left_fault(run: Run, command: Migrate, asking: Mapping[int, str]) -> Refusal | None:
    """Why what is done, or is out, could not be looked after under the new version, whatever is moved. `asking` gives
    the steps of what was live before."""
    old, new = command.under.steps, command.plan.steps
    for kept in run.instance.undo:
        if kept.step not in new or not undone_alike(old[kept.step], new[kept.step]):
            return _not(why("undone-otherwise", step=as_it_is(kept.step)))
    for sent in run.inputs.sent():
        step = sent.step or asking[sent.number]
        if step not in new or not is_same(old[step], new[step]):
            return _not(why("call-is-out", step=as_it_is(step)))
    return None
