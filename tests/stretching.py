"""Stretching a passphrase takes long, as it must: the tests do it once for each key file and process, and hundreds of
new key files share a few salts.

Copies of one organisation have the same file, so what is known here stands for hundreds of tests; a forked process is
given it (`tests.forked`). The keys are those that any other process derives.
"""

from itertools import cycle

from ledger import keys

SALTS = 4  # in turn: two files that one test makes are told apart by theirs
known: dict[tuple[str, bytes], bytes] = {}
new_salt, stretch = keys._new_salt, keys._stretch  # the product's own
_salts = cycle([new_salt() for _ in range(SALTS)])


def stretched(passphrase: str, salt: bytes) -> bytes:
    """As the product does it, but not again."""
    given = passphrase, salt
    if given not in known:
        known[given] = stretch(passphrase, salt)
    return known[given]


def remember() -> None:
    """Let this process do it once."""
    keys._new_salt = lambda: next(_salts)
    keys._stretch = stretched
