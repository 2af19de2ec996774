"""Whether the steps of a blueprint fit together: targets, outcomes, branches, duties, what a decision must have.

Pure: the value in, findings out. `places` (from reading) sharpens locations; without it they are those of the step.
"""

from collections.abc import Iterable, Mapping

from versioning.blueprint import (
    AgentStep,
    AllStep,
    AnyOfStep,
    Blueprint,
    ChooseStep,
    DecideStep,
    EndStep,
    ForkStep,
    Place,
    Step,
    TaskStep,
    WaitStep,
    heads_of,
    kind_of,
    watch_key,
)
from versioning.branches import branches_of, scope_words
from versioning.check_deadlines import deadlines
from versioning.check_decisions import decision
from versioning.check_start import start
from versioning.check_told import told
from versioning.check_waits import waits
from versioning.finding import Finding, quoted
from versioning.net import ways_out
from versioning.notes import TOP as TOP  # noqa: PLC0414 - read from here
from versioning.notes import Notes as Notes  # noqa: PLC0414 - read from here
from versioning.reader import near


def structure(blueprint: Blueprint, places: Mapping[str, Place]) -> tuple[Finding, ...]:
    """Everything that keeps the steps from fitting together."""
    notes = Notes(places)
    names = tuple([step.id for step in blueprint.steps])
    known = frozenset(names)
    if len(known) < len(names):
        notes.error("step.twice", TOP, "a step stands twice", "each name once")
    _target(notes, known, notes.at("first"), "`first`", blueprint.first)
    start(notes, blueprint)
    _acts(notes, blueprint)
    for step in blueprint.steps:
        _targets(notes, known, step)
        _deadline(notes, step)
        if isinstance(step, DecideStep):
            decision(notes, blueprint, step)
        elif isinstance(step, ChooseStep | AnyOfStep):
            _choice(notes, step)
        elif isinstance(step, WaitStep):
            _wait(notes, step)
        _duties(notes, blueprint, step)
        told(notes, blueprint, step)
    deadlines(notes, blueprint)
    waits(notes, blueprint)
    if not any(isinstance(step, EndStep) for step in blueprint.steps):
        notes.error("step.no-end", notes.at("steps"), "no step ends the instance", "a step with `end`")
    if not notes.found:
        _branches(notes, blueprint)
    return tuple(notes.found)


def _acts(notes: Notes, blueprint: Blueprint) -> None:
    for rule in blueprint.acts:
        if rule.within and not rule.second:
            place = notes.at(f"acts.{rule.act}.within")
            notes.error("act.within", place, f"a time to {rule.act} within, though nobody confirms it", "`second`")


def _target(notes: Notes, known: Iterable[str], place: Place, what: str, target: str) -> None:
    if target and target not in known:
        notes.error("step.unknown", place, f"{what} names no step{near(target, known)}", "a step", quoted(target))


def _targets(notes: Notes, known: frozenset[str], step: Step) -> None:
    if isinstance(step, ChooseStep | AnyOfStep):
        for number, branch in enumerate(step.branches):
            key = "otherwise" if branch.when is None else "next"
            place = notes.of_step(step, f"{kind_of(step)}.{number}.{key}")
            _target(notes, known, place, f"a way out of {quoted(step.id)}", branch.next)
    elif isinstance(step, DecideStep):
        for outcome, target in step.next:
            place = notes.of_step(step, f"next.{outcome}")
            _target(notes, known, place, f"the outcome {quoted(outcome)} of {quoted(step.id)}", target)
    elif isinstance(step, AllStep):
        for number, branch_head in enumerate(step.branches):
            place = notes.of_step(step, f"all.{number}")
            _target(notes, known, place, f"a branch of {quoted(step.id)}", branch_head)
    elif not isinstance(step, EndStep):
        _target(notes, known, notes.of_step(step, "next"), f"`next` of {quoted(step.id)}", step.next)
    if isinstance(step, AgentStep) and step.rejected is not None:
        _target(notes, known, notes.of_step(step, "rejected"), f"`rejected` of {quoted(step.id)}", step.rejected)
    if isinstance(step, ForkStep):
        _target(notes, known, notes.of_step(step, "join.next"), f"the join of {quoted(step.id)}", step.next)
        if len(set(heads_of(step))) < len(heads_of(step)):
            notes.error("step.branches", step.place, f"{quoted(step.id)} enters one step twice", "each branch once")
    for number, watch in enumerate(step.watches):
        where = watch_key(step, number)
        place = notes.at(f"steps.{step.id}.{where}.next", notes.of_step(step, where))
        _target(notes, known, place, f"an event of {quoted(step.id)}", watch.next)
    if step.on_late is not None:
        _target(notes, known, notes.of_step(step, "on late"), f"`on late` of {quoted(step.id)}", step.on_late)


