"""What is kept when compiling, by which key; and the limit on seconds."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from governance.rules import limits
from governance.rules.compile import compile_expression
from governance.rules.errors import LimitBreached, RuleError
from governance.rules.types import ANY, BOOLEAN, MONEY, NUMBER, STRING
from governance.rules.values import money


def test_compiling_is_cached_by_source_and_scope() -> None:
    one = compile_expression("n > 1", {"n": NUMBER})
    assert compile_expression("n > 1", {"n": NUMBER}) is one
    assert compile_expression("n > 1", {"n": MONEY}, "GBP") is not one


def test_closures_are_shared_by_the_digest_of_their_tree_and_the_currency() -> None:
    one = compile_expression("n > 1 and m", {"n": NUMBER, "m": BOOLEAN})
    spaced = compile_expression("(n  >  1) and /* the same */ m", {"n": NUMBER, "m": BOOLEAN})
    wider = compile_expression("n > 1 and m", {"n": ANY, "m": ANY, "more": STRING})
    assert one.digest == spaced.digest == wider.digest
    assert one.run is spaced.run is wider.run
    assert (wider.type, wider.source) == (BOOLEAN, "n > 1 and m")
    pounds = compile_expression("n > 1 and m", {"n": MONEY, "m": BOOLEAN}, "GBP")
    assert (pounds.digest, pounds.run is one.run) == (one.digest, False)
    assert pounds.holds({"n": money("2", "GBP"), "m": True})
    with pytest.raises(RuleError):
        one.evaluate({"n": money("2", "GBP"), "m": True})  # its numbers are no amounts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("1", '"1"'),
        ("true", '"true"'),
        ("a.b", "a - b"),
        ('@"2026-01-01"', 'date("2026-01-01")'),
        ("n in [1..2]", "n in [1..2)"),
        ("n in (1, 2)", "n in [1, 2]"),
        ("for x in n return x", "for y in n return y"),
        ("{a: 1}", '{b: 1}'),
    ],
)  # fmt: skip
def test_trees_that_differ_have_digests_that_differ(one: str, other: str) -> None:
    scope = {"a": ANY, "b": ANY, "n": ANY}
    assert compile_expression(one, scope).digest != compile_expression(other, scope).digest


def test_a_shared_closure_answers_as_the_tree_does_whatever_was_compiled_before() -> None:
    sources = [f"n * {k} + {k % 3}" for k in range(200)]
    for threads in (1, 8):
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda source: compile_expression(source, {"n": ANY}).evaluate({"n": 2}), sources))
        assert found == [2 * k + k % 3 for k in range(200)]


def test_a_slow_machine_ends_an_evaluation_by_the_steady_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([0.0, limits.SECONDS_MAX, limits.SECONDS_MAX + 0.001])
    monkeypatch.setattr(limits, "steady_seconds", lambda: next(readings))
    budget = limits.Budget()
    budget.spend(5_000)  # not over yet
    with pytest.raises(LimitBreached, match="at most 5 seconds"):
        budget.spend(5_000)
    assert list(readings) == []
