"""Every construct that the language is designed to have is read, or refused by its name and at its place."""

import pytest

from versioning.forms import STEP_SHAPE
from versioning.parse import read_blueprint, read_forms
from versioning.shapes import Form

HEAD = """\
blueprint: claims
title: Claims
purpose: Decide claims.
owner: claims
currency: EUR
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  listed: {type: boolean, class: internal}
  notes: {type: list, class: internal, items: string}
start: {by: api, requires: role staff, key: number}
first: one
steps:
"""
STEPS = {
    "task": "task: Look, role: role staff, expects: [listed], next: done",
    "decide": "decide: [approve], authority: approve, measure: = amount, shows: [amount], duties: [not initiator], "
    "next: {approve: done}",
    "call": "call: bank.pay, next: done",
    "job": "job: keep, next: done",
    "agent": "agent: reader, shows: [amount], expects: {type: object}, into: listed, next: done, "
    "otherwise: {review by: role staff}",
    "rules": "rules: bands, into: listed, next: done",
    "choose": "choose: [{otherwise: done}]",
    "all": "all: [two, three], join: {wait: all, next: done}",
    "any of": "any of: [{when: = listed, next: two}, {otherwise: three}], join: {wait: any, next: done}",
    "wait": "wait: 2 days, next: done",
    "run": "run: other, next: done",
    "each": "each: notes, as: note, do: {job: keep, with: {text: = note}}, next: done",
    "send": "send: told, key: = number, with: {number: = number}, keep for: 2 days, next: done",
    "take back": "take back: all, next: done",
    "end": "end: over",
}
# "on any step" of the design page, each with something that may stand there.
ON_ANY_STEP = {
    "within": "2 days",
    "deadline": "{within: 2 days}",
    "retry": "{times: 2}",
    "on failure": "{hold for: role staff}",
    "on error PAID_TWICE": "done",
    "on message stop": "{key: = number, next: done}",
    "on late": "done",
    "after 2 days": "{next: done, meanwhile: true}",
    "undo": "bank.cancel",
    "skip when": "= listed",
}


def source(steps: str, head: str = HEAD) -> str:
    rest = "".join(f"  {name}: {{job: keep}}\n" for name in ("two", "three"))
    return f"{head}  one: {{{steps}}}\n{rest}  done: {{end: done}}\n"


def refused(text: str, construct: str) -> None:
    """The text is refused for this construct alone, at the place where it stands."""
    parsed = read_blueprint(text)
    said = [(finding.rule, finding.message) for finding in parsed.findings if finding.severity == "error"]
    assert said == [("not-yet-built", f"`{construct}` is not yet built")]
    place = parsed.findings[0].place
    assert place is not None
    there = text.splitlines()[place.line - 1][place.column - 1 :]
    assert there.startswith(("[", construct.rpartition(": ")[2])), there


def test_what_stands_here_is_the_language() -> None:
    assert STEPS.keys() == {name for name, _ in STEP_SHAPE.forms}
    for steps in STEPS.values():
        assert read_forms(source(steps)).blueprint is not None, steps


@pytest.mark.parametrize("name", ON_ANY_STEP)
@pytest.mark.parametrize("kind", STEPS)
def test_what_any_step_may_have_is_built_or_refused_by_name(kind: str, name: str) -> None:
    form = dict(STEP_SHAPE.forms)[kind]
    assert isinstance(form, Form)
    text = source(f"{STEPS[kind]}, {name}: {ON_ANY_STEP[name]}")
    if form.key(name) is None:
        refused(text, name)
    else:
        rules = {finding.rule for finding in read_blueprint(text).findings}
        assert not rules & {"not-yet-built", "unknown-key", "form"}


def test_a_start_by_another_word() -> None:
    refused(source(STEPS["job"], HEAD.replace("by: api", "by: another instance")), "by: another instance")


def test_what_such_a_start_would_say() -> None:
    refused(source(STEPS["job"], HEAD.replace("by: api", "by: api, schedule: every working day")), "schedule")


@pytest.mark.parametrize(
    ("steps", "construct"),
    [
        (f"{STEPS['decide']}, sign: {{meaning: I decide, factor: totp}}", "factor: totp"),
        (f"{STEPS['job']}, retry: {{times: 2, first: 2 business hours}}", "first: 2 business hours"),
    ],
)
def test_steps_and_their_parts(steps: str, construct: str) -> None:
    refused(source(steps), construct)
