"""Events that never happen, since another one of the same step always comes first. Pure.

Soundness looks at no names, keys and times: to it every event that is waited for may come.
"""

from collections.abc import Iterator

from versioning.blueprint import AgentStep, Blueprint, ForkStep, Step, WaitStep, Watch, is_first_of, watch_key
from versioning.business_time import is_business
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import iso_duration
from versioning.words_parts import duration_words

_BEFORE_ALL = -1  # of two times that are over at one instant the deadline of the step comes first


def events(notes: Notes, blueprint: Blueprint) -> None:
    """No event is waited for behind one that takes its message, and none for longer than its step may take."""
    is_paused = any(isinstance(step, WaitStep) and step.for_customer for step in blueprint.steps)
    for step in blueprint.steps:
        name = quoted(step.id)
        for number in _behind_another(step):
            message = say("message-never-comes", step=name, message=quoted(step.watches[number].on))
            place = notes.of_step(step, watch_key(step, number))
            notes.warning("event.never", place, message, say("another-message-or-key"))
        if isinstance(step, ForkStep) and is_paused:
            continue  # its own clock may stand still, and that of the event runs on
        for number in _too_late(step):
            message = say("left-before", step=name, length=duration_words(step.watches[number].on))
            notes.warning("event.never", notes.of_step(step, watch_key(step, number)), message, say("shorter-time"))


def _behind_another(step: Step) -> Iterator[int]:
    """The messages that the step itself, or an event before, waits for under the same key: who waits first gets it."""
    if not isinstance(step, WaitStep):
        return
    taken = {(step.message, step.key)}
    for number, watch in enumerate(step.watches):
        if watch.kind == "message" and (watch.on, watch.key) in taken:
            yield number
        elif is_first_of(step):
            taken.add((watch.on, watch.key))


def _too_late(step: Step) -> Iterator[int]:
    """The times from the entering of the step on by which it has been left: for an earlier time, or as it is late."""
    lengths = {number: length for number, watch in enumerate(step.watches) if (length := _elapsed(watch)) is not None}
    leaving = [(length, number) for number, length in lengths.items() if not step.watches[number].meanwhile]
    deadline = step.deadline
    if deadline is not None and step.on_late is not None and not is_business(deadline.within):
        leaving.append((_seconds(deadline.within), _BEFORE_ALL))
    first = None if isinstance(step, AgentStep) or not leaving else min(leaving)  # its clock is that of the review
    yield from [number for number, length in lengths.items() if first is not None and (length, number) > first]


def _elapsed(watch: Watch) -> int | None:
    return _seconds(watch.on) if watch.kind == "after" and not is_business(watch.on) else None


def _seconds(duration: str) -> int:
    found = iso_duration(duration)
    assert found is not None  # the form has read one
    return found[1]
