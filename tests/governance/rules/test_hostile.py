"""Limits hold whatever an expression tries: in a process of its own with little memory, by what it tells of each."""

import json
import subprocess
import sys
from types import FrameType
from typing import Any

import pytest

from governance.rules import limits
from governance.rules.closures import closure_of
from governance.rules.compile import compile_expression
from governance.rules.errors import BrokenExpression, LimitBreached, RuleError
from governance.rules.parse import parse, parse_tests
from governance.rules.printing import source_of
from governance.rules.syntax import Arithmetic, Call, ContextOf, Logic, Name
from governance.rules.table import compile_table
from governance.rules.table_source import read_table
from governance.rules.tree_eval import evaluate_tree
from governance.rules.tree_json import to_tree_json
from governance.rules.types import ANY
from governance.rules.values import kind_of
from ledger.errors import BrokenInput
from tests.conftest import ROOT
from tests.governance.rules.hostile import GROWING, LONG, MEGABYTES

_TABLE = "rule-table: a\ninputs: {' ': number}\noutput: a\ntype: number\n"
READ_SECONDS = 0.5  # of the processor; on a machine with nothing else to do the longest takes a tenth of it
PLAIN = "quantified"  # all the steps of one evaluation, each as plain as a step can be
DEARER_MAX = 8  # times as long may the steps of any other take: so a step bounds time on whatever machine this is


def _told(seed: int, count: int, *more: str) -> tuple[list[tuple[str, str, float]], int]:
    command = [sys.executable, "-m", "tests.governance.rules.hostile", str(seed), str(count), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    return [(name, kind, seconds) for name, kind, seconds in lines], last


def _seconds(name: str, plain: float) -> float:
    if "(json)" in name:
        return limits.SECONDS_MAX + 1
    return READ_SECONDS if "(parse" in name else DEARER_MAX * plain


def _hold(told: list[tuple[str, str, float]], megabytes: int) -> None:
    assert [one for one in told if "not ours" in one[1]] == []
    (plain,) = [seconds for name, _, seconds in told if name == PLAIN]
    assert [one for one in told if one[2] > _seconds(one[0], plain)] == []
    assert plain < limits.SECONDS_MAX / 2
    growing = {name: kind for name, kind, _ in told if name.removesuffix(" (json)") in GROWING}
    assert set(growing.values()) == {"LimitBreached"}, growing
    assert megabytes < MEGABYTES


def test_time_and_memory_are_bounded() -> None:
    told, megabytes = _told(1, 20)
    assert len(told) == len(GROWING) + 20 + 2 * len(LONG)
    _hold(told, megabytes)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 10))
def test_time_and_memory_are_bounded_for_many_and_for_trees_as_json(seed: int) -> None:
    told, megabytes = _told(seed, 100, "json")
    assert len(told) == 2 * (len(GROWING) + 100 + len(LONG))
    _hold(told, megabytes)


def run(source: str, data: dict[str, Any] | None = None) -> Any:
    return closure_of(parse(source), None)(data or {})


@pytest.mark.parametrize("name", ["\x00budget", "?", "item", "partial", "__class__", "__builtins__"])
def test_no_name_stands_in_the_place_of_what_an_evaluation_keeps(name: str) -> None:
    """The budget and the input value have keys that are no texts; nothing else has a place of its own."""
    key = json.dumps(name)
    assert run(f"{{{key}: 1, r: for i in [1, 2] return i}}.r") == run("[1, 2]")
    assert run(f"count([{{{key}: 1, a: 2}}][a = 2 and count(for i in [1] return i) = 1])") == 1
    data = {name: 5, "l": ({name: 5, "a": 1},)}
    assert run("(for i in l return i.a)[1]", data) == 1
    assert run("count(l[a = 1])", data) == 1
    assert run("?", data) is None


