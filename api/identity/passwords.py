"""Passwords: argon2id, one evaluation per attempt whether the account exists or not.

Never called inside a batch: an evaluation takes tens of milliseconds and 19 MiB. The outcome travels to the writer in
the command. RFC 9106; parameters of the OWASP password storage sheet (19 MiB, 2 passes, 1 lane).
"""

import unicodedata
from base64 import b64encode
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from api.problem_texts import tell
from ledger.errors import BrokenInput

PASSES = 2
MEMORY_KIB = 19 * 1024
LANES = 1
HASH_BYTES = 32
SALT_BYTES = 16
AT_ONCE = 2  # evaluations at the same time: bounds memory (38 MiB) and leaves a core for everyone else
LENGTH_MIN = 12  # NIST SP 800-63B-4 asks for 15 where the password is alone, 8 beside another factor
LENGTH_MAX = 256


def check_password(password: str, forbidden: tuple[str, ...] = ()) -> None:
    """`BrokenInput` unless it can be a new password: long enough, not the account's own words."""
    text = _normal(password)
    if not LENGTH_MIN <= len(text) <= LENGTH_MAX:
        raise BrokenInput(tell("password-length", least=LENGTH_MIN, most=LENGTH_MAX), "password")
    if len(set(text)) < 4:
        raise BrokenInput(tell("password-alike"), "password")
    if any(word and word.casefold() in text.casefold() for word in forbidden):
        raise BrokenInput(tell("password-of-account"), "password")


def _normal(password: str) -> str:
    """NFKC, so that the same keys give the same password on every keyboard (NIST SP 800-63B-4 section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashes and verifies. Thread-safe."""

    def __init__(self, passes: int = PASSES, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(passes, memory_kib, LANES, HASH_BYTES, SALT_BYTES, type=Type.ID)
        self._room = BoundedSemaphore(AT_ONCE)
        salt, value = (b64encode(bytes(n)).decode().rstrip("=") for n in (SALT_BYTES, HASH_BYTES))
        # What an unknown account is checked against: as dear as a real one, and nothing hashes to zeros.
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={passes},p={LANES}${salt}${value}"

    def hash(self, password: str) -> str:
        """The encoded argon2id hash with a fresh salt; the caller has called `check_password`."""
        with self._room:
            return self._hasher.hash(_normal(password))

    def verify(self, encoded: str | None, password: str) -> bool:
        """Whether the password is that of the hash. None stands for an account without one: same work, False."""
        if len(password) > LENGTH_MAX:
            password = ""  # refused as any wrong one, without hashing a document
        with self._room:
            try:
                return self._hasher.verify(encoded or self._nobody, _normal(password)) and encoded is not None
            except (VerificationError, InvalidHashError):
                return False
