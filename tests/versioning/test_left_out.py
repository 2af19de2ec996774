"""`skip when` of steps whose ways lead to different steps: what is read, found, said, compared and drawn."""

import pytest

from versioning.blueprint import Blueprint
from versioning.check import check
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
currency: EUR
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
start: {by: api, requires: role staff, key: number}
first: officer
steps:
  officer:
    {decide: [approve, decline], authority: approve, measure: = amount, shows: [amount], duties: [not initiator],
     SKIP, next: {approve: paid, decline: refused}}
  paid: {end: paid}
  refused: {end: refused}
"""
BOTH = "skip when: = amount < 100, skip to: paid"


def read(skip: str) -> Blueprint:
    found = read_blueprint(SOURCE.replace("SKIP", skip))
    assert found.blueprint is not None, [one.line() for one in found.findings]
    return found.blueprint


@pytest.mark.parametrize(
    ("skip", "rule"),
    [
        ("skip when: = amount < 100", "skip.target"),
        ("skip to: paid", "skip.idle"),
        ("skip when: = amount < 100, skip to: pay", "step.unknown"),
    ],
)
def test_where_it_leads_is_said_and_there(skip: str, rule: str) -> None:
    assert [one.rule for one in read_blueprint(SOURCE.replace("SKIP", skip)).findings] == [rule]


def test_who_reviews_it_is_told_that_nobody_may_decide() -> None:
    told = [one for one in check(read(BOTH)) if one.rule == "decision.left-out"]
    assert [(one.severity, one.message) for one in told] == [
        ("warning", "the decision `officer` is taken by nobody where its condition to be passed over holds")
    ]
    assert not [one for one in check(read("title: Officer")) if one.rule == "decision.left-out"]


def test_it_is_said_in_words() -> None:
    (sentence,) = [one for one in words(read(BOTH)) if one.startswith("Officer")]
    assert "Nobody decides it when the amount is below 100 euros; then comes step 2 (paid)." in sentence


def test_a_comparison_tells_where_it_leads_now() -> None:
    before, after = read(BOTH), read(BOTH.replace("to: paid", "to: refused"))
    assert diff_words(diff(before, after)) == (
        "Step officer: was: when it is passed over comes step 2 (paid); "
        "is now: when it is passed over comes step 3 (refused).",
    )


def test_it_is_drawn_as_a_way_of_its_own() -> None:
    out = [(edge.target, edge.label) for edge in graph_of(read(BOTH)).edges if edge.source == "officer"]
    assert out == [("paid", "approve or when passed over"), ("refused", "decline")]