@pytest.mark.parametrize(
    "source",
    [
        '"".__class__', "(1).__class__.__mro__", "[].__len__", '"{0.__class__}".format', "__import__", "x.__dict__",
        "({}).keys", "({}).__class__",
        '(@"2026-01-01").__class__', "(function(x) x).run", "(function(x) x).__globals__",
        "count.__self__", "__import__(1)", 'x["__class__"]', "for __class__ in [1] return __class__.__bases__",
        '("a" + "b").upper', "[1..2].low.real", '(@"P1D").total_seconds', "(1).real", "{a: 1}.items", "self", "context",
    ],
)  # fmt: skip
def test_nothing_of_python_is_reached(source: str) -> None:
    """A value of the rule language, or our error: never an attribute, a method or a type of Python."""
    try:
        pending = [run(source, {"x": {"a": "b"}})]
    except (RuleError, BrokenInput):
        return
    while pending:
        found = pending.pop()
        assert kind_of(found) in ("null", "list")  # `Misuse` for what is no value of the rule language
        pending.extend(found or ())


@pytest.mark.parametrize(
    ("source", "reading"),
    [
        ("{a+b: 1, c: a+b}", Name("a+b")),
        ("{c: a+b, a+b: 1}", None),  # not in force yet: refused, for it may have been meant as a sum
        ("{a: 1, b: 2, c: a+b}", Arithmetic("+", Name("a"), Name("b"))),
        ("{x and y: 1, c: x and y}", None),  # an operator's word is no part of a name that a source gives itself
        ('{"a-b": 1, c: a-b}', Arithmetic("-", Name("a"), Name("b"))),  # a key written as a text is no name
        ("{b: {a-b: 1}, c: a-b}", None),
    ],
)
def test_names_that_a_source_gives_do_not_reach_beyond_where_they_are_in_force(source: str, reading: Any) -> None:
    if reading is None:
        with pytest.raises(BrokenExpression):
            parse(source)
        return
    tree = parse(source)
    assert isinstance(tree, ContextOf)
    assert tree.values[tree.names.index("c")] == reading


@pytest.mark.parametrize("source", ["[{a-b: 1}, x.a-b]", "[{a-b: 1}, x[a-b > 0]]", "for a-b in [1] return x.a-b"])
def test_a_property_that_may_be_an_operation_is_refused_unless_declared(source: str) -> None:
    """`x.a-b` is a difference where `x` has no `a-b`: which it is cannot be known."""
    with pytest.raises(BrokenExpression):
        parse(source)
    assert run("{a-b: 1}.a-b") == 1
    assert source_of(parse("x.a-b", {"a-b"}), {"a-b"}) == "x.a-b"


@pytest.mark.parametrize("word", ["information", "format", "inside", "order", "android", "iffy", "nullable", "notes"])
def test_names_may_begin_with_keywords(word: str) -> None:
    assert parse(word) == Name(word)
    assert parse(f"{word} and {word}") == Logic("and", (Name(word), Name(word)))
    assert run(f"for {word} in [1] return {word}") == (1,)
    assert run(f"{{{word}: 1, a: {word}}}.a") == 1


@pytest.mark.parametrize("word", ["if", "and", "in", "for", "function", "null", "true", "external", "instance"])
def test_keywords_are_keys_as_texts_and_properties_after_a_dot(word: str) -> None:
    assert run(f'{{"{word}": 1}}.{word}') == 1
    tree = parse(f'{{"{word}": 1}}.{word}')
    assert parse(source_of(tree)) == tree


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("x[.5 < item]", "x[0.5 < item]"),
        ("x in ]1..5[", "x in (1..5)"),
        ("[x in ]1..5[, 2]", "[x in (1..5), 2]"),
        ("x in ]1..5[ and y", "x in (1..5) and y"),
        ("]1..5[ != y", "(1..5) != y"),
        ("]1..5[ instance of range<number>", "(1..5) instance of range<number>"),
        ("[1...5]", "[1..0.5]"),
        ("a/**/+//\n b", "a + b"),
        ("1\u00a0+\u20031", "1 + 1"),
        ('@ "2026-01-01"', '@"2026-01-01"'),
        ("{instock: 1, a: x[instock = 1]}", "{instock: 1, a: x[(instock) = 1]}"),
        ("{in stock: 1, a: x[in stock = 1]}", "{in stock: 1, a: x[(in stock) = 1]}"),
    ],
)
def test_readings(source: str, same: str) -> None:
    assert parse(source) == parse(same)
    assert to_tree_json(parse(source)) == to_tree_json(parse(same))


