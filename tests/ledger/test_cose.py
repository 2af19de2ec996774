"""COSE receipts: the shape of RFC 9942, a second opinion on the CBOR, and that nothing changed is a yes."""

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger import cbor
from ledger.cbor import BYTES_MAX, Tag
from ledger.chain import leaf_hash
from ledger.checking import check_signature as check  # the plain one says the same, in a hundred times the time
from ledger.cose import (
    CONSISTENCY,
    INCLUSION,
    Proved,
    check_consistency_receipt,
    check_inclusion_receipt,
    write_receipt,
)
from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import ED25519, verifier_key
from ledger.proof import check_consistency, prove_consistency, prove_inclusion
from ledger.tree import root_of
from ledger.verify.plain_signatures import verify_ed25519

ORIGIN = "ledger.example.com/acme"
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(70)]
ROOTS = [root_of(LEAVES[:size]) for size in range(len(LEAVES) + 1)]
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = verifier_key(ORIGIN, ED25519, PRIVATE.public_key().public_bytes_raw())


def sign(message: bytes) -> tuple[str, bytes]:
    return KEY.key_id.hex(), PRIVATE.sign(message)


def read(start: int, end: int) -> list[bytes]:
    return LEAVES[start:end]


def inclusion(index: int, size: int) -> bytes:
    proved = Proved(INCLUSION, (size, index), prove_inclusion(index, size, read))
    return write_receipt(KEY, proved, ROOTS[size], sign)


def consistency(old: int, new: int) -> bytes:
    proved = Proved(CONSISTENCY, (old, new), prove_consistency(old, new, read))
    return write_receipt(KEY, proved, ROOTS[new], sign)


def includes(receipt: bytes, index: int, leaf: bytes | None = None) -> bool:
    return check_inclusion_receipt(receipt, LEAVES[index] if leaf is None else leaf, index, KEY, check)


def test_the_shape_of_the_standard() -> None:
    """Read by another library, and its signature verified over the structure of RFC 9052 section 4.4."""
    receipt = cbor2.loads(inclusion(5, 11))
    assert receipt.tag == 18
    protected, unprotected, payload, signature = receipt.value
    assert cbor2.loads(protected) == {
        1: -8,
        4: KEY.key_id,
        15: {1: ORIGIN, 2: "inclusion/5/11"},
        395: 1,
    }
    (proof,) = unprotected[396][-1]
    assert cbor2.loads(proof) == [11, 5, list(prove_inclusion(5, 11, read))]
    assert payload is None
    signed = cbor2.dumps(["Signature1", protected, b"", ROOTS[11]])
    PRIVATE.public_key().verify(signature, signed)
    assert verify_ed25519(KEY.public_key, signed, signature)
    with pytest.raises(UnicodeDecodeError):
        signed[:1].decode()


@pytest.mark.parametrize("size", range(2, 65))
def test_every_entry_of_every_small_tree(size: int) -> None:
    for index in range(size):
        receipt = inclusion(index, size)
        assert includes(receipt, index)
        assert not includes(receipt, index, LEAVES[(index + 1) % size])
        assert not includes(receipt, index - 1 if index else 1, LEAVES[index])


def test_every_pair_of_small_trees() -> None:
    for new in range(2, 20):
        for old in range(1, new):
            receipt = consistency(old, new)
            assert check_consistency_receipt(receipt, (old, ROOTS[old]), (new, ROOTS[new]), KEY, check)
            for wrong in ((old, ROOTS[new]), (old + 1, ROOTS[old + 1])):
                assert not check_consistency_receipt(receipt, wrong, (new, ROOTS[new]), KEY, check)
            assert not check_consistency_receipt(receipt, (old, ROOTS[old]), (new + 1, ROOTS[new + 1]), KEY, check)


def test_the_standard_has_none_for_the_only_entry() -> None:
    """Its path has one hash at least (RFC 9942, inclusion-path: [ + bstr ])."""
    with pytest.raises(BrokenInput, match="only entry"):
        inclusion(0, 1)
    with pytest.raises(BrokenInput, match="path"):
        consistency(5, 5)


def test_a_size_that_leads_to_the_same_root_is_not_taken() -> None:
    """Index 0 takes the same path in trees of 3 and 4 leaves: the signed subject is what tells them apart."""
    protected, unprotected, payload, signature = cbor2.loads(inclusion(0, 3)).value
    path = list(prove_inclusion(0, 3, read))
    changed = {396: {-1: [cbor2.dumps([4, 0, path])]}}
    forged = cbor2.dumps(cbor2.CBORTag(18, [protected, changed, payload, signature]), canonical=True)
    assert cbor.decode(forged) is not None
    assert not includes(forged, 0)
    unchanged = cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, payload, signature]), canonical=True)
    assert includes(unchanged, 0)


