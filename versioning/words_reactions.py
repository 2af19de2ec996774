"""Words for what a step says beside its work: when it is passed over, late, left for an event, failing, undone."""

from typing import TYPE_CHECKING

from ledger.wording import Wording, as_it_is
from versioning.blueprint import AgentStep, CallStep, DecideStep, EachStep, JobStep, Step, Watch, is_first_of
from versioning.passing_over import names_its_ways, passed_over_to
from versioning.reaction_words_texts import react
from versioning.words_parts import counted_words, deadline_words, duration_words, name_words

if TYPE_CHECKING:
    from versioning.words import StepWords


def reaction_words(words: "StepWords", step: Step) -> list[Wording]:
    """Everything of it, in the order in which it may happen."""
    return [
        *skipped_words(words, step), *late_words(words, step), *failing_words(words, step), *watched_words(words, step),
        *undone_words(words, step),
    ]  # fmt: skip


def skipped_words(words: "StepWords", step: Step) -> list[Wording]:
    """When it is passed over, and where that leads; a decision that is passed over is taken by nobody."""
    if step.skip_when is None:
        return []
    condition, to, is_decided = words.condition(step.skip_when), passed_over_to(step), isinstance(step, DecideStep)
    if to is None or not (step.skip_to or names_its_ways(step)):
        return [react("undecided" if is_decided else "passed-over", condition=condition)]
    return [react("undecided-to" if is_decided else "passed-over-to", condition=condition, step=words.to(to))]


def late_words(words: "StepWords", step: Step) -> list[Wording]:
    """What happens when it takes too long."""
    deadline = step.deadline
    if deadline is None:
        return []
    said = deadline_words(deadline, words.told, of_review=isinstance(step, AgentStep))
    if step.on_late is not None:
        said.append(react("late-leads", step=words.to(step.on_late)))
    elif isinstance(step, CallStep | JobStep) and not deadline.late:
        said.append(react("failed-incident" if step.on_failure_next is None else "failed-late"))
    return said


def failing_words(words: "StepWords", step: Step) -> list[Wording]:
    """Who is asked when it fails, or what comes then."""
    if step.on_failure_next is not None:
        return [react("fails-leads", step=words.to(step.on_failure_next))]
    if step.hold_for is not None:
        return [react("fails-resolves", role=name_words(step.hold_for))]
    return []


def watched_words(words: "StepWords", step: Step) -> list[Wording]:
    """What happens when an event comes while it is open."""
    return [watch_words(words, watch, is_first_of(step)) for watch in step.watches]


def watch_words(words: "StepWords", watch: Watch, is_awaited: bool = False) -> Wording:
    """What one event does."""
    step = words.to(watch.next)
    if watch.meanwhile:
        then = react("begins-beside", step=step)
    else:
        then = react("comes-next" if is_awaited else "left-for", step=step)
    return react("event", when=_happens(words, watch), into=words.into(watch.into), then=then)


def _happens(words: "StepWords", watch: Watch) -> Wording:
    if watch.kind == "message":
        return react("when-message", message=name_words(watch.on), key=words.value(watch.key or ""))
    if watch.kind == "after":
        return react("when-open-for", duration=duration_words(watch.on), counted=counted_words(watch.calendar))
    if watch.kind == "until":
        return react("when-has-come", value=words.value(watch.on))
    if watch.kind == "condition":
        return react("when-holds", condition=words.condition(watch.on))
    return react("when-fails") if watch.on == "any" else react("when-fails-with", error=as_it_is(watch.on))


def undone_words(words: "StepWords", step: Step) -> list[Wording]:
    """How what it has done is undone."""
    if step.undo is None:
        return []
    said = words.call_parts(step.undo)
    return [react("undo-each" if isinstance(step, EachStep) else "undo", **said)]


def error_words(words: "StepWords", watch: Watch) -> Wording:
    """What the blueprint as a whole does about a failure."""
    step = words.to(watch.next)
    return (
        react("whole-fails", step=step)
        if watch.on == "any"
        else react("whole-fails-with", error=as_it_is(watch.on), step=step)
    )
