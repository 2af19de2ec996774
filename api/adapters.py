"""What one room gives another, made fit: small values and functions that the wiring hands in.

Rooms know each other only to the left; what an upper room must give a lower one passes through here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.identity.passkeys import digest_of
from api.identity.passkeys import holds as holds_passkey
from governance import holds
from governance.authority import GroupingRow, PolicyRow, Released
from governance.rules.dmn.as_table import read_any_table
from governance.rules.table import RuleTable, compile_table, table_to_json
from governance.rules.table_findings import TableFinding, findings_of
from governance.signature import PasskeyProof
from ledger.actor import person_acting
from ledger.canonical import from_b64url
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator import about
from rbac import service as rbac
from rbac.permission import WHOLE, Object
from rbac.service import AuthorityRow, AuthoritySnapshot, EnforcerShelf, Link
from versioning import service as versioning


def released_decisions(rows: Any) -> Released:
    """Blueprint -> step -> (decision kind, outcomes) over every released version; the newest version names the kind."""
    released: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {}
    for point in versioning.decision_points(rows):
        steps = released.setdefault(point.blueprint, {})
        known = steps.get(point.step)
        earlier = known[1] if known is not None and known[0] == point.decision_kind else ()
        steps[point.step] = (point.decision_kind, tuple(dict.fromkeys((*earlier, *point.outcomes))))
    return released


def authority_snapshots() -> Callable[[tuple[PolicyRow, ...], tuple[GroupingRow, ...], str], AuthoritySnapshot]:
    """What compiles a register for the enforcement point; enforcers of unchanged decision kinds are taken over."""
    shelf = EnforcerShelf()

    def snapshot(policy: tuple[PolicyRow, ...], grouping: tuple[GroupingRow, ...], digest: str) -> AuthoritySnapshot:
        rows = [AuthorityRow(*row) for row in policy]
        return AuthoritySnapshot(rows, [Link(*row) for row in grouping], digest, shelf)

    return snapshot


@dataclass(frozen=True, slots=True)
class RuleTableArtefact:
    """A rule table as change control sees it."""

    name: str
    value: dict[str, Any]
    table: RuleTable


def read_rule_table(source: str) -> RuleTableArtefact:
    """The rule table of a source; `BrokenInput` with line and column."""
    table = read_any_table(source)
    compile_table(table)
    return RuleTableArtefact(table.id, table_to_json(table), table)


def check_rule_table(uow: UnitOfWork, table: RuleTable) -> tuple[TableFinding, ...]:  # noqa: ARG001 - the shape of a check
    """What a reviewer is told of a rule table; an error keeps it from being proposed and released."""
    return findings_of(table)


def person_id(rows: Any, reference: str) -> str | None:
    """The id of the person the organisation calls so."""
    row = rbac.person_by_ref(rows, reference)
    return None if row is None else row.id


def may_in_person(access: rbac.Access) -> Callable[[Any, str, str], Mapping[str, Any] | Refusal]:
    """May a person, who has shown a password at the command line, do this to the log as a whole."""

    def may(uow: Any, person: str, act: str) -> Mapping[str, Any] | Refusal:
        actor = person_acting(person, "password")
        permit = access.check(uow, actor, WHOLE, Object.LEDGER, act)
        return permit if isinstance(permit, Refusal) else permit.as_basis()

    return may


def no_checks(uow: Any, blueprint: Any, places: Any) -> tuple[()]:  # noqa: ARG001 - the shape of a check
    """A released blueprint was checked when it was proposed and again when it was released."""
    return ()


class ErasureBarriers:
    """What stands against an erasure: an instance that runs, and holds (`ledger.erasure.Barriers`)."""

    def domain_of(self, uow: UnitOfWork, data_subject: str, instance: str) -> str | None:
        """The domain a data subject lies in; None when it is not this instance's."""
        return about.domain_of(uow, data_subject, instance)

    def against(self, uow: UnitOfWork, data_subject: str, instance: str) -> Refusal | None:
        """The refusal; None when nothing stands against it."""
        return about.running(uow, instance) or holds.on_hold(uow, data_subject, instance)


class OwnPasskeys:
    """Whose a passkey is, as local identity knows it."""

    def holds(self, uow: UnitOfWork, person: str, proof: PasskeyProof) -> bool:
        """See `orchestrator.ports.Passkeys`."""
        credential = digest_of(from_b64url(proof.credential))
        return holds_passkey(uow, person, credential, proof.public_key)
