"""An entry read by its form says the same as one parsed, and a verification by forms finds what one without finds."""

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger.verify.log
from ledger import canonical
from ledger.chain import leaf_hash
from ledger.clock import instant_text, parse_instant
from ledger.errors import BrokenInput
from ledger.verify import forms
from ledger.verify.canonical import decode
from ledger.verify.envelope import check_rest, check_shape, part_of
from ledger.verify.forms import Forms, is_plain
from ledger.verify.report import Report
from ledger.verify.signing import KEY_KINDS
from ledger.verify.stretch import forms_of
from tests.ledger.tampering import Listed
from tests.ledger.test_verify_canonical import INSIDE
from tests.ledger.test_verify_flips import SEED, entry_flips, flipped, log, with_entry  # noqa: F401 - a fixture
from tests.ledger.test_verify_stretches import attacks
from tests.ledger.test_verify_words import ENTRY

ORIGIN = ENTRY["origin"]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)
NAMES = st.text(st.characters(codec="ascii"), max_size=4)
ENTRIES = st.fixed_dictionaries(
    {name: st.just(member) for name, member in ENTRY.items() if name not in ("index", "subject", "payload", "schema")}
    | {
        "index": st.integers(0, 2**53 - 1),
        "schema": st.integers(0, 3),
        "subject": TEXTS.filter(bool),
        "payload": st.dictionaries(NAMES, INSIDE, max_size=4),
    },
    optional={
        "part": st.tuples(st.integers(1, 9), st.integers(9, 2_000)).map(list),
        "refs": st.dictionaries(NAMES, TEXTS, max_size=2),
        "basis": st.dictionaries(NAMES, INSIDE, max_size=2),
        "command_id": TEXTS.filter(bool),
    },
)
TOKENS = (
    "0", "-0", "00", "01", "7", "-7", "+7", "1.5", "-1.5", "7.", ".7", "1e5", "1E5", "1e-7", "-1e-7", "1e+22",
    "999999999999999", "8999999999999999", "12345678901234567", "1234567890123456789",
    "9007199254740991", "9007199254740992", "-9007199254740993", "123456789012345678901",
    "true", "false", "null", "True", "NaN", "Infinity", "nul", '""', '"7"', "[]", "{}", "[7]", "[7,8,9]", "[7,,8]",
    "[7,8,]", "[,7]", "[1.5]", "[7,1e5]", "[-0]", "[ 7]", '[7,"8"]', '{"a":7}', " 7", "7 ", "7,8", '7,"z":8', "",
    '"a\\u0000b"', '"a\\"b"', '"a\\/b"', '"a\\nb"', '"\\ud800"', '"a\nb"', '"a\x00b"', '"\x7f"', '"ä€𝄞"', '"a","b"',
)  # fmt: skip


@pytest.fixture(autouse=True)
def _learns_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LEARN_AFTER", 0)


def learnt(*values: dict[str, Any]) -> Forms:
    """Forms of these entries; `parsed` as a verification has it."""
    made = Forms(ORIGIN, KEY_KINDS)
    for value in values:
        data = canonical.encode(value)
        if is_plain(data):
            made.learn(data, decode(data))
    return made


def said(made: Forms, data: bytes) -> tuple[Any, ...] | None:
    """What the forms say of any bytes, as a verification asks them."""
    match = made.match(data) if is_plain(data) else None
    return None if match is None else match.groups()


def check_said(data: bytes, groups: tuple[Any, ...]) -> None:
    """What a form took is taken by the whole check as well, and says the same."""
    value = decode(data)
    assert canonical.decode(data) == value
    check_rest(value, check_shape(value))
    part = value.get("part")
    if part is not None and part[0] <= part[1]:
        assert part_of(part) == tuple(part)
    assert value["origin"] == ORIGIN
    assert value["kind"] not in KEY_KINDS
    expected = [value["index"], "" if part is None else f"{part[0]},{part[1]}"]
    expected += [value[name] for name in ("prev", "recorded_at", "subject", "subject_index")]
    assert [group.decode() for group in groups] == [str(member) for member in expected]


