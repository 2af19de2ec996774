"""Handlers of what reviewers and the organisation do: review, release, expire."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from ledger.actor import ActorKind
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.wording import listed
from ledger.work import Done, UnitOfWork
from versioning import change as rules
from versioning import entries, stating, store
from versioning.artefact import Release
from versioning.change import ChangeRequest, ReviewAsked, Reviewed, Status, Verdict
from versioning.commands import ExpireChange, ReleaseChange, ReviewChange, StateReview
from versioning.control import (
    APPROVE,
    RELEASE,
    REVIEW,
    Content,
    Deps,
    check_reason,
    content_of,
    findings_of,
    not_found,
    owner_of,
    permitted,
    refuse_findings,
)
from versioning.entries import Basis, ReleasedVersion
from versioning.refusal_texts import why

_OUTCOMES: Mapping[Verdict, str] = {
    Verdict.APPROVE: "approved",
    Verdict.REQUEST_CHANGES: "changes requested",
    Verdict.REFUSE: "refused",
}


class _Judged(NamedTuple):
    """A review that may be given: of what, what it comes to, and the permit it rests on."""

    change: ChangeRequest
    outcome: Reviewed
    basis: Basis


def state_review(deps: Deps, uow: UnitOfWork, command: StateReview) -> Done | Refusal:
    """The statement to sign under a review, with a nonce that is good once. Whoever could not give the review is told
    so here, before they sign; nothing is recorded until it is signed."""
    judged = _judged(deps, uow, command)
    if isinstance(judged, Refusal):
        return judged
    return stating.put_before(uow, judged.change, judged.outcome.review.verdict.value, command.reason)


def review(deps: Deps, uow: UnitOfWork, command: ReviewChange) -> Done | Refusal:
    """Record a person's verdict on what has the digest they read, and their signature under it."""
    judged = _judged(deps, uow, command)
    if isinstance(judged, Refusal):
        return judged
    change, outcome, basis = judged
    signed = stating.sign(deps, uow, change, command)
    if isinstance(signed, Refusal):
        return signed
    after = replace(
        change,
        status=outcome.status,
        revision=change.revision + 1,
        approvals_needed=max(change.approvals_needed, deps.needed(change.kind)),
    )
    reason = uow.seal(change.id, stating.REASON_PATH, signed.reason, data_class="confidential")
    draft = entries.reviewed(after, outcome, reason, signed.members, basis)
    uow.stage(draft)
    return Done(_OUTCOMES[outcome.review.verdict], draft.payload["result"])


def _judged(deps: Deps, uow: UnitOfWork, command: StateReview | ReviewChange) -> _Judged | Refusal:
    """Who reviews, the state, and what it is about; a statement is about what stands there unless it says otherwise."""
    verdict = _verdict(command.verdict)
    basis = permitted(deps, uow, REVIEW if verdict is Verdict.REQUEST_CHANGES else APPROVE)
    if isinstance(basis, Refusal):
        return basis
    check_reason(command.reason)
    change = store.change_request(uow, command.id)
    if change is None:
        return not_found()
    given = command if isinstance(command, ReviewChange) else None
    asked = ReviewAsked(
        verdict=verdict,
        digest=command.digest if given or command.digest else change.digest,
        reason=command.reason,
        expected_revision=given.expected_revision if given else change.revision,
        needed=deps.needed(change.kind),
    )
    outcome = rules.review(change, uow.actor, asked, uow.now)
    return outcome if isinstance(outcome, Refusal) else _Judged(change, outcome, basis)


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError as error:
        raise BrokenInput(why("other-verdict", known=listed(Verdict)), "verdict") from error


def release(deps: Deps, uow: UnitOfWork, command: ReleaseChange) -> Done | Refusal:
    """Put the approved edit in force: the change request's entry, then the owner's, in one command."""
    change = store.change_request(uow, command.id)
    basis = _release_basis(deps, uow, change)
    if isinstance(basis, Refusal):
        return basis
    if change is None:
        return not_found()
    current, _ = store.current_number(uow, change.kind, change.name)
    if refusal := rules.refuse_release(change, current, deps.needed(change.kind), uow.now):
        return refusal
    content = content_of(deps, uow, change)
    if isinstance(content, Refusal):
        return content
    owner = owner_of(deps, change.kind)
    if refusal := refuse_findings(findings_of(owner, uow, content.artefact)):
        return refusal
    own, owners = _drafts(deps, uow, change, content)
    uow.stage(own._replace(basis=basis))
    uow.stage(owners._replace(basis={**basis, **owners.basis}))
    return Done("released", own.payload["result"])


def _release_basis(deps: Deps, uow: UnitOfWork, change: ChangeRequest | None) -> Basis | Refusal:
    """The system itself carries out a schedule that was approved; everybody else needs the permission."""
    if uow.actor.kind is ActorKind.SYSTEM and change is not None and change.status is Status.SCHEDULED:
        return {}
    return permitted(deps, uow, RELEASE)


def _drafts(deps: Deps, uow: UnitOfWork, change: ChangeRequest, content: Content) -> tuple[EntryDraft, EntryDraft]:
    approvals = rules.fresh_approvals(change)
    approvers = tuple(sorted({approval.person for approval in approvals}))
    after = replace(change, status=Status.RELEASED, revision=change.revision + 1)
    number = change.base_version + 1
    owners = owner_of(deps, change.kind).release(
        uow,
        Release(
            change_request=change.id,
            kind=change.kind,
            name=change.name,
            version=number,
            digest=change.digest,
            value=content.artefact.value,
            source=content.source,
            authors=change.authors,
            approvers=approvers,
            released_at=uow.now,
        ),
    )
    version = ReleasedVersion(
        version=number,
        value=content.artefact.value if content.sealed.value is None else None,
        approvers=approvers,
        approvals=tuple(approval.number for approval in approvals),
    )
    refs: dict[str, str] = {"change_request": change.id, **owners.refs}
    return entries.released(after, version, {}), owners._replace(refs=refs)


def expire(deps: Deps, uow: UnitOfWork, command: ExpireChange) -> Done | Refusal:
    """Record that a request lapsed. The system itself does it; a person needs the permission to release."""
    basis = {} if uow.actor.kind is ActorKind.SYSTEM else permitted(deps, uow, RELEASE)
    if isinstance(basis, Refusal):
        return basis
    change = store.change_request(uow, command.id)
    if change is None:
        return not_found()
    if refusal := rules.refuse_expire(change, uow.now):
        return refusal
    after = replace(change, status=Status.EXPIRED, revision=change.revision + 1)
    uow.stage(entries.expired(after, basis))
    return Done("expired", entries.result_of(after))
