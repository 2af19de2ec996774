"""Who is told of a cause: asked of the registers of the moment, over a view.

Whoever is told must be able to read what they are told of, and nobody is told of what they did themselves.
"""

from collections.abc import Iterable
from typing import NamedTuple

from api.notifications.causes import Among, Cause, Kind
from api.notifications.tables import NotificationRow
from api.reading_as import reading_as
from api.rooms import Rooms
from ledger.actor import Actor, ActorKind, person_acting
from ledger.ids import ActorId
from ledger.refusal import Refusal
from ledger.service import View
from orchestrator.barring import candidates
from orchestrator.commands import split_id
from orchestrator.pages import InstanceRow, instance_row
from orchestrator.plan import role_name
from orchestrator.service import open_task
from orchestrator.vote_lists import asked_anew
from rbac import pages as people
from rbac.permission import WHOLE, Action, Ask, Object
from versioning.change import REVIEWABLE
from versioning.service import change_request

PERSONS_MAX = 200  # told of one entry by one cause
_WATCHERS = "SELECT person FROM notification_watch WHERE log_id = {log} AND instance = ? AND about IN (?, ?)"
_GROUP = "SELECT person FROM notification_preference WHERE log_id = {log} AND group_work = 1"


class Wanted(NamedTuple):
    """What anybody asked to be told of, besides what concerns them: without it nothing is looked up."""

    watched: frozenset[str]  # instances, of those that were looked at
    has_group: bool

    def reaches(self, cause: Cause) -> bool:
        """Whether the cause could reach anybody."""
        if cause.among is Among.WATCHERS:
            return cause.about.partition(".")[0] in self.watched
        return self.has_group or cause.among not in (Among.GROUP, Among.OFFERED_GROUP, Among.APPROVERS)


def wanted_by(view: View, subjects: set[str]) -> Wanted:
    """Of the subjects of some entries, which are followed: two questions, however many entries there are."""
    instances = sorted(subject for subject in subjects if subject.startswith("pi_"))
    marks = ", ".join("?" * len(instances)) or "NULL"
    followed = view.query(
        f"SELECT DISTINCT instance FROM notification_watch WHERE log_id = {{log}} AND instance IN ({marks})", instances
    )
    return Wanted(frozenset(one for (one,) in followed), bool(view.query(f"{_GROUP} LIMIT 1")))


class Told(NamedTuple):
    """One person and why they are told."""

    person: str
    cause: Cause
    domain: str
    is_stood_in_for: bool = False  # so that who stands in for them is told as well


IN_TEST_MODE = (Among.PERSON, Among.HOLDER, Among.VOTERS, Among.WATCHERS)
"""Of an instance in test mode only who takes part in it by name is told, and who follows it: no role, no office and no
group, and nobody who stands in for another."""


def recipients(rooms: Rooms, view: View, found: Iterable[Cause], by: str) -> tuple[Told, ...]:
    """Each person once, by the first cause that reaches them; `by` is who acted."""
    told: dict[str, Told] = {}
    for cause in found:
        if cause.among is Among.APPROVERS:
            told.update({one: Told(one, cause, WHOLE) for one in _approvers(rooms, view, cause.about, by)})
            continue
        if cause.kind is Kind.SUBSTITUTE:  # they are named in it themselves
            told.update({cause.to: Told(cause.to, cause, WHOLE)} if cause.to != by else {})
            continue
        instance_id = cause.about.partition(".")[0]
        row = instance_row(reading_as(view, _SYSTEM), instance_id)
        if row is None or (row.test and cause.among not in IN_TEST_MODE):
            continue
        for person in sorted(_among(rooms, view, cause, row))[:PERSONS_MAX]:
            is_theirs = person == by and cause.kind is not Kind.TOLD  # a step tells whom it names, whoever acted
            if not is_theirs and person not in told and _may_read(rooms, view, person, row.domain):
                told[person] = Told(person, cause, row.domain, _is_stood_in_for(cause, row))
    for one in [one for one in told.values() if one.is_stood_in_for]:
        standing = one.cause._replace(kind=Kind.STANDING_IN)
        for person in rooms.stand_ins.standing_in(view, one.person, view.now):
            if person != by and person not in told and _may_read(rooms, view, person, one.domain):
                told[person] = Told(person, standing, one.domain)
    return tuple(told.values())


