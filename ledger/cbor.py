"""CBOR, as much of it as COSE receipts need, in its deterministic encoding (RFC 8949 section 4.2.1). Standard library.

    int     -2^64 to 2^64 - 1         bytes   byte string          str     text string         None    null
    list    array                     dict    map, keys int or str in the order of their encodings
    Tag     tagged value

One value has one spelling: shortest heads, definite lengths, ordered keys, none twice. Floats, booleans, undefined and
indefinite lengths are no values here. A verifier needs no library for this, and a test holds it against one.
"""

from typing import Any, NamedTuple

from ledger.errors import BrokenInput, Misuse, TooLarge

DEPTH_MAX = 8  # a receipt has five levels
BYTES_MAX = 1 << 16
INTEGER_MAX = 2**64 - 1

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_NULL = b"\xf6"
_INLINE_MAX = 23


class Tag(NamedTuple):
    """A tagged value (RFC 8949 section 3.4)."""

    number: int
    value: Any


def encode(value: Any) -> bytes:
    """The one encoding of a value; a value of another kind raises `Misuse`."""
    match value:
        case None:
            return _NULL
        case bool():
            raise Misuse("expected no boolean in CBOR")
        case int():
            return _head(_UINT, value) if value >= 0 else _head(_NINT, -1 - value)
        case bytes():
            return _head(_BYTES, len(value)) + value
        case str():
            data = value.encode()
            return _head(_TEXT, len(data)) + data
        case Tag(number, inner):
            return _head(_TAG, number) + encode(inner)
        case list() | tuple():
            return _head(_ARRAY, len(value)) + b"".join(map(encode, value))
        case dict():
            members = sorted((_key(key), encode(inner)) for key, inner in value.items())
            return _head(_MAP, len(members)) + b"".join(key + inner for key, inner in members)
    raise Misuse(f"expected a value of CBOR, found {type(value).__name__}")


def decode(data: bytes) -> Any:
    """The value of its encoding, arrays as lists; any other bytes are `BrokenInput`."""
    if len(data) > BYTES_MAX:
        raise TooLarge(f"expected at most {BYTES_MAX} bytes of CBOR, found {len(data)}")
    value, end = _decode(data, 0, DEPTH_MAX)
    if end != len(data):
        raise BrokenInput("expected one value in CBOR, found more")
    if encode(value) != data:
        raise BrokenInput("expected CBOR in its deterministic encoding")
    return value


def _decode(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth == 0:
        raise BrokenInput(f"expected at most {DEPTH_MAX} levels in CBOR")
    if data[at : at + 1] == _NULL:
        return None, at + 1
    major, number, at = _read_head(data, at)
    if major == _UINT:
        return number, at
    if major == _NINT:
        return -1 - number, at
    if major in (_BYTES, _TEXT):
        return _string(data, at, number, major == _TEXT)
    if number > len(data) - at and major != _TAG:  # each member takes a byte at least
        raise BrokenInput("expected a whole value in CBOR")
    if major == _ARRAY:
        items = []
        for _ in range(number):
            item, at = _decode(data, at, depth - 1)
            items.append(item)
        return items, at
    if major == _MAP:
        return _map(data, at, number, depth)
    value, at = _decode(data, at, depth - 1)
    return Tag(number, value), at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    members: dict[Any, Any] = {}
    for _ in range(count):
        key, at = _decode(data, at, depth - 1)
        if type(key) not in (int, str) or key in members:
            raise BrokenInput("expected keys that are numbers or texts, each once")
        members[key], at = _decode(data, at, depth - 1)
    return members, at


def _string(data: bytes, at: int, length: int, is_text: bool) -> tuple[Any, int]:
    value = data[at : at + length]
    if len(value) != length:
        raise BrokenInput("expected a whole string in CBOR")
    try:
        return (value.decode() if is_text else value), at + length
    except UnicodeDecodeError as error:
        raise BrokenInput("expected text in UTF-8 in CBOR") from error


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """(major type, number, where the rest begins)."""
    if at >= len(data):
        raise BrokenInput("expected a whole value in CBOR")
    major, small = data[at] >> 5, data[at] & 0x1F
    if major > _TAG or small > 27:
        raise BrokenInput("expected integers, strings, arrays, maps, tags and null of definite length in CBOR")
    if small <= _INLINE_MAX:
        return major, small, at + 1
    end = at + 1 + (1 << small - 24)
    if end > len(data):
        raise BrokenInput("expected a whole value in CBOR")
    return major, int.from_bytes(data[at + 1 : end], "big"), end


def _head(major: int, number: int) -> bytes:
    if not 0 <= number <= INTEGER_MAX:
        raise Misuse("expected an integer of at most 64 bits in CBOR")
    if number <= _INLINE_MAX:
        return bytes((major << 5 | number,))
    width = next(width for width in range(4) if number < 1 << (8 << width))
    return bytes((major << 5 | 24 + width,)) + number.to_bytes(1 << width, "big")


def _key(key: Any) -> bytes:
    if type(key) not in (int, str):
        raise Misuse("expected keys that are numbers or texts")
    return encode(key)
