"""The exceptions of the house, all of them.

    MunimentError
    +-- BrokenInput      what came from outside cannot be read; says where
    |   +-- TooLarge     it is over a stated limit
    +-- BrokenState      what we stored does not check out; nothing may be built on it
    |   +-- LostRace     the head of the log moved under us; the batch is run again
    +-- Unavailable      cannot be done now (clock, key, database); the caller may try again
    +-- Misuse           a bug of ours: a call in the wrong order

A command that is turned down is none of these: it is a `ledger.refusal.Refusal`, a value.
"""


class MunimentError(Exception):
    """Root of every exception this service raises on purpose."""


class BrokenInput(MunimentError):
    """Bytes or text from outside that are not what they claim to be.

    `location` is a path, a line and column, or empty; it never repeats a confidential value.
    """

    def __init__(self, message: str, location: str = "") -> None:
        super().__init__(message, location)
        self.message = message
        self.location = location

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class TooLarge(BrokenInput):
    """Input over a stated limit."""


class BrokenState(MunimentError):
    """Stored bytes that do not hash, parse or fold to what they must."""


class AlteredEntry(BrokenState):
    """The bytes of an entry that do not hash to its leaf: somebody changed them in the database."""

    def __init__(self, index: int) -> None:
        super().__init__(f"expected entry {index} to hash to its leaf, found altered bytes")
        self.index = index

    def __reduce__(self) -> tuple[type["AlteredEntry"], tuple[int]]:
        return AlteredEntry, (self.index,)  # it may come from the process of the writer


class LostRace(BrokenState):
    """The compare-and-swap on the head row found another head."""


class Unavailable(MunimentError):
    """Nothing is wrong with the request; `reason` says why it cannot be served now."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class Misuse(MunimentError):
    """Our own bug: never caught, never shown in detail."""
