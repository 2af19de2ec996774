"""Recovery codes: ten of them, told once, for who has lost the authenticator app. Each works once.

Kept is a MAC of each under a key that is not in the database. 80 random bits cannot be guessed back from a hash of
any speed, and with a key not even tried.
"""

import hmac
import os
from collections.abc import Callable

from ledger import canonical
from ledger.canonical import b64url
from ledger.ids import base32

CODES = 10
CHARS = 16  # of base32: 80 bits
GROUP = 4

_LOOKALIKE = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})
_NOBODY = ("",) * CODES


def new_codes(random_bytes: Callable[[int], bytes] = os.urandom) -> tuple[str, ...]:
    """Ten codes in groups of four characters."""
    return tuple(_grouped(base32(int.from_bytes(random_bytes(16), "big"))[-CHARS:]) for _ in range(CODES))


def _grouped(text: str) -> str:
    return "-".join(text[at : at + GROUP] for at in range(0, CHARS, GROUP))


def code_mac(key: bytes, person: str, code: str) -> str:
    """What is kept of a code: of this person's alone, however it is spaced and whichever look-alike was typed.

    `key` is the door's (32 bytes or more).
    """
    own = hmac.digest(key, b"muniment/recovery codes/v1\n", "sha256")
    read = code.casefold().translate(_LOOKALIKE).encode("utf-8", "surrogatepass")
    return b64url(hmac.digest(own, canonical.encode(["muniment/recovery-code/v1", person]) + b"\n" + read, "sha256"))


def joined(macs: tuple[str, ...]) -> str:
    """The MACs of a person's codes as one text, to be sealed as one value."""
    return " ".join(macs)


def number_of(kept: str | None, mac: str) -> int:
    """The number of the code with this MAC, from 0; -1 for none. As many are compared where there are none."""
    macs = _NOBODY if kept is None else tuple(kept.split(" "))
    found = -1
    for number, one in enumerate(macs):
        if hmac.compare_digest(one.encode(), mac.encode()):
            found = number
    return found
