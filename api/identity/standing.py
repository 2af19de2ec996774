"""Whether sign-in sessions still count, for whoever was authenticated by one and stays connected.

A session that was shown to be good once needs no token again: it ends, runs out idle or for good, or its credential is
replaced, and all of that stands in rows. A person who is suspended or leaves is no longer active.
"""

from collections.abc import Sequence

from api.identity.second_factor import PASSWORD
from ledger.work import Rows

_IN_FORCE = (
    "SELECT s.id FROM sign_in_session s JOIN credential c ON c.log_id = s.log_id AND c.person = s.person "
    "JOIN person p ON p.log_id = s.log_id AND p.id = s.person "
    "JOIN actor a ON a.log_id = s.log_id AND a.id = s.person "
    "WHERE s.log_id = {{log}} AND s.id IN ({marks}) AND s.ended = 0 AND s.ends_at > ? AND s.expires_at > ? "
    "AND c.kind = ? AND c.entry_index = s.credential_index AND p.status = 'active' AND a.status = 'active'"
)


def in_force(rows: Rows, sessions: Sequence[str]) -> frozenset[str]:
    """Those of these sessions, by id, that count at the instant of `rows`; one statement for all."""
    if not sessions:
        return frozenset()
    statement = _IN_FORCE.format(marks=", ".join("?" * len(sessions)))
    return frozenset(found for (found,) in rows.query(statement, (*sessions, rows.now, rows.now, PASSWORD)))
