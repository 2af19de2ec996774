"""Substitutions as they are recorded and lifted: by the absent person themselves, or by who may do it for others.

Entries: `governance.entries`. The subject of both is the substitution. Its reason is confidential and a commitment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from governance.entries import SUBSTITUTION_LIFTED, SUBSTITUTION_RECORDED
from governance.grant import DAY
from governance.holds import TEXT_MAX, check_text
from governance.refusal_texts import why
from governance.substitution import Standing, circle, standing_in, stood_in_for
from governance.tables import SUBSTITUTION, SubstitutionRow
from ledger.access_point import AccessPoint
from ledger.actor import is_person
from ledger.entry import Entry, EntryDraft
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds, FoldView
from ledger.wording import as_it_is
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork
from rbac.permission import WHOLE, check_typed

OPEN_MAX = 500  # substitutions that have not ended, of an organisation
DAYS_MAX = 366  # of one: longer absences are a change of roles
Substitution = SubstitutionRow  # the row as those may name it who list them


class EpochRows(Rows, Protocol):
    """Rows that say when what is known of registers is no longer what stands."""

    @property
    def origin(self) -> str: ...
    @property
    def register_epoch(self) -> int: ...


_COLUMNS = ", ".join(SubstitutionRow._fields)
_OPEN = (
    "SELECT absent, substitute, valid_from, valid_until FROM substitution WHERE log_id = {log} AND valid_until > ?"
    " ORDER BY id"
)
_PERSON = "SELECT status FROM person WHERE log_id = {log} AND id = ?"
_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))


@dataclass(frozen=True, slots=True)
class RecordSubstitution:
    """`substitute` stands in for `absent` from `start` (at once when it is past) until `until`."""

    absent: str
    substitute: str
    start: int
    until: int
    reason: str


@dataclass(frozen=True, slots=True)
class LiftSubstitution:
    """It counts no more, from now on."""

    substitution: str
    reason: str


def commands(access: AccessPoint) -> Commands:
    """The commands of this page."""

    def record(uow: UnitOfWork, command: RecordSubstitution) -> Done | Refusal:
        return _record(access, uow, command)

    def lift(uow: UnitOfWork, command: LiftSubstitution) -> Done | Refusal:
        return _lift(access, uow, command)

    return {
        RecordSubstitution: CommandSpec("RecordSubstitution", record, lambda command: command.absent),
        LiftSubstitution: CommandSpec(
            "LiftSubstitution", lift, lambda c: c.substitution, lambda c: [(SUBSTITUTION, (c.substitution,))]
        ),
    }


def folds() -> Folds:
    """The folds of this page."""
    return {(SUBSTITUTION_RECORDED, 1): _fold_recorded, (SUBSTITUTION_LIFTED, 1): _fold_lifted}


class Substitutions:
    """Who stands in for whom, by log, as its rows tell it; read again when the register epoch has moved."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, list[Standing]]] = {}

    def stood_in_for(self, rows: EpochRows, person: str, now: int) -> tuple[str, ...]:
        """Whom a person stands in for at this instant (`governance.substitution.stood_in_for`)."""
        found = self._read(rows, now)
        return stood_in_for(found, person, now) if found else ()

    def standing_in(self, rows: EpochRows, absent: str, now: int) -> tuple[str, ...]:
        """Who stands in for a person at this instant, the nearest first."""
        found = self._read(rows, now)
        return standing_in(found, absent, now) if found else ()

    def absent(self, rows: EpochRows, now: int) -> frozenset[str]:
        """Who is stood in for at this instant."""
        return frozenset(one.absent for one in self._read(rows, now) if one.covers(now))

    def _read(self, rows: EpochRows, now: int) -> list[Standing]:
        known = self._known.get(rows.origin)
        if known is None or known[0] != rows.register_epoch:
            known = self._known[rows.origin] = (rows.register_epoch, _standing(rows, now))
        return known[1]


def substitution(rows: Rows, substitution_id: str) -> SubstitutionRow | None:
    """One by its id."""
    return rows.get(SUBSTITUTION, substitution_id)


def substitutions(rows: Rows, person: str, after: str, limit: int) -> list[SubstitutionRow]:
    """Substitutions after an id, oldest first, ended ones as well; of one person on either side, "" for all."""
    found = rows.query(
        f"SELECT {_COLUMNS} FROM substitution WHERE log_id = {{log}} AND (? = '' OR absent = ? OR substitute = ?)"
        " AND id > ? ORDER BY id LIMIT ?",
        (person, person, person, after, limit),
    )
    return [SubstitutionRow(*row) for row in found]


def _standing(rows: Rows, now: int) -> list[Standing]:
    return [Standing(*row) for row in rows.query(_OPEN, (now,))]


