"""The public keys of passkeys: COSE_Key (RFC 9052 section 7, RFC 9053, RFC 8230), read strictly, and their signatures.

    ES256  -7     { 1: 2, 3: -7, -1: 1, -2: x[32], -3: y[32] }        P-256; the signature in DER
    EdDSA  -8     { 1: 1, 3: -8, -1: 6, -2: x[32] }                   Ed25519; 64 bytes
    RS256  -257   { 1: 3, 3: -257, -1: n, -2: e }                     modulus and exponent big-endian, no leading zero

In deterministic CBOR, these members and no other, so a key has one spelling and can be compared byte by byte. Standard
library only; what a signature is checked with is handed in where a library is at hand.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ledger.cbor import decode
from ledger.errors import BrokenInput
from ledger.verify.plain_es256 import decode_point, verify_es256
from ledger.verify.plain_rs256 import is_sound_key, verify_rs256
from ledger.verify.plain_signatures import verify_ed25519

ES256: Final = -7
EDDSA: Final = -8
RS256: Final = -257
NAMES: Final = {ES256: "ES256", EDDSA: "EdDSA", RS256: "RS256"}
KEY_BYTES_MAX = 1100  # a modulus of 8,192 bits and its members

_KTY, _ALG = 1, 3
_OKP, _EC2, _RSA = 1, 2, 3
_P_256, _ED25519 = 1, 6
_NUMBER_BYTES = 32  # of a coordinate


class CoseKey(NamedTuple):
    """A public key. `numbers`: (x, y) of ES256, (n, e) of RS256, (x,) of EdDSA; none of an algorithm not known here."""

    algorithm: int
    numbers: tuple[bytes, ...]


CheckKey = Callable[[CoseKey, bytes, bytes], bool]
"""(key, message, signature) -> whether it holds. Never raises on bytes."""


def read_cose_key(data: bytes) -> CoseKey:
    """The key of its encoding. Anything else is `BrokenInput`; an algorithm not known here is none of that."""
    if len(data) > KEY_BYTES_MAX:
        raise BrokenInput(f"expected a COSE_Key of at most {KEY_BYTES_MAX} bytes, found {len(data)}")
    value = decode(data)
    if not isinstance(value, dict) or type(value.get(_KTY)) is not int or type(value.get(_ALG)) is not int:
        raise BrokenInput("expected a COSE_Key with its type and algorithm")
    algorithm = value[_ALG]
    if algorithm == ES256:
        numbers = _members(value, {_KTY: _EC2, -1: _P_256}, (-2, -3))
        is_sound = set(map(len, numbers)) == {_NUMBER_BYTES} and decode_point(_point(numbers)) is not None
    elif algorithm == EDDSA:
        numbers = _members(value, {_KTY: _OKP, -1: _ED25519}, (-2,))
        is_sound = len(numbers[0]) == _NUMBER_BYTES
    elif algorithm == RS256:
        numbers = _members(value, {_KTY: _RSA}, (-1, -2))
        is_sound = all(number[:1] != b"\x00" for number in numbers) and is_sound_key(*map(_integer, numbers))
    else:
        return CoseKey(algorithm, ())
    if not is_sound:
        raise BrokenInput(f"expected a public key of {NAMES[algorithm]}, found numbers that are none")
    return CoseKey(algorithm, numbers)


def check_with_key(key: CoseKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of the key on `message`, in plain Python; False for an algorithm not known here."""
    if key.algorithm == ES256:
        return verify_es256(_point(key.numbers), message, signature)
    if key.algorithm == EDDSA:
        return verify_ed25519(key.numbers[0], message, signature)
    if key.algorithm == RS256:
        modulus, exponent = map(_integer, key.numbers)
        return verify_rs256(modulus, exponent, message, signature)
    return False


def _members(value: dict[Any, Any], fixed: dict[int, int], labels: tuple[int, ...]) -> tuple[bytes, ...]:
    """The byte strings under the labels, when beside them and the algorithm stands what is fixed, and nothing else."""
    if value.keys() != {_ALG, *fixed, *labels} or any(value[label] != number for label, number in fixed.items()):
        raise BrokenInput(f"expected the members of a COSE_Key of {NAMES[value[_ALG]]} and no other")
    numbers = tuple(value[label] for label in labels)
    if not all(isinstance(number, bytes) for number in numbers):
        raise BrokenInput("expected the numbers of a COSE_Key as byte strings")
    return numbers


def _point(numbers: tuple[bytes, ...]) -> bytes:
    return b"\x04" + b"".join(numbers)


def _integer(number: bytes) -> int:
    return int.from_bytes(number, "big")
