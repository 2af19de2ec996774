"""Stretching a passphrase takes long, as it must: the tests do it once for each key file and process.

Copies of one organisation have the same file, so what is known here stands for hundreds of tests; a forked process is
given it (`tests.forked`). The keys are those that any other process derives.
"""

from ledger import keys

known: dict[tuple[str, bytes], bytes] = {}
_stretch = keys._stretch


def stretched(passphrase: str, salt: bytes) -> bytes:
    """As the product does it, but not again."""
    given = passphrase, salt
    if given not in known:
        known[given] = _stretch(passphrase, salt)
    return known[given]


def remember() -> None:
    """Let this process do it once."""
    keys._stretch = stretched
