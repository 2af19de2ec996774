"""Whether the steps of a blueprint fit together: targets, outcomes, branches, duties, what a decision must have.

Pure: the value in, findings out. `places` (from reading) sharpens locations; without it they are those of the step.
"""

from collections.abc import Iterable, Mapping

from ledger.wording import Wording, as_it_is, listed
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
    WaitStep,
    heads_of,
    kind_of,
    watch_key,
)
from versioning.branches import branches_of, scope_words
from versioning.check_deadlines import deadlines
from versioning.check_decisions import decision
from versioning.check_duties import duties
from versioning.check_orders import orders
from versioning.check_skips import skips
from versioning.check_start import start
from versioning.check_told import told
from versioning.check_waits import waits
from versioning.finding import Finding, quoted
from versioning.finding_texts import say
from versioning.net_ways import ways_out
from versioning.notes import TOP, Notes
from versioning.reaction_texts import of_reactions
from versioning.reader import near


def structure(blueprint: Blueprint, places: Mapping[str, Place]) -> tuple[Finding, ...]:
    """Everything that keeps the steps from fitting together."""
    notes = Notes(places)
    names = tuple([step.id for step in blueprint.steps])
    known = frozenset(names)
    if len(known) < len(names):
        notes.error("step.twice", TOP, say("step-twice"), say("each-name-once"))
    _target(notes, known, notes.at("first"), as_it_is("`first`"), blueprint.first)
    for watch in blueprint.watches:
        what = of_reactions("error-of-all")
        _target(notes, known, notes.at(f"on error {watch.on}"), what, watch.next)
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
        duties(notes, blueprint, step)
    deadlines(notes, blueprint)
    told(notes, blueprint)
    waits(notes, blueprint)
    skips(notes, blueprint)
    orders(notes, blueprint)
    if not any(isinstance(step, EndStep) for step in blueprint.steps):
        notes.error("step.no-end", notes.at("steps"), say("no-end"), say("step-with-end"))
    if not notes.found:
        _branches(notes, blueprint)
    return tuple(notes.found)


def _acts(notes: Notes, blueprint: Blueprint) -> None:
    for rule in blueprint.acts:
        if rule.within and not rule.second:
            place = notes.at(f"acts.{rule.act}.within")
            notes.error("act.within", place, say("act-within-idle", act=as_it_is(rule.act)), as_it_is("`second`"))


def _target(notes: Notes, known: Iterable[str], place: Place, what: Wording, target: str | None) -> None:
    if target and target not in known:
        notes.error(
            "step.unknown",
            place,
            say("target-is-no-step", what=what, near=near(target, known)),
            say("step"),
            quoted(target),
        )


def _targets(notes: Notes, known: frozenset[str], step: Step) -> None:
    if isinstance(step, ChooseStep | AnyOfStep):
        for number, branch in enumerate(step.branches):
            key = "otherwise" if branch.when is None else "next"
            place = notes.of_step(step, f"{kind_of(step)}.{number}.{key}")
            _target(notes, known, place, say("way-out-of", step=quoted(step.id)), branch.next)
    elif isinstance(step, DecideStep):
        for outcome, target in step.next:
            place = notes.of_step(step, f"next.{outcome}")
            _target(notes, known, place, say("outcome-of", outcome=quoted(outcome), step=quoted(step.id)), target)
    elif isinstance(step, AllStep):
        for number, branch_head in enumerate(step.branches):
            place = notes.of_step(step, f"all.{number}")
            _target(notes, known, place, say("branch-of", step=quoted(step.id)), branch_head)
    elif not isinstance(step, EndStep):
        _target(notes, known, notes.of_step(step, "next"), say("next-of", step=quoted(step.id)), step.next)
    if isinstance(step, AgentStep):
        _target(notes, known, notes.of_step(step, "rejected"), say("rejected-of", step=quoted(step.id)), step.rejected)
    if isinstance(step, ForkStep):
        _target(notes, known, notes.of_step(step, "join.next"), say("join-of", step=quoted(step.id)), step.next)
        if len(set(heads_of(step))) < len(heads_of(step)):
            notes.error("step.branches", step.place, say("branch-twice", step=quoted(step.id)), say("each-branch-once"))
    for number, watch in enumerate(step.watches):
        where = watch_key(step, number)
        place = notes.at(f"steps.{step.id}.{where}.next", notes.of_step(step, where))
        _target(notes, known, place, say("event-of", step=quoted(step.id)), watch.next)
    place, what = notes.of_step(step, "on failure.next"), of_reactions("failure-next-of", step=quoted(step.id))
    _target(notes, known, place, what, step.on_failure_next)
    what = of_reactions("skip-to-of", step=quoted(step.id))
    _target(notes, known, notes.of_step(step, "skip to"), what, step.skip_to)
    _target(notes, known, notes.of_step(step, "on late"), say("on-late-of", step=quoted(step.id)), step.on_late)