@given(ENTRIES)
def test_an_entry_fits_its_own_form(value: dict[str, Any]) -> None:
    data = canonical.encode(value)
    groups = said(learnt(value), data)
    if groups is not None:
        check_said(data, groups)
    else:
        assert not is_plain(data) or re.search(rb"9[0-9]{15}", data)  # only then it is parsed every time


@given(st.lists(ENTRIES, min_size=1, max_size=3), ENTRIES)
def test_whatever_a_form_takes_is_canonical(values: list[dict[str, Any]], other: dict[str, Any]) -> None:
    made = learnt(*values)
    for data in map(canonical.encode, (*values, other)):
        if (groups := said(made, data)) is not None:
            check_said(data, groups)


@given(ENTRIES, st.data())
def test_changed_bytes_that_a_form_takes_are_canonical(value: dict[str, Any], draw: st.DataObject) -> None:
    made, data = learnt(value), canonical.encode(value)
    at = draw.draw(st.integers(0, len(data)))
    cut = draw.draw(st.integers(0, 2))
    put_in = bytes(draw.draw(st.lists(st.sampled_from(b'0123456789-+.eE"\\,:[]{} \x00\n\x7f\xc3\xa4aZ'), max_size=2)))
    changed = data[:at] + put_in + data[at + cut :]
    if (groups := said(made, changed)) is not None:
        check_said(changed, groups)


@pytest.mark.parametrize("first", ["7", "-7", '"text"', "true", "null", "[7]", "[]", "{}", '[7,"8"]'])
def test_every_token_in_the_place_of_another(first: str) -> None:
    """Wherever a value stands, in payload, basis or envelope, a form takes none that parsing refuses."""
    whole = {**ENTRY, "basis": {"a": 8}, "payload": {"m": "@", "z": ["@@", 1]}, "refs": {"r": "cr_1"}, "part": [1, 2]}
    printed = canonical.encode(whole).decode()
    taken = 0
    for mark in ('"@"', '"@@"', '"cr_1"', '"toy_1"', ":3,", '"schema":1', '"v":1', '"subject_index":0', "[1,2]", ":8"):
        assert printed.count(mark) == 1, mark
        head = re.sub(r"[^:]*$", "", mark.rstrip(",")) if ":" in mark else ""
        tail = "," if mark.endswith(",") else ""
        made = Forms(ORIGIN, KEY_KINDS)
        for token in (first, *TOKENS):
            data = printed.replace(mark, f"{head}{token}{tail}").encode(errors="surrogatepass")
            groups = said(made, data)
            if groups is not None:
                taken += 1
                check_said(data, groups)
            with suppress(BrokenInput):  # as a verification learns: from what was found to be an entry
                value = decode(data)
                check_rest(value, check_shape(value))
                if is_plain(data):
                    made.learn(data, value)
    assert taken