@pytest.mark.parametrize(
    "source",
    [
        "\x00", "1\x00", "\ud800", '"\ud800"', "a\ud800", "1..2", "1.", "..", "\u0663", "\u2118", "a\u200bb",
        "'a'", "`a`", "function(\x00budget) 1",
        "function(1) 1", "function(if) 1", "function(a+) ", "function(a, a) 1", "{a: 1, a: 2}", "f(a: 1, a: 2)",
        "{1: 2}", "{a}", "x instance of", "x instance of nothing", "for x return x", "some x satisfies y",
        "if a then b", "not(", "[1..]", "[..1]",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_broken_at_a_place(source: str) -> None:
    for read in (parse, parse_tests):
        with pytest.raises(BrokenExpression) as caught:
            read(source)
        assert caught.value.caret().endswith("^")


def test_a_caret_stands_below_its_line_whatever_ends_lines_elsewhere() -> None:
    with pytest.raises(BrokenExpression) as caught:
        parse("1 \x0c\u2028 +\r\n  $")
    assert caught.value.caret() == "  $\n  ^"


def test_a_cell_negates_its_tests_but_not_an_argument_by_name() -> None:
    assert parse_tests("not(1)").negated
    named = parse_tests("not(negand: true)")
    assert not named.negated
    assert isinstance(named.tests[0].operand, Call)
    assert parse_tests(source_of(named)) == named
    call = parse_tests("(not(1))")
    assert not call.negated
    assert parse_tests(source_of(call)) == call


def test_a_name_of_nothing_is_no_name() -> None:
    """A blank declared name once matched nothing, again and again at one place."""
    assert parse("a b", {" ", "a b"}) == Name("a b")
    with pytest.raises(BrokenInput):
        read_table(
            'rule-table: a\ninputs: {" ": number}\noutput: a\ntype: number\nhit: first\nrules: [{" ": "a b", then: 1}]'
        )


def test_a_table_gives_nothing_back_that_outgrows_the_memory() -> None:
    """Forty entries that hold the one before twice are a value of 2 ** 40 members."""
    chain = ", ".join(f"x{n}: [x{n - 1}, x{n - 1}]" for n in range(1, 40))
    head = "rule-table: a\ninputs: {b: number}\noutput: c\ntype: [any]\nhit: first\n"
    for source in ("{x0: [1, 1]}.x0", f"{{x0: [1, 1], {chain}}}.x39"):
        table = compile_table(read_table(f'{head}rules: [{{b: "-", then: {json.dumps(source)}}}]'))
        if "x39" in source:
            with pytest.raises(LimitBreached, match="members"):
                table.evaluate({})
        else:
            assert table.evaluate({}) == (1, 1)


def test_text_that_cannot_be_encoded_is_no_table() -> None:
    with pytest.raises(BrokenInput):
        read_table("rule-table: \ud800")


def test_a_caller_deep_in_its_own_calls_gets_a_limit_and_no_error_of_python() -> None:
    compiled = compile_expression("-" * 50 + "a", {"a": ANY})

    def deep(levels: int) -> Any:
        return deep(levels - 1) if levels else compiled.evaluate({"a": 1})

    assert deep(10) == 1
    room = sys.getrecursionlimit() - len(_frames())
    kinds = set()
    for left in range(5, 60, 5):
        try:
            deep(room - left)
            kinds.add("value")
        except RuleError as error:
            kinds.add(type(error).__name__)
        except RecursionError:
            kinds.add("the caller's own")
    assert "LimitBreached" in kinds


def _frames() -> list[FrameType]:
    frame: FrameType | None = sys._getframe()
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found


def test_the_entries_of_an_item_stand_before_it() -> None:
    for evaluate in (run, lambda source: evaluate_tree(to_tree_json(parse(source)), {})):
        assert evaluate("count([{a: 1}][item.a = 1])") == 1
        assert evaluate("count([{item: 1}][item = 1])") == 1


def test_an_earlier_variable_sees_nothing_of_a_later_one() -> None:
    assert run("{y: 10, r: for x in [1, 2], y in [y + x] return y}.r") == (11, 12)