_STOOD_IN = (Kind.ASSIGNED, Kind.DELEGATED, Kind.RETURNED, Kind.LATE, Kind.DUE_SOON)  # of a task somebody has


def _is_stood_in_for(cause: Cause, row: InstanceRow) -> bool:
    return cause.kind in _STOOD_IN and cause.among is not Among.OFFERED and not row.test


def _approvers(rooms: Rooms, view: View, about: str, by: str) -> list[str]:
    """Of those who asked for it, who may approve an open change request that is not their own."""
    change = change_request(view, about)
    if change is None or change.status not in REVIEWABLE:
        return []
    approving = (Object.CHANGE_REQUEST, Action.APPROVE)
    others = sorted(_group(view) - {by, *change.authors})
    return [one for one in others if _may(rooms, view, one, WHOLE, approving)][:PERSONS_MAX]


_SYSTEM = Actor(ActorId("system:notifier"), ActorKind.SYSTEM)


def _among(rooms: Rooms, view: View, cause: Cause, row: InstanceRow) -> set[str]:
    match cause.among:
        case Among.APPROVERS:
            return set()  # of no instance
        case Among.PERSON | Among.POST:
            return {cause.to}
        case Among.ROLE:
            return _holders(rooms, view, row.domain, cause.to)
        case Among.GROUP:
            group = _group(view)
            return group & _holders(rooms, view, row.domain, cause.to) if group else set()
        case Among.HOLDER:
            return _held_by(view, cause.about)
        case Among.VOTERS:
            return set() if open_task(view, cause.about) is None else asked_anew(view, *split_id(cause.about))
        case Among.OFFERED:
            return _offered(rooms, view, cause.about)
        case Among.OFFERED_GROUP:
            group = _group(view)
            return group & _offered(rooms, view, cause.about) if group else set()
        case Among.WATCHERS:
            return {one for (one,) in view.query(_WATCHERS, (row.id, row.id, cause.about))}


def _group(view: View) -> set[str]:
    return {one for (one,) in view.query(_GROUP)}


def _holders(rooms: Rooms, view: View, domain: str, role: str) -> set[str]:
    return set(rooms.access.holders(view, view.now, domain, role_name(role) or role))


def _held_by(view: View, about: str) -> set[str]:
    task = open_task(view, about) if "." in about else None
    return set() if task is None else {one for one in (task.holder, task.delegate) if one}


def _offered(rooms: Rooms, view: View, about: str) -> set[str]:
    """Those who may take a task that still waits for somebody."""
    task = open_task(view, about)
    if task is None or task.holder:
        return set()
    return set(candidates(rooms.engine, reading_as(view, _SYSTEM), about))


def still_told(rooms: Rooms, view: View, row: NotificationRow) -> bool:
    """Whether a person may still read what they are told of: messages are tried for a day, and rights end meanwhile."""
    if row.kind == Kind.SUBSTITUTE.value:
        found = people.person(view, row.person)
        return found is not None and found.status == "active"
    if row.kind == Kind.APPROVAL.value:
        return _may(rooms, view, row.person, WHOLE, (Object.CHANGE_REQUEST, Action.READ))
    return _may_read(rooms, view, row.person, row.domain)


def _may_read(rooms: Rooms, view: View, person: str, domain: str) -> bool:
    return _may(rooms, view, person, domain, (Object.TASK, Action.READ))


def _may(rooms: Rooms, view: View, person: str, domain: str, act: tuple[Object, Action]) -> bool:
    actor = person_acting(person)
    return not isinstance(rooms.access.read_check(view, view.now, actor, Ask(domain, *act)), Refusal)
