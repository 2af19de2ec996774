"""Questions to this room's tables that no handler asks twice in its own words."""

from collections.abc import Sequence
from typing import Any, Protocol

from ledger import canonical
from ledger.clock import Instant
from ledger.rows import R, Table
from rbac.effective import RoleHeld
from rbac.permission import ACTOR_TYPES, is_slug
from rbac.tables import (
    ACTOR,
    ASSIGNMENT,
    PERSON,
    PERSON_REF,
    POLICY_VERSION,
    AssignmentRow,
    PersonRow,
    PolicyVersionRow,
)


class Rows(Protocol):
    """What a check reads from: a unit of work, or a read-only view of one log."""

    @property
    def origin(self) -> str:
        """The log's origin."""
        ...

    @property
    def register_epoch(self) -> int:
        """Raised by every write to a register table."""
        ...

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key."""
        ...

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        """All rows of the group."""
        ...

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """`?` marks a parameter; `{log}` stands for the log's number."""
        ...


class SealedRows(Rows, Protocol):
    """Rows whose sealed values can be opened."""

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        """The value behind what `seal` returned; None if its opening is destroyed."""
        ...


def newest_policy(rows: Rows) -> PolicyVersionRow | None:
    """The access policy in force."""
    [(number,)] = rows.query("SELECT MAX(number) FROM access_policy_version WHERE log_id = {log}")
    return None if number is None else rows.get(POLICY_VERSION, number)


def policy_before(rows: Rows, at: Instant) -> PolicyVersionRow | None:
    """The access policy that was in force just before an instant."""
    statement = "SELECT MAX(number) FROM access_policy_version WHERE log_id = {log} AND released_at < ?"
    [(number,)] = rows.query(statement, (at,))
    return None if number is None else rows.get(POLICY_VERSION, number)


def held(rows: Rows, actor: str) -> tuple[RoleHeld, ...]:
    """Every assignment of the actor, past and coming ones included."""
    return tuple(as_held(row) for row in rows.group(ASSIGNMENT, actor))


def as_held(row: AssignmentRow) -> RoleHeld:
    """An assignment row as a role held for a time."""
    until = None if row.valid_until is None else Instant(row.valid_until)
    return RoleHeld(row.actor, row.role, row.domain, Instant(row.valid_from), until, row.entry_index)


def every_held(rows: Rows) -> tuple[RoleHeld, ...]:
    """Every assignment of the log, for access reviews and effective rights."""
    found = rows.query(
        "SELECT actor, role, domain, valid_from, valid_until, entry_index FROM role_assignment "
        "WHERE log_id = {log} ORDER BY actor, id"
    )
    return tuple(RoleHeld(*row) for row in found)


def assigned(rows: Rows, roles: Sequence[str]) -> tuple[RoleHeld, ...]:
    """Every assignment of one of these roles, past and coming ones included, by actor."""
    if not roles:
        return ()
    found = rows.query(
        "SELECT actor, role, domain, valid_from, valid_until, entry_index FROM role_assignment "
        f"WHERE log_id = {{log}} AND role IN ({', '.join('?' * len(roles))}) ORDER BY actor, id",
        tuple(roles),
    )
    return tuple(RoleHeld(*row) for row in found)


def person_by_ref(rows: Rows, ref: str) -> PersonRow | None:
    """The person the organisation calls so."""
    if not is_slug(ref):
        return None
    found = rows.get(PERSON_REF, ref)
    return None if found is None else rows.get(PERSON, found.person)


def person_ref(rows: Rows, person: str) -> str | None:
    """What the organisation calls the person with this id; None when it is nobody's here."""
    row = rows.get(PERSON, person)
    return None if row is None else row.ref


def actor_named(rows: Rows, text: str) -> str | None:
    """The actor a source means: a typed actor id, or the reference of a person; None when there is none."""
    if text.partition(":")[0] in ACTOR_TYPES and ":" in text:
        row = rows.get(ACTOR, text)
        return None if row is None else row.id
    person = person_by_ref(rows, text)
    return None if person is None else person.id


def person_name(rows: SealedRows, person: str) -> str | None:
    """The person's name, opened; None when erased or unknown. The caller has checked that it may be read."""
    row = rows.get(PERSON, person)
    if row is None:
        return None
    name = rows.unseal(row.sealed_subject, row.sealed_path, canonical.decode(row.name.encode("utf-8")))
    return None if name is None else str(name)
