"""Headers: one of a request's, and those that every answer carries."""

from typing import TypeVar

from starlette.requests import Request

Headers = list[tuple[bytes, bytes]]

D = TypeVar("D")

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of what has no script."""

SECURE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", PAGE_POLICY.encode()),
]

WITH_SCRIPT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of the one page with a script: files of our own, nothing inline."""


def header(request: Request, name: bytes, missing: D) -> str | D:
    """The first header of this name, in lower case as servers hand them over; `missing` when there is none."""
    for key, value in request.scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return missing


def secured(headers: Headers) -> Headers:
    """An answer's headers with those that every answer carries, unless the route set them."""
    present = {name for name, _ in headers}
    return [*headers, *[pair for pair in SECURE if pair[0] not in present]]
