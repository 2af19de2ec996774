"""A decision as it was recorded, what was recorded before it, and the parts of its judgement. Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from governance.authority import Register
from governance.questions.facts import Record
from governance.questions.people import People, Tasks
from governance.questions.registers import ReleasedBlueprint
from governance.questions.under_version import Under
from ledger.verify.report import Status


class Part(NamedTuple):
    """One thing that was derived again. `name`: register, authority, conditions, period totals, measure, signature,
    passkey holder, votes, voters left, units, units left out, substitutes, substitutes left out."""

    name: str
    status: Status
    text: str


class Holder(NamedTuple):
    """A passkey as the entries before a decision tell it; `entry` is the index of its enrolment."""

    person: str
    public_key: str
    rp_id: str
    entry: int
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as its entry tells it; a `vote` has a number of its own."""

    record: Record
    instance: str
    activation: int
    step: str
    vote: int = 0

    @property
    def number(self) -> int:
        """The number that names it within its instance."""
        return self.vote or self.activation

    @property
    def decision(self) -> Mapping[str, Any]:
        decision: Mapping[str, Any] = self.record.payload["decision"]
        return decision

    @property
    def basis(self) -> Mapping[str, Any]:
        basis: Mapping[str, Any] = self.record.basis["decision"]
        return basis

    @property
    def id(self) -> str:
        """The id of the decision: that of its task, or of the vote."""
        return f"{self.instance}.{self.number}"


ActorsByStep = tuple[tuple[str, tuple[str, ...]], ...]
"""Step -> everybody who acted there, and for whom."""

Votes = Mapping[int, Sequence[tuple[str, str]]]
"""Activation -> the votes on its decision that count, in the order in which they were cast."""

Window = tuple[str, str, int, int]
"""What a total is kept for: grant, currency, days, window start."""


class Past(Protocol):
    """What was recorded before one decision, and nothing after it."""

    @property
    def register(self) -> Register:
        """The authority register; `BrokenState` for a value that is none."""
        ...

    @property
    def begun(self) -> Mapping[str, Any] | None:
        """The transition that started the instance."""
        ...

    @property
    def under(self) -> Under | None:
        """The version of its blueprint that the instance is under."""
        ...

    @property
    def actors_by_step(self) -> ActorsByStep:
        """Who acted at the steps of the instance."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """The instance's data; classed values are their commitments."""
        ...

    def blueprint(self, digest: str) -> ReleasedBlueprint | None:
        """The released version with this digest."""
        ...

    def holder(self, credential: str) -> Holder | None:
        """Whose the passkey is that has this digest of its credential id, as it was enrolled; None for no entry."""
        ...

    @property
    def votes(self) -> "Votes":
        """The votes that counted of each activation, as (person, outcome)."""
        ...

    @property
    def people(self) -> People:
        """The units of persons and who stands in for whom."""
        ...

    @property
    def tasks(self) -> Tasks:
        """The tasks of the instance: who holds them, and in whose place."""
        ...

    def total(self, window: Window) -> Decimal | None:
        """What was decided within the window; None when that is not known."""
        ...


def version_of(past: Past) -> ReleasedBlueprint | None:
    """The released version that the instance is under; None where its release is not at hand."""
    under = past.under
    return None if under is None else past.blueprint(under.digest)
