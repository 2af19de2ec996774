"""Handlers of what authors do: propose, edit, submit, withdraw, retire."""

from dataclasses import dataclass, replace
from typing import Any

from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from versioning import change as rules
from versioning import entries, store
from versioning.artefact import RETIRED_SOURCE, CheckFinding
from versioning.change import ChangeRequest, Status
from versioning.commands import EditChange, ProposeChange, RetireArtefact, SubmitChange, WithdrawChange
from versioning.control import (
    PROPOSE,
    Deps,
    check_words,
    findings_of,
    not_found,
    owner_of,
    permitted,
    read,
    refuse_findings,
    retirement,
    seal_content,
)
from versioning.entries import Basis
from versioning.refusal_texts import why


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a change request, read and checked."""

    kind: str
    artefact: Any
    source: str
    base_version: int
    title: str
    reason: str
    findings: tuple[CheckFinding, ...] = ()
    draft: bool = False
    not_before: int | None = None
    retires: bool = False


def propose(deps: Deps, uow: UnitOfWork, command: ProposeChange) -> Done | Refusal:
    """Open a change request for the next version of the artefact the source names."""
    basis = permitted(deps, uow, PROPOSE)
    if isinstance(basis, Refusal):
        return basis
    owner = owner_of(deps, command.kind)
    if refusal := check_words(command.title, command.reason):
        return refusal
    if command.base_version is not None and command.base_version < 1:
        raise BrokenInput(why("base-version"), "base_version")
    artefact = read(owner, command.source)
    base = command.base_version or 0
    current, _ = store.current_number(uow, command.kind, artefact.name)
    findings = findings_of(owner, uow, artefact)
    if refusal := rules.refuse_base(base, current) or refuse_findings(findings):
        return refusal
    opening = Opening(
        kind=command.kind,
        artefact=artefact,
        source=command.source,
        base_version=base,
        title=command.title,
        reason=command.reason,
        findings=findings,
        draft=command.draft,
        not_before=command.not_before,
    )
    return _open(deps, uow, opening, basis)


def retire(deps: Deps, uow: UnitOfWork, command: RetireArtefact) -> Done | Refusal:
    """Open a change request whose release ends the artefact."""
    basis = permitted(deps, uow, PROPOSE)
    if isinstance(basis, Refusal):
        return basis
    owner = owner_of(deps, command.kind)
    if refusal := check_words(command.title, command.reason):
        return refusal
    if command.kind not in rules.RETIRABLE_KINDS:
        return Refusal(Reason.WRONG_STATE, why("replaced-never-retired"))
    current, retired = store.current_number(uow, command.kind, command.name)
    if current == 0 or retired:
        return Refusal(Reason.NOT_FOUND, why("nothing-in-force"))
    artefact = retirement(command.kind, command.name)
    findings = findings_of(owner, uow, artefact)
    if refusal := rules.refuse_base(command.base_version, current) or refuse_findings(findings):
        return refusal
    opening = Opening(
        kind=command.kind,
        artefact=artefact,
        source=RETIRED_SOURCE,
        base_version=command.base_version,
        title=command.title,
        reason=command.reason,
        findings=findings,
        retires=True,
    )
    return _open(deps, uow, opening, basis)


def _open(deps: Deps, uow: UnitOfWork, opening: Opening, basis: Basis) -> Done:
    change_id = uow.ids.ordered("cr", uow.now)
    sealed = seal_content(uow, change_id, owner_of(deps, opening.kind), opening.artefact, opening.source)
    change = ChangeRequest(
        id=change_id,
        kind=opening.kind,
        name=opening.artefact.name,
        title=opening.title,
        base_version=opening.base_version,
        digest=sealed.digest,
        edit=1,
        authors=tuple(sorted(rules.author_ids(uow.actor))),
        approvals_needed=deps.needed(opening.kind),
        status=Status.PROPOSED if opening.draft else Status.IN_REVIEW,
        revision=1,
        retires=opening.retires,
        not_before=opening.not_before,
        expires_at=rules.expiry(uow.now, opening.not_before),
    )
    proposal = entries.Proposal(
        change=change,
        title=uow.seal(change_id, "title", opening.title, data_class="internal"),
        reason=uow.seal(change_id, "reason", opening.reason, data_class="confidential"),
        risk=rules.risk_of(opening.kind).value,
        findings=opening.findings,
    )
    uow.stage(entries.proposed(proposal, sealed, uow.actor, basis))
    return Done("proposed", entries.result_of(change))


def edit(deps: Deps, uow: UnitOfWork, command: EditChange) -> Done | Refusal:
    """Replace the text; whoever does becomes an author, and every approval so far is stale."""
    basis = permitted(deps, uow, PROPOSE)
    if isinstance(basis, Refusal):
        return basis
    change = store.change_request(uow, command.id)
    if change is None:
        return not_found()
    if refusal := rules.refuse_edit(change, command.expected_revision, uow.now):
        return refusal
    owner = owner_of(deps, change.kind)
    artefact = read(owner, command.source)
    if artefact.name != change.name:
        raise BrokenInput(why("other-artefact"), "name")
    if refusal := _refuse_rebase(uow, change, command):
        return refusal
    findings = findings_of(owner, uow, artefact)
    if refusal := refuse_findings(findings):
        return refusal
    sealed = seal_content(uow, change.id, owner, artefact, command.source)
    after = replace(
        change,
        base_version=change.base_version if command.base_version is None else command.base_version,
        digest=sealed.digest,
        edit=change.edit + 1,
        authors=tuple(sorted({*change.authors, *rules.author_ids(uow.actor)})),
        approvals_needed=max(change.approvals_needed, deps.needed(change.kind)),
        status=rules.status_after_edit(change),
        revision=change.revision + 1,
    )
    uow.stage(entries.edited(change, after, sealed, findings, (uow.actor, basis)))
    return Done("edited", entries.result_of(after))


def _refuse_rebase(uow: UnitOfWork, change: ChangeRequest, command: EditChange) -> Refusal | None:
    if command.base_version is None or command.base_version == change.base_version:
        return None
    current, _ = store.current_number(uow, change.kind, change.name)
    return rules.refuse_base(command.base_version, current)


def submit(deps: Deps, uow: UnitOfWork, command: SubmitChange) -> Done | Refusal:
    """Put a draft into review."""
    basis = permitted(deps, uow, PROPOSE)
    if isinstance(basis, Refusal):
        return basis
    change = store.change_request(uow, command.id)
    if change is None:
        return not_found()
    if refusal := rules.refuse_submit(change, command.expected_revision, uow.now):
        return refusal
    after = replace(change, status=Status.IN_REVIEW, revision=change.revision + 1)
    uow.stage(entries.submitted(after, basis))
    return Done("submitted", entries.result_of(after))


def withdraw(deps: Deps, uow: UnitOfWork, command: WithdrawChange) -> Done | Refusal:
    """Take the proposal back."""
    basis = permitted(deps, uow, PROPOSE)
    if isinstance(basis, Refusal):
        return basis
    change = store.change_request(uow, command.id)
    if change is None:
        return not_found()
    if refusal := rules.refuse_withdraw(change, uow.actor, command.expected_revision):
        return refusal
    after = replace(change, status=Status.WITHDRAWN, revision=change.revision + 1)
    uow.stage(entries.withdrawn(after, basis))
    return Done("withdrawn", entries.result_of(after))
