"""Keyset pages: `?limit=` (1 to 200) and `?cursor=`, which is the key of the last item, opaque to callers.

A page costs the same wherever it lies: no offset, no count. `cursor` in the answer is null on the last page.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from starlette.requests import Request

from api.problem_texts import tell
from ledger import canonical
from ledger.canonical import b64url, from_b64url
from ledger.clock import Instant, parse_instant
from ledger.errors import BrokenInput
from ledger.wording import listed

LIMIT_MAX = 200  # items of one page: a screen many times over, and a bounded answer
LIMIT_USUAL = 50
CURSOR_CHARS_MAX = 400  # a key is an id and a number; more is not ours
NUMBER_DIGITS_MAX = 16  # of a number in a query: all safe integers

T = TypeVar("T")


class Wanted(NamedTuple):
    """Which page: items after the key `after` (empty: from the start), at most `limit`."""

    after: tuple[Any, ...]
    limit: int


def wanted(request: Request, *kinds: type) -> Wanted:
    """The page a request asks for; `kinds` are the types of the key's parts. `BrokenInput` for anything else."""
    limit = number(request, "limit", LIMIT_USUAL)
    if not 1 <= limit <= LIMIT_MAX:
        raise BrokenInput(tell("limit-counted", most=LIMIT_MAX), "query.limit")
    text = request.query_params.get("cursor", "")
    return Wanted(_key(text, kinds) if text else (), limit)


def page(
    rows: Sequence[T], limit: int, key: Callable[[T], tuple[Any, ...]], item: Callable[[T], Any]
) -> dict[str, Any]:
    """The answer {items, cursor}; `rows` holds one more than `limit` when there is a next page."""
    shown = rows[:limit]
    cursor = cursor_of(key(shown[-1])) if len(rows) > limit else None
    return {"items": [item(row) for row in shown], "cursor": cursor}


def cursor_of(key: tuple[Any, ...] | None) -> str | None:
    """A key as callers hold it; None on the last page."""
    return None if key is None else b64url(canonical.encode(list(key)))


def number(request: Request, name: str, usual: int | None = None) -> int:
    """A query parameter that is a whole number from 0 on; `BrokenInput` when it is missing without a usual value."""
    text = request.query_params.get(name)
    if text is None and usual is not None:
        return usual
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > NUMBER_DIGITS_MAX:
        raise BrokenInput(tell("whole-number"), f"query.{name}")
    return int(text)


def flag(request: Request, name: str) -> bool:
    """A query parameter that is `1` or `0`, the usual value."""
    text = request.query_params.get(name, "0")
    if text not in ("0", "1"):
        raise BrokenInput(tell("one-or-zero"), f"query.{name}")
    return text == "1"


def choice(request: Request, name: str, choices: Sequence[str], usual: str = "") -> str:
    """A query parameter that is one of a closed list; the usual value when it is not given or empty."""
    text = request.query_params.get(name, "") or usual
    if text and text not in choices:
        raise BrokenInput(tell("one-of", known=listed(choices)), f"query.{name}")
    return text


def instant(request: Request, name: str) -> Instant | None:
    """A query parameter that is an instant: microseconds, or text as entries hold it; None when it is not given."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX:
        return Instant(int(text))
    try:
        return parse_instant(text)
    except BrokenInput as error:
        raise BrokenInput(error.message, f"query.{name}") from error


def word(request: Request, name: str, usual: str | None = None, chars_max: int = 200) -> str:
    """A query parameter that is text; `BrokenInput` when it is missing without a usual value or is too long."""
    text = request.query_params.get(name, usual)
    if text is None or len(text) > chars_max or "\x00" in text:
        raise BrokenInput(tell("text-length", most=chars_max), f"query.{name}")
    return text


def path(request: Request, name: str) -> str:
    """A part of the path. No id of ours holds a NUL, which PostgreSQL would refuse with an error."""
    text: str = request.path_params[name]
    if "\x00" in text or len(text) > CURSOR_CHARS_MAX:
        raise BrokenInput(tell("an-id"), f"path.{name}")
    return text


def path_number(request: Request, name: str) -> int:
    """A part of the path that is a whole number."""
    text: str = request.path_params[name]
    if not (text.isascii() and text.isdigit()) or len(text) > NUMBER_DIGITS_MAX:
        raise BrokenInput(tell("whole-number"), f"path.{name}")
    return int(text)


def _key(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    broken = BrokenInput(tell("cursor-of-page"), "query.cursor")
    if len(text) > CURSOR_CHARS_MAX:
        raise broken
    try:
        key = canonical.decode(from_b64url(text))
    except BrokenInput as error:
        raise broken from error
    if type(key) is not list or tuple(map(type, key)) != kinds:
        raise broken
    return tuple(key)
