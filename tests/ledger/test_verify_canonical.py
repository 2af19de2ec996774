"""Three decoders, one domain: the ledger's own, the one on the standard library, and the fast one of the command."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical, skeleton
from ledger.errors import BrokenInput
from ledger.verify import canonical as plain
from tests.conftest import CASES

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
INSIDE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
ODD = [
    b"",
    b" 1",
    b"1 ",
    b"-0",
    b"1.0",
    b"1e5",
    b"1e-7",
    b"1e+22",
    b"01",
    b"9007199254740992",
    b"-9007199254740991",
    b"9007199254740991",
    b"123456789012345678901234567890",
    b"NaN",
    b"[Infinity]",
    b"[1,]",
    b'{"a":1,"a":2}',
    b'{"b":1,"a":2}',
    '{"ä":1}'.encode(),
    b'"\\u00e4"',
    b'"\\ud800"',
    b'"\xff"',
    b'"\x7f"',
    b'"\\u007f"',
    b'"\\u001f\\n\\t\\b\\f\\r\\"\\\\"',
    b'"\\/"',
    b"[" * 64 + b"]" * 64,
    b"[" * 65 + b"]" * 65,
    b"[" * 5_000 + b"]" * 5_000,
    b'{"a":' * 65 + b"1" + b"}" * 65,
    b"\xef\xbb\xbf1",
    b"true",
    b"nul",
    b'{"a":[-5,{"b":-7}]}',
    b'"e-5,1.5,"',
]


def outcome(decode: Any, data: bytes) -> tuple[bool, Any]:
    try:
        return True, decode(data)
    except BrokenInput:
        return False, None


def check_agreement(data: bytes) -> None:
    expected = outcome(canonical.decode, data)
    assert outcome(plain.decode, data) == expected, data
    for _ in range(2):  # the fast one remembers what it has seen
        assert outcome(skeleton.decode, data) == expected, data


@pytest.mark.parametrize("data", ODD)
def test_odd_bytes(data: bytes) -> None:
    check_agreement(data)


@given(INSIDE)
def test_canonical_values_are_taken_by_all(value: Any) -> None:
    data = canonical.encode(value)
    assert outcome(plain.decode, data) == outcome(skeleton.decode, data) == (True, value)
    assert skeleton.encode(value) == skeleton.encode(value) == data
    assert plain.encode(value) == data == rfc8785.dumps(value)


@given(ANY, st.sampled_from([orjson.OPT_SORT_KEYS, 0, orjson.OPT_INDENT_2]))
def test_any_json_is_judged_alike(value: Any, option: int) -> None:
    try:
        check_agreement(orjson.dumps(value, option=option))
    except orjson.JSONEncodeError:  # an integer beyond 64 bits: the other printer has it
        check_agreement(json.dumps(value).encode())


@given(ANY)
def test_any_value_is_encoded_alike_or_refused_alike(value: Any) -> None:
    for _ in range(2):
        assert outcome(skeleton.encode, value) == outcome(canonical.encode, value)


FOREIGN = (date(2026, 1, 2), {1: 2}, b"x", {"a"}, 1j, Decimal("1.5"), float("nan"), float("inf"), str)


@pytest.mark.parametrize("value", FOREIGN)
def test_what_is_no_json_is_refused(value: Any) -> None:
    seen: object
    for seen in ("x", 1, None, [], {}):
        skeleton.encode({"a": seen})
    with pytest.raises(BrokenInput):
        skeleton.encode({"a": value})


@given(ANY)
def test_the_other_printers_spelling_is_judged_alike(value: Any) -> None:
    check_agreement(json.dumps(value).encode())
    check_agreement(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


@given(INSIDE, st.data())
def test_a_changed_byte_is_judged_alike(value: Any, data: st.DataObject) -> None:
    printed = canonical.encode([value, "x", 1])
    at = data.draw(st.integers(0, len(printed) - 1))
    check_agreement(printed[:at] + bytes([data.draw(st.integers(0, 255))]) + printed[at + 1 :])


def test_a_float_in_the_place_of_an_integer_is_found_after_the_integer_was_seen() -> None:
    for first, then in (("1", "1.5"), ("7", "1e-7"), ("12", "1e+22"), ("-7", "-1e-7")):
        canonical_bytes = f'{{"amount":{first},"id":"a-1.5"}}'.encode()
        assert skeleton.decode(canonical_bytes)["amount"] == int(first)
        check_agreement(f'{{"amount":{then},"id":"a-1.5"}}'.encode())


@pytest.mark.parametrize("bare", ["5e-324", "1e-7", "-1e-7", "1e+22", "1.5"])
def test_a_bare_float_is_found_after_a_bare_integer_was_seen(bare: str) -> None:
    # The only number without a bracket or comma behind it: a property found that it was taken for the integer.
    assert skeleton.decode(b"7") == 7
    check_agreement(bare.encode())
    with pytest.raises(BrokenInput):
        skeleton.decode(bare.encode())


@pytest.mark.cases
def test_published_cases_are_judged_alike() -> None:
    files = [path for path in sorted((CASES / "canonical-json").rglob("*")) if path.is_file()]
    assert files
    for path in files:
        if path.stat().st_size < 1_000_000:
            check_agreement(path.read_bytes())


@pytest.mark.cases
@pytest.mark.parametrize("name", ["arrays", "structures", "french"])
def test_published_canonical_bytes(name: str) -> None:
    """The published bytes, whatever order and spelling the input has; keys outside ASCII are outside our domain."""
    folder = CASES / "canonical-json"
    expected = bytes.fromhex("".join((folder / "outhex" / f"{name}.txt").read_text().split()))
    assert expected == (folder / "output" / f"{name}.json").read_bytes()
    whole = json.loads((folder / "input" / f"{name}.json").read_text(), parse_float=lambda text: int(float(text)))
    if name == "french":
        for decode in (canonical.decode, plain.decode):
            with pytest.raises(BrokenInput):
                decode(expected)
        return
    assert canonical.encode(whole) == plain.encode(whole) == expected
    assert canonical.decode(expected) == plain.decode(expected) == whole
    for data in ((folder / "input" / f"{name}.json").read_bytes(), expected + b"\n"):
        with pytest.raises(BrokenInput):
            canonical.decode(data)
