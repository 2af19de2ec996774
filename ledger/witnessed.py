"""How far a log is witnessed: the newest publication under which enough witnesses of a policy stand.

Reads the rows of published checkpoints and of the lines beside them; each line is verified again, since a row is no
proof of what stands in it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from ledger.checking import CHECKS
from ledger.errors import BrokenInput
from ledger.note import parse_note
from ledger.policy import Policy, cosigned_by, quorum_of
from ledger.publication import COSIGNATURE, SIGNATURE

SIZES_AT_ONCE = 16  # publications looked at, newest first: a witness that is further behind is no quorum yet

_NEWEST = (
    "SELECT size, note FROM published WHERE log_id = {log} AND size > ? AND size IN "
    "(SELECT size FROM published_line WHERE log_id = {log} AND kind = ? AND size > ?) ORDER BY size DESC LIMIT ?"
)
_LINES = "SELECT value FROM published_line WHERE log_id = {log} AND size = ? AND kind IN (?, ?) ORDER BY key_id"


class Asks(Protocol):
    """A view of a log."""

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `ledger.reading.View.query`."""
        ...


class Witnessed(NamedTuple):
    """A publication with a quorum: its size, its note with all lines, who cosigned it (names of the policy)."""

    size: int
    note: str
    names: tuple[str, ...]


NOBODY = Witnessed(0, "", ())


def newest_witnessed(view: Asks, policy: Policy, above: int = 0) -> Witnessed | None:
    """The newest publication of a size above this one with a quorum; None while there is none."""
    for size, note in view.query(_NEWEST, (above, COSIGNATURE, above, SIZES_AT_ONCE)):
        lines = b"".join([bytes(value) for (value,) in view.query(_LINES, (size, SIGNATURE, COSIGNATURE))])
        try:
            whole = note + lines.decode()
            found = cosigned_by(policy, parse_note(whole), CHECKS)
        except (BrokenInput, UnicodeDecodeError):  # a row that was edited; verification names it
            continue
        if found.names and quorum_of(policy, found.names):
            return Witnessed(size, whole, tuple(sorted(found.names)))
    return None
