"""What of an entry somebody is to be told, and which sort of people: entry in, causes out. Pure.

Of several causes in one entry the first that reaches a person counts: they are told of an entry once, by what matters
most to them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from orchestrator.deadlines import HOLDER_WARNED, LATE, PASSED_ON, PEOPLE_TOLD, REASSIGNED, TOLD, WARNED
from orchestrator.task_transitions import VACATED
from orchestrator.told_transitions import by_their_part, persons_of


class Kind(StrEnum):
    """Why somebody is told, the most pressing first."""

    MENTIONED = "mentioned"
    ASSIGNED = "assigned"
    DELEGATED = "delegated"
    RETURNED = "returned"
    TAKEN = "taken"
    INCIDENT_ASSIGNED = "incident assigned"
    SUBSTITUTE = "substitute"
    STANDING_IN = "standing in"
    ESCALATED = "escalated"
    TOLD = "told"
    LATE = "late"
    DUE_SOON = "due soon"
    INCIDENT = "incident"
    APPROVAL = "approval"
    REVIEW = "review"
    OFFERED = "offered"
    WATCHED = "watched"


class Among(StrEnum):
    """Whom a cause is for."""

    PERSON = "person"  # `to` is the person
    POST = "post"  # the same, for an office they hold or in the place of somebody
    ROLE = "role"  # who has the role `to`
    GROUP = "group"  # the same, those who asked to be told of it
    HOLDER = "holder"  # who holds the task, and its delegate
    OFFERED = "offered"  # those who may take the task
    OFFERED_GROUP = "offered group"  # the same, those who asked to be told of it
    VOTERS = "voters"  # whose votes on the task are void, so that they are asked anew
    APPROVERS = "approvers"  # who may approve the change request, of those who asked to be told of what is for a group
    WATCHERS = "watchers"  # who follows the task or its instance


class Cause(NamedTuple):
    """Something to tell: `about` is an instance (`pi_...`), a task or an incident (`pi_....7`), a change request, or a
    substitution."""

    kind: Kind
    about: str
    among: Among
    to: str = ""


_PASSED = (PASSED_ON, REASSIGNED)
_ORDER = {kind: place for place, kind in enumerate(Kind)}
_TO_APPROVE = ("change.proposed", "change.submitted", "change.edited")  # an edit voids what was approved before it
_RECORDED = "substitution.recorded"
_QUIET = ("instance.advanced", "call.started", "job.failed", "call.failed", "timer.fired")


def causes(kind: str, subject: str, payload: Mapping[str, Any]) -> tuple[Cause, ...]:
    """What this entry of an instance or change request gives to tell, the most pressing first; nothing of others."""
    if kind in _TO_APPROVE:
        return (Cause(Kind.APPROVAL, subject, Among.APPROVERS),)
    if kind == _RECORDED:
        return (Cause(Kind.SUBSTITUTE, subject, Among.PERSON, payload["substitute"]),)
    if not subject.startswith("pi_") or kind == "command.refused":
        return ()
    found: list[Cause] = []
    for person in payload.get("mentions", ()):
        found.append(Cause(Kind.MENTIONED, _place(subject, payload), Among.PERSON, person))
    transitions = payload.get("transitions", ())
    passed = {one["activation"] for one in transitions if one["t"] == "deadline.escalated" and one["act"] in _PASSED}
    gated = {one["activation"] for one in transitions if one["t"] == "proposal.gated"}
    for one in transitions:
        found += _of(subject, one, passed, gated)
        found += _asked_anew(subject, one, transitions)
    if payload.get("why") == VACATED:
        found.append(Cause(Kind.TAKEN, _place(subject, payload, transitions), Among.PERSON, _lost_by(payload)))
    if kind not in _QUIET or any(_is_loud(one) for one in transitions):
        found.append(Cause(Kind.WATCHED, _place(subject, payload, transitions), Among.WATCHERS))
    return tuple(sorted(found, key=lambda cause: _ORDER[cause.kind]))


_LOUD = ("task.offered", "task.completed", "incident.raised", "instance.ended", "instance.cancelled", "step.entered")


def _is_loud(one: Mapping[str, Any]) -> bool:
    """Whether who follows an instance is told of what a clock, a call or a worker did: also of a missed deadline."""
    return one["t"] in _LOUD or (one["t"] == "deadline.escalated" and one["act"] == LATE)


def _of(subject: str, one: Mapping[str, Any], passed: set[int], gated: set[int]) -> Iterable[Cause]:
    kind, about = one["t"], f"{subject}.{one.get('activation', 0)}"
    if kind == "task.assigned":
        yield Cause(Kind.ASSIGNED, about, Among.PERSON, one["to"])
    elif kind == "task.delegated":
        yield Cause(Kind.DELEGATED, about, Among.PERSON, one["to"])
    elif kind == "task.returned":
        yield Cause(Kind.RETURNED, about, Among.HOLDER)
    elif kind == "task.released" and one.get("why"):  # nobody who may take it has given it back
        yield Cause(Kind.OFFERED, about, Among.OFFERED_GROUP)
    elif kind == "task.offered" and one["activation"] in passed:
        yield Cause(Kind.ESCALATED, about, Among.OFFERED)
    elif kind == "task.offered":
        why = Kind.REVIEW if one["activation"] in gated else Kind.OFFERED
        yield Cause(why, about, Among.OFFERED_GROUP)
    elif kind == "incident.raised":
        yield Cause(Kind.INCIDENT, f"{subject}.{one['incident']}", Among.GROUP, one["role"])
    elif kind == "incident.assigned" and one.get("to"):
        yield Cause(Kind.INCIDENT_ASSIGNED, f"{subject}.{one['incident']}", Among.PERSON, one["to"])
    elif kind == "people.told":
        for person in persons_of(one["to"]):
            yield Cause(Kind.TOLD, subject, Among.PERSON, person)
    elif kind == "deadline.escalated":
        yield from _late(about if one["activation"] else subject, one)


def _asked_anew(subject: str, one: Mapping[str, Any], transitions: Iterable[Mapping[str, Any]]) -> Iterable[Cause]:
    """Who has voted on what is another by now, and is still voted on."""
    number = one.get("activation", 0)
    is_over = any(other["t"] == "task.cancelled" and other["activation"] == number for other in transitions)
    if one["t"] == "votes.voided" and not is_over:
        yield Cause(Kind.OFFERED, f"{subject}.{number}", Among.VOTERS)


def _lost_by(payload: Mapping[str, Any]) -> str:
    """From whom a task was taken: its delegate where it says so, else its holder."""
    return str(payload.get("delegate") or payload["holder"])


def _late(about: str, one: Mapping[str, Any]) -> Iterable[Cause]:
    act = one["act"]
    if act == TOLD:
        yield Cause(Kind.LATE, about, Among.ROLE, one["to"])
    elif act == PEOPLE_TOLD:
        own = by_their_part(one["told"])
        for person in persons_of(one["told"]):
            yield Cause(Kind.LATE, about, Among.PERSON if person in own else Among.POST, person)
    elif act == WARNED:
        yield Cause(Kind.DUE_SOON, about, Among.HOLDER)
    elif act in (LATE, HOLDER_WARNED):
        yield Cause(Kind.LATE, about, Among.HOLDER)


def _place(subject: str, payload: Mapping[str, Any], transitions: Iterable[Mapping[str, Any]] = ()) -> str:
    """The task it is about where there is one, else the instance."""
    number = payload.get("task", 0)
    for one in transitions:
        if not number and (one["t"].startswith("task.") or one["t"] == "deadline.escalated"):
            number = one["activation"]
    return f"{subject}.{number}" if number else subject