def _record(access: AccessPoint, uow: UnitOfWork, command: RecordSubstitution) -> Done | Refusal:
    check_text(command.reason, "reason", TEXT_MAX)
    for person in (command.absent, command.substitute):
        check_typed(person, "person")
    start = max(command.start, uow.now)
    if command.until <= start:
        raise BrokenInput(why("end-after-beginning"), "until")
    if command.until - start > DAYS_MAX * DAY:
        raise BrokenInput(why("days-counted", most=DAYS_MAX), "until")
    basis = _permitted(access, uow, command.absent)
    if isinstance(basis, Refusal):
        return basis
    for person, name in ((command.absent, "absent"), (command.substitute, "substitute")):
        if uow.query(_PERSON, (person,)) != [("active",)]:
            return Refusal(Reason.NOT_FOUND, why("no-active-person", name=as_it_is(name)))
    found = _standing(uow, uow.now)
    if len(found) >= OPEN_MAX:
        return Refusal(Reason.INVALID_DATA, why("substitutions-counted", most=OPEN_MAX))
    new = Standing(command.absent, command.substitute, start, command.until)
    if around := circle(found, new):
        told = tuple([("person", person) for person in around])
        return Refusal(Reason.SUBSTITUTION_CIRCULAR, why("substitution-circle"), told)
    substitution = uow.ids.ordered("su", uow.now)
    result = {"substitution": substitution, "absent": command.absent, "substitute": command.substitute}
    payload = {
        "absent": command.absent,
        "substitute": command.substitute,
        "valid_from": start,
        "valid_until": command.until,
        "reason": uow.seal(substitution, "reason", command.reason, data_class="confidential"),
        "result": result,
    }
    refs = {"absent": command.absent, "substitute": command.substitute}
    uow.stage(EntryDraft(SUBSTITUTION_RECORDED, 1, substitution, payload, refs=refs, basis=basis))
    return Done("recorded", result)


def _lift(access: AccessPoint, uow: UnitOfWork, command: LiftSubstitution) -> Done | Refusal:
    check_text(command.reason, "reason", TEXT_MAX)
    row = uow.get(SUBSTITUTION, command.substitution)
    if row is None:
        return Refusal(Reason.NOT_FOUND, why("no-such-substitution"))
    basis = _permitted(access, uow, row.absent)
    if isinstance(basis, Refusal):
        return basis
    if row.valid_until <= uow.now:
        return Refusal(Reason.WRONG_STATE, why("substitution-over"))
    result = {"substitution": row.id, "absent": row.absent, "substitute": row.substitute}
    payload = {
        "valid_until": uow.now,
        "reason": uow.seal(row.id, "lifted.reason", command.reason, data_class="confidential"),
        "result": result,
    }
    refs = {"absent": row.absent, "substitute": row.substitute}
    uow.stage(EntryDraft(SUBSTITUTION_LIFTED, 1, row.id, payload, refs=refs, basis=basis))
    return Done("lifted", result)


def _permitted(access: AccessPoint, uow: UnitOfWork, absent: str) -> dict[str, object] | Refusal:
    """The basis on which who acts may say it: their own absence, or the permission to say it for others."""
    actor = uow.actor
    if not is_person(actor):
        return _NOT_A_PERSON
    if actor.person == absent:
        return {}
    permit = access.check(uow, actor, WHOLE, "person", "substitute")
    return permit if isinstance(permit, Refusal) else {"permit": permit.as_basis()}


def _fold_recorded(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    row = SubstitutionRow(
        id=entry.subject,
        absent=payload["absent"],
        substitute=payload["substitute"],
        valid_from=payload["valid_from"],
        valid_until=payload["valid_until"],
        reason=orjson.dumps(payload["reason"], option=orjson.OPT_SORT_KEYS).decode(),
        recorded_by=entry.actor.get("person") or entry.actor["id"],
        recorded=entry.index,
        lifted=None,
    )
    view.put(SUBSTITUTION, row)


def _fold_lifted(view: FoldView, entry: Entry) -> None:
    row = view.get(SUBSTITUTION, entry.subject)
    if row is None:
        raise BrokenState(f"expected substitution {entry.subject}, found none")
    view.put(SUBSTITUTION, row._replace(valid_until=entry.payload["valid_until"], lifted=entry.index))


def state_of(row: SubstitutionRow, now: int) -> str:
    """How it stands: `planned`, `in force`, `lifted` or `ended`."""
    if row.lifted is not None:
        return "lifted"
    if now < row.valid_from:
        return "planned"
    return "in force" if now < row.valid_until else "ended"


def both(rows: Sequence[SubstitutionRow]) -> frozenset[str]:
    """Every person named by some of them."""
    return frozenset(person for row in rows for person in (row.absent, row.substitute))
