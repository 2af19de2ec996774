"""Regular expressions: the standard's dialect, run in linear time."""

import re
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from governance.rules import character_sets as sets
from governance.rules import limits
from governance.rules.errors import LimitBreached, RuleError, Unanswerable
from governance.rules.limits import Budget
from governance.rules.patterns import compiled, found_in
from tests.governance.rules.calls import value


def matches(text: str, pattern: str, flags: str | None = None) -> Any:
    return value("matches(t, p, f)", t=text, p=pattern, f=flags)


@pytest.mark.parametrize(
    ("text", "pattern", "flags"),
    [
        ("abracadabra", "bra", None),
        ("abracadabra", "", None),
        ("teeesting", "^te*sting", ""),
        ("\nabcd\ndefg\n", "^$", "m"),
        ("abcd\n\ndefg\n ", "^$", "m"),
        ("one\ntwo", "one.two", "s"),
        ("one\ntwo", "^two$", "m"),
        ("abc", "ABC", "i"),
        ("abZ", "[A-Z]{3}", "i"),
        ("\u212a", "k", "i"),
        ("x", "[A-Z-[OI]]", "i"),
        ("hello world", r"hello\ sworld", "x"),
        ("hello world", " he llo[ ]world", "x"),
        ("hello world", r"\p{ I s B a s i c L a t i n }+", "x"),
        ("e", "[a-z-[aiou]]", None),
        ("\u0663", r"^\d$", None),
        ("\u00e9_1", r"^\w\W\w$", None),
        ("ab:c.d-9", r"^\i\c*$", None),
        ("a\u00e9", r"^\p{Ll}\p{IsLatin-1Supplement}$", None),
        ("7", r"\P{L}", None),
        ("-", "[a-]", None),
        ("-", "[-a]", None),
        ("]", r"[\]]", None),
        ("a^", r"[a^]\^", None),
        ("x", "[^a-z-[y]]|x", None),
        ("\u0378", r"^\p{Cn}$", None),
        ("\u0378\x07", r"^\p{C}{2}$", None),
        ("a{2}", r"a\{2\}", None),
        ("aaa", "^a{2,}$", None),
        ("ab", "(a|b)(b|)", None),
        ("\U0001f40e", "^.$", None),
    ],
)
def test_it_matches(text: str, pattern: str, flags: str | None) -> None:
    assert matches(text, pattern, flags) is True


@pytest.mark.parametrize(
    ("text", "pattern", "flags"),
    [
        ("Mary\rJones", "Mary.Jones", None),
        ("one\ntwo", "one.two", None),
        ("one\n", "one$", None),
        ("O", "[A-Z-[OI]]", "i"),
        ("i", "[A-Z-[OI]]", "i"),
        ("q", "[^Q]", "i"),
        ("Q", "[^Q]", "i"),
        ("a", "a[^b]", None),
        ("a", r"\p{Lu}", "i"),
        ("e", "[a-z-[aeiou]]", None),
        ("x", "[^a-z]", None),
        ("5", "[^a-z-[0-9]]", None),
        ("\u00a0", r"\s", None),
        ("!", r"\w", None),
        ("\u0378", r"\w", None),
        ("ABC", "abc", ""),
    ],
)
def test_it_does_not_match(text: str, pattern: str, flags: str | None) -> None:
    assert matches(text, pattern, flags) is False


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (pattern, None)
        for pattern in (
            "(", ")", "a)", "[", "[]", "[^]", "[b-a]", "[a", "a**", "*a", "a{2,1}", "a{", "a{,2}", r"\q", "\\",
            r"(.)\3", r"\3", r"(asd)[\1]", r"1[asd\0]", r"\p{ IsBasicLatin}", r"\p{Xx}", r"\p", r"[a-\d]", "[a-z-[b]c]",
            "[a[b]]", r"\b",
        )
    ]
    + [("a", "p"), ("a", " "), ("a", "X")],
)  # fmt: skip
def test_what_the_dialect_does_not_have_is_null(pattern: str, flags: str | None) -> None:
    assert matches("input", pattern, flags) is None


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"(a)\1", "references back to a group, found one at character 5"),
        ("a(?=b)", "groups that begin with"),
        ("(?:a)", "groups that begin with"),
        (r"\p{IsKlingon}", "the block Klingon"),
        ("[0-9-.]*/", "between the characters"),
        ("a]", "a bare"),
        ("a{1001}", "repetitions of at most"),
        ("((a{100}){100}){100}", "repetitions of at most"),
    ],
)
def test_what_is_not_run_is_refused_with_its_place(pattern: str, said: str) -> None:
    with pytest.raises(Unanswerable, match=said):
        matches("input", pattern)


