"""Reading: names with spaces, precedence, and everything that is refused by name and place."""

import pytest

from governance.rules import limits
from governance.rules.errors import BrokenExpression, LimitBreached
from governance.rules.parse import parse, parse_tests
from governance.rules.printing import source_of
from governance.rules.syntax import Call, Cell, Constant, Logic, Name, Path


@pytest.mark.parametrize(
    ("source", "reading"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("2 * 3 ** 2", "2 * (3 ** 2)"),
        ("a or b and c", "a or (b and c)"),
        ("a = 1 and b", "(a = 1) and b"),
        ("a between 1 and 2 and b", "(a between 1 and 2) and b"),
        ("a in [1..2] or b", "(a in [1..2]) or b"),
        ("if a then 1 else if b then 2 else 3", "if a then 1 else if b then 2 else 3"),
        ("-a.b", "-a.b"),
        ("x in ]1..5[", "x in (1..5)"),
        ("a /* no */ + // end\n b", "a + b"),
        ("x in (< 5, 7)", "x in (< 5, 7)"),
        ("1.5e2", "1.5E+2"),
    ],
)
def test_source_is_read_with_the_precedence_of_the_standard(source: str, reading: str) -> None:
    assert source_of(parse(source)) == reading


def test_the_longest_declared_name_wins() -> None:
    names = {"loan", "loan amount", "date of birth", "a-b", "applicant"}
    assert parse("loan  amount", names) == Name("loan amount")
    assert parse("applicant.date of birth", names) == Path(Name("applicant"), "date of birth")
    assert parse("a-b", names) == Name("a-b")
    assert source_of(parse("a-b")) == "a - b"
    assert source_of(parse("loan amounts", {*names, "loan amounts"})) == "loan amounts"


def test_date_and_time_is_a_function_only_before_a_parenthesis() -> None:
    assert isinstance(parse('date and time("2026-01-31T00:00:00")'), Call)
    assert isinstance(parse("date and time"), Logic)


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("function(x) external {java: 1}", "1:13", "an external function"),
        ("{a: 1, a: 2}", "1:8", "the entry `a` once"),
        ("function(a, a) a", "1:9", "a parameter once"),
        ("function(a: numbr) a", "1:13", "expected a type, found `numbr`"),
        ("function a", "1:9", "expected `(` after `function`"),
        ("x instance of strin", "1:15", "expected a type, found `strin`"),
        ("f(a: 1, a: 2)", "1:2", "argument once"),
        ("f(a: 1, 2)", "1:9", "found `2`"),
        ("{a b: 1, c: 2}.c + a b", "1:20", "expected a name in force here, found `a b`"),
        ("a +\n  for", "2:3", "expected a value, found `for`"),
        ("loan amount > 1", "1:6", "expected a declared name, found `loan amount`"),
        ("1 < 2 < 3", "1:7", "a second one"),
        ("-2 ** 2", "1:4", "parentheses"),
        ("2 ** 3 ** 2", "1:8", "parentheses"),
        ('"abc', "1:1", "end with a quote"),
        ("'abc'", "1:1", "double quotes"),
        ('"\\ud800"', "1:1", "half of a pair"),
        ("1 + ", "1:4", "expected a value, found the end"),
        ("(1 + 2", "1:7", "found the end"),
        ("](1)[", "1:1", "unexpected `]`"),
        ('@"nonsense"', "1:1", "expected a date, a time"),
        ('@"2026-01-31T00:00:00@Nowhere/At_All"', "1:1", "expected"),
        ("12345678901234567890123456789012345", "1:1", "at most 34 digits"),
        ("/* open", "1:1", "comment to end"),
        ("(!= 5)", "1:2", "does not make a range"),
        ("a $ b", "1:3", "the character `$`"),
        ("", "1:1", "found nothing"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_name_and_place(source: str, place: str, message: str) -> None:
    with pytest.raises(BrokenExpression) as caught:
        parse(source, {"a", "loan amounts"})
    assert caught.value.location == place
    assert message in caught.value.message
    line, caret = caught.value.caret().split("\n")
    assert caret.index("^") + 1 == caught.value.column
    assert line == source.splitlines()[caught.value.line - 1] if source else line == ""


def test_the_nearest_declared_names_are_offered() -> None:
    with pytest.raises(BrokenExpression, match="did you mean `loan amounts`"):
        parse("loan amount > 1", {"loan amounts"})


@pytest.mark.parametrize(
    "source",
    [
        "1" + " " * limits.SOURCE_CHARS_MAX,
        "(" * 200 + "1" + ")" * 200 + " + 1" * 200,
        "-" * 100 + "1",
        " + ".join(["1"] * 200),
        "if a then 1 else " * 100 + "1",
        "[" * 100 + "]" * 100,
        "[" + ", ".join(["1"] * 2001) + "]",
        "a" + ".a" * 100,
    ],
)
def test_limits_hold_when_reading(source: str) -> None:
    with pytest.raises(LimitBreached):
        parse(source)


def test_escapes() -> None:
    source = r'"a\n\t\"\\\u00e9\U01F40E\ud83d\udc0e"'
    assert parse(source) == Constant('a\n\t"\\é\U0001f40e\U0001f40e')
    assert parse(r'"\d\s"') == Constant(r"\d\s")  # no escapes to the standard: each is two characters
    for bad in (r'"\u12"', r'"\uzzzz"', r'"\UFFFFFF"'):
        with pytest.raises(BrokenExpression):
            parse(bad)


def test_cells() -> None:
    assert parse_tests("-") == Cell(())
    assert parse_tests("not(1, 2)").negated
    assert not parse_tests("not(a) or b").negated
    assert len(parse_tests('"a", "b", < "c"').tests) == 3
    assert source_of(parse_tests("-5, [1..2)")) == "(-5), [1..2)"


def test_no_empty_list_of_what_is_expected() -> None:
    with pytest.raises(BrokenExpression) as caught:
        parse("some x + y")
    assert caught.value.findings[0].message == "expected an operator, found `+`"
