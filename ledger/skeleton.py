"""Canonical bytes without walking every value: the hot path of writing and verifying.

orjson prints in one way and refuses large integers; what it lets through are floats, keys outside ASCII and too much
depth. Those show in the *skeleton* of the bytes: what is left without letters, digits and hyphens. Strings keep their
quotes, so equal skeletons have their strings, brackets and points in the same places, and a value whose skeleton was
walked once needs no walk. Two things would escape: backslashes can make a quote part of a string, so skeletons with
one are never remembered; and a float without a point (1e-7) is looked for by itself (1e+22 keeps its plus).
"""

import re
from typing import Any

import orjson

from ledger.canonical import check_domain
from ledger.errors import BrokenInput

SKELETONS_MAX = 4_096  # a log has a few dozen; free text in entries could make many

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_PLAIN_ONLY = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_FLESH = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SMALL_FLOAT = re.compile(rb"-[0-9]+(?:[,}\]]|\Z)").search  # finds negative integers too; those are walked
_known: set[bytes] = set()


def encode(value: Any) -> bytes:
    """As `ledger.canonical.encode`, four times as fast for values alike."""
    try:
        data = orjson.dumps(value, option=_CANONICAL | _PLAIN_ONLY)
    except orjson.JSONEncodeError as error:
        raise BrokenInput(f"expected canonical data, found {error}") from error
    # None, or a NaN that orjson prints like it: what is read back is None, and equal to the one of the two alone.
    if b"null" in data and orjson.loads(data) != value:
        check_domain(value)  # tuples differ from the lists they print as, and are in order
    elif data.translate(None, _FLESH) not in _known or _SMALL_FLOAT(data) is not None:
        _check(value, data)
    return data


def decode(data: bytes) -> Any:
    """As `ledger.canonical.decode`, more than twice as fast for values alike."""
    try:
        value = orjson.loads(data)
        printed = orjson.dumps(value, option=_CANONICAL)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise BrokenInput(f"expected canonical JSON, found {error}") from error
    if printed != data:
        raise BrokenInput("expected canonical JSON, found another spelling of it")
    _check(value, data)
    return value


def _check(value: Any, data: bytes) -> None:
    skeleton = data.translate(None, _FLESH)
    if skeleton in _known and _SMALL_FLOAT(data) is None:
        return
    check_domain(value)
    if len(_known) < SKELETONS_MAX and b"\\" not in skeleton:
        _known.add(skeleton)
