"""The change request as a state machine, without I/O.

    proposed -> in review -> approved | scheduled -> released
                    |  \\-> changes requested -> (edit) -> in review
                    \\-> refused          any open state -> withdrawn | expired

An approval is bound to the digest *and* the number of the edit it was given for: an edit makes earlier approvals
stale even when a later edit restores the very text. Who wrote any edit is an author and approves by no path: the
natural person counts, and so does whoever they act on behalf of (NIST SP 800-53 CM-3, CM-5; 21 CFR 11.10(k)(2)).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ledger.actor import Actor, acting, is_person
from ledger.clock import SECOND, Instant, instant_text
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from versioning.refusal_texts import why

DAY = 24 * 60 * 60 * SECOND
REVIEW_DAYS_MAX = 90  # a proposal nobody decided for a quarter no longer matches the organisation it was written for
TITLE_CHARS_MAX = 200
REASON_CHARS_MAX = 2_000
EDITS_MAX = 200  # keeps the revision trail of one request readable, and its rows bounded


class Status(StrEnum):
    PROPOSED = "proposed"
    IN_REVIEW = "in review"
    CHANGES_REQUESTED = "changes requested"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    APPROVE = "approve"
    REQUEST_CHANGES = "request changes"
    REFUSE = "refuse"


class Risk(StrEnum):
    NORMAL = "normal"
    HIGH = "high"


OPEN: Final = frozenset(
    (Status.PROPOSED, Status.IN_REVIEW, Status.CHANGES_REQUESTED, Status.APPROVED, Status.SCHEDULED)
)
REVIEWABLE: Final = frozenset((Status.IN_REVIEW, Status.APPROVED, Status.SCHEDULED))

# What decides who may do or decide something, how a process runs, or what leaves, is high; everything else is normal.
HIGH_RISK_KINDS: Final = frozenset(
    ("access-policy", "authority-grant", "blueprint", "rule-table", "connector", "agent", "feed")
)
APPROVALS_HIGH = 1  # one independent approver; an organisation hands in its own rule to ask for more
APPROVALS_NORMAL = 1

# An access policy is replaced, never ended: without one nothing would be permitted to anybody.
RETIRABLE_KINDS: Final = frozenset(
    ("blueprint", "rule-table", "connector", "reason-code-list", "feed", "calendar", "agent")
)

ApprovalRule = Callable[[str, Risk], int]


def risk_of(kind: str) -> Risk:
    """The risk class of a change to an artefact of this kind."""
    return Risk.HIGH if kind in HIGH_RISK_KINDS else Risk.NORMAL


def approvals_needed(kind: str, risk: Risk) -> int:  # noqa: ARG001 - the kind is part of the rule's signature
    """How many persons must approve, at least one. The default `ApprovalRule`."""
    return APPROVALS_HIGH if risk is Risk.HIGH else APPROVALS_NORMAL


@dataclass(frozen=True, slots=True)
class Review:
    """One person's verdict on one edit. `on_behalf_of` is empty when they acted for themselves."""

    number: int
    verdict: Verdict
    digest: str
    edit: int
    person: str
    on_behalf_of: str = ""
    recorded_at: int = 0

    @property
    def parties(self) -> frozenset[str]:
        """The natural persons behind the verdict."""
        return frozenset(filter(None, (self.person, self.on_behalf_of)))


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A change request as folded. `base_version` is 0 for a new artefact; `edit` counts from 1."""

    id: str
    kind: str
    name: str
    title: str
    base_version: int
    digest: str
    edit: int
    authors: tuple[str, ...]
    approvals_needed: int
    status: Status
    revision: int
    retires: bool
    not_before: int | None
    expires_at: int
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """What a reviewer asks; `needed` is the number of approvals the rule demands today."""

    verdict: Verdict
    digest: str
    reason: str
    expected_revision: int
    needed: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review comes to: the new status, the number of fresh approvals, and the review itself."""

    status: Status
    approvals: int
    review: Review


