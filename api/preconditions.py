"""The revision a caller has seen, from the body or the header `If-Match`; and the `ETag` it came from.

    "7-Zk3v..."     one thing: its revision, and a mark of whatever else the answer rests on; known before it is built
    W/"Zk3v..."     a list or figures: a digest of what the answer says

`If-None-Match` with a tag that still holds is answered by 304 and no body: polling where no stream gets through.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.headers import header
from api.problem_texts import tell
from ledger.actor import Actor
from ledger.canonical import b64url
from ledger.errors import BrokenInput
from ledger.service import View

DIGITS_MAX = 16
MARK_BYTES = 12  # of a digest: two answers to one reader never share it by chance


def expected_revision(request: Request, stated: int | None) -> int:
    """The revision the command is meant for; `BrokenInput` when neither body nor header states one, or both differ."""
    found = stated_revision(request, stated)
    if found is None:
        raise BrokenInput(tell("revision-missing"), "body.expected_revision")
    return found


def stated_revision(request: Request, stated: int | None) -> int | None:
    """As `expected_revision`, None when none is stated."""
    found = header(request, b"if-match", None)
    if found is None:
        return stated
    text, _, _ = found.strip().removeprefix("W/").strip('"').partition("-")
    if not (text.isascii() and text.isdigit()) or len(text) > DIGITS_MAX:
        raise BrokenInput(tell("etag"), "If-Match")
    if stated is not None and stated != int(text):
        raise BrokenInput(tell("revisions-differ"), "If-Match")
    return int(text)


def tag_of(view: View, actor: Actor, revision: int, rests_on: Iterable[Any]) -> str:
    """The tag of one thing for one reader: its revision, the registers, and `rests_on`, whatever else may move."""
    said = [str(actor.id), str(view.register_epoch), *map(str, rests_on)]
    return f'"{revision}-{_mark(chr(10).join(said).encode())}"'


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether the caller has what this tag stands for."""
    given = header(request, b"if-none-match", None)
    if given is None:
        return False
    return tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in given.split(",")}


def unchanged(tag: str) -> Response:
    """The caller has it already."""
    return Response(None, 304, {"ETag": tag})


def tagged(
    request: Request, value: Mapping[str, Any], moving: tuple[str, ...] = (), revision: int | None = None
) -> Response:
    """A JSON answer tagged by what it says, `moving` members left out; 304 when the caller has it already.

    With a `revision` it stands first in the tag, so that a command may state it: for one thing whose answer rests on
    more than can be known before it is built.
    """
    body = problems.dumps(value)
    said = problems.dumps({name: value[name] for name in value if name not in moving}) if moving else body
    tag = f'W/"{_mark(said)}"' if revision is None else f'"{revision}-{_mark(said)}"'
    if is_unchanged(request, tag):
        return unchanged(tag)
    return Response(body, 200, {"ETag": tag}, "application/json")


def _mark(said: bytes) -> str:
    return b64url(sha256(said).digest()[:MARK_BYTES])
