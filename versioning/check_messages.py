"""Whether somebody waits for what a blueprint sends. Pure."""

from collections.abc import Iterator, Mapping

from versioning.blueprint import Blueprint, SendStep, WaitStep
from versioning.check_runs import runs_of
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import near
from versioning.registers import Running
from versioning.starts import RUN_BY, start_by


def awaits_of(blueprint: Blueprint) -> tuple[str, ...]:
    """The names of the messages that a blueprint starts by or waits for, each once."""
    return tuple(dict.fromkeys(_awaited(blueprint)))


def _awaited(blueprint: Blueprint) -> Iterator[str]:
    yield from (start.message for start in blueprint.starts if start.message)
    for step in blueprint.steps:
        if isinstance(step, WaitStep) and step.message is not None:
            yield step.message
        yield from (watch.on for watch in step.watches if watch.kind == "message")


def messages(notes: Notes, blueprint: Blueprint, running: Mapping[str, Running]) -> None:
    """Every message that is sent is one that some blueprint in force, or this one, waits for or starts by."""
    known = {*awaits_of(blueprint), *(name for one in running.values() for name in one.awaits)}
    for step in blueprint.steps:
        if isinstance(step, SendStep) and step.message not in known:
            message = say("nobody-waits-for-message", step=quoted(step.id), near=near(step.message, known))
            expected = say("message-waited-for")
            notes.warning("send.nobody", notes.of_step(step, "send"), message, expected, quoted(step.message))


def running_of(blueprint: Blueprint) -> Running:
    """A blueprint as others meet it."""
    start = start_by(blueprint.starts, *RUN_BY) or blueprint.start
    of_key = start.key, start.reuse == "after end"
    return Running(start.by, runs_of(blueprint), blueprint.gives, awaits_of(blueprint), *of_key)
