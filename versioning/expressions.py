"""What the checks ask of the expression language: the type of an expression, what it reads, and what is wrong in it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ledger.wording import Wording
from versioning.blueprint import DataField


class Typed(NamedTuple):
    """`type` is a type name of the expression language, `any` where unknown; `reads` are dotted paths of data.

    `faults` are messages with the offset of the character they mean, from 0; an expression without faults types.
    """

    type: str
    reads: tuple[str, ...]
    faults: tuple[tuple[Wording, int], ...] = ()


class Expressions(Protocol):
    """Types expressions over declared data. Pure."""

    def typed(self, source: str, data: Sequence[DataField], currency: str) -> Typed:
        """The expression typed where bare numbers beside money mean `currency`."""
        ...
