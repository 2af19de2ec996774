"""Words for what a step says beside its work: when it is passed over, late, left for an event, failing, undone."""

from typing import TYPE_CHECKING

from versioning.blueprint import AgentStep, CallStep, DecideStep, EachStep, JobStep, Step, Watch, is_first_of
from versioning.passing_over import names_its_ways, passed_over_to
from versioning.words_parts import counted_words, deadline_words, duration_words, name_words

if TYPE_CHECKING:
    from versioning.words import StepWords


def reaction_words(words: "StepWords", step: Step) -> list[str]:
    """Everything of it, in the order in which it may happen."""
    return [
        *skipped_words(words, step), *late_words(words, step), *failing_words(words, step), *watched_words(words, step),
        *undone_words(words, step),
    ]  # fmt: skip


def skipped_words(words: "StepWords", step: Step) -> list[str]:
    """When it is passed over, and where that leads; a decision that is passed over is taken by nobody."""
    if step.skip_when is None:
        return []
    what = "Nobody decides it" if isinstance(step, DecideStep) else "It is passed over"
    to = passed_over_to(step)
    then = "" if to is None or not (step.skip_to or names_its_ways(step)) else f"; then comes {words.to(to)}"
    return [f"{what} when {words.condition(step.skip_when)}{then}."]


def late_words(words: "StepWords", step: Step) -> list[str]:
    """What happens when it takes too long."""
    deadline = step.deadline
    if deadline is None:
        return []
    said = deadline_words(deadline)
    if isinstance(step, AgentStep):
        said[0] = f"The review{said[0].removeprefix('It')}"
    if step.on_late is not None:
        said.append(f"When it is late it is left and {words.to(step.on_late)} comes next.")
    elif isinstance(step, CallStep | JobStep) and not deadline.late:
        leads = step.on_failure_next is not None
        said.append("When it is late it has failed." if leads else "When it is late an incident is held for the owner.")
    return said


def failing_words(words: "StepWords", step: Step) -> list[str]:
    """Who is asked when it fails, or what comes then."""
    if step.on_failure_next is not None:
        return [f"If it fails, it is left and {words.to(step.on_failure_next)} comes next."]
    if step.hold_for is not None:
        return [f"If it fails, the role {name_words(step.hold_for)} resolves the incident."]
    return []


def watched_words(words: "StepWords", step: Step) -> list[str]:
    """What happens when an event comes while it is open."""
    return [watch_words(words, watch, is_first_of(step)) for watch in step.watches]


def watch_words(words: "StepWords", watch: Watch, is_awaited: bool = False) -> str:
    """What one event does."""
    when = {
        "message": lambda: f"When the message {name_words(watch.on)} comes that carries {words.value(watch.key or '')}",
        "after": lambda: f"When it has been open for {duration_words(watch.on)}{counted_words(watch.calendar)}",
        "until": lambda: f"When {words.value(watch.on)} has come",
        "condition": lambda: f"When {words.condition(watch.on)}",
        "error": lambda: "When it fails" if watch.on == "any" else f"When it fails with {watch.on}",
    }[watch.kind]()
    then = f"{words.to(watch.next)} comes next" if is_awaited else f"it is left and {words.to(watch.next)} comes next"
    if watch.meanwhile:
        then = f"{words.to(watch.next)} begins beside it"
    return f"{when}{words.into(watch.into)}, {then}."


def undone_words(words: "StepWords", step: Step) -> list[str]:
    """How what it has done is undone."""
    it = "what was done for an element" if isinstance(step, EachStep) else "it"
    return [] if step.undo is None else [f"To undo {it} the service {words.calling(step.undo)}."]


def error_words(words: "StepWords", watch: Watch) -> str:
    """What the blueprint as a whole does about a failure."""
    how = "" if watch.on == "any" else f" with {watch.on}"
    return (
        f"When a step fails{how} and says nothing of it itself, all that is open is closed and "
        f"{words.to(watch.next)} comes next."
    )
