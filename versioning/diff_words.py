"""Words for what a comparison tells: a field, a way, a datum, and the whole as lines. Words of steps are those of
`versioning.words`, so that a review reads what the page of the blueprint says."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from versioning.blueprint import DataField
from versioning.flows import Flow
from versioning.schedule_words import schedule_words
from versioning.start_words import start_called
from versioning.words import StepWords
from versioning.words_agents import accepted_words, share_words
from versioning.words_conditions import text_words, value_words
from versioning.words_parts import (
    act_words,
    deadline_words,
    duration_words,
    flat_words,
    joined_words,
    name_words,
    offer_words,
    retry_words,
    signing_words,
)
from versioning.words_reactions import error_words, failing_words, late_words, undone_words, watched_words

if TYPE_CHECKING:
    from versioning.diff import BlueprintDiff, FieldChange, FlowChange, StepChange

_CALLED = {
    "id": "the name",
    "owner": "the owner",
    "first": "the first step",
    "by": "how an instance starts",
    "schedule": "when an instance starts",
    "requires": "the role that may start an instance",
    "key": "the key",
    "reuse": "whether a business key may come again",
    "acts": "what acts on running instances need",
    "gives": "what it gives to a step that runs it",
    "bring": "what is brought home",
    "role": "the role",
    "hold_for": "who resolves an incident",
    "skip_when": "when it is passed over",
    "shows": "what is shown",
    "expects": "what is filled in",
    "duties": "who is barred",
    "reason_required": "whether a reason must be given",
    "reason_codes": "the list of reasons",
    "outcome_codes": "the lists of reasons by outcome",
    "quorum": "how many must agree",
    "sign": "what is signed",
    "arguments": "what is handed over",
    "into": "where the result goes",
    "to": "who is told",
    "text": "what they are told",
    "retry": "how it is tried again",
    "priority": "what its job is put before others by",
    "delay": "how long it waits",
    "until": "until when it waits",
    "condition": "the condition it waits for",
    "watches": "which events it is watched for",
    "need": "how many branches it waits for",
    "begun_by": "who begins its branches in any order",
    "may_repeat": "which branches may be begun again",
    "may_pass_over": "which branches may be passed over",
    "for_customer": "whether clocks stand still meanwhile",
    "of": "the list it goes through",
    "element": "what an element is called",
    "body": "what is done for each",
    "at_once": "whether all begin at the same time",
    "undo": "how it is undone",
    "steps": "which steps are undone",
    "keep_for": "how long it is kept",
    "type": "the type",
    "agent": "who proposes",
    "accept_when": "when it is taken without a person",
    "table": "the rule table",
    "judge": "who judges it",
    "sample": "the share that is reviewed all the same",
    "review_by": "who reviews it",
    "offer": "whom it is offered to",
    "data_class": "the class",
    "data_subject": "whether it is the data subject",
    "required": "whether it is required",
}

_Said = Callable[[StepWords, Any], str]
_FIELDS: dict[str, _Said] = {
    "deadline": lambda words, step: " ".join(late_words(words, replace(step, on_late=None))),
    "hold_for": lambda words, step: " ".join(failing_words(words, replace(step, on_failure_next=None))),
    "skip_when": lambda words, step: words.condition(step.skip_when),
    "shows": lambda words, step: words.paths(step.shows),
    "expects": lambda words, step: step.expects if type(step.expects) is str else words.paths(step.expects),
    "duties": lambda words, step: " ".join(words.duties(step.duties)),
    "outcomes": lambda _, step: joined_words(step.outcomes, "or"),
    "measure": lambda words, step: value_words(step.measure, words.blueprint.data),
    "key": lambda words, step: value_words(step.key, words.blueprint.data),
    "outcome_codes": lambda _, step: joined_words(f"{name_words(name)} on {on}" for on, name in step.outcome_codes),
    "quorum": lambda words, step: " ".join(words.decide(step)[:2]),
    "sign": lambda _, step: f"{flat_words(step.sign.meaning)} ({signing_words(step.sign)})",
    "arguments": lambda words, step: words.handed(step.arguments).removeprefix(", handing over "),
    "into": lambda words, step: words.path(step.into),
    "to": lambda words, step: words.told(step.to),
    "text": lambda words, step: text_words(step.text, words.blueprint.data),
    "bring": lambda words, step: words.brought(step),
    "retry": lambda _, step: " ".join(retry_words(step.retry)),
    "accept_when": accepted_words,
    "sample": lambda _, step: share_words(step.sample),
    "offer": lambda _, step: " ".join(offer_words(step.offer)),
    "priority": lambda words, step: value_words(step.priority, words.blueprint.data),
    "delay": lambda _, step: duration_words(step.delay),
    "until": lambda words, step: words.value(step.until),
    "condition": lambda words, step: words.condition(step.condition),
    "watches": lambda words, step: " ".join(watched_words(words, step)),
    "of": lambda words, step: words.path(step.of),
    "body": lambda words, step: words.each(replace(step, until=None, into=None))[0],
    "undo": lambda words, step: " ".join(undone_words(words, step)),
    "steps": lambda words, step: joined_words(map(words.to, step.steps)),
    "may_repeat": lambda words, step: joined_words(map(words.to, step.may_repeat)),
    "may_pass_over": lambda words, step: joined_words(map(words.to, step.may_pass_over)),
    "keep_for": lambda _, step: duration_words(step.keep_for),
    "need": lambda _, step: str(step.need or "all of them"),
}
_HEAD: dict[str, _Said] = {
    "first": lambda words, head: words.to(head.first),
    "key": lambda words, head: words.path(head.key),
    "schedule": lambda words, head: schedule_words(head.schedule, words.blueprint.calendar),
    "regimes": lambda _, head: joined_words(head.regimes),
    "deadline": lambda _, head: " ".join(deadline_words(head.deadline)),
    "acts": lambda _, head: " ".join(map(act_words, head.acts)),
    "gives": lambda words, head: words.paths(head.gives),
    "watches": lambda words, head: " ".join([error_words(words, watch) for watch in head.watches]),
}
_NAMES = frozenset(
    (
        "role",
        "begun_by",
        "agent",
        "judge",
        "review_by",
        "authority",
        "reason_codes",
        "type",
        "table",
        "message",
        "blueprint",
        "owner",
        "requires",
        "calendar",
    )
)


def field_words(words: StepWords, name: str, step: Any) -> str:
    """The value of a step's field; empty where there is none."""
    return _words(_FIELDS, words, name, step)


