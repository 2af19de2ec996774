"""`on error CODE` of the whole blueprint: what is read, found, said, compared and drawn."""

import pytest

from versioning.blueprint import Blueprint, Watch
from versioning.check import check
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.flows import renamed
from versioning.graph import START, graph_of
from versioning.kinds.blueprint import blueprint_value
from versioning.parse import read_blueprint, read_forms
from versioning.words import words

SOURCE = """\
blueprint: claims
title: Claims
purpose: Decide claims.
owner: claims
data:
  number: {type: string, class: internal, required: true}
start: {by: api, requires: role staff, key: number}
first: pay
on error DOWN: STEP
steps:
  pay: {call: bank.pay, next: paid}
  paid: {end: paid}
  stop: {task: Look at it, role: role staff, expects: [number], next: unpaid}
  unpaid: {end: unpaid}
"""


def read(step: str = "stop") -> Blueprint:
    found = read_blueprint(SOURCE.replace("STEP", step))
    assert found.blueprint is not None, [one.line() for one in found.findings]
    return found.blueprint


def test_it_is_read_and_its_step_is_reached_by_it() -> None:
    blueprint = read()
    assert blueprint.watches == (Watch("error", "DOWN", "stop"),)
    assert not [one for one in check(blueprint) if one.severity == "error"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("on error DOWN: stopp", "step.unknown"),
        ("on message stop: stop", "not-yet-built"),
        ("after 2 days: stop", "not-yet-built"),
    ],
)
def test_it_leads_to_a_step_and_what_is_not_built_is_refused_by_name(line: str, rule: str) -> None:
    found = read_blueprint(SOURCE.replace("on error DOWN: STEP", line)).findings
    assert rule in [one.rule for one in found]


def test_it_is_said_in_words() -> None:
    assert (
        "When a step fails with DOWN and says nothing of it itself, all that is open is closed and "
        "step 3 (stop) comes next." in words(read())[1]
    )


def test_a_comparison_tells_it_and_a_step_called_otherwise_is_named_anew() -> None:
    after = read_forms(SOURCE.replace("STEP", "unpaid")).blueprint
    assert after is not None
    told = diff_words(diff(read(), after))
    assert any("step 4 (unpaid) comes next" in line for line in told), told
    assert renamed(read(), {"stop": "halt"}).watches[0].next == "halt"


def test_it_is_drawn_from_where_the_instance_starts() -> None:
    out = [(edge.target, edge.label) for edge in graph_of(read()).edges if edge.source == START]
    assert out == [("pay", ""), ("stop", "on error DOWN of any step")]


def test_what_is_released_without_one_keeps_its_digest() -> None:
    plain = read_forms(SOURCE.replace("on error DOWN: STEP\n", "")).blueprint
    assert plain is not None
    assert "watches" not in blueprint_value(plain)
    assert "watches" in blueprint_value(read())
