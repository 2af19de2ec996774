"""A passkey's assertion (WebAuthn level 3, section 7.2), verified off-line. Standard library only.

    client data           JSON: type "webauthn.get", challenge, origin, crossOrigin false or absent, topOrigin absent
    authenticator data    SHA-256(rp id)[32] || flags[1] || u32 signCount || extensions, where the flag for them is set
    signed                authenticator data || SHA-256(client data)                  by the key of the credential

The challenge is whatever the person agreed to by its digest (`governance.passkeys`: the statement they sign). What is
expected comes from whoever asks, never from the assertion. Flags must say that a person was there (UP) and was
recognised (UV); attested key data has no place in an assertion, and BS without BE is no state a passkey can be in.

Every byte that is verified is covered by the signature or compared with what is expected, so whoever changes one is
refused. Two things are not fixed by it: the signature itself, of which ES256 has a second spelling of the same worth
(`ledger.verify.plain_es256`), and the counter, which many passkeys leave at 0: one that does not rise is a warning.
Members of the client data that are not named above, reserved flags and what extensions say mean nothing here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple, NoReturn

from ledger.errors import BrokenInput
from ledger.verify.bytes import b64url
from ledger.verify.cose_key import NAMES, CheckKey, check_with_key, read_cose_key

CLIENT_DATA_BYTES_MAX = 4096  # some 150 in practice
CLIENT_DATA_OPENED_MAX = 256  # brackets; one in practice. Without a limit it is the Python that sets one of nesting
AUTHENTICATOR_DATA_BYTES_MAX = 1024  # 37 without extensions
SIGNATURE_BYTES_MAX = 1024  # RS256 with 8,192 bits
CREDENTIAL_BYTES_MAX = 1023  # WebAuthn section 4
CHALLENGE_BYTES = 32

_TYPE: Final = "webauthn.get"
_FIXED_BYTES = 37
_PRESENT, _VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
_EXTENSION_DEPTH_MAX = 4
_MAP_MAJOR = 5


class Failure(StrEnum):
    """Why an assertion is refused: the first that is found, in this order."""

    WRONG_CREDENTIAL = "wrong credential"
    UNREADABLE_KEY = "unreadable key"
    UNKNOWN_ALGORITHM = "unknown algorithm"
    UNREADABLE_CLIENT_DATA = "unreadable client data"
    WRONG_TYPE = "wrong type"
    WRONG_CHALLENGE = "challenge of another statement"
    WRONG_ORIGIN = "wrong origin"
    CROSS_ORIGIN = "cross origin"
    UNREADABLE_AUTHENTICATOR_DATA = "unreadable authenticator data"
    WRONG_RP = "wrong rp"
    NOT_PRESENT = "no user presence"
    NOT_VERIFIED = "no user verification"
    BAD_SIGNATURE = "bad signature"


class Remark(StrEnum):
    """What does not refuse an assertion and is told all the same."""

    COUNTER_WENT_BACK = "counter went back"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the browser hands over, each as raw bytes; the signature as the authenticator spells it."""

    credential: bytes  # its id
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """What an assertion is held against. `public_key` is a COSE_Key, `sign_count` the last counter seen, 0 for none."""

    credential: bytes
    public_key: bytes
    rp_id: str
    origins: frozenset[str]
    challenge: bytes  # SHA-256, 32 bytes
    sign_count: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it. `sign_count` and `is_backed_up` are what the authenticator says, once the signature holds."""

    failure: Failure | None
    text: str
    remarks: tuple[Remark, ...] = ()
    algorithm: str = ""
    sign_count: int = 0
    is_backed_up: bool = False

    @property
    def holds(self) -> bool:
        return self.failure is None


class _Told(NamedTuple):
    """Authenticator data, taken apart."""

    rp_id_hash: bytes
    flags: int
    sign_count: int


def verify_assertion(assertion: Assertion, expected: Expected, check: CheckKey = check_with_key) -> Verdict:
    """Whether the assertion is one of the expected credential on the expected challenge. Never raises on bytes."""
    if assertion.credential != expected.credential or not 0 < len(expected.credential) <= CREDENTIAL_BYTES_MAX:
        return _refused(Failure.WRONG_CREDENTIAL, "expected an assertion of the credential that was asked")
    try:
        key = read_cose_key(expected.public_key)
    except BrokenInput as error:
        return _refused(Failure.UNREADABLE_KEY, str(error))
    if key.algorithm not in NAMES:
        return _refused(Failure.UNKNOWN_ALGORITHM, f"expected ES256, EdDSA or RS256, found {key.algorithm}")
    refused = _judge_client_data(assertion.client_data, expected)
    if refused is not None:
        return refused
    try:
        told = _read_authenticator_data(assertion.authenticator_data)
    except BrokenInput as error:
        return _refused(Failure.UNREADABLE_AUTHENTICATOR_DATA, str(error))
    refused = _judge_told(told, expected)
    if refused is not None:
        return refused
    signed = assertion.authenticator_data + sha256(assertion.client_data).digest()
    if len(assertion.signature) > SIGNATURE_BYTES_MAX or not check(key, signed, assertion.signature):
        return _refused(Failure.BAD_SIGNATURE, "expected a signature of the credential's key, found none")
    counted = told.sign_count or expected.sign_count
    went_back = counted and told.sign_count <= expected.sign_count
    return Verdict(
        None,
        f"signed by the credential's key ({NAMES[key.algorithm]})",
        (Remark.COUNTER_WENT_BACK,) if went_back else (),
        NAMES[key.algorithm],
        told.sign_count,
        bool(told.flags & _BACKED_UP),
    )


def _refused(failure: Failure, text: str) -> Verdict:
    return Verdict(failure, text)


def _judge_client_data(data: bytes, expected: Expected) -> Verdict | None:
    try:
        value = _read_client_data(data)
    except BrokenInput as error:
        return _refused(Failure.UNREADABLE_CLIENT_DATA, str(error))
    if value.get("type") != _TYPE:
        return _refused(Failure.WRONG_TYPE, f"expected the type {_TYPE}, found another")
    if len(expected.challenge) != CHALLENGE_BYTES or value.get("challenge") != b64url(expected.challenge):
        return _refused(Failure.WRONG_CHALLENGE, "expected the challenge of this statement, found another")
    if not isinstance(value.get("origin"), str) or value["origin"] not in expected.origins:
        return _refused(Failure.WRONG_ORIGIN, "expected an origin of this service, found another")
    if value.get("crossOrigin", False) is not False or "topOrigin" in value:
        return _refused(Failure.CROSS_ORIGIN, "expected a page of its own, found one inside another origin's")
    return None


def _read_client_data(data: bytes) -> Mapping[str, Any]:
    """The members of the client data: one JSON object in UTF-8 without a byte order mark, no name twice."""
    if len(data) > CLIENT_DATA_BYTES_MAX:
        raise BrokenInput(f"expected at most {CLIENT_DATA_BYTES_MAX} bytes of client data, found {len(data)}")
    if data.count(b"{") + data.count(b"[") > CLIENT_DATA_OPENED_MAX:
        raise BrokenInput(f"expected at most {CLIENT_DATA_OPENED_MAX} lists and objects of client data")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BrokenInput("expected client data in JSON") from error
    if not isinstance(value, dict):
        raise BrokenInput("expected client data that is an object")
    return value


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"expected JSON, found {text}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("expected each name once")
    return value


def _read_authenticator_data(data: bytes) -> _Told:
    if not _FIXED_BYTES <= len(data) <= AUTHENTICATOR_DATA_BYTES_MAX:
        limits = f"{_FIXED_BYTES} to {AUTHENTICATOR_DATA_BYTES_MAX}"
        raise BrokenInput(f"expected {limits} bytes of authenticator data, found {len(data)}")
    told = _Told(data[:32], data[32], int.from_bytes(data[33:37], "big"))
    if told.flags & _ATTESTED:
        raise BrokenInput("expected no attested key in an assertion, found one")
    if told.flags & _BACKED_UP and not told.flags & _BACKUP_ELIGIBLE:
        raise BrokenInput("expected only what can be backed up to be backed up")
    if not told.flags & _EXTENDED:
        if len(data) != _FIXED_BYTES:
            raise BrokenInput("expected nothing after the counter, found more")
    elif data[37:38] == b"" or data[37] >> 5 != _MAP_MAJOR or _end(data, 37, _EXTENSION_DEPTH_MAX) != len(data):
        raise BrokenInput("expected one map of extensions after the counter, and nothing after it")
    return told


def _end(data: bytes, at: int, depth: int) -> int:
    """Where the CBOR value at `at` ends, of definite length (RFC 8949 section 3); what it says is not looked at."""
    if depth == 0 or at >= len(data):
        raise BrokenInput("expected a whole value in CBOR, not too deep")
    major, small = data[at] >> 5, data[at] & 0x1F
    if small > 27:
        raise BrokenInput("expected a definite length in CBOR")
    width = 0 if small < 24 else 1 << small - 24
    number = int.from_bytes(data[at + 1 : at + 1 + width], "big") if width else small
    at += 1 + width
    if major in (2, 3):
        at += number
    if at > len(data):
        raise BrokenInput("expected a whole value in CBOR")
    for _ in range({4: number, 5: 2 * number, 6: 1}.get(major, 0)):  # each takes a byte at least, or there is no whole
        at = _end(data, at, depth - 1)
    return at


def _judge_told(told: _Told, expected: Expected) -> Verdict | None:
    if told.rp_id_hash != sha256(expected.rp_id.encode()).digest():
        return _refused(Failure.WRONG_RP, f"expected an assertion for {expected.rp_id}, found one for another")
    if not told.flags & _PRESENT:
        return _refused(Failure.NOT_PRESENT, "expected a person at the authenticator, found none")
    if not told.flags & _VERIFIED:
        return _refused(Failure.NOT_VERIFIED, "expected a person the authenticator recognised, found none")
    return None
