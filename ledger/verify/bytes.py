"""Digests as entries write them: base64url without padding, on the standard library alone.

Says the same as `ledger.canonical.b64url` and `from_b64url`, which come with a library; a test holds the two together.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from ledger.errors import BrokenInput


def b64url(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The one inverse of `b64url`; `BrokenInput` for anything else."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (TypeError, ValueError, UnicodeEncodeError) as error:
        raise BrokenInput("expected base64url") from error
    if b64url(data) != text:
        raise BrokenInput("expected base64url without padding")
    return data
