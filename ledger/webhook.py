"""Signed webhooks by the Standard Webhooks scheme, for both directions. Pure: keys and the clock are handed in.

    webhook-id         the same for every try of one message; holds no `.`
    webhook-timestamp  seconds since 1970, of this try
    webhook-signature  `v1,` base64(HMAC-SHA256(key, id || "." || timestamp || "." || body)), several parted by spaces

A secret is `whsec_` and the base64 of 24 to 64 bytes. While one is replaced both sign, so that a receiver that knows
either accepts (Standard Webhooks specification, "Signature scheme" and "Secret rotation").
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import BrokenInput

PREFIX = "whsec_"
KEY_BYTES_MIN, KEY_BYTES_MAX = 24, 64
TOLERANCE_SECONDS = 5 * 60
SIGNATURES_MAX = 10  # of one header: a sender that rotates has two
SECONDS_DIGITS_MAX = 12


class Signed(NamedTuple):
    """The three headers of a message as text."""

    id: str
    timestamp: str
    signature: str


def read_secret(text: str) -> bytes:
    """The key of a `whsec_` secret; `BrokenInput` says nothing of what was found."""
    if not text.startswith(PREFIX):
        raise BrokenInput(f"expected a webhook secret that begins with `{PREFIX}`")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BrokenInput("expected a webhook secret in base64") from error
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise BrokenInput(f"expected a webhook secret of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
    return key


def secret_text(key: bytes) -> str:
    """A key as a `whsec_` secret."""
    return PREFIX + base64.b64encode(key).decode()


def sign(keys: Sequence[bytes], message_id: str, seconds: int, body: bytes) -> Signed:
    """The headers of one try. `keys` holds one key, or the new and the old while a secret is replaced."""
    if not keys or "." in message_id or not message_id.isprintable():
        raise BrokenInput("expected a key, and an id without `.`")
    timestamp = str(seconds)
    signatures = [f"v1,{_mac(key, message_id, timestamp, body)}" for key in keys]
    return Signed(message_id, timestamp, " ".join(signatures))


def verify(keys: Sequence[bytes], signed: Signed, body: bytes, now_seconds: int) -> bool:
    """Whether one of the keys made one of the signatures, at most five minutes before or after `now_seconds`."""
    text = signed.timestamp
    if not (text.isascii() and text.isdigit()) or len(text) > SECONDS_DIGITS_MAX or not signed.id:
        return False
    if abs(now_seconds - int(text)) > TOLERANCE_SECONDS:
        return False
    given = [one.partition(",") for one in signed.signature.split(" ")[:SIGNATURES_MAX]]
    is_good = False
    for key in keys:
        expected = _mac(key, signed.id, text, body).encode()
        for version, _, value in given:
            # Every signature is compared with every key, so that time tells nothing of which one fits.
            is_equal = hmac.compare_digest(value.encode("utf-8", "surrogatepass"), expected)
            is_good = is_good or (is_equal and version == "v1")
    return is_good


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode("utf-8", "surrogatepass") + body
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
