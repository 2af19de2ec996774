"""The revision a caller has seen, from the body or the header `If-Match`; and the `ETag` it came from."""

from starlette.requests import Request

from api.headers import header
from ledger.errors import BrokenInput

DIGITS_MAX = 16


def expected_revision(request: Request, stated: int | None) -> int:
    """The revision the command is meant for; `BrokenInput` when neither body nor header states one, or both differ."""
    found = stated_revision(request, stated)
    if found is None:
        raise BrokenInput("expected the revision that was seen, here or in If-Match", "body.expected_revision")
    return found


def stated_revision(request: Request, stated: int | None) -> int | None:
    """As `expected_revision`, None when none is stated."""
    found = header(request, b"if-match", None)
    if found is None:
        return stated
    text = found.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit()) or len(text) > DIGITS_MAX:
        raise BrokenInput("expected the ETag of an answer", "If-Match")
    if stated is not None and stated != int(text):
        raise BrokenInput("expected the same revision here and in the body", "If-Match")
    return int(text)


def etag(revision: int) -> dict[str, str]:
    """The header that carries a revision."""
    return {"ETag": f'"{revision}"'}
