"""How long nothing is tried for an account after failures in a row: growing delays, never a lock without an end.

Whoever knows nothing of the account can bring about the first of the two alone, so its end is near. The second takes
the right password, and what it protects has a million values: it may last.
"""

from ledger.clock import SECOND

FAILURES_MAX = 5  # people mistype; from this one on each failure costs time
PASSWORD_FIRST, PASSWORD_LONGEST = 15 * SECOND, 300 * SECOND  # at most 288 guesses a day go on
CODE_FIRST, CODE_LONGEST = 30 * SECOND, 3600 * SECOND  # at most 24 a day: three codes in a million count at a time


def password_delay(failures: int) -> int:
    """The delay in microseconds after so many wrong tries in a row, of whatever kind."""
    return _growing(failures, PASSWORD_FIRST, PASSWORD_LONGEST)


def code_delay(failures: int) -> int:
    """The delay in microseconds after so many wrong codes in a row beside the right password."""
    return _growing(failures, CODE_FIRST, CODE_LONGEST)


def _growing(failures: int, first: int, longest: int) -> int:
    if failures < FAILURES_MAX:
        return 0
    return min(first << min(failures - FAILURES_MAX, 16), longest)