def _deadline(notes: Notes, step: Step) -> None:
    if step.on_late is not None and step.deadline is None:
        place = notes.of_step(step, "on late")
        notes.error("deadline.missing", place, f"{quoted(step.id)} can never be late", "`within` or `deadline`")
    if step.deadline is None:
        return
    if isinstance(step, ChooseStep | EndStep):
        notes.error("deadline.instant", step.place, f"{quoted(step.id)} is of a kind that has no deadline")
    for number, late in enumerate(step.deadline.late):
        if late.pass_to is None:
            continue
        place = notes.of_step(step, f"deadline.late.{number}.pass to")
        if not isinstance(step, DecideStep):
            notes.error("deadline.pass-to", place, "only a decision can be passed to a higher authority", "`tell`")
        elif late.pass_to != step.authority:
            message = f"a holder of {quoted(late.pass_to)} could not take this decision"
            notes.error("deadline.pass-to", place, message, f"`authority {step.authority} above`")


def _choice(notes: Notes, step: ChooseStep | AnyOfStep) -> None:
    if not step.branches or step.branches[-1].when is not None:
        place = notes.of_step(step, kind_of(step))
        notes.error(
            "choose.otherwise", place, f"{quoted(step.id)} has no way out of all other cases", "`otherwise` last"
        )
    elif sum(branch.when is None for branch in step.branches) > 1:
        notes.error("choose.otherwise", step.place, f"{quoted(step.id)} says `otherwise` twice", "`otherwise` once")


def _wait(notes: Notes, step: WaitStep) -> None:
    if (step.delay or step.until) is not None and step.deadline is not None:
        message = f"{quoted(step.id)} waits for a time and has a deadline"
        notes.error("wait.deadline", notes.of_step(step, "within"), message, "one of the two")
    if (step.delay or step.until or step.condition) is not None and step.into is not None:
        notes.error("wait.into", notes.of_step(step, "into"), f"{quoted(step.id)} receives nothing", "no `into`")
    said = [one for one in (step.message, step.delay, step.until, step.condition) if one is not None]
    if len(said) > 1 or (not said and not step.watches) or (step.message is None) != (step.key is None):
        expected = "a duration, an instant, a message and key, a condition, or a list of events"
        notes.error("wait.kind", step.place, f"{quoted(step.id)} waits for nothing known", expected)
    if not said and (step.next or step.into):
        key = "next" if step.next else "into"
        message = f"each event {quoted(step.id)} waits for says what then comes"
        notes.error("wait.first-of", notes.of_step(step, key), message, f"no {quoted(key)} beside them")


def _duties(notes: Notes, blueprint: Blueprint, step: Step) -> None:
    if not isinstance(step, TaskStep | DecideStep):
        return
    kinds = {other.id: other for other in blueprint.steps}
    for number, duty in enumerate(step.duties):
        if duty.kind != "not step":
            continue
        place = notes.of_step(step, f"duties.{number}")
        other = kinds.get(duty.step or "")
        if other is None:
            message = f"a duty of {quoted(step.id)} names no step{near(duty.step or '', kinds)}"
            notes.error("step.unknown", place, message, "a step", quoted(duty.step or ""))
        elif not isinstance(other, TaskStep | DecideStep | AgentStep):
            message = f"a duty of {quoted(step.id)} names {quoted(other.id)}, in which no person acts"
            notes.error("duty.nobody", place, message, "a `task`, `decide` or `agent` step")


def _branches(notes: Notes, blueprint: Blueprint) -> None:
    """Only where every target exists: otherwise each typing error would be told twice."""
    found = branches_of(blueprint)
    for name in found.nowhere:
        step = blueprint.step(name)
        ends = [way.detail for way in ways_out(step) if not way.target and way.cause == "outcome"]
        message = f"{quoted(name)} leads nowhere" + (f" after {', '.join(map(quoted, ends))}" if ends else "")
        notes.error("step.nowhere", step.place, message, "`next`, since it is in no branch of an `all` or `any of`")
    for crossing in found.crossings:
        source = blueprint.step(crossing.source)
        if crossing.inside:
            message = f"{quoted(crossing.source)} enters {quoted(crossing.step)} from inside one of its own branches"
        else:
            message = (
                f"{quoted(crossing.source)} leads to {quoted(crossing.step)} {scope_words(crossing.second)}, "
                f"which is also reached {scope_words(crossing.first)}"
            )
        notes.error("branch.crossing", source.place, message, "steps of its own in each branch")
    for step in blueprint.steps:
        if step.id not in found.scopes:
            notes.error(
                "step.unreachable", step.place, f"no way leads to {quoted(step.id)}", "a step that can be reached"
            )