def test_in_any_case_the_turkish_i_is_refused_and_q_is_no_flag_of_ours() -> None:
    for text, pattern in (("\u0131", "i"), ("i", "\u0130")):
        with pytest.raises(Unanswerable):
            matches(text, pattern, "i")
    with pytest.raises(Unanswerable):
        matches("a", "a", "q")
    with pytest.raises(Unanswerable):  # the last line end begins no line
        matches("a\n", "^b|^$", "m")


def test_limits() -> None:
    for pattern in ("a" * (limits.PATTERN_CHARS_MAX + 1), "(" * 70 + "a" + ")" * 70, r"[\p{L}-[a]]{999}"):
        with pytest.raises(LimitBreached):
            matches("a", pattern)
    with pytest.raises(LimitBreached):
        matches("a" * 100_000, "([^a]*[^b]*[^c]*[^d]*){60}x")


def test_a_pattern_that_takes_others_for_ever_takes_no_time() -> None:
    begun = time.process_time()
    assert matches("a" * 5_000 + "!", "^(a+)+$") is False
    assert matches("a" * 5_000, "(a*)*b") is False
    assert time.process_time() - begun < 2


def test_refusals_write_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    for pattern in ("((a{100}){100}){100}", r"[\p{L}-[a]]{999}", "("):
        try:
            matches("a", pattern)
        except RuleError:
            continue
    assert capfd.readouterr() == ("", "")


ATOMS = st.sampled_from(["a", "b", "c", r"\d", r"\.", "[abc]", "[^ab]", "[a-c1-3]", ".", "(a|bc)", "(b*c)", "^", "$"])
PIECES = st.builds(lambda atom, count: atom + count, ATOMS, st.sampled_from(["", "", "*", "+", "?", "{2}", "*?", "+?"]))
PATTERNS = st.lists(st.lists(PIECES, max_size=4).map("".join), min_size=1, max_size=3).map("|".join)


@given(PATTERNS, st.text("abc12.\u00e9", max_size=12))
@settings(max_examples=300, deadline=None)
def test_on_what_both_have_it_finds_what_python_finds(pattern: str, text: str) -> None:
    try:
        other = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    except re.error:
        assume(False)
        raise
    ours = compiled(pattern, None)
    assert ours is not None
    assume(other.match("") is None)  # where they find nothing at a place they go on in two ways
    found = [
        tuple(text.encode()[low:high].decode() for low, high in spans[:1]) for spans in found_in(ours, text, Budget())
    ]
    assert found == [(match[0],) for match in other.finditer(text)]
    groups = next(iter(found_in(ours, text, Budget())), None)
    match = other.search(text)
    assert (groups is None) == (match is None)


@given(st.text(max_size=30), st.sampled_from(["", "i", "s", "m", "x", "smix"]))
@settings(max_examples=300, deadline=None)
def test_any_pattern_is_answered_null_or_refused(pattern: str, flags: str) -> None:
    with suppress(RuleError):
        assert matches("some text 1\n", pattern, flags) in (True, False, None)


@given(st.lists(st.tuples(st.integers(0, 0x10FFFF), st.integers(0, 0x10FFFF)).map(sorted).map(tuple), max_size=6))
@settings(max_examples=100, deadline=None)
def test_sets_of_characters_turn_round(given_: list[tuple[int, int]]) -> None:
    ranges = sets.union([sets.without_surrogates(given_)]) if given_ else ()
    other = sets.complement(ranges)
    every = sets.complement(())
    assert sets.union([sets.without(every, ranges)]) == other
    assert sets.without(ranges, other) == sets.without(ranges, ())
    assert sets.without(other, other) == ()
