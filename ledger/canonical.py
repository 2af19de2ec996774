"""Canonical bytes: RFC 8785 JSON on a restricted domain.

Domain: null, booleans, integers within +-(2^53 - 1), strings without lone surrogates, lists, and objects with ASCII
keys. On this domain orjson's sorted output equals RFC 8785 (a property test has `rfc8785` as oracle); outside it
(floats, other keys, larger integers) the two differ, so the door is here. A decimal whose type no schema gives is
`{"$decimal": "1.5"}`; a foreign object is a list of [name, value] pairs.
"""

import hashlib
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from typing import Any

import orjson

from ledger.errors import BrokenInput

SAFE_INTEGER = 2**53 - 1
DEPTH_MAX = 64  # deeper than any schema of ours; keeps recursion bounded on input from outside

_OPTIONS = orjson.OPT_SORT_KEYS
_PLAIN = frozenset((str, bool, type(None)))  # every value of these lies in the domain
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def encode(value: Any) -> bytes:
    """The canonical bytes of a value; `BrokenInput` when it lies outside the domain."""
    check_domain(value)
    return encode_trusted(value)


def encode_trusted(value: Any) -> bytes:
    """As `encode`, for values the caller built from checked parts: the domain is not walked again."""
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError as error:
        raise BrokenInput(f"expected canonical data, found {error}") from error


def text_trusted(value: Any) -> str:
    """As `encode_trusted`, as text: how a value of an entry stands in a column."""
    return encode_trusted(value).decode()


def decode(data: bytes) -> Any:
    """The value of canonical bytes; anything that does not print back to the same bytes is `BrokenInput`."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BrokenInput(f"expected JSON, found {error}") from error
    if encode(value) != data:
        raise BrokenInput("expected canonical JSON, found another spelling of it")
    return value


def check_domain(value: Any, depth: int = 0) -> None:
    """Raise `BrokenInput` unless the value lies in the canonical domain."""
    kind = type(value)
    if kind is dict:
        try:
            keys = "".join(value)
        except TypeError as error:
            raise BrokenInput("expected object keys in ASCII") from error
        if not keys.isascii():
            raise BrokenInput("expected object keys in ASCII")
        members = value.values()
    elif kind is list or kind is tuple:
        members = value
    elif kind in _PLAIN:
        return
    elif kind is not int:
        raise BrokenInput(f"expected canonical data, found a {kind.__name__}")
    elif not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        raise BrokenInput("expected an integer within 2^53 - 1")
    else:
        return
    if depth >= DEPTH_MAX:
        raise BrokenInput(f"expected at most {DEPTH_MAX} levels of nesting")
    for member in members:
        if type(member) not in _PLAIN:  # most members are plain; asking here saves a call for each
            check_domain(member, depth + 1)


def digest(value: Any) -> str:
    """base64url(SHA-256(canonical bytes)), the form in which digests stand in entries."""
    return b64url(hashlib.sha256(encode(value)).digest())


def b64url(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The one inverse of `b64url`: padding, other alphabets and loose trailing bits are `BrokenInput`."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, UnicodeEncodeError) as error:
        raise BrokenInput("expected base64url") from error
    if b64url(data) != text:
        raise BrokenInput("expected base64url without padding")
    return data