def expiry(now: int, not_before: int | None) -> int:
    """When a proposal made now lapses: a review period after it was made, or after its earliest release."""
    return max(now, not_before or 0) + REVIEW_DAYS_MAX * DAY


def author_ids(actor: Actor) -> frozenset[str]:
    """Who counts as author for what this actor writes: persons, or the actor's id where there is no person."""
    return frozenset(filter(None, (acting(actor), actor.on_behalf_of)))


def fresh_approvals(change: ChangeRequest) -> tuple[Review, ...]:
    """Approvals that count now, one per natural person: given for this very edit and digest, by no author,
    and not overtaken by a later verdict of the same person."""
    latest: dict[str, Review] = {}
    for review in change.reviews:
        if review.edit == change.edit and review.digest == change.digest:
            latest[review.person] = review
    counted: list[Review] = []
    seen: set[str] = set(change.authors)
    for review in sorted(latest.values(), key=lambda one: one.number):
        if review.verdict is Verdict.APPROVE and not review.parties & seen:
            counted.append(review)
            seen |= review.parties
    return tuple(counted)


def stale_approvals(change: ChangeRequest) -> tuple[Review, ...]:
    """Approvals that an edit has made stale; shown, never counted."""
    return tuple(
        review
        for review in change.reviews
        if review.verdict is Verdict.APPROVE and (review.edit != change.edit or review.digest != change.digest)
    )


def refuse_closed(change: ChangeRequest, now: int) -> Refusal | None:
    """A closed or lapsed request takes no further command."""
    if change.status not in OPEN:
        return Refusal(Reason.WRONG_STATE, why("change-not-open", status=as_it_is(change.status)))
    if now >= change.expires_at:
        return Refusal(
            Reason.WRONG_STATE, why("change-lapsed", expires_at=as_it_is(instant_text(Instant(change.expires_at))))
        )
    return None


def refuse_revision(change: ChangeRequest, expected: int) -> Refusal | None:
    """The caller must have seen the newest state."""
    if expected != change.revision:
        return Refusal(
            Reason.STALE_REVISION,
            why("other-revision", revision=as_it_is(change.revision), expected=expected),
            (("revision", str(change.revision)), ("digest", change.digest)),
        )
    return None


def refuse_edit(change: ChangeRequest, expected_revision: int, now: int) -> Refusal | None:
    """Whether an edit may be written now, before its content is looked at."""
    if refusal := refuse_closed(change, now) or refuse_revision(change, expected_revision):
        return refusal
    if change.retires:
        return Refusal(Reason.WRONG_STATE, why("retirement-not-edited"))
    if change.edit >= EDITS_MAX:
        return Refusal(Reason.WRONG_STATE, why("too-many-edits", most=EDITS_MAX))
    return None


def status_after_edit(change: ChangeRequest) -> Status:
    """An edit of a draft leaves it a draft; any other edit goes back to review."""
    return Status.PROPOSED if change.status is Status.PROPOSED else Status.IN_REVIEW


def refuse_submit(change: ChangeRequest, expected_revision: int, now: int) -> Refusal | None:
    """Only a draft is submitted for review."""
    if refusal := refuse_closed(change, now) or refuse_revision(change, expected_revision):
        return refusal
    if change.status is not Status.PROPOSED:
        return Refusal(Reason.WRONG_STATE, why("change-not-proposed", status=as_it_is(change.status)))
    return None


