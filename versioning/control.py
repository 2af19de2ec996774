"""What the handlers of change control share: access, reading, checks, sealing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from governance.proving import NoPasskeys, Passkeys
from ledger import canonical
from ledger.actor import Actor
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.wording import listed
from ledger.work import UnitOfWork
from versioning import store
from versioning.artefact import (
    CLEAR,
    RETIRED,
    Artefact,
    ArtefactKind,
    CheckFinding,
    Kinds,
    as_finding,
    check_size,
    check_value,
    content_digest,
    source_class,
)
from versioning.change import REASON_CHARS_MAX, TITLE_CHARS_MAX, ApprovalRule, ChangeRequest, approvals_needed, risk_of
from versioning.entries import Basis, Sealed
from versioning.refusal_texts import why

OBJECT = "change-request"
PROPOSE, REVIEW, APPROVE, RELEASE = "propose", "review", "approve", "release"

NAME_CHARS_MAX = 200  # a name is part of a key and of an entry's subject


class Permit(Protocol):
    """What a permitted access check answers."""

    def as_basis(self) -> Mapping[str, Any]:
        """Policy digest, rules and assignments: the `permit` member of an entry's basis."""
        ...


class Access(Protocol):
    """The access check of the room that owns it, handed in by wiring."""

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str, /) -> Permit | Refusal: ...


@dataclass(frozen=True, slots=True)
class Deps:
    """What wiring hands in: the kinds of governed artefact, access, the domain of the whole organisation, how many
    approvals a kind of a risk class needs, and whose a passkey is."""

    kinds: Kinds
    access: Access
    domain: str
    approvals: ApprovalRule = approvals_needed
    passkeys: Passkeys = field(default_factory=NoPasskeys)

    def needed(self, kind: str) -> int:
        """Approvals needed for this kind today, never fewer than one."""
        return max(1, self.approvals(kind, risk_of(kind)))


@dataclass(frozen=True, slots=True)
class Content:
    """A change request, its newest edit in clear, and that edit as it stands in the entry."""

    artefact: Any
    source: str
    sealed: Sealed


def permitted(deps: Deps, uow: UnitOfWork, action: str) -> Basis | Refusal:
    """The basis of the permit, or the refusal."""
    answer = deps.access.check(uow, uow.actor, deps.domain, OBJECT, action)
    return answer if isinstance(answer, Refusal) else {"permit": dict(answer.as_basis())}


def not_found() -> Refusal:
    """There is no such change request."""
    return Refusal(Reason.NOT_FOUND, why("no-such-change"))


def owner_of(deps: Deps, kind: str) -> ArtefactKind:
    """The owner of a kind; `BrokenInput` for a kind nobody owns."""
    owner = deps.kinds.get(kind)
    if owner is None:
        raise BrokenInput(why("other-kind", known=listed(sorted(deps.kinds))), "kind")
    return owner


def read(owner: ArtefactKind, source: str) -> Any:
    """The artefact of the source; `BrokenInput` with its location, `TooLarge` over the limit."""
    check_size(source)
    artefact = owner.read(source)
    if not 0 < len(artefact.name) <= NAME_CHARS_MAX or not artefact.name.isprintable():
        raise BrokenInput(why("name-length", most=NAME_CHARS_MAX), "name")
    check_value(artefact.value)
    return artefact


def retirement(kind: str, name: str) -> Artefact:
    """The artefact whose version ends the named one."""
    return Artefact(kind, name, RETIRED)


def findings_of(owner: ArtefactKind, uow: UnitOfWork, artefact: Any) -> tuple[CheckFinding, ...]:
    """What the owner's checks find today."""
    return tuple(as_finding(finding) for finding in owner.check(uow, artefact))


def refuse_findings(findings: tuple[CheckFinding, ...]) -> Refusal | None:
    """Any error turns a proposal or a release down; every error is named."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return None
    details = tuple(
        (error.rule, f"{error.location}: {error.message}" if error.location else str(error.message)) for error in errors
    )
    return Refusal(Reason.CHECKS_FAILED, why("checks-failed", count=len(errors)), details)


def seal_content(uow: UnitOfWork, change_id: str, owner: ArtefactKind, artefact: Any, source: str) -> Sealed:
    """Source and value as they stand in the entry, and the digest over just that."""
    data_class, kind = source_class(owner), owner.kind
    if data_class in CLEAR:
        return Sealed(source, None, content_digest(kind, artefact.name, artefact.value, source))
    subject = f"{kind}:{artefact.name}" if data_class in ("personal", "special") else None
    sealed_source = uow.seal(change_id, "source", source, data_class=data_class, data_subject=subject)
    sealed_value = uow.seal(change_id, "value", artefact.value, data_class=data_class, data_subject=subject)
    return Sealed(sealed_source, sealed_value, content_digest(kind, artefact.name, sealed_value, sealed_source))


def content_of(deps: Deps, uow: UnitOfWork, change: ChangeRequest) -> Content | Refusal:
    """The newest edit read again from its text. What no longer reads as it was approved is refused."""
    edit = store.edit(uow, change)
    source = uow.unseal(change.id, "source", edit.source)
    if source is None:
        return Refusal(Reason.WRONG_STATE, why("change-erased"))
    artefact = retirement(change.kind, change.name) if change.retires else read(owner_of(deps, change.kind), source)
    recorded = artefact.value if edit.value is None else edit.value
    same = edit.value is None or _same(uow.unseal(change.id, "value", edit.value), artefact.value)
    if not same or content_digest(change.kind, artefact.name, recorded, edit.source) != change.digest:
        return Refusal(Reason.APPROVAL_STALE, why("content-reads-otherwise"))
    return Content(artefact, source, Sealed(edit.source, edit.value, edit.digest))


def _same(one: Any, other: Any) -> bool:
    return canonical.encode(one) == canonical.encode(other)


def check_words(title: str, reason: str) -> Refusal | None:
    """A title and a reason are required and bounded."""
    if not 0 < len(title.strip()) <= TITLE_CHARS_MAX:
        raise BrokenInput(why("title-length", most=TITLE_CHARS_MAX), "title")
    check_reason(reason)
    return None if reason.strip() else Refusal(Reason.REASON_MISSING, why("change-without-reason"))


def check_reason(reason: str) -> None:
    """Raise `BrokenInput` for a reason over the limit."""
    if len(reason) > REASON_CHARS_MAX:
        raise BrokenInput(why("reason-length", most=REASON_CHARS_MAX), "reason")
