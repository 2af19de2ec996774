"""What the checks of a blueprint look up: the organisation's registers as they stand in one unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.quorum import chair_of, committee_in, members_of
from governance.rules.types import Type
from governance.service import Authorities, Register
from ledger.clock import Instant
from ledger.errors import BrokenState
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from rbac.effective import RoleHeld, right, scan
from rbac.permission import FIELD_OBJECT, WHOLE, Action, Ask, Object
from rbac.permission import DataClass as FieldClass
from rbac.roles import AccessPolicy
from rbac.service import Access, Attributes, every_held
from versioning.blueprint import Blueprint, DataClass, DataField, Place, TypeName
from versioning.business_time import Calendar
from versioning.check import check
from versioning.check_messages import running_of
from versioning.feel import FEEL
from versioning.finding import Finding
from versioning.kinds.typed_fields import operation_of
from versioning.registers import Agent, Committee, Operation, People, Registers, Running, Table
from versioning.service import Blueprints, Versions


@dataclass(frozen=True, slots=True)
class RegisterChecks:
    """`check_blueprint` for change control: every check of the language, none left out for want of a register."""

    access: Access
    authorities: Authorities
    versions: Versions
    blueprints: Blueprints
    read_table: Any  # source -> an artefact with `.table`

    def check(self, uow: UnitOfWork, blueprint: Blueprint, places: Mapping[str, Place]) -> tuple[Finding, ...]:
        """Findings against the registers as they stand."""
        return check(blueprint, self.registers(uow), FEEL, places)

    def registers(self, uow: UnitOfWork) -> Registers:
        """The organisation's registers."""
        snapshot = self.access.snapshot(uow)
        if isinstance(snapshot, Refusal):
            raise BrokenState(snapshot.message)
        policy = snapshot.policy
        register = self.authorities.register(uow)
        held = [assignment for assignment in every_held(uow) if assignment.in_force(uow.now)]
        return Registers(
            roles=frozenset(role.name for role in policy.roles),
            decision_kinds=frozenset(p.decision_kind for g in register.newest_grants() for p in g.powers),
            operations=self._operations(uow),
            tables=self._tables(uow),
            agents=self._agents(uow),
            blueprints=self._blueprints(uow),
            reason_codes=frozenset(self.versions.names(uow, "reason-code-list")),
            calendars=self._calendars(uow),
            starts=self._starts(uow),
            running=self._running(uow),
            committees=_committees(register, uow.now),
            offices=_offices(register, uow.now),
            now=uow.now,
            may_read=lambda role, data_class: may_read(policy, role, data_class),
            people=People(
                deciders=lambda kind, role: _deciders(register, uow.now, kind, _holders(policy, held, role)),
                holders=lambda role: _holders(policy, held, role) or frozenset(),
                authors=frozenset((uow.actor.person,)) if uow.actor.person else frozenset(),
                doing=lambda role, act: _doing(policy, held, (role, act), uow.now),
                units=lambda person: _units(uow, person),
                having=lambda attribute, value: frozenset(Attributes().having(uow, uow.now, attribute, value)),
            ),
        )

    def _operations(self, uow: UnitOfWork) -> dict[str, Operation]:
        found = {}
        for name in self.versions.names(uow, "connector"):
            version = self.versions.current(uow, "connector", name)
            for operation, spec in () if version is None else version.value["operations"].items():
                found[f"{name}.{operation}"] = operation_of(spec)
        return found

    def _tables(self, uow: UnitOfWork) -> dict[str, Table]:
        found = {}
        for name in self.versions.names(uow, "rule-table"):
            version = self.versions.current(uow, "rule-table", name)
            if version is None or version.source is None:
                continue
            table = self.read_table(version.source).table
            takes = tuple(declared_field(column.name, column.type) for column in table.given)
            # A table may yield anything where it does not say; then nothing can be checked against it.
            found[name] = Table(takes, None if table.result.name == "any" else declared_field("result", table.result))
        return found

    def _agents(self, uow: UnitOfWork) -> dict[str, Agent]:
        found = {}
        for name in self.versions.names(uow, "agent"):
            version = self.versions.current(uow, "agent", name)
            if version is not None:
                serves = frozenset(served["task"] for served in version.value["serves"])
                found[name] = Agent(version.value["sees"], serves)
        return found

    def _calendars(self, uow: UnitOfWork) -> dict[str, Calendar]:
        found = {}
        for name in self.versions.names(uow, "calendar"):
            version = self.versions.current(uow, "calendar", name)
            if version is not None:
                found[name] = Calendar(version.value)
        return found

    def _starts(self, uow: UnitOfWork) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.versions.names(uow, "blueprint"):
            version = self.blueprints.current(uow, name)
            starts = () if version is None else version.blueprint.starts
            found.update({start.message: name for start in starts if start.message})
        return found

    def _running(self, uow: UnitOfWork) -> dict[str, Running]:
        found = {}
        for name in self.versions.names(uow, "blueprint"):
            version = self.blueprints.current(uow, name)
            if version is not None:
                found[name] = running_of(version.blueprint)
        return found

    def _blueprints(self, uow: UnitOfWork) -> dict[str, tuple[DataField, ...]]:
        found = {}
        for name in self.versions.names(uow, "blueprint"):
            version = self.blueprints.current(uow, name)
            if version is not None:
                found[name] = version.blueprint.data
        return found


