"""The terms of questions about tasks: whose they are, and which are past due. Their values stand beside them."""

from collections.abc import Collection, Sequence
from typing import Any

from orchestrator.pages import Candidate

OPEN = "task.state IN ('offered', 'claimed')"
DONE = "task.state = 'completed'"
VOTED = (
    "(task.instance, task.number) IN (SELECT task_vote.instance, task_vote.number FROM task_vote"
    " WHERE task_vote.log_id = {log} AND task_vote.person = ? AND task_vote.state = 'cast')"
)
NOT_VOTED = (
    "NOT EXISTS (SELECT 1 FROM task_vote WHERE task_vote.log_id = task.log_id AND task_vote.instance = task.instance"
    " AND task_vote.number = task.number AND task_vote.person = ? AND task_vote.state = 'cast')"
)
LEFT_OUT = "NOT (task.instance || '.' || CAST(task.number AS TEXT) {among})"  # a task that is none of these ids
DELEGATED = "(task.delegate <> '' AND task.delegate = ?)"  # theirs to work on for its holder; as its index states it


def marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values; for none a term that nothing equals."""
    return ", ".join("?" * len(values)) if values else "NULL"


def in_tests(domains: Sequence[str]) -> str:
    """The term that a task is of a live instance in test mode: few, and found by an index of their own."""
    return (
        "task.instance IN (SELECT id FROM instance WHERE instance.log_id = {log} AND instance.test = 1"
        f" AND instance.domain IN ({marks(domains)}) AND instance.status = 'active')"
    )


def late_by(beside: Collection[str]) -> str:
    """The term that a task is past due and none of these ids; its values are the instant and `as_list` of those."""
    return f"task.due_at < ? AND {LEFT_OUT}" if beside else "task.due_at < ?"


def as_list(ids: Collection[str]) -> tuple[list[str], ...]:
    """The values of a term that has `{among}` where there are ids: one list, however many they are."""
    return ([*ids],) if ids else ()


def offered(candidate: Candidate) -> tuple[str, list[Any]]:
    """Offered to one of the person's roles, or to holders of a decision kind where no role is named; and not yet
    voted on by them."""
    theirs, values = _narrowed(candidate)
    return (
        f"(task.state = 'offered' AND {NOT_VOTED} AND (task.role IN ({marks(candidate.roles)})"
        f" OR (task.role = '' AND task.decision_kind IN ({marks(candidate.decision_kinds)}))) AND {theirs})",
        [candidate.person, *candidate.roles, *candidate.decision_kinds, *values],
    )


def _narrowed(candidate: Candidate) -> tuple[str, list[Any]]:
    """Offered to anybody, or to a skill and a unit that the person has, or one whom they stand in for."""
    terms, values = ["(task.skill = '' AND task.unit = '')"], []
    for has in candidate.has:
        if has.skills or has.units:
            roles = "" if has.roles is None else f" AND task.role IN ('', {marks(has.roles)})"
            terms.append(f"(task.skill IN ('', {marks(has.skills)}) AND task.unit IN ('', {marks(has.units)}){roles})")
            values += [*has.skills, *has.units, *(has.roles or ())]
    return f"({' OR '.join(terms)})", values


def absent(candidate: Candidate) -> tuple[str, list[Any]]:
    """Held by somebody whom the person stands in for."""
    persons = candidate.stands_in_for
    return f"(task.state = 'claimed' AND task.holder IN ({marks(persons)}))", [*persons]
