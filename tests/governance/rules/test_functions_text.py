"""Standard functions on texts, and texts of values."""

import pytest

from governance.rules.errors import LimitBreached, Unanswerable
from tests.governance.rules.calls import holds, value


@pytest.mark.parametrize(
    "source",
    [
        'substring("ledger", 4) = "ger"',
        'substring("ledger", -2, 1) = "e"',
        'substring("ledger", 3, 2.8) = "dg"',
        'substring("\\U01F40Eab", 2) = "ab"',
        'string length("\\U01F40Eab") = 3',
        'upper case("aBc4") = "ABC4"',
        'lower case("aBc4") = "abc4"',
        'substring before("invoice-7", "-") = "invoice"',
        'substring before("invoice", "#") = ""',
        'substring before("invoice", "") = ""',
        'substring after("invoice-7-b", "-") = "7-b"',
        'substring after("invoice", "#") = ""',
        'substring after("", "a") = ""',
        'substring after("invoice", "") = "invoice"',
        'contains("invoice", "voi")',
        'starts with("invoice", "in")',
        'ends with("invoice", "ce")',
        'split("2026-03-01", "-") = ["2026", "03", "01"]',
        'split("a;b;c;;", ";") = ["a", "b", "c", "", ""]',
        'split("John  Doe", "\\s+") = ["John", "Doe"]',
        'string join(["a", "b", "c"], "_and_") = "a_and_b_and_c"',
        'string join(["a", null, "c"], "X") = "aXc"',
        'string join(["a", "b"], null) = "ab"',
        'string join(["a", "b"]) = "ab"',
        'string join([], "X") = ""',
        'replace("banana", "a", "o") = "bonono"',
        'replace("banana", "(an)+", "**") = "b**a"',
        'replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") = "[1=ab][2=]cd"',
        'replace("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3") = "(012) 345-6789"',
        'replace("abracadabra", "a.*?a", "*") = "*c*bra"',
        'replace("abc", "b", "[$0]") = "a[b]c"',
        r'replace("price", "price", "\\$5 \\\\") = "$5 \\"',
        'replace("abc", "(b)", "$12") = "ab2c"',
        'replace("ABC", "b", "x", "i") = "AxC"',
    ],
)
def test_text(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        'substring("ledger", 0)',
        'substring("ledger", 7)',
        'substring("ledger", -7)',
        'substring("ledger", 1, 0)',
        'string join(["a", 1], "")',
        'replace("abc", "b*", "x")',
        'replace("abc", "b", "$x")',
        'replace("abc", "b", "\\q")',
        'replace("abc", "(", "x")',
        'replace("abc", "b", "x", "z")',
        'split("abc", "")',
        'split("abc", null)',
        'matches("abc", "[")',
        'matches("abc", "a", "I")',
        'matches(1, "a")',
    ],
)
def test_no_text(source: str) -> None:
    assert value(source) is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1.50", "1.50"),
        ("true", "true"),
        ('"a\\"b"', 'a"b'),
        ('@"2026-03-01"', "2026-03-01"),
        ('@"2026-03-01T09:30:00.5@Europe/Paris"', "2026-03-01T09:30:00.5@Europe/Paris"),
        ('time("10:30:00.0001+05:00:01")', "10:30:00.0001+05:00:01"),
        ('duration("P1DT2H3M4.1234S")', "P1DT2H3M4.1234S"),
        ('duration("PT49H")', "P2DT1H"),
        ('duration("P0D")', "PT0S"),
        ('duration("P25M")', "P2Y1M"),
        ('duration("P0Y")', "P0M"),
        ('[1, 2, [3, "foo", null]]', '[1, 2, [3, "foo", null]]'),
        ('["\\"foo\\""]', '["\\"foo\\""]'),
        ('{a: "foo", b: {bar: [true]}}', '{a: "foo", b: {bar: [true]}}'),
        ('{"{": "foo"}', '{"{": "foo"}'),
        ('{"\\"": 1}', '{"\\"": 1}'),
        ("[1..3)", "[1..3)"),
        ('("a".."c"]', '("a".."c"]'),
        ("[]", "[]"),
        ("{}", "{}"),
    ],
)
def test_the_text_of_a_value(source: str, text: str) -> None:
    assert value(f"string({source})") == text


@pytest.mark.parametrize("source", ["string(function(x) x)", "string((<10))", 'string([@"2026-01-01"..@"2026-01-02"])'])
def test_values_without_a_text_that_is_certain(source: str) -> None:
    with pytest.raises(Unanswerable):
        value(source)


def test_texts_are_bounded() -> None:
    long = "x" * 60_000
    for source in ('replace(a, "x", "xx")', "string join([a, a])", "string([a, a])", "upper case(a + a)"):
        with pytest.raises(LimitBreached):
            value(source, a=long)
