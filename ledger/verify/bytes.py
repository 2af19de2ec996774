"""Digests as entries write them: base64url without padding, on the standard library alone.

Says the same as `ledger.canonical.b64url` and `from_b64url`, which come with a library; a test holds the two together.
"""

from binascii import a2b_base64, b2a_base64

from ledger.errors import BrokenInput

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def b64url(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The one inverse of `b64url`; `BrokenInput` for anything else."""
    try:
        data = a2b_base64((text + "=" * (-len(text) % 4)).encode("ascii").translate(_FROM_URL_SAFE))
    except (TypeError, ValueError, UnicodeEncodeError) as error:
        raise BrokenInput("expected base64url") from error
    if b64url(data) != text:
        raise BrokenInput("expected base64url without padding")
    return data
