"""Signed webhooks against the published vectors, and what a receiver must not accept."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenInput
from ledger.webhook import Signed, read_secret, secret_text, sign, verify
from tests.conftest import CASES

VECTORS = CASES / "webhooks" / "standard-webhooks.json"
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


def _vectors() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(VECTORS.read_text()) if VECTORS.exists() else {"sign": [], "verify": []}
    return loaded


@pytest.mark.cases
def test_every_published_signature_is_made() -> None:
    vectors = _vectors()["sign"]
    assert vectors
    for vector in vectors:
        signed = sign([read_secret(vector["secret"])], vector["id"], vector["timestamp"], vector["payload"].encode())
        assert signed == Signed(vector["id"], str(vector["timestamp"]), vector["signature"])


@pytest.mark.cases
def test_every_published_verdict_is_given() -> None:
    vectors = _vectors()
    assert len(vectors["verify"]) >= 4
    for case in vectors["verify"]:
        base = vectors["sign"][case["base"]]
        signed = Signed(base["id"], str(base["timestamp"]), case["signatureHeader"])
        is_good = verify([read_secret(base["secret"])], signed, base["payload"].encode(), case["now"])
        assert is_good is (case["expect"] == "accept"), case["case"]


def test_while_a_secret_is_replaced_either_receiver_accepts() -> None:
    signed = sign([KEY, OTHER], "msg_1", 1_000, b"{}")
    assert signed.signature.count("v1,") == 2
    assert verify([KEY], signed, b"{}", 1_000)
    assert verify([OTHER], signed, b"{}", 1_000)
    assert not verify([bytes(32)], signed, b"{}", 1_000)


@pytest.mark.parametrize("offset", [-301, 301, -300, 300])
def test_five_minutes_either_way_are_tolerated(offset: int) -> None:
    signed = sign([KEY], "msg_1", 1_000_000, b"{}")
    assert verify([KEY], signed, b"{}", 1_000_000 + offset) is (abs(offset) <= 300)


@given(st.binary(max_size=40), st.integers(0, 200), st.sampled_from(["id", "timestamp", "body"]))
def test_whatever_is_changed_is_refused(body: bytes, place: int, what: str) -> None:
    signed = sign([KEY], "msg_1", 1_000, body)
    if what == "id":
        signed = signed._replace(id=f"{signed.id}{place}")
    elif what == "timestamp":
        signed = signed._replace(timestamp=str(1_001 + place % 100))
    else:
        body = body + bytes([place])
    assert not verify([KEY], signed, body, 1_000)


@pytest.mark.parametrize("text", ["", "-1", "1e3", "\u0661", "9" * 13, " 1000"])
def test_a_timestamp_that_is_none_is_refused(text: str) -> None:
    signed = sign([KEY], "msg_1", 1_000, b"{}")
    assert not verify([KEY], signed._replace(timestamp=text), b"{}", 1_000)


@pytest.mark.parametrize("header", ["", "v1", "v1,", "v2,abc", "v1a,abc", "\ud800", "v1, " * 50])
def test_a_signature_that_is_none_is_refused(header: str) -> None:
    assert not verify([KEY], Signed("msg_1", "1000", header), b"{}", 1_000)


def test_another_version_never_counts_even_with_the_right_value() -> None:
    signed = sign([KEY], "msg_1", 1_000, b"{}")
    assert not verify([KEY], signed._replace(signature=signed.signature.replace("v1,", "v2,")), b"{}", 1_000)


@pytest.mark.parametrize(
    "text", ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ", "whsec_!!!", "whsec_" + "A" * 100]
)
def test_a_secret_of_another_form_is_broken_input_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(BrokenInput) as raised:
        read_secret(text)
    assert text.removeprefix("whsec_") == "" or text.removeprefix("whsec_") not in str(raised.value)


def test_a_secret_reads_as_it_was_written() -> None:
    assert read_secret(secret_text(KEY)) == KEY


@pytest.mark.parametrize("message_id", ["a.b", "line\nend"])
def test_an_id_that_would_blur_what_is_signed_is_refused(message_id: str) -> None:
    with pytest.raises(BrokenInput):
        sign([KEY], message_id, 1_000, b"{}")
