"""What a verifier reads before it believes anything: base64url, envelopes, parts, receipts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.errors import BrokenInput
from ledger.verify import bytes as plain
from ledger.verify.envelope import check_rest, check_shape, part_of
from ledger.verify.receipt import check_receipt
from tests.ledger.test_verify_flips import log  # noqa: F401 - a fixture

ENTRY: dict[str, Any] = {
    "v": 1,
    "origin": "ledger.example.com/acme",
    "index": 3,
    "prev": "A" * 43,
    "recorded_at": "2026-01-01T00:00:00.000000Z",
    "kind": "toy.bumped",
    "schema": 1,
    "subject": "toy_1",
    "subject_index": 0,
    "actor": {"id": "person:1", "kind": "person"},
    "payload": {},
}


@given(st.binary(max_size=70))
def test_base64url_of_the_standard_library_says_the_same(data: bytes) -> None:
    assert plain.b64url(data) == canonical.b64url(data)
    assert plain.from_b64url(plain.b64url(data)) == data


@given(st.text(alphabet="AB-_+/= \u00e9", max_size=9))
def test_what_is_no_base64url_is_refused_by_both(text: str) -> None:
    def read(one: Any) -> bytes | None:
        try:
            return bytes(one(text))
        except BrokenInput:
            return None

    assert read(plain.from_b64url) == read(canonical.from_b64url)


def judged(value: dict[str, Any]) -> None:
    check_rest(value, check_shape(value))


def test_an_envelope_is_taken_as_it_is() -> None:
    judged(ENTRY)
    judged({**ENTRY, "refs": {"change_request": "cr_1"}, "part": [1, 2]})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surprise": 1}, "surprise"),
        ({"index": "3"}, "index of type int"),
        ({"index": True}, "index of type int"),
        ({"actor": []}, "actor of type dict"),
        ({"actor": {"id": 1}}, "text members in actor"),
        ({"refs": {"a": None}}, "text members in refs"),
        ({"kind": ""}, "no empty text"),
        ({"v": 2}, "envelope 1"),
        ({"schema": -1}, "negative"),
        ({"subject_index": -1}, "negative"),
    ],
)
def test_an_envelope_that_is_none_is_named(change: dict[str, Any], told: str) -> None:
    with pytest.raises(BrokenInput, match=told):
        judged({**ENTRY, **change})


@pytest.mark.parametrize("member", sorted(ENTRY))
def test_a_member_left_out_is_named(member: str) -> None:
    with pytest.raises(BrokenInput, match=member):
        judged({name: value for name, value in ENTRY.items() if name != member})


@pytest.mark.parametrize("part", [[], [1], [1, 2, 3], ["1", 2], [True, 2], [0, 2], [3, 2], [1, 2.0]])
def test_a_part_that_is_none_is_refused(part: list[Any]) -> None:
    with pytest.raises(BrokenInput, match="in part"):
        part_of(part)
    assert part_of([2, 3]) == (2, 3)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"index": "1"}, "index and checkpoint"),
        ({"checkpoint": 7}, "index and checkpoint"),
        ({"checkpoint": "ledger.example.com/other\n1\nAA==\n\n"}, "one of `ledger.example.com/other`"),
        ({"index": -1}, "below size"),
        ({"index": 10_000}, "below size"),
        ({"leaf_hash": "short"}, "32 bytes"),
        ({"leaf_hash": None}, "32 bytes"),
        ({"leaf_hash": "\u00e9"}, "32 bytes"),
        ({"proof": "none"}, "list of hashes"),
        ({"proof": [7]}, "32 bytes"),
    ],
)
def test_a_receipt_that_is_none_is_named(log: Any, change: dict[str, Any], told: str) -> None:  # noqa: F811
    from ledger.checking import check_signature

    source, vkey = log
    note = source.stored_head.checkpoint
    receipt = {"index": 1, "leaf_hash": plain.b64url(source.rows[1].leaf_hash), "checkpoint": note, "proof": None}
    assert check_receipt(receipt, [vkey], check_signature).as_json()["inclusion"] == "not run"
    with pytest.raises(BrokenInput, match=told):
        check_receipt({**receipt, **change}, [vkey], check_signature)
    with pytest.raises(BrokenInput, match="a receipt"):
        check_receipt([receipt], [vkey], check_signature)
