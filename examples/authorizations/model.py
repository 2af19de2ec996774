"""What a request for prior authorization says, as far as the process needs it. Frozen values, no I/O."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of one system, with its words where the bundle has them."""

    system: str
    code: str
    words: str

    def as_text(self) -> str:
        """`E0424 Stationary oxygen system`."""
        return f"{self.code} {self.words}".rstrip()


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom the service is for. `born_on` and `member_number` where the bundle states them."""

    name: str
    born_on: date | None
    member_number: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One request. `number` is the sender's, else the id of the Claim; `replaces` the id of the Claim it updates."""

    number: str
    replaces: str
    created_on: date
    is_expedited: bool
    patient: Patient
    provider: str
    services: tuple[Coded, ...]
    diagnoses: tuple[Coded, ...]
    documents: tuple[str, ...]  # references to what supports it, all of them in the bundle
