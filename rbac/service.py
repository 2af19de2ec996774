"""The door of the room: the access check, named authority, the governed artefacts and the ceremony.

access = Access()
access.check(uow, actor, domain, obj, act) -> Permit | Refusal
authorities(snapshot, person, domain, kind, act) -> Named | Refusal
"""

from typing import NamedTuple

from ledger.refusal import Reason, Refusal
from ledger.rows import Folds
from ledger.work import Commands, CommandSpec
from rbac import fold
from rbac.access import Access, Permit
from rbac.artefacts import (
    Artefact,
    Finding,
    access_policy_kind,
    actor_kind_of_artefact,
    person_kind,
    role_assignment_kind,
)
from rbac.attributes import Attributes, person_attribute_kind
from rbac.ceremony import SUBJECT, FirstRole, HoldCeremony, NamedActor, NamedPerson, demo_accounts, hold_ceremony
from rbac.enforcer import AccessSnapshot, AuthoritySnapshot, EnforcerShelf
from rbac.refusal_texts import why
from rbac.snapshot import AuthorityRow, Link, authority_digest
from rbac.store import Rows, SealedRows, actor_named, every_held, held, person_by_ref, person_name, person_ref
from rbac.tables import ACTOR, PERSON

__all__ = [
    "KINDS_OF_ARTEFACT",
    "Access",
    "AccessSnapshot",
    "Artefact",
    "Attributes",
    "AuthorityRow",
    "AuthoritySnapshot",
    "EnforcerShelf",
    "Finding",
    "FirstRole",
    "HoldCeremony",
    "Link",
    "Named",
    "NamedActor",
    "NamedPerson",
    "Permit",
    "Rows",
    "SealedRows",
    "access_policy_kind",
    "actor_is_active",
    "actor_kind_of_artefact",
    "actor_named",
    "authorities",
    "authority_digest",
    "commands",
    "demo_accounts",
    "every_held",
    "folds",
    "held",
    "person_attribute_kind",
    "person_by_ref",
    "person_is_active",
    "person_kind",
    "person_name",
    "person_ref",
    "role_assignment_kind",
]

KINDS_OF_ARTEFACT = (
    access_policy_kind,
    person_kind,
    actor_kind_of_artefact,
    role_assignment_kind,
    person_attribute_kind,
)


class Named(NamedTuple):
    """The grants Casbin named for a person and an outcome; only these may be judged."""

    grants: tuple[str, ...]
    register_digest: str


def authorities(
    snapshot: AuthoritySnapshot, person: str, domain: str, kind: str, act: tuple[str, str, str]
) -> Named | Refusal:
    """Which grants name this person for `act` = (blueprint, step, outcome).

    NO_GRANT when no grant of this domain reaches the person at all, WRONG_POWER when none is for this act.
    """
    grants = snapshot.named(person, domain, kind, act)
    if grants:
        return Named(grants, snapshot.digest)
    if snapshot.ever_named(person, domain):
        return Refusal(Reason.WRONG_POWER, why("grants-for-others"))
    return Refusal(Reason.NO_GRANT, why("no-authority-grant"))


def person_is_active(rows: Rows, person: str) -> bool:
    """Whether the person is registered and has not left."""
    row = rows.get(PERSON, person)
    return row is not None and row.status == "active"


def actor_is_active(rows: Rows, actor: str) -> bool:
    """Whether the actor is registered and has not left."""
    row = rows.get(ACTOR, actor)
    return row is not None and row.status == "active"


def commands() -> Commands:
    """The commands of the room: the ceremony alone, since everything else is a governed artefact."""
    return {HoldCeremony: CommandSpec("HoldCeremony", hold_ceremony, _ceremony_subject)}


def _ceremony_subject(_: HoldCeremony) -> str:
    return SUBJECT


def folds() -> Folds:
    """The folds of the room by (kind, schema)."""
    return fold.folds()
