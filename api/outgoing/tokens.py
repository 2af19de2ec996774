"""Tokens by OAuth 2 client credentials (RFC 6749, 4.4): fetched when a call needs one, kept in memory until they end.

The credential of such a connector is `client id:client secret`. Neither it nor a token is kept on disk, logged, told in
a message or counted in a digest. What is sent goes the way of every call: to an address that is resolved and checked
now, with a time-out and a limit, and no redirect is followed.
"""

import base64
from collections.abc import Callable, Mapping
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

from api.body import parse_json
from api.outgoing.credentials import CREDENTIAL_BYTES_MAX
from ledger.clock import SECOND
from ledger.errors import BrokenInput

SCHEME = "client credentials"
KEPT_SECONDS = 300  # a token whose end nobody tells
EARLY_SECONDS = 30  # before its end a token is not used any more: a call takes its time
KEPT_SECONDS_MAX = 24 * 3600
TOKEN_BYTES_MAX = 65_536  # of the answer that brings one
DIGITS_MAX = 9
RETRYABLE = frozenset((429, 500, 502, 503, 504))


class Token(NamedTuple):
    """What a call goes out with, and until when (monotonic) it is used."""

    text: str
    until: int


class NoToken(NamedTuple):
    """Why there is none: a closed code, and whether trying helps. Nothing of the answer is repeated."""

    code: str
    message: str
    can_retry: bool


Answered = tuple[int, bytes]
Post = Callable[[str, tuple[tuple[str, str], ...], bytes], Answered | NoToken]
"""Posts a form to an address, with headers, as every call goes out: status and body of the answer."""


class Tokens:
    """The tokens of one process, by what they were asked for with. Thread-safe; calls side by side may ask twice."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Token] = {}
        self._lock = Lock()

    def of(self, authentication: Mapping[str, Any], secret: str, post: Post, now: int) -> Token | NoToken:
        """The token that is kept, or a new one. `secret` is the credential, `now` the monotonic clock."""
        place = _place(authentication, secret)
        with self._lock:
            kept = self._kept.get(place)
        if kept is not None and kept.until > now:
            return kept
        found = _fetched(authentication, secret, post, now)
        if isinstance(found, Token):
            with self._lock:
                self._kept[place] = found
        return found

    def drop(self, authentication: Mapping[str, Any], secret: str, token: Token) -> None:
        """The other side took this token no more; one that was fetched meanwhile is kept."""
        place = _place(authentication, secret)
        with self._lock:
            if self._kept.get(place) == token:
                del self._kept[place]


def _place(authentication: Mapping[str, Any], secret: str) -> bytes:
    asked = (authentication["token_url"], authentication.get("scope", ""), authentication.get("client", ""), secret)
    return sha256("\n".join(asked).encode()).digest()


def _fetched(authentication: Mapping[str, Any], secret: str, post: Post, now: int) -> Token | NoToken:
    client, colon, word = secret.partition(":")
    if not colon or not client or not word:
        return NoToken("NO_CREDENTIAL", "expected a credential of the form `client id:client secret`", False)
    form = {"grant_type": "client_credentials"}
    if "scope" in authentication:
        form["scope"] = authentication["scope"]
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    if authentication.get("client") == "body":
        form |= {"client_id": client, "client_secret": word}
    else:
        pair = f"{quote_plus(client)}:{quote_plus(word)}"  # RFC 6749, 2.3.1: encoded before it is put together
        headers.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
    answered = post(authentication["token_url"], tuple(headers), urlencode(form).encode())
    return answered if isinstance(answered, NoToken) else _read(*answered, now)


def _read(status: int, body: bytes, now: int) -> Token | NoToken:
    if status != 200:
        return NoToken("TOKEN_REFUSED", f"the address of tokens answered {status}", status in RETRYABLE)
    invalid = NoToken("TOKEN_INVALID", "the address of tokens answered no token to be borne", False)
    try:
        value = parse_json(body)
    except BrokenInput:
        return invalid
    if not isinstance(value, Mapping) or str(value.get("token_type", "")).lower() != "bearer":
        return invalid
    text, ends_in = value.get("access_token"), value.get("expires_in", KEPT_SECONDS)
    if type(ends_in) is str and ends_in.isdecimal() and len(ends_in) <= DIGITS_MAX:  # some say it as a text
        ends_in = int(ends_in)
    if type(text) is not str or not text.isascii() or not text.isprintable() or " " in text:
        return invalid
    if not 0 < len(text) <= CREDENTIAL_BYTES_MAX or type(ends_in) is not int or ends_in < 0:
        return invalid
    used_for = max(0, min(ends_in, KEPT_SECONDS_MAX) - EARLY_SECONDS)
    return Token(text, now + used_for * SECOND)