def _deadline(notes: Notes, step: Step) -> None:
    if step.on_late is not None and step.deadline is None:
        place = notes.of_step(step, "on late")
        notes.error("deadline.missing", place, say("never-late", step=quoted(step.id)), say("within-or-deadline"))
    if step.deadline is None:
        return
    if isinstance(step, ChooseStep | EndStep):
        notes.error("deadline.instant", step.place, say("kind-without-deadline", step=quoted(step.id)))
    for number, late in enumerate(step.deadline.late):
        if late.pass_to is None:
            continue
        place = notes.of_step(step, f"deadline.late.{number}.pass to")
        if not isinstance(step, DecideStep):
            notes.error("deadline.pass-to", place, say("pass-to-needs-decision"), as_it_is("`tell`"))
        elif late.pass_to != step.authority:
            message = say("pass-to-other-authority", pass_to=quoted(late.pass_to))
            notes.error("deadline.pass-to", place, message, say("authority-above", authority=as_it_is(step.authority)))


def _choice(notes: Notes, step: ChooseStep | AnyOfStep) -> None:
    if not step.branches or step.branches[-1].when is not None:
        place = notes.of_step(step, kind_of(step))
        notes.error("choose.otherwise", place, say("no-otherwise", step=quoted(step.id)), say("otherwise-last"))
    elif sum(branch.when is None for branch in step.branches) > 1:
        notes.error("choose.otherwise", step.place, say("otherwise-twice", step=quoted(step.id)), say("otherwise-once"))


def _wait(notes: Notes, step: WaitStep) -> None:
    if (step.delay or step.until) is not None and step.deadline is not None:
        message = say("waits-with-deadline", step=quoted(step.id))
        notes.error("wait.deadline", notes.of_step(step, "within"), message, say("one-of-the-two"))
    if (step.delay or step.until or step.condition) is not None and step.into is not None:
        notes.error(
            "wait.into", notes.of_step(step, "into"), say("receives-nothing", step=quoted(step.id)), say("no-into")
        )
    said = [one for one in (step.message, step.delay, step.until, step.condition) if one is not None]
    if len(said) > 1 or (not said and not step.watches) or (step.message is None) != (step.key is None):
        expected = say("wait-forms")
        notes.error("wait.kind", step.place, say("waits-for-nothing", step=quoted(step.id)), expected)
    if not said and (step.next or step.into):
        key = "next" if step.next else "into"
        message = say("events-say-what-follows", step=quoted(step.id))
        notes.error("wait.first-of", notes.of_step(step, key), message, say("no-key-beside", key=quoted(key)))


def _branches(notes: Notes, blueprint: Blueprint) -> None:
    """Only where every target exists: otherwise each typing error would be told twice."""
    found = branches_of(blueprint)
    for name in found.nowhere:
        step = blueprint.step(name)
        ends = [way.detail for way in ways_out(step) if not way.target and way.cause == "outcome"]
        if ends:
            after = listed(map(quoted, ends))
            message = say("leads-nowhere-after", name=quoted(name), ends=after)
        else:
            message = say("leads-nowhere", name=quoted(name))
        notes.error("step.nowhere", step.place, message, say("next-outside-branches"))
    for crossing in found.crossings:
        source = blueprint.step(crossing.source or crossing.step)  # none where an error of any step leads there
        if crossing.inside:
            message = say("enters-from-inside", source=quoted(crossing.source), step=quoted(crossing.step))
        else:
            message = say(
                "reached-twice",
                source=quoted(crossing.source),
                step=quoted(crossing.step),
                scope=scope_words(crossing.second),
                other=scope_words(crossing.first),
            )
        notes.error("branch.crossing", source.place, message, say("own-steps-in-branches"))
    for step in blueprint.steps:
        if step.id not in found.scopes:
            notes.error("step.unreachable", step.place, say("unreachable", step=quoted(step.id)), say("reachable-step"))
