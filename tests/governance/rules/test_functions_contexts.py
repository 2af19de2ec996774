"""Standard functions on contexts, and paths into values."""

from typing import Any

import pytest

from governance.rules import limits
from governance.rules.errors import LimitBreached, Unanswerable
from tests.governance.rules.calls import holds, value


@pytest.mark.parametrize(
    "source",
    [
        'get value({key1: "value1"}, "key1") = "value1"',
        'get value({key1: "value1"}, "other") = null',
        'get entries({a: 1, b: [2]}) = [{key: "a", value: 1}, {key: "b", value: [2]}]',
        "get entries({}) = []",
        'context([{key: "a", value: 1, ignored: "x"}, {key: "", value: null}]) = {a: 1, "": null}',
        "context([]) = {}",
        'context put({x: 1}, "y", 2) = {x: 1, y: 2}',
        'get entries(context put({x: 1, y: 0, z: 0}, "y", 2)).key = ["x", "y", "z"]',
        'context put({x: 1, y: {a: 0}}, ["y", "a"], 2) = {x: 1, y: {a: 2}}',
        'context put({x: 1, y: {a: 0}}, ["y", "b"], 2) = {x: 1, y: {a: 0, b: 2}}',
        'context put({}, ["y"], null) = {y: null}',
        "context merge([{a: 1}, {b: 2}, {a: 3}]) = {a: 3, b: 2}",
        "context merge([{a: {x: 1}}, {a: {y: 2}}]) = {a: {y: 2}}",
        "context merge({a: 1}) = {a: 1}",
        "[{a: 1}, {b: 2}, {a: null}].a = [1, null, null]",
        "[[{a: 1}], {a: 2}].a = [[1], 2]",
        '[@"2026-01-01", @"2025-01-01"].year = [2026, 2025]',
        '"text".length = null',
        "(1).a = null",
        'duration("P1Y").days = null',
        'duration("P1DT2H").hours = 2',
        'duration("-P1DT2H").hours = -2',
    ],
)
def test_contexts(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        'context([{key: "a", value: 1}, {key: "a", value: 2}])',
        "context([{value: 1}])",
        'context([{key: "a"}])',
        "context([{key: null, value: 1}])",
        "context([{key: 1, value: 1}])",
        'context("foo")',
        "context put({}, null, 1)",
        "context put({}, [], 1)",
        'context put({}, [null, "a"], 1)',
        'context put([], "a", 1)',
        "context put({}, 1, 1)",
        "context merge([{a: 1}, 2])",
        "context merge(null)",
        "get value(null, 1)",
        "get entries(1)",
    ],
)
def test_no_context(source: str) -> None:
    assert value(source) is None


@pytest.mark.parametrize("source", ['context put({y: {a: 0}}, ["y", "a", "b"], 2)', 'context put({}, ["y", null], 2)'])
def test_a_way_that_leads_nowhere_is_refused(source: str) -> None:
    with pytest.raises(Unanswerable):
        value(source)


def test_what_was_given_stays_as_it_was() -> None:
    given: dict[str, Any] = {"a": {"b": 1}, "c": (1, 2)}
    assert value('context put(given, ["a", "b"], 2)', given=given) == {"a": {"b": 2}, "c": (1, 2)}
    assert value("context merge([given, {c: 3}])", given=given) == {"a": {"b": 1}, "c": 3}
    assert given == {"a": {"b": 1}, "c": (1, 2)}


def test_contexts_are_bounded() -> None:
    many = {f"k{number}": number for number in range(limits.LIST_ITEMS_MAX)}
    with pytest.raises(LimitBreached):
        value('context put(given, "one more", 1)', given=many)
    with pytest.raises(LimitBreached):
        value("context merge([given, {one: 1}])", given=many)


def test_no_entry_stands_in_the_way_of_the_budget() -> None:
    for source in (
        "[given][x = 1]",
        '{"\\u0000budget": 1, x: 2, y: for i in [x] return i}',
        "for i in [given] return i.x",
    ):
        assert value(source, given={"\x00budget": 5, "x": 1}) is not None
