"""Words for the fields of a blueprint one by one, for its ways and its data, as a comparison tells them. Words of steps
are those of `versioning.words`, so that a review reads what the page of the blueprint says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ledger.wording import NOTHING, Wording, as_it_is
from versioning.blueprint import DataField
from versioning.diff_texts import differ
from versioning.flows import Flow
from versioning.parts_texts import part
from versioning.schedule_words import schedule_words
from versioning.start_words import start_called
from versioning.words import StepWords, named_words
from versioning.words_agents import accepted_words, share_words
from versioning.words_conditions import text_words
from versioning.words_decisions import outcome_words
from versioning.words_parts import (
    act_words,
    deadline_words,
    duration_words,
    flat_words,
    joined_words,
    name_words,
    offer_words,
    retry_words,
    sentences,
    signing_words,
)
from versioning.words_reactions import error_words, failing_words, late_words, undone_words, watched_words

_CALLED = {
    "id": differ("the-name"),
    "owner": differ("the-owner"),
    "first": differ("the-first"),
    "by": differ("the-by"),
    "schedule": differ("the-schedule"),
    "requires": differ("the-requires"),
    "key": differ("the-key"),
    "reuse": differ("the-reuse"),
    "acts": differ("the-acts"),
    "gives": differ("the-gives"),
    "bring": differ("the-bring"),
    "role": differ("the-role"),
    "hold_for": differ("the-hold-for"),
    "skip_when": differ("the-skip-when"),
    "shows": differ("the-shows"),
    "expects": differ("the-expects"),
    "duties": differ("the-duties"),
    "reason_required": differ("the-reason-required"),
    "reason_codes": differ("the-reason-codes"),
    "outcome_codes": differ("the-outcome-codes"),
    "quorum": differ("the-quorum"),
    "sign": differ("the-sign"),
    "arguments": differ("the-arguments"),
    "into": differ("the-into"),
    "to": differ("the-to"),
    "text": differ("the-text"),
    "retry": differ("the-retry"),
    "priority": differ("the-priority"),
    "delay": differ("the-delay"),
    "until": differ("the-until"),
    "condition": differ("the-condition"),
    "watches": differ("the-watches"),
    "need": differ("the-need"),
    "begun_by": differ("the-begun-by"),
    "may_repeat": differ("the-may-repeat"),
    "may_pass_over": differ("the-may-pass-over"),
    "for_customer": differ("the-for-customer"),
    "of": differ("the-of"),
    "element": differ("the-element"),
    "body": differ("the-body"),
    "at_once": differ("the-at-once"),
    "undo": differ("the-undo"),
    "steps": differ("the-steps"),
    "keep_for": differ("the-keep-for"),
    "type": differ("the-type"),
    "agent": differ("the-agent"),
    "accept_when": differ("the-accept-when"),
    "table": differ("the-table"),
    "judge": differ("the-judge"),
    "sample": differ("the-sample"),
    "review_by": differ("the-review-by"),
    "offer": differ("the-offer"),
    "title": differ("the-title"),
    "purpose": differ("the-purpose"),
    "regimes": differ("the-regimes"),
    "currency": differ("the-currency"),
    "calendar": differ("the-calendar"),
    "deadline": differ("the-deadline"),
    "message": differ("the-message"),
    "outcomes": differ("the-outcomes"),
    "authority": differ("the-authority"),
    "measure": differ("the-measure"),
    "operation": differ("the-operation"),
    "blueprint": differ("the-blueprint"),
    "outcome": differ("the-outcome"),
}

_Said = Callable[[StepWords, Any], Wording]
_FIELDS: dict[str, _Said] = {
    "deadline": lambda words, step: sentences(late_words(words, replace(step, on_late=None))),
    "hold_for": lambda words, step: sentences(failing_words(words, replace(step, on_failure_next=None))),
    "skip_when": lambda words, step: words.condition(step.skip_when),
    "shows": lambda words, step: words.paths(step.shows),
    "expects": lambda words, step: as_it_is(step.expects) if type(step.expects) is str else words.paths(step.expects),
    "duties": lambda words, step: sentences(words.duties(step.duties)),
    "outcomes": lambda _, step: outcome_words(step.outcomes),
    "measure": lambda words, step: words.value(step.measure),
    "key": lambda words, step: words.value(step.key),
    "outcome_codes": lambda _, step: joined_words(
        differ("codes-on", codes=name_words(name), outcome=as_it_is(on)) for on, name in step.outcome_codes
    ),
    "quorum": lambda words, step: sentences(words.decide(step)[:2]),
    "sign": lambda _, step: differ("signed", meaning=flat_words(step.sign.meaning), how=signing_words(step.sign)),
    "arguments": lambda words, step: words.values(step.arguments),
    "into": lambda words, step: words.path(step.into),
    "to": lambda words, step: words.told(step.to),
    "text": lambda words, step: text_words(step.text, words.blueprint.data),
    "bring": lambda words, step: words.brought(step),
    "retry": lambda _, step: sentences(retry_words(step.retry)),
    "accept_when": accepted_words,
    "sample": lambda _, step: share_words(step.sample),
    "offer": lambda _, step: sentences(offer_words(step.offer)),
    "priority": lambda words, step: words.value(step.priority),
    "delay": lambda _, step: duration_words(step.delay),
    "until": lambda words, step: words.value(step.until),
    "condition": lambda words, step: words.condition(step.condition),
    "watches": lambda words, step: sentences(watched_words(words, step)),
    "of": lambda words, step: words.path(step.of),
    "body": lambda words, step: sentences([words.for_each(step)]),
    "undo": lambda words, step: sentences(undone_words(words, step)),
    "steps": lambda words, step: joined_words(map(words.to, step.steps)),
    "may_repeat": lambda words, step: joined_words(map(words.to, step.may_repeat)),
    "may_pass_over": lambda words, step: joined_words(map(words.to, step.may_pass_over)),
    "keep_for": lambda _, step: duration_words(step.keep_for),
    "need": lambda _, step: as_it_is(step.need) if step.need else differ("all-of-them"),
}
_BY = {
    "api": differ("by-api"),
    "message": differ("by-message"),
    "schedule": differ("by-schedule"),
    "instance": differ("by-instance"),
}
_HEAD: dict[str, _Said] = {
    "first": lambda words, head: words.to(head.first),
    "by": lambda _, head: _BY[head.by],
    "key": lambda words, head: words.path(head.key),
    "reuse": lambda _, head: differ("reuse-never" if head.reuse == "never" else "reuse-after-end"),
    "schedule": lambda words, head: schedule_words(head.schedule, words.blueprint.calendar),
    "regimes": lambda _, head: named_words(head.regimes),
    "deadline": lambda words, head: sentences(deadline_words(head.deadline, words.told)),
    "acts": lambda _, head: sentences([said for said in map(act_words, head.acts) if said]),
    "gives": lambda words, head: words.paths(head.gives),
    "watches": lambda words, head: sentences([error_words(words, watch) for watch in head.watches]),
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
_TYPES = {
    "string": part("type-string"),
    "integer": part("type-integer"),
    "number": part("type-number"),
    "boolean": part("type-boolean"),
    "date": part("type-date"),
    "date and time": part("type-date-and-time"),
    "duration": part("type-duration"),
    "money": part("type-money"),
    "object": part("type-object"),
    "list": part("type-list"),
}
_CLASSES = {
    "public": part("class-public"),
    "internal": part("class-internal"),
    "confidential": part("class-confidential"),
    "personal": part("class-personal"),
    "special": part("class-special"),
}


def field_words(words: StepWords, name: str, step: Any) -> Wording:
    """The value of a step's field; empty where there is none."""
    return _words(_FIELDS, words, name, step)