def head_words(words: StepWords, name: str, head: Any) -> str:
    """The value of a field of the blueprint or of its start; empty where there is none."""
    return _words(_HEAD, words, name, head)


def _words(said: dict[str, _Said], words: StepWords, name: str, owner: Any) -> str:
    value = getattr(owner, name)
    if value is None or value in ("", ()):
        return ""
    if name in said:
        return said[name](words, owner)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return name_words(value) if name in _NAMES else flat_words(str(value))


def flow_words(words: StepWords, flow: Flow) -> str:
    """When a way is taken, and to which step."""
    when = {
        "outcome": f"on {flow.on}",
        "branch": f"when {words.condition(flow.on)}" if flow.cause == "branch" else "",
        "otherwise": "in all other cases",
        "fork": "as a branch",
        "join": "when all branches have ended",
        "late": "when it is late",
        "rejected": "when a reviewer rejects it",
        "failed": "when it fails",
        "skipped": "when it is passed over",
    }.get(flow.cause, "then")
    return f"{when} comes {words.to(flow.target)}"


def data_words(path: str, field: DataField) -> str:
    """A datum with everything declared of it."""
    marks = ["required"] * field.required + ["the data subject"] * field.data_subject
    return ", ".join((f"{path}: {field.type}", field.data_class, *marks))


def diff_words(found: "BlueprintDiff") -> tuple[str, ...]:
    """Everything that changed, one line each: head, names, steps, data. No line where nothing changed."""
    lines = [_field_line("The blueprint", change) for change in found.head]
    lines += [f"Step {old} is now called {new}." for old, new in found.renamed]
    for step in found.steps:
        lines += _step_lines(step)
    for datum in found.data:
        if datum.what == "changed":
            lines.append(f"Data: was {datum.before_words}; is now {datum.after_words}.")
        else:
            lines.append(f"Data {datum.what}: {datum.before_words or datum.after_words}.")
    return tuple(lines)


def _step_lines(change: "StepChange") -> list[str]:
    if change.what == "replaced":
        return [f"Step {change.step} is of another kind: was: {change.before_words} Is now: {change.after_words}"]
    if change.what != "changed":
        return [f"Step {change.step} {change.what}: {change.before_words or change.after_words}"]
    who = f"Step {change.step}"
    return [
        *(_field_line(who, field) for field in change.fields),
        *(_flow_line(who, flow) for flow in change.flows),
    ]


def called(field: str) -> str:
    """What a field is called: `start.key` as `the key`, `start.by api` as `the start over the API`."""
    if field.startswith("start.by "):
        return f"the start {start_called(field.removeprefix('start.by '))}"
    name = field.rpartition(".")[2]
    return _CALLED.get(name, f"the {name_words(name)}")


def _field_line(who: str, change: "FieldChange") -> str:
    before, after = (text.rstrip(".") or "nothing" for text in (change.before_words, change.after_words))
    return f"{who}: {called(change.field)} was: {before}; is now: {after}."


def _flow_line(who: str, change: "FlowChange") -> str:
    if change.what == "added":
        return f"{who}: way added: {change.after_words}."
    if change.what == "removed":
        return f"{who}: way removed: {change.before_words}."
    if change.what == "redirected":
        return f"{who}: was: {change.before_words}; is now: {change.after_words}."
    before, after = (change.before_order or 0) + 1, (change.after_order or 0) + 1
    return f"{who}: {change.after_words} stood at place {before}; is now at place {after}."
