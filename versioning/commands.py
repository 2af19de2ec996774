"""Commands of change control. All are frozen and picklable; instants are microseconds."""

from dataclasses import dataclass, replace

from governance.signature import Signed
from versioning.change import Verdict


@dataclass(frozen=True, slots=True)
class ProposeChange:
    """Propose the next version of an artefact. `base_version` None = a new artefact.

    It goes straight into review unless `draft`; with `not_before` it is released at that instant at the earliest.
    """

    kind: str
    source: str
    base_version: int | None
    title: str
    reason: str
    draft: bool = False
    not_before: int | None = None


@dataclass(frozen=True, slots=True)
class RetireArtefact:
    """Propose to end an artefact: its next version has the value `{"retired": true}`."""

    kind: str
    name: str
    base_version: int
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class EditChange:
    """Replace the source text; whoever does is an author. `base_version` None keeps the base."""

    id: str
    source: str
    expected_revision: int
    base_version: int | None = None


@dataclass(frozen=True, slots=True)
class SubmitChange:
    """Put a draft into review."""

    id: str
    expected_revision: int


@dataclass(frozen=True, slots=True)
class StateReview:
    """Ask for the statement to sign under a review of what has this digest; without one, of what stands there now.

    Leaves an operational row with the nonce, never an entry.
    """

    id: str
    verdict: Verdict
    reason: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ReviewChange:
    """Approve, request changes or refuse what has this digest. A reason is required except to approve, a signature on
    the statement with this nonce except to request changes."""

    id: str
    verdict: Verdict
    digest: str
    reason: str
    expected_revision: int
    statement_nonce: str = ""
    signature: Signed | None = None

    def as_asked(self) -> "ReviewChange":
        """Without the proof: a repeat is proved again at another instant and is still the same command."""
        return self if self.signature is None else replace(self, signature=None)


@dataclass(frozen=True, slots=True)
class WithdrawChange:
    """Take one's own proposal back."""

    id: str
    expected_revision: int


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """Put an approved change in force."""

    id: str


@dataclass(frozen=True, slots=True)
class ExpireChange:
    """Record that a change request lapsed undecided; sent by the runner."""

    id: str
