"""DER, as much of it as timestamps need: a strict reader and a writer (ITU-T X.690 section 10). Standard library only.

    element = tag[1] || length || content          length: one byte below 128, else 0x80 + n and n bytes, shortest form

Tags of more than one byte, indefinite lengths and lengths that could be shorter are refused: one value, one spelling.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger.errors import BrokenInput

BOOLEAN, INTEGER, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x04, 0x05, 0x06
UTF8_STRING, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x18, 0x30, 0x31
CONTEXT, CONTEXT_CONSTRUCTED = 0x80, 0xA0

ELEMENTS_MAX = 1_000  # members of one sequence; a token has a few dozen in all
NUMBER_BYTES_MAX = 64  # of an integer or object identifier: a serial number has 20 at most
_LENGTH_BYTES_MAX = 4  # lengths up to 4 GiB, far above any limit on what is read
_LONG_FORM = 0x80
_HIGH_TAG = 0x1F


class Element(NamedTuple):
    """One element: its tag, its content, and the whole of it as it stands."""

    tag: int
    content: bytes
    whole: bytes


def read(data: bytes) -> tuple[Element, ...]:
    """The elements that make up all of `data`; `BrokenInput` when they do not."""
    found = []
    at = 0
    while at < len(data):
        element = _element(data, at)
        at += len(element.whole)
        found.append(element)
        if len(found) > ELEMENTS_MAX:
            raise BrokenInput(f"expected at most {ELEMENTS_MAX} elements in DER")
    return tuple(found)


def one(data: bytes, tag: int) -> Element:
    """The one element with this tag that makes up all of `data`."""
    if not data:
        raise BrokenInput("expected an element in DER, found nothing")
    element = _element(data, 0)
    if element.tag != tag or len(element.whole) != len(data):
        raise BrokenInput(f"expected one element with tag 0x{tag:02x} in DER, found 0x{element.tag:02x}")
    return element


def members(data: bytes, tag: int) -> tuple[Element, ...]:
    """The elements inside the one element with this tag that makes up all of `data`."""
    return read(one(data, tag).content)


def integer(element: Element) -> int:
    """The value of an INTEGER, in its shortest form."""
    content = _content(element, INTEGER)
    if len(content) > NUMBER_BYTES_MAX:
        raise BrokenInput(f"expected an integer of at most {NUMBER_BYTES_MAX} bytes in DER")
    value = int.from_bytes(content, "big", signed=True)
    if content != _integer_bytes(value):
        raise BrokenInput("expected an integer in its shortest form in DER")
    return value


def oid(element: Element) -> str:
    """The dotted text of an OBJECT IDENTIFIER."""
    content = _content(element, OID)
    if not 0 < len(content) <= NUMBER_BYTES_MAX or content[-1] & _LONG_FORM:
        raise BrokenInput("expected a whole object identifier in DER")
    numbers, value = [], 0
    for byte in content:
        if value == 0 and byte == _LONG_FORM:
            raise BrokenInput("expected an object identifier in its shortest form in DER")
        value = value << 7 | byte & 0x7F
        if not byte & _LONG_FORM:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def octets(element: Element) -> bytes:
    """The value of an OCTET STRING."""
    return _content(element, OCTET_STRING)


def write(tag: int, *contents: bytes) -> bytes:
    """An element with these contents, one after another."""
    content = b"".join(contents)
    if len(content) < _LONG_FORM:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(length))) + length + content


def write_integer(value: int) -> bytes:
    """An INTEGER."""
    return write(INTEGER, _integer_bytes(value))


def write_oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER of its dotted text; `BrokenInput` for a text that is none."""
    parts = dotted.split(".")
    is_number = all(part.isascii() and part.isdigit() and (part == "0" or part[0] != "0") for part in parts)
    if len(parts) < 2 or not is_number or len(dotted) > 128:
        raise BrokenInput("expected an object identifier such as 1.2.3")
    first, second, *rest = map(int, parts)
    if first > 2 or (first < 2 and second > 39):
        raise BrokenInput("expected an object identifier such as 1.2.3")
    return write(OID, b"".join(map(_base128, (40 * first + second, *rest))))


def _element(data: bytes, at: int) -> Element:
    if len(data) - at < 2 or data[at] & _HIGH_TAG == _HIGH_TAG:
        raise BrokenInput("expected a tag and a length in DER")
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= _LONG_FORM:
        count = length & 0x7F
        end = start + count
        if not 1 <= count <= _LENGTH_BYTES_MAX or end > len(data):
            raise BrokenInput("expected a definite length in DER")
        length = int.from_bytes(data[start:end], "big")
        if length < _LONG_FORM or data[start] == 0:
            raise BrokenInput("expected a length in its shortest form in DER")
        start = end
    if start + length > len(data):
        raise BrokenInput("expected a whole element in DER")
    return Element(tag, data[start : start + length], data[at : start + length])


def _content(element: Element, tag: int) -> bytes:
    if element.tag != tag:
        raise BrokenInput(f"expected tag 0x{tag:02x} in DER, found 0x{element.tag:02x}")
    return element.content


def _integer_bytes(value: int) -> bytes:
    size = ((value if value >= 0 else ~value).bit_length() >> 3) + 1
    return value.to_bytes(size, "big", signed=True)


def _base128(value: int) -> bytes:
    groups: Iterable[int] = range((max(value.bit_length(), 1) + 6) // 7 - 1, -1, -1)
    return bytes((value >> 7 * group & 0x7F) | (_LONG_FORM if group else 0) for group in groups)
