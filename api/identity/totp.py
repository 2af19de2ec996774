"""Codes of an authenticator app, as values: RFC 4226 (HOTP) and RFC 6238 (TOTP).

SHA-1, 30 seconds and six digits: what every authenticator app takes, whatever else an address may ask for. Nothing
here reads a clock or a row.
"""

import hmac
import os
import re
from base64 import b32decode, b32encode
from collections.abc import Callable
from urllib.parse import quote, urlencode

from ledger.clock import SECOND
from ledger.errors import BrokenInput

STEP_SECONDS = 30
DIGITS = 6
DRIFT = 1  # steps to either side: clocks of phones go wrong, and a code is typed in the last second (RFC 6238, 5.2)
SECRET_BYTES = 20  # as long as the hash (RFC 4226, section 4, R6)

_CODE = re.compile(rf"[0-9]{{{DIGITS}}}", re.ASCII)
_NOBODY = bytes(SECRET_BYTES)


def new_secret(random_bytes: Callable[[int], bytes] = os.urandom) -> str:
    """A secret in base32, as apps take it: 32 characters without padding."""
    return b32encode(random_bytes(SECRET_BYTES)).decode("ascii")


def secret_bytes(secret: str) -> bytes:
    """The bytes of a secret that `new_secret` made; `BrokenInput` for anything else."""
    try:
        value = b32decode(secret.encode("ascii"))
    except ValueError as error:
        raise BrokenInput("expected a secret in base32") from error
    if len(value) != SECRET_BYTES:
        raise BrokenInput(f"expected a secret of {SECRET_BYTES} bytes")
    return value


def hotp(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of a counter (RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    value = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(value % 10**digits).zfill(digits)


def step_at(now: int) -> int:
    """The time step of an instant (microseconds)."""
    return now // (STEP_SECONDS * SECOND)


def matching_step(secret: str | None, code: str, now: int) -> int:
    """The newest step within the drift whose code this is; -1 for none.

    Without a secret the same work is done for nothing, so that who has no app is told apart by no clock.
    """
    key = _NOBODY if secret is None else secret_bytes(secret)
    text = code.replace(" ", "")
    found = -1
    for step in range(max(step_at(now) - DRIFT, 0), step_at(now) + DRIFT + 1):
        if hmac.compare_digest(hotp(key, step).encode(), text.encode("utf-8", "surrogatepass")):
            found = step
    return found if secret is not None and _CODE.fullmatch(text) else -1


def otpauth(secret: str, issuer: str, account: str) -> str:
    """The address that an app reads from a picture of it: `otpauth://totp/ISSUER:ACCOUNT?secret=...`."""
    asked = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='')}?{urlencode(asked)}"
