"""What steps of many kinds are told: how a try is made again, by when, who signs how, and who may not."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and when a failed call or job is tried again. `first` and `limit` are durations."""

    times: int
    backoff: Literal["fixed", "exponential"] = "exponential"
    first: str = "PT2S"
    limit: str = "PT10M"


@dataclass(frozen=True, slots=True)
class Late:
    """One thing that happens `after` (duration past the deadline), and again after each `every`, `times` in all: tell
    a role or whomever, pass to a higher authority, offer it to another role, or warn its holder. `urgency` is added
    each time."""

    after: str
    tell: str | None = None  # `role team-lead`
    pass_to: str | None = None  # decision kind, offered to holders whose limit is above
    reassign: str | None = None  # a role
    warn: bool = False
    urgency: int = 0
    every: str | None = None
    times: int = 1
    whom: tuple["Recipient", ...] = ()  # who is told, where that is more or other than one role


@dataclass(frozen=True, slots=True)
class Deadline:
    """`within` runs from the moment the step is reached. `warn_at` is a percentage of it.

    `calendar` is that of its business durations; None = the blueprint's.
    """

    within: str
    warn_at: int | None = None
    late: tuple[Late, ...] = ()
    goal: str | None = None  # a duration
    goal_urgency: int = 0
    calendar: str | None = None

    @property
    def told(self) -> tuple["Recipient", ...]:
        """Whom it tells, but for single roles."""
        return tuple([one for late in self.late for one in late.whom])


@dataclass(frozen=True, slots=True)
class SignRule:
    """What is signed and how, anew for every signature: by the `password` or a passkey, or by a `passkey` alone."""

    meaning: str
    factor: Literal["password", "passkey"] = "password"


@dataclass(frozen=True, slots=True)
class Quorum:
    """A decision is taken by votes: it has the outcome for which `need` persons have voted, each once.

    `of` names a committee, whose members vote; None = whoever holds the authority. What is moved is the first outcome:
    with a `veto` of the `chair`, a vote of theirs for another one ends the voting with it. `tie` says what becomes of
    it once no outcome can get enough votes: `fails` (the other of two outcomes), `outcome NAME`; empty = an incident.
    """

    need: int
    of: str | None = None
    veto: Literal["chair"] | None = None
    tie: str = ""

    def tied(self, outcomes: tuple[str, ...]) -> str | None:
        """The outcome of a tie, of a step with these outcomes; None where somebody has to resolve it."""
        if self.tie == "fails":
            return outcomes[-1]
        return self.tie.removeprefix("outcome ") or None


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom work is offered to among those of its role or authority: who has the `skill`, who is of the `unit`.

    `least_loaded`: of them the one who holds the fewest tasks is given it at once. It permits nothing.
    """

    skill: str = ""
    unit: str = ""
    least_loaded: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a notification is for: who has the role `name`, the `initiator`, whoever acted in the step `name`, or who
    holds the office `name`."""

    kind: Literal["role", "initiator", "step", "office"]
    name: str = ""

    @property
    def text(self) -> str:
        """As the language writes it: `role NAME`, `initiator`."""
        return f"{self.kind} {self.name}".rstrip()

    @classmethod
    def of(cls, text: str) -> "Recipient":
        """From what the language writes."""
        return cls(*text.split(" ", 1))  # type: ignore[arg-type]  # the form has checked it


DutyKind = Literal[
    "not initiator", "not step", "not author of blueprint", "not approver of blueprint", "at least persons",
    "not same unit as initiator", "not same unit as step", "not on behalf of initiator", "not on behalf of step",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duty:
    """Separation of duties. `kind`: `not initiator`, `not step` (with the step), `not author of blueprint`,
    `not approver of blueprint`, `not same unit as initiator`, `not same unit as step` (with the step),
    `not on behalf of initiator`, `not on behalf of step` (with the step), or
    `at least persons`: so many are `needed` over its own step and those it is `shared` with.
    """

    kind: DutyKind
    step: str | None = None
    needed: int = 0
    shared: tuple[str, ...] = ()
