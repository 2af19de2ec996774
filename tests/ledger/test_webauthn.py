"""A passkey's assertion: every reason to refuse one, every byte changed, and the published examples."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenInput
from ledger.verify import webauthn
from ledger.verify.cose_key import CoseKey, check_with_key, read_cose_key
from ledger.verify.webauthn import Assertion, Expected, Failure, Remark, verify_assertion
from tests.ledger.authenticator import (
    ALGORITHMS,
    ATTESTED,
    BACKED_UP,
    CHALLENGE,
    ELIGIBLE,
    EXTENDED,
    ORIGIN,
    PRESENT,
    RP_ID,
    VERIFIED,
    Authenticator,
    cose_members,
    private_key,
)

VECTORS = Path(__file__).parent / "vectors" / "webauthn_level3.json"
SOUND = PRESENT | VERIFIED


def failure_of(passkey: Authenticator, **changes: Any) -> Failure | None:
    """What comes of an assertion by this passkey, signed soundly, when these parts of it are others afterwards."""
    return verify_assertion(replace(passkey.sign(), **changes), passkey.expected()).failure


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_sound_assertion_holds(algorithm: str) -> None:
    passkey = Authenticator(algorithm, count=7, flags=SOUND | ELIGIBLE | BACKED_UP)
    verdict = verify_assertion(passkey.sign(), passkey.expected())
    assert verdict.holds
    assert (verdict.algorithm, verdict.sign_count, verdict.is_backed_up) == (algorithm, 7, True)
    assert verdict.remarks == ()
    assert not verify_assertion(Authenticator(algorithm).sign(), Authenticator(algorithm).expected()).is_backed_up


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_bit_of_an_assertion_counts(algorithm: str) -> None:
    """No bit of any part can be changed without the assertion being refused; which reason depends on the bit."""
    passkey = Authenticator(algorithm, client={"later": "member"}, extensions=cbor2.dumps({"x": 1}), flags=SOUND | 0x80)
    sound, expected = passkey.sign(), passkey.expected()
    assert verify_assertion(sound, expected).holds
    met = set()
    for part in ("credential", "client_data", "authenticator_data", "signature"):
        data: bytes = getattr(sound, part)
        for bit in range(8 * len(data)):
            edited = bytearray(data)
            edited[bit // 8] ^= 1 << bit % 8
            changed: Any = {part: bytes(edited)}
            failure = verify_assertion(replace(sound, **changed), expected).failure
            assert failure is not None, (part, bit)
            met.add(failure)
    assert met >= {
        Failure.WRONG_CREDENTIAL, Failure.UNREADABLE_CLIENT_DATA, Failure.WRONG_TYPE, Failure.WRONG_CHALLENGE,
        Failure.WRONG_ORIGIN, Failure.UNREADABLE_AUTHENTICATOR_DATA, Failure.WRONG_RP, Failure.NOT_PRESENT,
        Failure.NOT_VERIFIED, Failure.BAD_SIGNATURE,
    }  # fmt: skip


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_bit_of_what_is_expected_counts(algorithm: str) -> None:
    """Another key or another challenge is another assertion; a key that cannot be read is refused as such."""
    passkey = Authenticator(algorithm)
    sound, expected = passkey.sign(), passkey.expected()
    for part in ("credential", "public_key", "challenge"):
        data: bytes = getattr(expected, part)
        for bit in range(8 * len(data)):
            edited = bytearray(data)
            edited[bit // 8] ^= 1 << bit % 8
            changed: Any = {part: bytes(edited)}
            assert not verify_assertion(sound, replace(expected, **changed)).holds, (part, bit)


@pytest.mark.parametrize("part", ["credential", "client_data", "authenticator_data", "signature"])
def test_parts_cut_short_or_gone_on_with(part: str) -> None:
    sound = Authenticator().sign()
    data: bytes = getattr(sound, part)
    for size in range(len(data)):
        assert failure_of(Authenticator(), **{part: data[:size]}) is not None, size
    for more in (b"\x00", b" ", b"}", b"\xa0", data):
        assert failure_of(Authenticator(), **{part: data + more}) is not None, more


@pytest.mark.parametrize(
    ("client", "failure"),
    [
        ({"type": "webauthn.create"}, Failure.WRONG_TYPE),
        ({"type": ...}, Failure.WRONG_TYPE),
        ({"type": ["webauthn.get"]}, Failure.WRONG_TYPE),
        ({"challenge": ...}, Failure.WRONG_CHALLENGE),
        ({"challenge": ""}, Failure.WRONG_CHALLENGE),
        ({"challenge": CHALLENGE.hex()}, Failure.WRONG_CHALLENGE),
        ({"challenge": None}, Failure.WRONG_CHALLENGE),
        ({"origin": ...}, Failure.WRONG_ORIGIN),
        ({"origin": "http://ledger.test"}, Failure.WRONG_ORIGIN),
        ({"origin": "https://ledger.test:8443"}, Failure.WRONG_ORIGIN),
        ({"origin": "https://ledger.test."}, Failure.WRONG_ORIGIN),
        ({"origin": "https://LEDGER.test"}, Failure.WRONG_ORIGIN),
        ({"origin": "https://ledger.test/"}, Failure.WRONG_ORIGIN),
        ({"origin": "https://evil.test"}, Failure.WRONG_ORIGIN),
        ({"origin": "null"}, Failure.WRONG_ORIGIN),
        ({"origin": [ORIGIN]}, Failure.WRONG_ORIGIN),
        ({"crossOrigin": True}, Failure.CROSS_ORIGIN),
        ({"crossOrigin": None}, Failure.CROSS_ORIGIN),
        ({"crossOrigin": 0}, Failure.CROSS_ORIGIN),
        ({"crossOrigin": "false"}, Failure.CROSS_ORIGIN),
        ({"topOrigin": ORIGIN}, Failure.CROSS_ORIGIN),
        ({"topOrigin": None}, Failure.CROSS_ORIGIN),
        ({"crossOrigin": ...}, None),
        ({"origin": "https://other.ledger.test"}, None),
        ({"later": {"any": ["thing", 1.5, None]}}, None),
    ],
)  # fmt: skip
def test_what_the_browser_says(client: dict[str, Any], failure: Failure | None) -> None:
    """Each signed soundly by the passkey itself: only the judgment of the client data refuses it."""
    assert failure_of(Authenticator(client=client)) is failure


@pytest.mark.parametrize(
    "spelling",
    [
        b"", b"null", b"[]", b'"webauthn.get"', b"{", b"\xef\xbb\xbf%s", b"%s%s", b"%s,", b"{%s}", b"\xff",
        b'{"a":NaN,"b":%s}', b'{"a":Infinity}', b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}", b" " * 4097,
        b'{"a":' + b"[" * 256 + b"]" * 256 + b',"b":%s}',
        b'{"type":"webauthn.create",%s', b'{"crossOrigin":true,%s', b'{"origin":"https://evil.test",%s',
    ],
)  # fmt: skip
def test_client_data_that_is_not_one_object(spelling: bytes) -> None:
    """The last three say a name twice: which of the two a reader takes is not left to the reader."""
    plain = Authenticator().client_data(CHALLENGE)
    rest = plain[1:] if spelling.endswith(b",%s") else plain
    assertion = Authenticator().sign(client_data=spelling.replace(b"%s", rest))
    assert verify_assertion(assertion, Authenticator().expected()).failure is Failure.UNREADABLE_CLIENT_DATA


@pytest.mark.parametrize(
    ("flags", "failure"),
    [
        (0, Failure.NOT_PRESENT),
        (VERIFIED, Failure.NOT_PRESENT),
        (PRESENT, Failure.NOT_VERIFIED),
        (SOUND | BACKED_UP, Failure.UNREADABLE_AUTHENTICATOR_DATA),
        (SOUND | ATTESTED, Failure.UNREADABLE_AUTHENTICATOR_DATA),
        (SOUND | EXTENDED, Failure.UNREADABLE_AUTHENTICATOR_DATA),
        (SOUND | ELIGIBLE, None),
        (SOUND | ELIGIBLE | BACKED_UP, None),
        (SOUND | 0x02 | 0x20, None),
    ],
)
def test_what_the_flags_say(flags: int, failure: Failure | None) -> None:
    assert failure_of(Authenticator(flags=flags)) is failure


@pytest.mark.parametrize(
    ("extensions", "is_sound"),
    [
        (cbor2.dumps({}), True),
        (cbor2.dumps({"credBlob": b"x" * 300, "thirdPartyPayment": True, "uvm": [[2, 4, 2]], "none": None}), True),
        (cbor2.dumps({"x": 1}) + b"\x00", False),
        (cbor2.dumps({"x": 1})[:-1], False),
        (cbor2.dumps([1]), False),
        (cbor2.dumps("x"), False),
        (b"\xbf\xff", False),
        (b"\xa1\x61x\x5f\x41a\xff", False),
        (b"\xa1\x61x\x9f\xff", False),
        (b"\xa1\x61x", False),
        (b"\xa1\x61x\x1c", False),
        (b"\xa1\x61x\x1c" + bytes(16), False),
        (b"\xa1\x61x\x5f" + bytes(128), False),
        (b"\xa1\x61x\x59\xff", False),
        (b"\xbb" + b"\xff" * 8, False),
        (b"\xa1\x61x" + b"\x81" * 10 + b"\x00", False),
        (cbor2.dumps({"x": b"y" * 1000}), False),
    ],
)
def test_extensions_are_one_map_and_nothing_behind(extensions: bytes, is_sound: bool) -> None:
    failure = failure_of(Authenticator(flags=SOUND | EXTENDED, extensions=extensions))
    assert failure is (None if is_sound else Failure.UNREADABLE_AUTHENTICATOR_DATA)
    assert failure_of(Authenticator(extensions=extensions)) is Failure.UNREADABLE_AUTHENTICATOR_DATA


def test_another_rp_challenge_or_credential() -> None:
    passkey = Authenticator()
    assert failure_of(Authenticator(rp_id="evil.test")) is Failure.WRONG_RP
    other = passkey.sign(sha256(b"another statement").digest())
    assert verify_assertion(other, passkey.expected()).failure is Failure.WRONG_CHALLENGE
    assert failure_of(passkey, credential=b"credential two") is Failure.WRONG_CREDENTIAL
    unnamed = Authenticator(credential=b"")
    assert failure_of(unnamed) is Failure.WRONG_CREDENTIAL
    assert failure_of(Authenticator(credential=b"c" * 1024)) is Failure.WRONG_CREDENTIAL
    assert failure_of(Authenticator(credential=b"c" * 1023)) is None


def test_a_challenge_is_a_digest() -> None:
    """Nobody can be made to expect an empty or a short challenge."""
    for challenge in (b"", CHALLENGE[:16], CHALLENGE + b"\x00"):
        passkey = Authenticator()
        verdict = verify_assertion(passkey.sign(challenge), passkey.expected(challenge))
        assert verdict.failure is Failure.WRONG_CHALLENGE


def test_a_signature_of_another_key_or_algorithm() -> None:
    for one in ALGORITHMS:
        for other in ALGORITHMS:
            passkey = Authenticator(one)
            stranger = replace(passkey.expected(), public_key=Authenticator(other).public_key)
            failure = verify_assertion(passkey.sign(), stranger).failure
            assert failure is (None if one == other else Failure.BAD_SIGNATURE)
    assert failure_of(Authenticator(), signature=b"") is Failure.BAD_SIGNATURE


def test_limits_hold_before_anything_is_worked_out() -> None:
    """Even where what follows would say yes."""
    passkey = Authenticator()
    long = replace(passkey.sign(), signature=b"\x00" * 1025)
    assert verify_assertion(long, passkey.expected(), lambda *_: True).failure is Failure.BAD_SIGNATURE
    assert verify_assertion(replace(long, signature=b"\x00" * 1024), passkey.expected(), lambda *_: True).holds
    assert failure_of(Authenticator(client={"later": "x" * 4096})) is Failure.UNREADABLE_CLIENT_DATA
    assert failure_of(Authenticator(client={"later": "x" * 3900})) is None
    with pytest.raises(BrokenInput):
        read_cose_key(cbor2.dumps({1: 2, 3: -9, -1: b"x" * 1100}, canonical=True))


@pytest.mark.parametrize(
    ("before", "now", "went_back"),
    [(0, 0, False), (0, 1, False), (1, 2, False), (2, 2, True), (3, 2, True), (1, 0, True), (0, 2**32 - 1, False)],
)
def test_a_counter_that_does_not_rise_is_told(before: int, now: int, went_back: bool) -> None:
    passkey = Authenticator(count=now)
    verdict = verify_assertion(passkey.sign(), passkey.expected(sign_count=before))
    assert verdict.holds
    assert verdict.remarks == ((Remark.COUNTER_WENT_BACK,) if went_back else ())


def test_a_refused_assertion_says_nothing_else() -> None:
    """What an authenticator says counts only once its signature holds."""
    passkey = Authenticator(count=3, flags=SOUND | ELIGIBLE | BACKED_UP)
    verdict = verify_assertion(replace(passkey.sign(), signature=b"\x30\x00"), passkey.expected(sign_count=9))
    assert (verdict.failure, verdict.remarks, verdict.algorithm) == (Failure.BAD_SIGNATURE, (), "")
    assert (verdict.sign_count, verdict.is_backed_up) == (0, False)


def test_the_check_that_is_handed_in_decides() -> None:
    """It is given what WebAuthn signs and no more; nothing else says that a signature holds."""
    passkey, seen = Authenticator(), []

    def check(key: CoseKey, message: bytes, signature: bytes) -> bool:
        seen.append((key, message, signature))
        return False

    assertion = passkey.sign()
    assert verify_assertion(assertion, passkey.expected(), check).failure is Failure.BAD_SIGNATURE
    signed = assertion.authenticator_data + sha256(assertion.client_data).digest()
    assert seen == [(read_cose_key(passkey.public_key), signed, assertion.signature)]


Members = dict[Any, Any]

KEY: Members = cose_members(private_key("ES256"))
RSA: Members = cose_members(private_key("RS256"))
OKP: Members = cose_members(private_key("EdDSA"))
NO_MEMBERS: Members = {}


@pytest.mark.parametrize(
    "members",
    [
        {**KEY, 1: 1}, {**KEY, -1: 2}, {**KEY, -2: KEY[-3], -3: KEY[-2]}, {**KEY, -2: KEY[-2][1:]},
        {**KEY, -2: b"\x00" + KEY[-2]}, {**KEY, -2: KEY[-2][:31], -3: KEY[-2][31:] + KEY[-3]},
        {1: "EC2", 3: -9}, {**KEY, -3: 1}, {**KEY, 2: b"id"}, {**KEY, 4: [2]}, {**KEY, -4: b"secret"},
        {name: value for name, value in KEY.items() if name != -3}, {**KEY, -3: b""}, {**KEY, "x": 1},
        {1: 2}, {3: -7}, NO_MEMBERS, {**KEY, 3: "ES256"}, {**KEY, 3: b""}, {**KEY, 1: "EC2"},
        {**RSA, 1: 2}, {**RSA, -1: b"\x00" + RSA[-1]}, {**RSA, -2: b"\x00\x01\x00\x01"}, {**RSA, -2: b"\x01"},
        {**RSA, -2: b""}, {**RSA, -1: RSA[-1][:-1] + b"\x00"}, {**RSA, -1: RSA[-1][:200]}, {**RSA, -3: b"d"},
        {**OKP, 1: 2}, {**OKP, -1: 4}, {**OKP, -2: OKP[-2][1:]}, {**OKP, -3: OKP[-2]},
    ],
)  # fmt: skip
def test_keys_that_are_none(members: Members) -> None:
    data = cbor2.dumps(members, canonical=True)
    with pytest.raises(BrokenInput):
        read_cose_key(data)
    expected = replace(Authenticator().expected(), public_key=data)
    assert verify_assertion(Authenticator().sign(), expected).failure is Failure.UNREADABLE_KEY


SPELLED = cbor2.dumps(KEY, canonical=True)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xf6", b"\x80", b"key", b"\x00" * 1101, cbor2.dumps(dict(reversed(KEY.items()))), SPELLED + b"\x00",
        SPELLED[:-1], b"\xbf" + SPELLED[1:] + b"\xff", b"\xa6" + SPELLED[1:] + b"\x01\x02",
        SPELLED.replace(b"\x58\x20", b"\x59\x00\x20"),
    ],
)  # fmt: skip
def test_a_key_has_one_spelling(data: bytes) -> None:
    with pytest.raises(BrokenInput):
        read_cose_key(data)


@pytest.mark.parametrize("algorithm", [-35, -36, -37, -47, -65535, -48, -9, 0, 5])
def test_other_algorithms_are_not_known(algorithm: int) -> None:
    data = cbor2.dumps({**KEY, 3: algorithm}, canonical=True)
    assert read_cose_key(data) == CoseKey(algorithm, ())
    assert not check_with_key(CoseKey(algorithm, ()), b"m", b"")
    expected = replace(Authenticator().expected(), public_key=data)
    assert verify_assertion(Authenticator().sign(), expected).failure is Failure.UNKNOWN_ALGORITHM


def test_the_largest_key_is_read() -> None:
    """8,192 bits and an exponent of 32 bits lie within what is read at all."""
    data = cbor2.dumps({1: 3, 3: -257, -1: b"\xff" * 1024, -2: b"\xff" * 4}, canonical=True)
    assert read_cose_key(data).numbers == (b"\xff" * 1024, b"\xff" * 4)


PART = st.binary(max_size=120)


@given(PART, PART, PART, PART, PART)
def test_any_bytes_are_refused_without_raising(one: bytes, two: bytes, three: bytes, four: bytes, key: bytes) -> None:
    assertion = Assertion(one, two, three, four)
    assert not verify_assertion(assertion, replace(Authenticator().expected(), credential=one)).holds
    assert not verify_assertion(assertion, Expected(one, key, RP_ID, frozenset((ORIGIN,)), CHALLENGE)).holds


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary() | st.text(),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
                    max_leaves=12))  # fmt: skip
def test_the_end_of_a_value_is_where_the_library_ends(value: Any) -> None:
    data = cbor2.dumps(value)
    assert webauthn._end(data + b"more", 0, 16) == len(data)
    if len(data) > 1:
        with pytest.raises(BrokenInput):
            webauthn._end(data[:-1], 0, 16)


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text()), ids=lambda vector: vector["name"])
def test_published_examples(vector: dict[str, str]) -> None:
    """Of the standard itself: each signature opens, no changed one does, and each is refused for what it lacks."""
    modulus = (2**1279 - 1) * (2**2203 - 1)  # the primes that the standard names
    rsa = {1: 3, 3: -257, -1: modulus.to_bytes(436, "big"), -2: b"\x01\x00\x01"}
    is_rsa = vector["name"].endswith("RS256")
    public_key = cbor2.dumps(rsa, canonical=True) if is_rsa else bytes.fromhex(vector["public_key"])
    names = ("credential", "client_data", "authenticator_data", "signature", "challenge")
    credential, client_data, told, signature, challenge = (bytes.fromhex(vector[name]) for name in names)
    key, signed = read_cose_key(public_key), told + sha256(client_data).digest()
    assert check_with_key(key, signed, signature)
    assert not check_with_key(key, signed + b"\x00", signature)
    assert not check_with_key(key, signed, signature[:-1] + bytes((signature[-1] ^ 1,)))
    expected = Expected(credential, public_key, "example.org", frozenset(("https://example.org",)), challenge)
    verdict = verify_assertion(Assertion(credential, client_data, told, signature), expected)
    assert verdict.failure is not None
    assert verdict.failure.value == vector["failure"]
