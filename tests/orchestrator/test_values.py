"""Pure values of the engine: durations, data against its declaration, views, and transitions that do not fit."""

from typing import Any

import pytest

from ledger.errors import BrokenInput, BrokenState
from orchestrator import transitions as t
from orchestrator.commands import split_id, split_timer_id
from orchestrator.durations import microseconds
from orchestrator.fold import apply
from orchestrator.instance import Instance, parse_marking
from orchestrator.shown import differences, shown_digest, view
from orchestrator.transition_values import from_value
from orchestrator.validation import fault_in, value_fault
from tests.orchestrator.toy import SECOND
from versioning.blueprint import DataField


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT0S", 0), ("PT90S", 90), ("PT1.5S", 1.5), ("P2D", 172_800), ("P1DT1H1M1S", 90_061), ("P2W", 1_209_600)],
)
def test_durations_are_elapsed_time(text: str, seconds: float) -> None:
    assert microseconds(text) == seconds * SECOND


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1D", "P1M", "P1Y", "-P1D", "P1W2D", "PT1H ", "P١D"])
def test_other_durations_are_broken_input(text: str) -> None:
    with pytest.raises(BrokenInput):
        microseconds(text)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", ["", "x"], [1, True, "x" * 20_001]),
        ("integer", [0, -5, 2**53 - 1], [2**53, True, "1", 1.0]),
        ("number", [1, "1.50", "-0.1"], ["", "1e5", "01", "NaN", "1" * 40, True, {"$decimal": "1"}]),
        ("boolean", [True, False], [0, "true"]),
        ("date", ["2026-11-22"], ["2026-02-30", "20261122", 5]),
        ("date and time", ["2026-11-22T10:00:00Z"], ["2026-11-22T10:00:00", "x", 5]),
        ("duration", ["P2D", "P1Y", "-PT1H"], ["P", "PT", "2D", "P\u0661D", 5]),
        ("money", [{"amount": "1.00", "currency": "GBP"}], [{"amount": 1, "currency": "GBP"}, {"amount": "1"}, "1",
                                                             {"amount": "1", "currency": "gbp"}]),
        ("object", [{}, {"a": [1, {"b": None}]}], [[], "x", {"$commitment": "x"}, {"a": {"$at": 1}}]),
        ("list", [[], [1, "x"]], [{}, "x", [{"$commitment": "x"}]]),
    ],
)  # fmt: skip
def test_data_is_what_is_declared(kind: Any, good: list[Any], bad: list[Any]) -> None:
    field = DataField("f", kind)
    for value in (None, *good):
        assert value_fault(field, value, "f") is None, value
    for value in bad:
        assert value_fault(field, value, "f") is not None, value


def test_a_fault_says_where_and_never_what() -> None:
    inner = DataField("inner", "list", items=DataField("", "integer"))
    fields = (DataField("outer", "object", properties=(inner,), required=True),)
    fault = fault_in(fields, {"outer": {"inner": [1, "Jo Doe"]}})
    assert fault is not None
    assert fault.message == "expected a whole number at `outer.inner.2`"
    missing = fault_in(fields, {})
    assert missing is not None
    assert missing.path == "outer"


@pytest.mark.parametrize("text", ["", "pi_1", "pi_1.", "pi_1.0", "pi_1.01", "pi_1.x", "xx.1", "pi_1." + "1" * 20])
def test_ids_of_other_forms_are_broken_input(text: str) -> None:
    with pytest.raises(BrokenInput):
        split_id(text)
    assert split_timer_id("pi_1.7/deadline") == ("pi_1", 7, "deadline")


STARTED = t.InstanceStarted("toy", "digest", 1, "A-1", "mark", "person:a", "organisation")
ENTERED = t.StepEntered(1, "f", 5)


@pytest.mark.parametrize(
    "transitions",
    [
        [ENTERED],
        [STARTED, STARTED],
        [STARTED, t.StepEntered(2, "f", 5)],
        [STARTED, t.StepLeft(1)],
        [STARTED, t.TaskOffered(1)],
        [STARTED, ENTERED, t.InstanceEnded("done")],
        [STARTED, ENTERED, t.TimerSet(1, "retry", 5), t.TimerSet(1, "retry", 6)],
        [STARTED, ENTERED, t.TimerSet(1, "retry", 5), t.StepLeft(1)],
        [STARTED, ENTERED, t.TimerFired(1, "retry", 5)],
        [STARTED, ENTERED, t.IncidentRaised(1, 9, "X", "", "r")],
        [STARTED, ENTERED, t.IncidentResolved(1, 2, "retry")],
        [STARTED, t.InstanceEnded("done"), t.InstanceEnded("done")],
    ],
)
def test_transitions_that_do_not_fit_are_broken_state(transitions: list[Any]) -> None:
    with pytest.raises(BrokenState):
        apply(Instance("pi_1"), transitions)


@pytest.mark.parametrize(
    "value", [{}, {"t": "nothing"}, {"t": "step.left"}, {"t": "step.left", "activation": 1, "x": 2}]
)
def test_values_that_are_no_transition_are_broken_input(value: dict[str, Any]) -> None:
    with pytest.raises(BrokenInput):
        from_value(value)


def test_a_marking_that_is_none_is_broken_state() -> None:
    for text in ("", "{}", "[[1]]", '[["x", 1]]'):
        with pytest.raises(BrokenState):
            parse_marking(text if text != "{}" else "5")


def test_views_differ_by_path() -> None:
    data: dict[str, Any] = {"a": {"b": 1, "c": {"$commitment": "x", "$at": 1}}}
    shown = view(("a.b", "a.c.d", "z"), data.get)
    assert shown == {"a.b": 1, "a.c.d": data["a"]["c"], "z": None}
    other = {**shown, "a.b": 2}
    assert differences(shown, other) == ("a.b",)
    assert shown_digest(shown) != shown_digest(other)


@pytest.mark.parametrize("value", [{"$decimal": "1.5"}, True, "1,5"])
def test_who_writes_a_number_with_a_fraction_is_told_that_it_is_text(value: object) -> None:
    fault = value_fault(DataField("rate", "number"), value, "rate")
    assert fault is not None
    assert fault.message == 'expected a whole number, or a number as text such as "1.50" at `rate`'