def head_words(words: StepWords, name: str, head: Any) -> Wording:
    """The value of a field of the blueprint or of its start; empty where there is none."""
    return _words(_HEAD, words, name, head)


def _words(said: dict[str, _Said], words: StepWords, name: str, owner: Any) -> Wording:
    value = getattr(owner, name)
    if value is None or value in ("", ()):
        return NOTHING
    if name in said:
        return said[name](words, owner)
    if isinstance(value, bool):
        return differ("yes" if value else "no")
    return name_words(value) if name in _NAMES else flat_words(str(value))


def flow_words(words: StepWords, flow: Flow) -> Wording:
    """When a way is taken, and to which step."""
    step = words.to(flow.target)
    if flow.cause == "outcome":
        return differ("on-outcome", outcome=as_it_is(flow.on), step=step)
    if flow.cause == "branch":
        return differ("on-condition", condition=words.condition(flow.on), step=step)
    return {
        "otherwise": differ("otherwise", step=step),
        "fork": differ("fork", step=step),
        "join": differ("join", step=step),
        "late": differ("late", step=step),
        "rejected": differ("rejected", step=step),
        "failed": differ("failed", step=step),
        "skipped": differ("skipped", step=step),
    }.get(flow.cause) or differ("then", step=step)


def data_words(path: str, field: DataField) -> Wording:
    """A datum with everything declared of it."""
    marks = NOTHING
    if field.required and field.data_subject:
        marks = differ("datum-required-subject")
    elif field.required or field.data_subject:
        marks = differ("datum-required" if field.required else "datum-subject")
    return differ(
        "datum", path=as_it_is(path), type=_TYPES[field.type], classed=_CLASSES[field.data_class], marks=marks
    )


def called(field: str) -> Wording:
    """What a field is called: `start.key` as `the key`, `start.by api` as `the start over the API`."""
    if field.startswith("start.by "):
        return differ("start-called", start=start_called(field.removeprefix("start.by ")))
    return _CALLED[field.rpartition(".")[2]]