_DECLARED: dict[str, TypeName] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "date and time": "date and time",
    "money": "money",
    "list": "list",
}


def declared_field(name: str, kind: Type) -> DataField:
    """A type of the expression language as a declared datum, as far as there is one."""
    declared = _DECLARED.get(kind.name, "duration" if "duration" in kind.name else "object")
    properties = tuple(declared_field(inner, type_) for inner, type_ in kind.fields or ())
    items = declared_field("item", kind.item) if kind.item is not None and kind.name == "list" else None
    return DataField(name, declared, "internal", properties=properties, items=items)


def _committees(register: Register, now: int) -> dict[str, Committee]:
    """Each committee with who is a member, and who in its chair, today."""
    found = {}
    for name in {committee_in(office.id) for office in register.offices} - {None}:
        assert name is not None
        found[name] = Committee(register.persons(members_of(name), now), register.persons(chair_of(name), now))
    return found


def _offices(register: Register, now: int) -> dict[str, frozenset[str]]:
    """Who holds each office today, by its bare name."""
    return {office.id.removeprefix("office:"): register.persons(office.id, now) for office in register.offices}


def may_read(policy: AccessPolicy, role: str, data_class: DataClass) -> bool:
    """Whether a role, as `role NAME`, may read data of this class."""
    ask = Ask(WHOLE, FIELD_OBJECT[FieldClass(data_class)], Action.READ)
    return scan(policy, role.removeprefix("role "), ask).permitted


def _holders(policy: AccessPolicy, held: list[RoleHeld], role: str | None) -> frozenset[str] | None:
    """Persons who hold a role, by itself or inside another; None when no role is asked for."""
    if role is None:
        return None
    name = role.removeprefix("role ")
    return frozenset(a.actor for a in held if a.actor.startswith("person:") and name in policy.paths(a.role))


def _doing(
    policy: AccessPolicy, held: list[RoleHeld], asked: tuple[str, str], now: Instant
) -> frozenset[tuple[str, str]]:
    """(domain, person): who holds a role, any where it is empty, and may do this act on instances of the domain."""
    role, act = asked
    name = role.removeprefix("role ")
    by_person: dict[str, list[RoleHeld]] = {}
    for one in held:
        if one.actor.startswith("person:"):
            by_person.setdefault(one.actor, []).append(one)
    found = set()
    for domain in policy.domain_names():
        outer, ask = policy.chain(domain), Ask(domain, Object.INSTANCE, Action(act))
        for person, roles in by_person.items():
            is_of_it = not name or any(one.domain in outer and name in policy.paths(one.role) for one in roles)
            if is_of_it and right(policy, roles, ask, now) is not None:
                found.add((domain, person))
    return frozenset(found)


def _units(uow: UnitOfWork, person: str) -> frozenset[str]:
    return frozenset(value for name, value in Attributes().of(uow, uow.now, person) if name == "unit")


def _deciders(register: Register, now: int, kind: str, among: frozenset[str] | None) -> frozenset[str]:
    """Persons with an authority in force for the decision kind, among those who hold the role if one is named."""
    found: set[str] = set()
    for grant in register.newest_grants():
        if any(power.decision_kind == kind for power in grant.powers) and register.in_force(grant, now):
            found |= register.persons(grant.grantee, now)
    return frozenset(found if among is None else found & among)
