"""Opening what a row says is sealed, and nothing else."""

from typing import Any, Protocol

from ledger import canonical
from ledger.errors import BrokenInput, BrokenState


class Opens(Protocol):
    """A unit of work or a read-only view that can open sealed values."""

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        """The value behind a commitment; None if its opening is destroyed."""
        ...


def opened(rows: Opens, subject: str, path: str, sealed: str) -> str | None:
    """The secret's hash behind the commitment in a row; None when it cannot be had.

    A value in clear is refused: `unseal` would hand it back as it is, and whoever can edit a row could then choose
    the hash. Openings are encrypted, so a row edited to another commitment opens to nothing.
    """
    try:
        commitment = canonical.decode(sealed.encode("utf-8"))
        if type(commitment) is not dict or set(commitment) != {"$commitment"}:
            return None
        value = rows.unseal(subject, path, commitment)
    except (BrokenInput, BrokenState, UnicodeEncodeError):
        return None
    return value if type(value) is str else None
