"""Tokens: `<log>_<kind>_<id>_<secret>`, told once, kept as SHA-256.

`log` is the log's short name, so that a credential fixes the log. Kinds: `st` sign-in token (bearer), `ak` API key,
`sc` set-up code. `id` is 128 random bits, `secret` 256, both base32: a plain hash of such a secret cannot be guessed
back, so no slow hash is needed.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from typing import NamedTuple

from ledger import canonical
from ledger.canonical import b64url
from ledger.errors import BrokenInput, Misuse
from ledger.ids import base32

SIGN_IN = "st"
API_KEY = "ak"
SETUP_CODE = "sc"
TOKEN_CHARS_MAX = 115  # 32 of a log's name, 2 of the kind, 26 and 52 in base32, three underscores between
KEY_BYTES_MIN = 32  # of the key under sessions' MACs

_B32 = "[0-9a-hjkmnp-tv-z]"
_TOKEN = re.compile(rf"([a-z](?:[a-z0-9-]{{0,30}}[a-z0-9])?)_(st|ak|sc)_({_B32}{{26}})_({_B32}{{52}})", re.ASCII)
_LOG = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)


class Token(NamedTuple):
    """A token as it was presented, in parts."""

    log: str
    kind: str
    id: str
    text: str

    @property
    def hash(self) -> str:
        return token_hash(self.text)


class Door(NamedTuple):
    """The log a token is for, by its short name, and the key under the MACs of its sessions (32 bytes or more)."""

    log: str
    key: bytes


class Minted(NamedTuple):
    """A new token. `text` is for its owner alone; `id` and `hash` are kept."""

    text: str
    id: str
    hash: str


def is_log_name(text: str) -> bool:
    """Whether the text can be a log's short name: lower-case letters, digits and hyphens, at most 32 of them."""
    return _LOG.fullmatch(text) is not None


def mint(log: str, kind: str, random_bytes: Callable[[int], bytes] = os.urandom) -> Minted:
    """A new token of this kind; made outside the writer, since its text must stand in no entry."""
    if not is_log_name(log):
        raise BrokenInput("expected a log's short name of lower-case letters, digits and hyphens")
    token_id = base32(int.from_bytes(random_bytes(16), "big"))
    secret = "".join(base32(int.from_bytes(random_bytes(16), "big")) for _ in range(2))
    text = f"{log}_{kind}_{token_id}_{secret}"
    return Minted(text, token_id, token_hash(text))


def parse_token(text: str) -> Token | None:
    """The parts of a token; None for any other text."""
    match = _TOKEN.fullmatch(text)
    return None if match is None else Token(match.group(1), match.group(2), match.group(3), text)


def token_hash(text: str) -> str:
    """What is kept of a token: base64url(SHA-256)."""
    return b64url(hashlib.sha256(b"muniment/token/v1\n" + text.encode("utf-8", "surrogatepass")).digest())


def session_mac(key: bytes, session: tuple[str, str, str, int], kept: str) -> str:
    """What a session row holds: a MAC over (id, person, method, credential entry) and the token's hash.

    With a plain hash, whoever can write the database could sign in as anybody by inserting a row.
    """
    if len(key) < KEY_BYTES_MIN:
        raise Misuse("expected a session key of at least 32 bytes")
    message = canonical.encode(["muniment/session/v1", *session, kept])
    return b64url(hmac.digest(key, message, "sha256"))


def key_digest(kept: str, actor: str, scope: tuple[tuple[str, str], ...], expires_at: int) -> str:
    """What is sealed of an API key: its hash with all it is good for, so that an edited row opens nothing more."""
    return canonical.digest(
        ["muniment/api-key/v1", kept, actor, [list(pair) for pair in sorted(set(scope))], expires_at]
    )


def same_hash(expected: str, found: str) -> bool:
    """Comparison in constant time."""
    return hmac.compare_digest(expected.encode("utf-8"), found.encode("utf-8"))
