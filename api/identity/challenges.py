"""Challenges for passkeys: 32 bytes that this service made, for one purpose, for five minutes and for one use. Pure.

    challenge = u48 milliseconds || random[10] || HMAC-SHA-256(key, canonical [purpose, session] || those)[:16]

Nothing is kept of one until it is used: whoever only asks for them leaves no row behind. What was used stands in an
operational row until it runs out (`passkey_challenge`), so it proves nothing a second time on any machine.
"""

import hmac
import os
from collections.abc import Callable
from typing import NamedTuple

from ledger import canonical
from ledger.canonical import b64url
from ledger.clock import SECOND, Instant

CHALLENGE_TIME = 5 * 60 * SECOND
CHALLENGE_BYTES = 32

ENROL = "enrol"
SIGN_IN = "sign-in"

_MILLISECOND = SECOND // 1000
_TIME_BYTES, _RANDOM_BYTES, _MAC_BYTES = 6, 10, 16


class Asked(NamedTuple):
    """What a challenge is asked for: a purpose, and the sign-in session it is bound to (empty before there is one)."""

    purpose: str
    session: str = ""


class Challenge(NamedTuple):
    """A challenge that is good until an instant. `text` is base64url."""

    text: str
    expires_at: int


def new_challenge(key: bytes, asked: Asked, now: Instant, random_bytes: Callable[[int], bytes] = os.urandom) -> bytes:
    """A challenge; `key` is the door's."""
    head = (now // _MILLISECOND).to_bytes(_TIME_BYTES, "big") + random_bytes(_RANDOM_BYTES)
    return head + _mac(key, asked, head)


def read_challenge(key: bytes, asked: Asked, challenge: bytes, now: Instant) -> Challenge | None:
    """The challenge, when this service made it for what is asked and it has not run out; None for any other bytes."""
    if len(challenge) != CHALLENGE_BYTES:
        return None
    head = challenge[: _TIME_BYTES + _RANDOM_BYTES]
    if not hmac.compare_digest(challenge[len(head) :], _mac(key, asked, head)):
        return None
    expires_at = int.from_bytes(head[:_TIME_BYTES], "big") * _MILLISECOND + CHALLENGE_TIME
    return Challenge(b64url(challenge), expires_at) if now < expires_at else None


def _mac(key: bytes, asked: Asked, head: bytes) -> bytes:
    own = hmac.digest(key, b"muniment/passkey challenges/v1\n", "sha256")
    message = canonical.encode(["muniment/passkey-challenge/v1", *asked]) + b"\n" + head
    return hmac.digest(own, message, "sha256")[:_MAC_BYTES]
