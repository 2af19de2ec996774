"""Events and conditions that are waited for, and failures that lead on. See `orchestrator.transitions`."""

from typing import NamedTuple


class FirstAwaited(NamedTuple):
    """The step waits for the first of the events it is watched for."""

    activation: int


class WatchSet(NamedTuple):
    """An activation that waits for an event on behalf of activation `of`; `watch` counts from 1 in source order."""

    activation: int
    of: int
    watch: int


class WatchFired(NamedTuple):
    """The event has come: `of` is left for step `to`, which begins beside it where `meanwhile` says so."""

    activation: int
    of: int
    to: str
    meanwhile: bool = False


class ErrorCaught(NamedTuple):
    """A failure that is tried no more leads on: the step is left for `to`."""

    activation: int
    code: str
    to: str


class ConditionAwaited(NamedTuple):
    """It waits until a condition over the data holds."""

    activation: int


class ConditionMet(NamedTuple):
    activation: int


Awaited = FirstAwaited | WatchSet | WatchFired | ErrorCaught | ConditionAwaited | ConditionMet

KINDS = {
    "first.awaited": FirstAwaited,
    "watch.set": WatchSet,
    "watch.fired": WatchFired,
    "error.caught": ErrorCaught,
    "condition.awaited": ConditionAwaited,
    "condition.met": ConditionMet,
}
