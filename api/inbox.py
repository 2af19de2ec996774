"""Whose tasks are asked for, and what a list tells of each: its title, its instance's key, what stands against it."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import orjson

from api.allowing import opened
from api.log_service import Service
from api.naming import Names
from api.problems import refusal_value
from api.reading_as import reading_as
from api.voting import voting
from governance.proving import methods
from ledger.actor import Actor, person_acting
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.wording import wording_value
from ledger.work import UnitOfWork
from orchestrator import pages
from orchestrator.deadlines import urgency_of
from orchestrator.due_words import task_explained
from orchestrator.once_under import TASKS, version_with
from orchestrator.pages import Candidate, has_of
from orchestrator.people_tables import PROPOSAL
from orchestrator.plan import plan_of
from orchestrator.reason_codes import ReasonLists
from orchestrator.resume import is_voted_on
from orchestrator.reviews import Proposed
from orchestrator.sealing import handed_path, proposed_path
from orchestrator.service import KINDS, Shown, barred, is_offered, is_open, may_complete, tasks_read
from orchestrator.stopped_clocks import StoppedClock, clock_of, stopped_clocks
from orchestrator.task_lists import TaskRead, TasksAsked, Titled, past_due_while_paused, steps_of
from versioning.agent_steps import ANYTHING, REJECT
from versioning.blueprint import AgentStep, Blueprint, BlueprintVersion, DecideStep, Step
from versioning.graph import step_title
from versioning.service import Blueprints
from versioning.words import StepWords
from versioning.words_parts import name_words


def candidate(service: Service, view: View, actor: Actor, domains: tuple[str, ...]) -> Candidate:
    """The person with their roles in these domains and the decision kinds of the grants they hold now."""
    rooms = service.rooms

    def roles_of(one: Actor) -> tuple[str, ...]:
        return tuple(sorted({role for domain in domains for role in rooms.access.roles(view, view.now, one, domain)}))

    register = rooms.authorities.register(view)
    person = actor.person or ""
    kinds = {
        power.decision_kind
        for grant in register.newest_grants()
        if register.in_force(grant, view.now) and register.holds(person, grant.grantee, view.now)
        for power in grant.powers
    }
    engine, rows = rooms.engine, reading_as(view, actor)
    absent = engine.stand_ins.stood_in_for(rows, person, view.now)
    here = [(one, theirs) for one in absent if (theirs := roles_of(person_acting(one)))]  # who has left has none
    return Candidate(
        person,
        roles_of(actor),
        tuple(sorted(kinds)),
        lambda task: is_offered(engine, rows, task),
        tuple([has_of(engine.attributes.of(rows, view.now, one), only) for one, only in ((person, None), *here)]),
        absent,
    )


class Reader(NamedTuple):
    """Who reads, over which view, and what others are called to them."""

    service: Service
    view: View
    actor: Actor
    names: Names


def listed(reader: Reader, found: Sequence[TaskRead], is_explained: bool) -> list[dict[str, Any]]:
    """Tasks as lists tell them; explained, each with why the caller may not do it, or null.

    Versions come from the cache and what is asked about the tasks is read at once, however many there are.
    """
    service, view, actor, names = reader
    rows, engine, offers = reading_as(view, actor), service.rooms.engine, _Offers(service, view)
    versions = {
        key: service.rooms.blueprints.released(rows, *key) for key in {(one.row.blueprint, one.number) for one in found}
    }
    if is_explained:
        tasks_read(rows, [one.id for one in found if is_open(one.row)])
    clocks = [clock_of(one.row, versions[one.row.blueprint, one.number]) for one in found if is_open(one.row)]
    stopped = stopped_clocks(rows, engine.calendars, clocks)
    told = []
    for one in found:
        row, under = one.row, versions[one.row.blueprint, one.number]
        version = version_with(rows, service.rooms.blueprints, under, row.step, TASKS)
        step, clock = version.blueprint.step(row.step), stopped.get((row.instance, row.number))
        item = {
            **one.as_value(),
            "kind": KINDS[type(step)],
            "title": step_title(step),
            "blueprint_title": version.blueprint.title,
            "holder_name": names.of(row.holder, row.domain),
            "offered_to": offers.words(row.role, row.decision_kind),
            "is_mine": bool(row.holder) and row.holder == actor.person,
            "delegate_name": names.of(row.delegate, row.domain),
            "is_delegated_to_me": bool(row.delegate) and row.delegate == actor.person,
            "test": one.test,
            "is_overdue": row.due_at is not None and _until(row.closed_at or view.now, clock) > row.due_at,
            "stopped": _stopped(version, clock),
            "is_voted": is_voted_on(step),
        }
        if is_explained:
            item["barred"] = refusal_value(barred(engine, rows, one.id))
        told.append(item)
    return told


def titled(service: Service, rows: UnitOfWork, asked: TasksAsked) -> tuple[Titled, ...]:
    """The steps of the tasks asked for that have the text in their title, or in that of their blueprint: in whichever
    version, since any may have live instances. What is closed may be of a step that its version has no more."""
    wanted, blueprints = asked.text.casefold(), service.rooms.blueprints

    def has(under: BlueprintVersion, step: str) -> bool:
        having = version_with(rows, blueprints, under, step, TASKS).blueprint
        return any(wanted in title.casefold() for title in (step_title(having.step(step)), having.title))

    def is_there(under: BlueprintVersion, step: str) -> bool:
        return not asked.is_waiting or any(one.id == step for one in under.blueprint.steps)

    return tuple(
        [
            Titled(name, under.number, step)
            for name, step in steps_of(rows, asked)
            for under in _versions(blueprints, rows, name)
            if is_there(under, step) and has(under, step)
        ]
    )


def _versions(blueprints: Blueprints, rows: UnitOfWork, name: str) -> Iterator[BlueprintVersion]:
    """Every one that was released, the first first."""
    for number in count(1):
        found = blueprints.version(rows, name, number)
        if found is None:
            return
        yield found


def not_past_due(service: Service, view: View, actor: Actor, domains: Sequence[str]) -> frozenset[str]:
    """The ids of open tasks that are told a due time gone by and are not late: their clock stands still for a customer,
    and they are due later for it."""
    rows, engine = reading_as(view, actor), service.rooms.engine
    blueprints = service.rooms.blueprints
    theirs: set[str] = set()
    for found in past_due_while_paused(rows, domains):
        clocks = [clock_of(one.row, blueprints.released(rows, one.row.blueprint, one.number)) for one in found]
        stopped = stopped_clocks(rows, engine.calendars, clocks)
        theirs.update(
            one.id
            for one in found
            if _until(view.now, stopped.get((one.row.instance, one.row.number))) <= (one.row.due_at or 0)
        )
    return frozenset(theirs)


def _until(now: int, stopped: StoppedClock | None) -> int:
    """How far the time of a task has passed: to where its clock stands still, if it is due later for that."""
    return stopped.since if stopped is not None and stopped.moves else now


def _stopped(version: BlueprintVersion, found: StoppedClock | None) -> dict[str, Any] | None:
    """That a clock stands still; the step by its title."""
    if found is None:
        return None
    return {**found._asdict(), "step": step_title(version.blueprint.step(found.step)) if found.step else ""}


def told_shown(found: Shown) -> dict[str, Any]:
    """One task as its reader sees it."""
    return {
        **pages.task_value(found.row),
        "kind": found.kind,
        "outcomes": list(found.outcomes),
        "expects": list(found.expects),
        "reason_required": found.reason_required,
        "meaning": found.meaning,
        "factor": found.factor,
        "methods": list(methods(found.factor)),
        "shown": {name: pages.shut(value) for name, value in found.shown.items()},
        "shown_digest": found.shown_digest,
        "proposal": None if found.proposal is None else _proposal(found.proposal),
    }


def _proposal(found: Proposed) -> dict[str, Any]:
    return {**found._asdict(), "output": pages.shut(found.output)}


def about_task(reader: Reader, found: Shown, instance: pages.InstanceRow) -> dict[str, Any]:
    """What stands around a task: its blueprint, its fields, the codes of its reasons, and why the caller may not."""
    service, view, actor, names = reader
    rooms, row = service.rooms, found.row
    rows, engine = reading_as(view, actor), rooms.engine
    under = rooms.blueprints.released(rows, instance.blueprint, instance.number)
    version = version_with(rows, rooms.blueprints, under, row.step, TASKS)
    blueprint = version.blueprint
    task = f"{row.instance}.{row.number}"
    step = blueprint.step(row.step)
    stopped = stopped_clocks(rows, engine.calendars, [clock_of(row, version)] if is_open(row) else ())
    refused = {outcome: _refused(may_complete(engine, rows, task, outcome)) for outcome in found.outcomes}
    lists = _Codes(engine.reason_lists, rows)
    fields = (
        pages.corrected(blueprint, step)
        if isinstance(step, AgentStep)
        else pages.expected(rows, rooms.blueprints, instance, found.expects)
    )
    return {
        "title": step_title(step),
        "urgency": urgency_of(row.urgency, instance.urgency),
        "due_explained": task_explained(rows, engine.calendars, version, row),
        "stopped": _stopped(version, stopped.get((row.instance, row.number))),
        "blueprint_title": blueprint.title,
        "version": instance.number,
        "currency": blueprint.currency or "",
        "holder_name": names.of(row.holder, row.domain),
        "is_mine": bool(row.holder) and row.holder == actor.person,
        "delegate_name": names.of(row.delegate, row.domain),
        "stands_in_for_name": names.of(row.stands_in_for, row.domain),
        "is_delegated_to_me": bool(row.delegate) and row.delegate == actor.person,
        "returned": _returned(reader, found, instance),
        "offered_to": _Offers(service, view).words(row.role, row.decision_kind),
        "choices": [
            {
                "outcome": outcome,
                "barred": refusal,
                "next": _next(blueprint, step, outcome),
                "reason_codes": lists.of(step.codes_of(outcome) if isinstance(step, DecideStep) else None),
            }
            for outcome, refusal in refused.items()
        ],
        "barred": refusal_value(barred(engine, rows, task)),
        "fields": [
            {
                "path": one.path,
                "type": None if one.field is None or one.field.type == ANYTHING else one.field.type,
                "items": None if one.field is None or one.field.items is None else one.field.items.type,
                "data_class": None if one.field is None else one.field.data_class,
                "required": one.field is not None and one.field.required,
            }
            for one in fields
        ],
        "reason_codes": lists.of(found.reason_codes),
        "voting": voting(view, found, step, names) if isinstance(step, DecideStep) else None,
    }


def _returned(reader: Reader, found: Shown, instance: pages.InstanceRow) -> dict[str, Any] | None:
    """What the delegate proposed, for a reader of these classes; None once the task has moved on."""
    service, view, actor, names = reader
    row = found.row
    proposal = view.get(PROPOSAL, row.instance, row.number)
    if proposal is None or proposal.revision != row.revision:
        return None
    plan = plan_of(service.rooms.blueprints.released(view, instance.blueprint, instance.number))
    classes = service.rooms.access.readable(view, view.now, actor, row.domain)

    def told(at: str, value: Any, data_class: str) -> Any:
        return opened(view, (row.instance, at), value, data_class in classes)

    number, revision = row.number, row.revision
    return {
        "by": proposal.by,
        "by_name": names.of(proposal.by, row.domain),
        "outcome": proposal.outcome,
        "data": {
            path: told(proposed_path(number, revision, path), value, plan.class_of(path))
            for path, value in orjson.loads(proposal.data).items()
        },
        "reason": told(handed_path(number, revision), orjson.loads(proposal.reason), "confidential"),
        "proposed_at": proposal.proposed_at,
    }


def _refused(refusal: Refusal | None) -> dict[str, Any] | None:
    """What stands against an outcome; that the task has to be taken first is no bar."""
    return None if refusal is not None and refusal.reason is Reason.NOT_CLAIMED else refusal_value(refusal)


def _next(blueprint: Blueprint, step: Step, outcome: str) -> dict[str, Any] | None:
    """The step that follows an outcome, with what happens there in words; None where a branch ends."""
    target = dict(step.next).get(outcome, "") if isinstance(step, DecideStep) else ""
    if isinstance(step, AgentStep):
        target = step.rejected or "" if outcome == REJECT else step.next
    if not target:
        return None
    following = blueprint.step(target)
    said = StepWords(blueprint).step(following)
    return {"step": target, "title": step_title(following), "words": said, "wording": wording_value(said)}


class _Codes:
    """Lists of reason codes in force, each read once."""

    def __init__(self, lists: ReasonLists, rows: UnitOfWork) -> None:
        self._lists, self._rows = lists, rows
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, name: str | None) -> dict[str, Any] | None:
        """The list of this name; None where none is named."""
        if name is not None and name not in self._known:
            self._known[name] = self._lists.current(self._rows, name).as_value()
        return None if name is None else self._known[name]


class _Offers:
    """To whom tasks are offered, in words: the title of a role, the name of an authority."""

    def __init__(self, service: Service, view: View) -> None:
        snapshot = service.rooms.access.snapshot(view)
        stated = () if isinstance(snapshot, Refusal) else snapshot.policy.roles
        self._titles = {role.name: role.title for role in stated}

    def words(self, role: str, decision_kind: str) -> str:
        """A role before an authority: where both are named, the role says who is asked."""
        return (self._titles.get(role) or name_words(role)) if role else name_words(decision_kind)
