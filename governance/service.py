"""The door of the room: the authority register, the decision, the governed artefacts of authority.

authorities = Authorities(wiring)
authorities.decide(uow, request) -> Decision | Refusal          named by the enforcement point, then judged
authorities.register(uow)        -> Register                    immutable, loaded by digest
authorities.kinds()              -> artefact kinds for change requests

A decision is recorded by the entry that completes its task: `decision_payload` and `decision_basis` say what stands
there, and the fold of that entry calls `record_decision`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from governance import fold, holds, substituting
from governance.above import Height, Kind, heights
from governance.artefacts import Asking, Finding, GrantKind, InstrumentKind, OfficeKind, RevocationKind
from governance.authority import Compiled, GroupingRow, PolicyRow, Register, Released, compile_rows
from governance.decision import (
    Conditions,
    Decision,
    DecisionRequest,
    MoneyLike,
    Named,
    Usage,
    decide,
    usage_keys,
)
from governance.duties import Duty, DutyFacts
from governance.entries import decision_basis, decision_payload
from governance.fold import AUTHORITY, record_decision
from governance.reach import Reaching, unreached
from governance.refusal_texts import why
from governance.signature import Signature, Statement, compare, re_derive, signature_of, statement_words
from governance.store import Rows, load_register, register_row, used
from governance.tables import REGISTER
from ledger.actor import Actor, is_person
from ledger.errors import BrokenState
from ledger.ids import PersonId
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds, Table
from ledger.wording import in_english
from ledger.work import Commands, UnitOfWork

__all__ = [
    "Authorities",
    "Compiled",
    "Decision",
    "DecisionRequest",
    "Duty",
    "DutyFacts",
    "Finding",
    "Named",
    "Register",
    "Rows",
    "Signature",
    "Snapshot",
    "Statement",
    "Wiring",
    "commands",
    "compare",
    "decision_basis",
    "decision_payload",
    "decision_reads",
    "folds",
    "person_of",
    "re_derive",
    "record_decision",
    "signature_of",
    "statement_words",
]


class Snapshot(Protocol):
    """The enforcement point's copy of one compiled register."""

    def named(self, person: str, domain: str, kind: str, act: tuple[str, str, str]) -> tuple[str, ...]:
        """Ids of the grants that name the person for `act` = (blueprint, step, outcome); empty on any fault."""
        ...