def test_sizes_that_were_not_signed_are_not_taken() -> None:
    """The path from 2 to 3 leaves leads from 2 leaves to the same root if there are said to be 4."""
    receipt = consistency(2, 3)
    assert check_consistency(2, 4, ROOTS[2], ROOTS[3], prove_consistency(2, 3, read))
    assert check_consistency_receipt(receipt, (2, ROOTS[2]), (3, ROOTS[3]), KEY, check)
    assert not check_consistency_receipt(receipt, (2, ROOTS[2]), (4, ROOTS[3]), KEY, check)


def test_nothing_rides_along_unsigned() -> None:
    protected, unprotected, payload, signature = cbor.decode(inclusion(5, 11)).value
    (proof,) = unprotected[396][-1]
    changed: object
    for changed in (
        {**unprotected, 4: b"another key"},
        {396: {-1: [proof, proof]}},
        {396: {-1: [proof], -2: [proof]}},
        {396: {-1: proof}},
        {396: {-1: []}},
        {},
        [],
    ):
        receipt = cbor.encode(Tag(18, [protected, changed, payload, signature]))
        assert not includes(receipt, 5)
    assert not includes(cbor.encode(Tag(18, [protected, unprotected, ROOTS[11], signature])), 5)  # not detached
    assert not includes(cbor.encode([protected, unprotected, payload, signature]), 5)
    assert includes(cbor.encode(Tag(18, [protected, unprotected, payload, signature])), 5)


def test_no_changed_bit_is_a_yes() -> None:
    for receipt, ask in (
        (inclusion(5, 11), lambda one: includes(one, 5)),
        (
            consistency(5, 11),
            lambda one: check_consistency_receipt(one, (5, ROOTS[5]), (11, ROOTS[11]), KEY, check),
        ),
    ):
        assert ask(receipt)
        for at in range(len(receipt)):
            for bit in range(8):
                assert not ask(receipt[:at] + bytes((receipt[at] ^ 1 << bit,)) + receipt[at + 1 :])
        for end in range(len(receipt)):
            assert not ask(receipt[:end])
        assert not ask(receipt + b"\0")


def test_a_receipt_of_another_kind_log_or_key_is_none() -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for key in (verifier_key("other.example/log", ED25519, KEY.public_key), verifier_key(ORIGIN, ED25519, other)):
        assert not check_inclusion_receipt(inclusion(5, 11), LEAVES[5], 5, key, check)
    assert not includes(consistency(5, 11), 5)
    assert not check_consistency_receipt(inclusion(5, 11), (5, ROOTS[5]), (11, ROOTS[11]), KEY, check)


SCALARS = st.none() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=40)
KEYS = st.integers(-500, 500) | st.text(max_size=5)


def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return SCALARS | st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)


@given(around(around(around(SCALARS))))
def test_values_are_read_back_by_both(value: Any) -> None:
    encoded = cbor.encode(value)
    assert cbor.decode(encoded) == value
    assert cbor2.loads(encoded) == value


@given(st.dictionaries(st.integers(0, 2**64 - 1), st.integers(-(2**64), 2**64 - 1)))
def test_values_have_the_encoding_that_another_library_gives_them(value: dict[int, int]) -> None:
    """It orders keys by length first (RFC 7049), which for numbers that are not negative is the order of the bytes."""
    assert cbor.encode(value) == cbor2.dumps(value, canonical=True)


@given(st.binary(max_size=60))
def test_what_is_decoded_has_one_spelling(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except BrokenInput:
        return
    assert cbor.encode(value) == data


@given(st.binary(max_size=80))
def test_rubbish_is_never_a_yes(data: bytes) -> None:
    for prefix in (b"", b"\xd2\x84", b"\xd2\x84\x40\xa1\x19\x01\x8c"):
        assert not includes(prefix + data, 5)


@pytest.mark.parametrize(
    "data",
    [
        "1800",  # 0 in two bytes
        "190001",
        "5800",
        "9f00ff",  # indefinite
        "5f4100ff",
        "a201000100",  # a key twice
        "a202000100",  # keys out of order
        "a1f600",  # a key that is no number or text
        "f4",
        "f97c00",
        "f7",
        "81",
        "61ff",
        "1c",
        "0000",
        "",
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "5bffffffffffffffff00",
        "8181818181818181818100",
    ],
)
def test_bytes_that_are_no_value(data: str) -> None:
    with pytest.raises(BrokenInput):
        cbor.decode(bytes.fromhex(data))


def test_limits() -> None:
    with pytest.raises(TooLarge):
        cbor.decode(cbor.encode(bytes(BYTES_MAX)))
    for value in (True, 1.5, {1.5: 0}, {b"a": 0}, 2**64, -(2**64) - 1, Tag(-1, 0), object()):
        with pytest.raises(Misuse):
            cbor.encode(value)
    assert cbor.decode(cbor.encode(Tag(18, [1]))) == Tag(18, [1])
    assert cbor.encode(cbor.decode(b"\xa2\x0a\x00\x20\x00")).hex() == "a20a002000"  # 10 before -1: by their bytes
