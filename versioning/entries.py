"""The kinds this room writes. Subject of `change.*` is the change request; a released kind is never changed.

`title`, `reason`, `source` and `value` stand as `UnitOfWork.seal` returned them, under these very member names as
paths. `value` is absent where it is classed: then its commitment stands in the edit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.signature import SIGNED_SCHEMA
from ledger.actor import Actor, acting
from ledger.entry import EntryDraft
from versioning.artefact import CheckFinding
from versioning.change import ChangeRequest, Review, Reviewed, Status, stale_approvals

CHANGE_PROPOSED: Final = "change.proposed"
CHANGE_SUBMITTED: Final = "change.submitted"
CHANGE_EDITED: Final = "change.edited"
CHANGE_REVIEWED: Final = "change.reviewed"
CHANGE_WITHDRAWN: Final = "change.withdrawn"
CHANGE_EXPIRED: Final = "change.expired"
CHANGE_RELEASED: Final = "change.released"
BLUEPRINT_RELEASED: Final = "blueprint.released"
RULE_TABLE_RELEASED: Final = "rule_table.released"
CONNECTOR_RELEASED: Final = "connector.released"
REASON_CODE_LIST_RELEASED: Final = "reason_code_list.released"
FEED_RELEASED: Final = "feed.released"
CALENDAR_RELEASED: Final = "calendar.released"
AGENT_RELEASED: Final = "agent.released"

SCHEMA: Final = 1

FINDINGS_RECORDED_MAX = 40  # warnings of one proposal that stand in its entry; the count is always whole

Basis = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The content of an edit as it stands in the entry. `value` only where it is a commitment."""

    source: Any
    value: Any | None
    digest: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `change.proposed` records beside the sealed content."""

    change: ChangeRequest
    title: Any
    reason: Any
    risk: str
    findings: Sequence[CheckFinding]


def proposed(proposal: Proposal, sealed: Sealed, actor: Actor, basis: Basis) -> EntryDraft:
    """The entry that opens a change request."""
    change = proposal.change
    payload = {
        "result": result_of(change),
        "kind": change.kind,
        "name": change.name,
        "title": proposal.title,
        "reason": proposal.reason,
        "base_version": change.base_version,
        "retires": change.retires,
        "not_before": change.not_before,
        "expires_at": change.expires_at,
        "risk": proposal.risk,
        "approvals_needed": change.approvals_needed,
        **_content(change, sealed, actor, proposal.findings),
    }
    return EntryDraft(CHANGE_PROPOSED, SCHEMA, change.id, payload, basis=basis)


def edited(
    before: ChangeRequest,
    change: ChangeRequest,
    sealed: Sealed,
    findings: Sequence[CheckFinding],
    by: tuple[Actor, Basis],
) -> EntryDraft:
    """The entry of an edit; `stale` numbers the approvals it has made stale."""
    actor, basis = by
    payload = {
        "result": result_of(change),
        "base_version": change.base_version,
        "approvals_needed": change.approvals_needed,
        "stale": [review.number for review in stale_approvals(change) if review.edit == before.edit],
        **_content(change, sealed, actor, findings),
    }
    return EntryDraft(CHANGE_EDITED, SCHEMA, change.id, payload, basis=basis)


def _content(change: ChangeRequest, sealed: Sealed, actor: Actor, findings: Sequence[CheckFinding]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "source": sealed.source,
        "digest": sealed.digest,
        "edit": change.edit,
        "author": acting(actor),
        "on_behalf_of": actor.on_behalf_of or "",
        "authors": list(change.authors),
        "status": change.status.value,
        "revision": change.revision,
        "findings": [
            {"rule": finding.rule, "severity": finding.severity, "location": finding.location}
            for finding in findings[:FINDINGS_RECORDED_MAX]
        ],
        "finding_count": len(findings),
    }
    if sealed.value is not None:
        content["value"] = sealed.value
    return content


def submitted(change: ChangeRequest, basis: Basis) -> EntryDraft:
    """A draft went into review."""
    return _plain(CHANGE_SUBMITTED, change, basis)


def withdrawn(change: ChangeRequest, basis: Basis) -> EntryDraft:
    """An author took the proposal back."""
    return _plain(CHANGE_WITHDRAWN, change, basis)


def expired(change: ChangeRequest, basis: Basis) -> EntryDraft:
    """The proposal lapsed."""
    return _plain(CHANGE_EXPIRED, change, basis)


def _plain(kind: str, change: ChangeRequest, basis: Basis) -> EntryDraft:
    payload = {"result": result_of(change), "status": change.status.value, "revision": change.revision}
    return EntryDraft(kind, SCHEMA, change.id, payload, basis=basis)


def reviewed(
    change: ChangeRequest, outcome: Reviewed, reason: Any, signed: Mapping[str, Any], basis: Basis
) -> EntryDraft:
    """A verdict; `approvals` counts the fresh ones after it. `signed` holds statement and signature where there are
    any; schema 1 had none."""
    review: Review = outcome.review
    payload = {
        "result": {**result_of(change), "approvals": outcome.approvals},
        "number": review.number,
        "verdict": review.verdict.value,
        "digest": review.digest,
        "edit": review.edit,
        "person": review.person,
        "on_behalf_of": review.on_behalf_of,
        "reason": reason,
        "approvals": outcome.approvals,
        "approvals_needed": change.approvals_needed,
        "status": change.status.value,
        "revision": change.revision,
        **signed,
    }
    return EntryDraft(CHANGE_REVIEWED, SIGNED_SCHEMA, change.id, payload, refs={"person": review.person}, basis=basis)


@dataclass(frozen=True, slots=True)
class ReleasedVersion:
    """What `change.released` records of the new version. `value` is None where it is classed."""

    version: int
    value: Any | None
    approvers: tuple[str, ...]
    approvals: tuple[int, ...]


def released(change: ChangeRequest, version: ReleasedVersion, basis: Basis) -> EntryDraft:
    """The artefact's next version is in force; the owner's own entry follows it in the same command."""
    payload = {
        "result": {**result_of(change), "version": version.version},
        "kind": change.kind,
        "name": change.name,
        "version": version.version,
        "base_version": change.base_version,
        "digest": change.digest,
        "edit": change.edit,
        "authors": list(change.authors),
        "approvers": list(version.approvers),
        "approvals": list(version.approvals),
        "retires": change.retires,
        "status": Status.RELEASED.value,
        "revision": change.revision,
    }
    if version.value is not None:
        payload["value"] = version.value
    return EntryDraft(CHANGE_RELEASED, SCHEMA, change.id, payload, basis=basis)


def result_of(change: ChangeRequest) -> dict[str, Any]:
    """What the caller is told of the change request after its command."""
    return {
        "change_request": change.id,
        "kind": change.kind,
        "name": change.name,
        "status": change.status.value,
        "digest": change.digest,
        "revision": change.revision,
    }