def review(change: ChangeRequest, actor: Actor, asked: ReviewAsked, now: int) -> Reviewed | Refusal:
    """Judge a verdict: who gives it, then the state, then what it was given for."""
    if not is_person(actor) or actor.person is None:
        return Refusal(Reason.NOT_A_PERSON, why("reviewer-not-a-person"))
    if author_ids(actor) & set(change.authors):
        return Refusal(Reason.OWN_CHANGE, why("author-reviews"))
    if refusal := refuse_closed(change, now):
        return refusal
    if change.status not in REVIEWABLE:
        return Refusal(Reason.WRONG_STATE, why("change-not-in-review", status=as_it_is(change.status)))
    if asked.digest != change.digest:
        return Refusal(
            Reason.APPROVAL_STALE,
            why("edited-after-read"),
            (("digest", change.digest), ("revision", str(change.revision))),
        )
    if refusal := refuse_revision(change, asked.expected_revision):
        return refusal
    if asked.verdict is not Verdict.APPROVE and not asked.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("review-without-reason", verdict=as_it_is(asked.verdict)))
    given = Review(
        number=len(change.reviews) + 1,
        verdict=asked.verdict,
        digest=change.digest,
        edit=change.edit,
        person=actor.person,
        on_behalf_of=actor.on_behalf_of or "",
        recorded_at=now,
    )
    if asked.verdict is Verdict.APPROVE and any(given.parties & one.parties for one in fresh_approvals(change)):
        return Refusal(Reason.ALREADY_APPROVED, why("approved-before"))
    return _outcome(change, given, asked.needed, now)


def _outcome(change: ChangeRequest, given: Review, needed: int, now: int) -> Reviewed:
    after = fresh_approvals(_with_review(change, given))
    if given.verdict is Verdict.REFUSE:
        return Reviewed(Status.REFUSED, len(after), given)
    if given.verdict is Verdict.REQUEST_CHANGES:
        return Reviewed(Status.CHANGES_REQUESTED, len(after), given)
    if len(after) < max(needed, change.approvals_needed, 1):
        return Reviewed(Status.IN_REVIEW, len(after), given)
    waits = change.not_before is not None and change.not_before > now
    return Reviewed(Status.SCHEDULED if waits else Status.APPROVED, len(after), given)


def _with_review(change: ChangeRequest, given: Review) -> ChangeRequest:
    return replace(change, reviews=(*change.reviews, given))


def refuse_withdraw(change: ChangeRequest, actor: Actor, expected_revision: int) -> Refusal | None:
    """An author withdraws; anybody else refuses in a review."""
    if not author_ids(actor) & set(change.authors):
        return Refusal(Reason.DENIED, why("withdrawn-by-author"))
    if change.status not in OPEN:
        return Refusal(Reason.WRONG_STATE, why("change-not-open", status=as_it_is(change.status)))
    return refuse_revision(change, expected_revision)


def refuse_expire(change: ChangeRequest, now: int) -> Refusal | None:
    """Whether the request has lapsed, so that it may be recorded as expired."""
    if change.status not in OPEN:
        return Refusal(Reason.WRONG_STATE, why("change-not-open", status=as_it_is(change.status)))
    if now < change.expires_at:
        return Refusal(
            Reason.WRONG_STATE, why("lapses-only-at", expires_at=as_it_is(instant_text(Instant(change.expires_at))))
        )
    return None


def refuse_release(change: ChangeRequest, current_version: int, needed: int, now: int) -> Refusal | None:
    """Whether the request may be released: approved for this very edit, due, and its base still current."""
    if refusal := refuse_closed(change, now):
        return refusal
    fresh, needed = len(fresh_approvals(change)), max(needed, change.approvals_needed, 1)
    if change.status not in (Status.APPROVED, Status.SCHEDULED) or fresh < needed:
        stale = len(stale_approvals(change))
        return Refusal(
            Reason.NOT_APPROVED,
            why("approvals-missing", needed=needed, fresh=fresh),
            (("approvals", str(fresh)), ("approvals_needed", str(needed)), ("stale_approvals", str(stale))),
        )
    if change.not_before is not None and now < change.not_before:
        return Refusal(
            Reason.WRONG_STATE, why("scheduled-for", not_before=as_it_is(instant_text(Instant(change.not_before))))
        )
    return refuse_base(change.base_version, current_version)


def refuse_base(base_version: int, current_version: int) -> Refusal | None:
    """The version a change was written against must be the current one; 0 means that there is none."""
    if base_version != current_version:
        return Refusal(
            Reason.BASE_MOVED,
            why("base-moved", current_version=current_version, base_version=base_version),
            (("current_version", str(current_version)), ("base_version", str(base_version))),
        )
    return None
