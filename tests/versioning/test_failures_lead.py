"""`on failure: {next: STEP}`: what is read, found, said, compared and drawn."""

import pytest

from versioning.blueprint import Blueprint
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.graph import graph_of
from versioning.parse import read_blueprint
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
steps:
  pay: {call: bank.pay, within: 1 hour, on failure: FAILING, next: paid}
  paid: {end: paid}
  unpaid: {end: unpaid}
"""


def read(failing: str) -> Blueprint:
    found = read_blueprint(SOURCE.replace("FAILING", failing))
    assert found.blueprint is not None, [one.line() for one in found.findings]
    return found.blueprint


@pytest.mark.parametrize(
    ("failing", "rules"),
    [
        ("{next: unpaid, hold for: role staff}", ["failure.way"]),
        ("{}", ["failure.way"]),
        ("{next: nowhere}", ["step.unknown"]),
        ("{hold for: role staff}", ["step.unreachable"]),
        ("{next: unpaid}", []),
    ],
)
def test_a_failure_is_held_or_leads_on(failing: str, rules: list[str]) -> None:
    assert [one.rule for one in read_blueprint(SOURCE.replace("FAILING", failing)).findings] == rules


def test_it_is_said_in_words() -> None:
    sentence = words(read("{next: unpaid}"))[2]
    assert "When it is late it has failed. If it fails, it is left and step 3 (unpaid) comes next." in sentence


def test_a_comparison_tells_where_it_leads_now() -> None:
    before = read("{next: unpaid}")
    after = read_blueprint(SOURCE.replace("FAILING", "{next: paid}").replace("next: paid}\n", "next: unpaid}\n"))
    assert after.blueprint is not None
    told = diff_words(diff(before, after.blueprint))
    assert "Step pay: was: when it fails comes step 3 (unpaid); is now: when it fails comes step 2 (paid)." in told


def test_it_is_drawn_as_a_way_of_its_own() -> None:
    out = [(edge.target, edge.label) for edge in graph_of(read("{next: unpaid}")).edges if edge.source == "pay"]
    assert out == [("paid", ""), ("unpaid", "when it fails")]
