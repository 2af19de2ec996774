"""Canonical bytes on the standard library alone: accepts exactly what `ledger.canonical.decode` accepts.

Domain (RFC 8785, profiled down): null, booleans, integers within +-(2^53 - 1), strings without lone surrogates, lists,
and objects with ASCII keys, at most 64 levels deep, printed in one way. A property test holds the two against each
other. A verifier that has a faster decoder hands it in (see `ledger.verify.stretch.Decode`).
"""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from ledger.errors import BrokenInput

SAFE_INTEGER = 2**53 - 1
DEPTH_MAX = 64

_DIGITS_MAX = len(str(-SAFE_INTEGER))
_DIGITS_SAFE = len(str(SAFE_INTEGER))  # with fewer characters none is too large


def decode(data: bytes) -> Any:
    """The value of canonical bytes; anything that does not print back to the same bytes is `BrokenInput`."""
    try:
        value = _loads(data.decode())
        printed = _dumps(value).encode()
    except (ValueError, RecursionError) as error:
        raise BrokenInput("expected canonical JSON") from error
    if printed != data:
        raise BrokenInput("expected canonical JSON, found another spelling of it")
    if not data.isascii() or data.count(b"{") + data.count(b"[") > DEPTH_MAX:
        check_shape(value)
    return value


def encode(value: Any) -> bytes:
    """The canonical bytes of a value that `decode` returned, or of a part of one."""
    return _dumps(value).encode()


def check_shape(value: Any, depth: int = 0) -> None:
    """Raise `BrokenInput` for a key outside ASCII or too many levels; scalars were checked while parsing."""
    if type(value) is dict:
        if not all(map(str.isascii, value)):
            raise BrokenInput("expected object keys in ASCII")
        members: Iterable[Any] = value.values()
    elif type(value) is list:
        members = value
    else:
        return
    if depth >= DEPTH_MAX:
        raise BrokenInput(f"expected at most {DEPTH_MAX} levels of nesting")
    for member in members:
        check_shape(member, depth + 1)


def _integer(text: str) -> int:
    if len(text) < _DIGITS_SAFE:  # as nearly all are
        return int(text)
    if len(text) > _DIGITS_MAX or not -SAFE_INTEGER <= int(text) <= SAFE_INTEGER:
        raise ValueError("expected an integer within 2^53 - 1")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"expected no floating point number, found `{text[:32]}`")


_loads = json.JSONDecoder(parse_int=_integer, parse_float=_refuse, parse_constant=_refuse).decode
_dumps = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