ArtefactKinds = tuple[InstrumentKind, GrantKind, RevocationKind, OfficeKind]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What other rooms give. `recorded` answers the payload of the entry at an index, None while it is not written."""

    resolve: Callable[[UnitOfWork, str], str | None]  # a person's handle -> PersonId
    released: Callable[[Rows], Released]  # decision steps of released blueprints
    snapshot: Callable[[tuple[PolicyRow, ...], tuple[GroupingRow, ...], str], Snapshot]
    conditions: Conditions
    fault_of: Callable[[str], str]  # what is wrong with the text of a condition, "" when nothing is
    recorded: Callable[[Rows, int], Mapping[str, Any] | None] | None = None


class Authorities:
    """The authority register of each log, cached by its digest, and the decision made from it."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._registers: dict[str, Register] = {}
        self._snapshots: dict[str, tuple[tuple[str, int], str, Snapshot]] = {}

    def kinds(self) -> ArtefactKinds:
        """The governed artefacts of this room, for change requests."""
        asking = Asking(self.register, self._wiring.resolve, self._wiring.released, self._wiring.fault_of)
        return InstrumentKind(asking), GrantKind(asking), RevocationKind(asking), OfficeKind(asking)

    def register(self, rows: Rows) -> Register:
        """The register in force; `BrokenState` when its rows are not those that were released.

        The cache is kept by digest, not by epoch: an epoch reached in a batch that failed can come again with other
        rows, a digest cannot.
        """
        head = register_row(rows)
        cached = self._registers.get(rows.origin)
        if head is not None and cached is not None and cached.digest == head.digest:
            return cached
        register = load_register(rows)
        if head is None:
            if register != Register():
                raise BrokenState("expected an empty authority register, found rows nobody released")
            return register
        recorded = self._wiring.recorded(rows, head.entry_index) if self._wiring.recorded else None
        if register.digest != head.digest or (recorded is not None and recorded["register_digest"] != head.digest):
            raise BrokenState("expected the authority register with its released digest, found another")
        self._registers[rows.origin] = register
        return register

    def compiled(self, rows: Rows) -> Compiled:
        """The rows the enforcement point is given."""
        return compile_rows(self.register(rows), self._wiring.released(rows))

    def named(self, rows: Rows, request: DecisionRequest) -> Named:
        """The grants the enforcement point names for a request."""
        return self._named(rows, self.register(rows), request.person or "", request)

    def _named(self, rows: Rows, register: Register, person: str, request: DecisionRequest) -> Named:
        rows_digest, snapshot = self._snapshot(rows, register)
        act = (request.blueprint, request.step, request.outcome)
        found = snapshot.named(person, request.domain, request.decision_kind, act)
        return Named(tuple(found), register.digest, rows_digest)

    def decide(self, uow: UnitOfWork, request: DecisionRequest) -> Decision | Refusal:
        """Whether the actor of the unit of work may take this decision now, and under which grant.

        The person is the actor's, whatever the request says. A register that does not hash decides nothing.
        """
        person, on_behalf_of = person_of(uow.actor), uow.actor.on_behalf_of
        if person is None:
            return Refusal(Reason.NOT_A_PERSON, why("actor-without-authority"))
        try:
            register = self.register(uow)
            named = self._named(uow, register, person, request)
            usage = _usage(uow, register, named, request.outcome)
            request = request.by(person, on_behalf_of, usage)
        except BrokenState as error:
            return Refusal(Reason.STALE_POLICY, in_english(str(error)))
        return decide(request, named, register, uow.now, self._wiring.conditions)

    def unnamed(self, uow: UnitOfWork, kind: Kind, measure: MoneyLike | Decimal | None = None) -> Refusal | None:
        """Why no grant in force names the actor for any outcome of these decisions and, where it is given, reaches this
        measure; None when one does."""
        person = person_of(uow.actor)
        if person is None:
            return Refusal(Reason.NOT_A_PERSON, why("actor-without-authority"))
        try:
            register = self.register(uow)
            asked = Reaching(person, kind, measure)
            return unreached(asked, lambda request: self._named(uow, register, person, request), register, uow.now)
        except BrokenState as error:
            return Refusal(Reason.STALE_POLICY, in_english(str(error)))

    def register_digest(self, uow: UnitOfWork) -> str:
        """The digest of the register in force, for an entry to name; "" for one that does not hash."""
        try:
            return self.register(uow).digest
        except BrokenState:
            return ""

    def heights(self, uow: UnitOfWork, kind: Kind) -> Mapping[str, Height] | Refusal:
        """Who holds an authority for these decisions now, and up to which limit; see `governance.above`."""
        try:
            return heights(self.register(uow), kind, uow.now)
        except BrokenState as error:
            return Refusal(Reason.STALE_POLICY, in_english(str(error)))

    def seated(self, uow: UnitOfWork, office: str) -> frozenset[str] | Refusal:
        """The persons who hold an office now, by its id; nobody where there is none."""
        try:
            return self.register(uow).persons(office, uow.now)
        except BrokenState as error:
            return Refusal(Reason.STALE_POLICY, in_english(str(error)))

    def _snapshot(self, rows: Rows, register: Register) -> tuple[str, Snapshot]:
        """Built anew when the register or, by the epoch, what is released has changed."""
        state = (register.digest, rows.register_epoch)
        cached = self._snapshots.get(rows.origin)
        if cached is None or cached[0] != state:
            compiled = compile_rows(register, self._wiring.released(rows))
            if cached is not None and cached[1] == compiled.digest:
                cached = (state, *cached[1:])
            else:
                cached = (state, compiled.digest, self._wiring.snapshot(*compiled))
            self._snapshots[rows.origin] = cached
        return cached[1:]


def person_of(actor: Actor) -> PersonId | None:
    """The natural person who acts, None for services, agents, the system, and whoever came with a key."""
    return actor.person if is_person(actor) else None


def decision_reads() -> tuple[tuple[Table[Any], tuple[Any, ...]], ...]:
    """The groups a command that decides asks for beforehand."""
    return ((REGISTER, (AUTHORITY,)),)


def commands() -> Commands:
    """None: the register changes by change requests alone, and decisions are made by completing tasks."""
    return {}


def folds() -> Folds:
    """The folds of the room by (kind, schema)."""
    return {**fold.folds(), **holds.folds(), **substituting.folds()}


def _usage(uow: UnitOfWork, register: Register, named: Named, outcome: str) -> tuple[Usage, ...]:
    grants = [grant for grant_id in named.grants if (grant := register.grant(grant_id, uow.now)) is not None]
    return tuple([used(uow, key) for grant in grants for key in usage_keys(register, grant, outcome, uow.now)])