@pytest.mark.parametrize(
    "text", [b"a\\u0041", b"\\/", b"\x00", b"\x1f", b"\n", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
)
def test_bytes_with_another_spelling_are_not_plain(text: bytes) -> None:
    data = canonical.encode({**ENTRY, "subject": "@"})
    made = learnt({**ENTRY, "subject": "@"})
    assert said(made, data.replace(b"@", b"b")) is not None
    assert not is_plain(data.replace(b"@", text))
    assert not is_plain(data + data.replace(b"@", text) + data)


def test_what_names_keys_is_parsed_and_another_log_is_not_taken() -> None:
    made = learnt(ENTRY, {**ENTRY, "kind": "ledger.opened"})
    assert said(made, canonical.encode({**ENTRY, "kind": "toy.closed"})) is not None
    assert said(made, canonical.encode({**ENTRY, "kind": "ledger.opened2"})) is not None
    assert said(made, canonical.encode({**ENTRY, "kind": "ledger.opened"})) is None
    assert said(made, canonical.encode({**ENTRY, "origin": "ledger-example.com/acme"})) is None


def test_what_is_learnt_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS_MAX", 5)
    monkeypatch.setattr(forms, "SKELETONS_MAX", 8)
    names = [f"n{number}" for number in range(20)]
    alike = learnt(*({**ENTRY, "payload": {name: 1}} for name in names))
    taken = [name for name in names if said(alike, canonical.encode({**ENTRY, "payload": {name: 2}}))]
    assert taken == names[: forms.OF_SKELETON_MAX]
    many = [{**ENTRY, "payload": {"a": ["x"] * count}} for count in range(20)]
    apart = learnt(*many)
    assert sum(said(apart, canonical.encode(value)) is not None for value in many) == 5
    long = {**ENTRY, "payload": {"a": "x" * forms.FORM_BYTES_MAX}}
    assert said(learnt(long), canonical.encode(long)) is None


def test_a_form_is_made_when_entries_alike_were_met_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LEARN_AFTER", 2)
    data = canonical.encode(ENTRY)
    assert said(learnt(ENTRY, ENTRY), data) is None
    assert said(learnt(ENTRY, ENTRY, ENTRY), data) is not None


def without(source: Listed, vkey: str) -> Report:
    """The report when every entry is parsed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms, "FORMS_MAX", 0)
        return source.verify(vkey)


def by_forms(source: Listed, vkey: str, made: Forms) -> tuple[Report, int]:
    """The report when the forms were met before, and how many entries were parsed all the same."""
    parsed: list[bytes] = []

    def counted(data: bytes) -> Any:
        parsed.append(data)
        return decode(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger.verify.log, "forms_of", lambda _: made)
        return source.verify(vkey, decode=counted), len(parsed)


def flips(source: Listed) -> Iterator[Listed]:
    """Flipped bits of entries, with their leaf hash as it was and made anew."""
    for index, at in random.Random(SEED).sample(entry_flips(source, "data"), 400):
        row = source.rows[index]
        for bit in (1, 2, 128):
            changed = flipped(row.data, at, bit)
            yield with_entry(source, row._replace(data=changed))
            yield with_entry(source, row._replace(data=changed, leaf_hash=leaf_hash(changed)))


def test_every_attack_is_told_in_the_same_words_by_forms(log: tuple[Listed, str]) -> None:  # noqa: F811
    source, vkey = log
    made = forms_of(source)
    for _ in range(2):
        report, parsed = by_forms(source, vkey, made)
    assert report.is_sound
    assert parsed < len(source.rows) / 2  # the forms are at work
    for attacked in (*attacks(source), *flips(source)):
        expected = without(attacked, vkey)
        assert not expected.is_sound
        assert by_forms(attacked, vkey, made)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T21:13:08.000000Z", "2024-02-29T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.999999Z", "2023-02-29T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
        "2026-11-22T24:00:00.000000Z", "2026-11-22T21:13:60.000000Z", "2026-11-22T21:13:61.000000Z",
        "2026-11-22 21:13:08.000000Z", "2026-11-22t21:13:08.000000z", "2026-11-22T21:13:08.000000", "",
        "2026-11-22T21:13:08.000Z", "2026-11-22T21:13:08Z", "2026-11-22T21:13:08.0000000Z", "Z", "2026-11-22",
        "2026-11-22T21:13:08.000000+00:00", "2026-11-22T21:13:08.000000+00:00Z", "20261122T211308.000000Z",
        "2026-W47-7T21:13:08.000000Z", "0999-11-22T21:13:08.000000Z", "٢٠٢٦-11-22T21:13:08.000000Z", "\ud800",
        "2026-11-22T21:13:08.000000ZZ", " 2026-11-22T21:13:08.000000Z", "2026-11-22T21:13:08,000000Z",
        "2026-11-22T21:13+01.000000Z", "2026-11-22T21:13:08.+00001Z", "2026-11-22T21:13:08.00_001Z",
        "2026-11-22T21:13:08." + "9" * 300 + "Z", "2026-11-22T21:13:08." + "9" * 5_000 + "Z",
    ],
)  # fmt: skip
def test_an_instant_is_what_it_prints(text: str) -> None:
    """Against the definition (RFC 3339 section 5.6, UTC, six digits) by a parser that is slow."""
    is_one = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text, re.ASCII) is not None
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        is_one = False
    if is_one:
        assert instant_text(parse_instant(text)) == text
    else:
        with pytest.raises(BrokenInput):
            parse_instant(text)
