"""Commitments: the formula, binding to one place, and a preimage that has one reading."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commitment import check, commit, preimage
from ledger.errors import Misuse

SALT = bytes(range(32))

# Few characters and short parts, so that generated inputs often differ only in where one part ends.
PART = st.text("a\x00\x01", max_size=3)
INPUT = st.tuples(st.binary(min_size=32, max_size=32), PART, PART, PART, st.binary(max_size=6))

Input = tuple[bytes, str, str, str, bytes]


def read_back(data: bytes) -> Input:
    """The one reading of a preimage, written from the formula."""
    assert data.startswith(b"muniment/commitment/v1\n")
    salt, rest = data[23:55], data[55:]
    names = []
    for _ in range(3):
        length = int.from_bytes(rest[:2], "big")
        names.append(rest[2 : 2 + length].decode())
        rest = rest[2 + length :]
    return salt, names[0], names[1], names[2], rest


def test_golden() -> None:
    """The formula spelled out, and the digest, so that recorded commitments stay checkable."""
    framed = b"\x00\x01o" + b"\x00\x03s\xc3\xa9" + b"\x00\x02/p"
    expected = sha256(b"muniment/commitment/v1\n" + SALT + framed + b'"v"')
    assert commit(SALT, "o", "s\u00e9", "/p", b'"v"') == expected.digest()
    assert expected.hexdigest() == "0178e7df2fab8e86293026e74a5be93537e93a11e17e4a1756002c4d01d37c4f"


@given(st.tuples(st.binary(min_size=32, max_size=32), st.text(), st.text(), st.text(), st.binary()))
def test_preimage_can_be_read_back(value: Input) -> None:
    """Hence different inputs never share a preimage."""
    assert read_back(preimage(*value)) == value


@given(INPUT, INPUT)
def test_different_inputs_differ(one: Input, other: Input) -> None:
    assert (preimage(*one) == preimage(*other)) is (one == other)


@given(INPUT, INPUT)
def test_only_the_opening_opens(one: Input, other: Input) -> None:
    salt, *place, value = other
    origin, subject, path = place
    assert check(commit(*one), salt, (origin, subject, path), value) is (one == other)


def test_moved_commitment_does_not_open() -> None:
    commitment = commit(SALT, "o", "s", "p", b"1")
    assert check(commitment, SALT, ("o", "s", "p"), b"1")
    for place in (("x", "s", "p"), ("o", "x", "p"), ("o", "s", "x"), ("os", "", "p"), ("s", "o", "p")):
        assert not check(commitment, SALT, place, b"1")


def test_openings_that_cannot_be() -> None:
    commitment = commit(SALT, "o", "s", "p", b"1")
    for salt in (b"", SALT[:31], SALT + b"\x00"):
        assert not check(commitment, salt, ("o", "s", "p"), b"1")
    assert not check(commitment, SALT, ("o", "s", "p" * 65_536), b"1")
    assert not check(commitment, SALT, ("o", "\ud800", "p"), b"1")
    assert not check(commitment[:31], SALT, ("o", "s", "p"), b"1")
    assert not check(b"", SALT, ("o", "s", "p"), b"1")


def test_limits_are_misuse() -> None:
    assert len(commit(SALT, "o" * 65_535, "s", "p", b"1")) == 32
    with pytest.raises(Misuse):
        commit(SALT, "o" * 65_536, "s", "p", b"1")
    with pytest.raises(Misuse):
        commit(SALT[:16], "o", "s", "p", b"1")
