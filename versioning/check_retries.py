"""How failed tries are made again: waits that are what they say, and tries that come before the step is over."""

from collections.abc import Iterator

from versioning.blueprint import AgentStep, Blueprint, CallStep, JobStep, Retry, RunStep, Step, inner_of
from versioning.business_time import is_business
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import iso_duration

_DOUBLINGS_MAX = 40  # beyond it any first wait is longer than the longest


def retries(notes: Notes, blueprint: Blueprint) -> None:
    """The longest wait is no shorter than the first; the last try comes before the deadline that ends the step."""
    for step in blueprint.steps:
        for key, retry in _retries(step):
            if retry.backoff == "exponential" and _seconds(retry.limit) < _seconds(retry.first):
                place = notes.of_step(step, f"{key}.limit")
                message = say("longest-wait-too-short", step=quoted(step.id))
                notes.error("retry.limit", place, message, say("limit-not-below-first"))
            elif key == "retry" and _ends_first(step, retry):
                message = say("late-before-last-try", step=quoted(step.id))
                notes.warning("retry.deadline", notes.of_step(step, key), message, say("fewer-tries"))


def _retries(step: Step) -> Iterator[tuple[str, Retry]]:
    for key, inner in (("retry", step), ("do.retry", inner_of(step)), ("undo.retry", step.undo)):
        retry = inner.retry if isinstance(inner, CallStep | JobStep | AgentStep | RunStep) else None
        if retry is not None and (key != "undo.retry" or getattr(step, "retry", None) != retry):
            yield key, retry


def _ends_first(step: Step, retry: Retry) -> bool:
    """Whether the waits between tries alone take longer than the step may, where being late ends it."""
    deadline = step.deadline
    if deadline is None or is_business(deadline.within) or not isinstance(step, CallStep | JobStep):
        return False
    if step.on_late is None and deadline.late:
        return False  # those who are told of it may still let it go on
    first, limit = _seconds(retry.first), _seconds(retry.limit)
    doubles = retry.backoff == "exponential"
    waits = [min(limit, first << min(count, _DOUBLINGS_MAX)) if doubles else first for count in range(retry.times)]
    return sum(waits) >= _seconds(deadline.within)


def _seconds(duration: str) -> int:
    found = iso_duration(duration)
    assert found is not None  # the form has read one
    return found[1]
