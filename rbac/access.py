"""The access check of every command and every read: actor, domain, object, action -> Permit or Refusal.

Policy, actors and assignments are read once per register epoch; the policy is hashed again on load, so a row edited
behind our back is refused at use. The roles in force are those of the instant of the batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from typing import Any, Generic, NamedTuple, TypeVar

from ledger import canonical
from ledger.actor import Actor, ActorKind, is_person
from ledger.clock import Instant
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Reason, Refusal
from ledger.work import UnitOfWork
from rbac.effective import RoleHeld
from rbac.enforcer import AccessSnapshot
from rbac.permission import FIELD_OBJECT, PERSON_ONLY, Action, Ask, DataClass
from rbac.refusal_texts import why
from rbac.roles import policy_of
from rbac.store import Rows, assigned, held, newest_policy, policy_before
from rbac.tables import ACTOR, PERSON, ActorRow, PolicyVersionRow

ACTORS_MAX = 20_000  # actors whose assignments are kept per epoch; more than any organisation has at work at once
GIVEN_MAX = 65_536  # answers kept per epoch, about 30 MB when all differ
SNAPSHOTS_MAX = 8  # policies kept: the present ones of a few logs and their forerunners


@dataclass(frozen=True, slots=True)
class Permit:
    """An act is allowed. `assignments` are the indexes of the entries that gave the roles."""

    rules: tuple[str, ...]
    policy_digest: str
    assignments: tuple[int, ...]
    roles: tuple[str, ...] = ()

    def as_basis(self) -> dict[str, Any]:
        """The `permit` member of an entry's basis."""
        return {"rules": list(self.rules), "policy": self.policy_digest, "assignments": list(self.assignments)}


T = TypeVar("T")


class _Given(NamedTuple, Generic[T]):
    """An answer given to an actor of this kind, good for instants of [since, until): no assignment begins or ends.

    Whether it is good for who asks now is written out where it is asked, as is whether the epoch is still that of the
    log: both are asked by every command, some several times, and are quicker there than as functions.
    """

    kind: ActorKind
    since: int
    until: int
    answer: T


@dataclass(slots=True)
class _Epoch:
    """What is known of one log at one register epoch."""

    epoch: int
    snapshot: AccessSnapshot | Refusal
    actors: dict[str, tuple[ActorRow | None, tuple[RoleHeld, ...]]]
    given: dict[tuple[Any, ...], _Given[Permit | Refusal]]
    roles: dict[tuple[Any, ...], _Given[tuple[str, ...]]]

    def remember(
        self, answers: dict[tuple[Any, ...], _Given[T]], asked: tuple[tuple[Any, ...], Actor, Instant], answer: T
    ) -> None:
        """Keep an answer for as long as the actor's assignments stay what they are; one of a stranger is not kept."""
        key, actor, now = asked
        found = self.actors.get(actor.id)
        if found is None:
            return
        if len(answers) >= GIVEN_MAX:
            answers.clear()
        answers[key] = _Given(actor.kind, *_standing(found[1], now), answer)


_EVER = 2**63 - 1  # later than any instant
_EMPTY = Refusal(Reason.NO_RULE, why("no-policy"))
_STALE = Refusal(Reason.STALE_POLICY, why("other-policy"))
_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))
_NO_ROLE = Refusal(Reason.NO_RULE, why("no-role"))
_NO_ACTOR = Refusal(Reason.NO_RULE, why("actor-not-active"))


class Access:
    """Checks permissions on any number of logs. Thread-safe; one per process is enough.

    The holder calls `forget` when a batch that raised the register epoch is rolled back: what was read inside it
    must not be taken for what stands.
    """

    def __init__(self, build: Callable[..., AccessSnapshot] = AccessSnapshot.build) -> None:
        self._build = build
        self._epochs: dict[str, _Epoch] = {}
        self._snapshots: dict[str, AccessSnapshot] = {}
        self._lock = RLock()

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Permit | Refusal:
        """May the actor do this at the instant of the batch. Reasons: NO_RULE, DENIED, NOT_A_PERSON, STALE_POLICY."""
        return self.read_check(uow, uow.now, actor, (domain, obj, act))

    def read_check(self, rows: Rows, now: Instant, actor: Actor, ask: Ask | tuple[str, str, str]) -> Permit | Refusal:
        """The same check for a read outside any batch."""
        known = self._epochs.get(rows.origin)
        if known is None or known.epoch != rows.register_epoch:
            known = self._read(rows)
        key = (actor.id, actor.person, actor.method, actor.scope, *ask)
        try:
            given = known.given.get(key)
        except TypeError:  # an unhashable field is no text, and is judged as such
            return self._check(rows, now, actor, Ask(*ask))
        if given is not None and given.kind is actor.kind and given.since <= now < given.until:
            return given.answer
        answer = self._check(rows, now, actor, Ask(*ask))
        known.remember(known.given, (key, actor, now), answer)
        return answer

    def _check(self, rows: Rows, now: Instant, actor: Actor, ask: Ask) -> Permit | Refusal:
        if not all(ask):
            return Refusal(Reason.NO_RULE, why("blank-ask"))
        if (ask.object, ask.action) in PERSON_ONLY and not is_person(actor):
            return _NOT_A_PERSON
        snapshot = self._known(rows).snapshot
        if isinstance(snapshot, Refusal):
            return snapshot
        assignments = self._in_force(rows, now, actor, ask.domain)
        return assignments if isinstance(assignments, Refusal) else _judge(snapshot, assignments, ask)

    def roles(self, rows: Rows, now: Instant, actor: Actor, domain: str) -> tuple[str, ...]:
        """The roles that count for the actor in this domain now, included ones too; empty on any refusal."""
        known = self._epochs.get(rows.origin)
        if known is None or known.epoch != rows.register_epoch:
            known = self._read(rows)
        key = (actor.id, actor.person, actor.scope, domain)
        given = known.roles.get(key)
        if given is not None and given.kind is actor.kind and given.since <= now < given.until:
            return given.answer
        snapshot = known.snapshot
        if isinstance(snapshot, Refusal):
            return ()
        assignments = self._in_force(rows, now, actor, domain)
        if isinstance(assignments, Refusal):
            return ()
        roles = tuple(sorted({name for a in assignments for name in snapshot.policy.paths(a.role)}))
        known.remember(known.roles, (key, actor, now), roles)
        return roles

    def holds(self, uow: UnitOfWork, actor: Actor, domain: str, role: str) -> bool:
        """Whether the actor has the role in force in this domain at the instant of the batch."""
        return role in self.roles(uow, uow.now, actor, domain)

    def holders(self, rows: Rows, now: Instant, domain: str, role: str) -> tuple[str, ...]:
        """The persons for whom the role counts in this domain now, by id; nobody on any refusal."""
        snapshot = self._known(rows).snapshot
        if isinstance(snapshot, Refusal):
            return ()
        giving = [one.name for one in snapshot.policy.roles if role in snapshot.policy.paths(one.name)]
        found = {
            held_.actor
            for held_ in assigned(rows, giving)
            if held_.in_force(now) and snapshot.covers(held_.domain, domain)
        }
        actors = [rows.get(ACTOR, actor) for actor in sorted(found)]
        return tuple(row.person for row in actors if row is not None and row.status == "active" and row.person)

    def is_here(self, rows: Rows, person: str) -> bool:
        """Whether a person is registered and has not left, whatever they may do."""
        row = rows.get(PERSON, person)
        return row is not None and row.status == "active"

    def readable(self, rows: Rows, now: Instant, actor: Actor, domain: str) -> frozenset[DataClass]:
        """The field classes the actor may read in this domain."""
        return frozenset(
            data_class
            for data_class, obj in FIELD_OBJECT.items()
            if isinstance(self.read_check(rows, now, actor, Ask(domain, obj, Action.READ)), Permit)
        )

    def may_read(self, rows: Rows, now: Instant, actor: Actor, field: tuple[str, str]) -> Permit | Refusal:
        """May the actor read a field of this (domain, class); UNCLASSED_FIELD for a class that does not exist."""
        domain, data_class = field
        if data_class not in set(DataClass):
            return Refusal(Reason.UNCLASSED_FIELD, why("unclassed-field"))
        return self.read_check(rows, now, actor, Ask(domain, FIELD_OBJECT[DataClass(data_class)], Action.READ))

    def snapshot(self, rows: Rows) -> AccessSnapshot | Refusal:
        """The policy in force; STALE_POLICY when its row does not hash to its digest."""
        return self._known(rows).snapshot

    def snapshot_before(self, rows: Rows, at: Instant) -> AccessSnapshot | Refusal:
        """The policy that was in force just before an instant; refused as that in force is."""
        return self._load(policy_before(rows, at))

    def forget(self) -> None:
        """Drop what was read for the present epochs; policies stay, being named by digest."""
        with self._lock:
            self._epochs.clear()

    def _known(self, rows: Rows) -> _Epoch:
        known = self._epochs.get(rows.origin)
        return self._read(rows) if known is None or known.epoch != rows.register_epoch else known

    def _read(self, rows: Rows) -> _Epoch:
        """What is known of the log at its present epoch, of which nothing was read so far."""
        epoch = rows.register_epoch
        known = self._epochs[rows.origin] = _Epoch(epoch, self._load(newest_policy(rows)), {}, {}, {})
        return known

    def _load(self, row: PolicyVersionRow | None) -> AccessSnapshot | Refusal:
        if row is None:
            return _EMPTY
        try:
            value = canonical.decode(row.value.encode("utf-8"))
            if canonical.digest(value) != row.digest:
                return _STALE
            with self._lock:
                snapshot = self._snapshots.get(row.digest)
                if snapshot is None:
                    snapshot = self._build(policy_of(value), row.digest)
                    self._snapshots[row.digest] = snapshot
                    if len(self._snapshots) > SNAPSHOTS_MAX:
                        self._snapshots.pop(next(iter(self._snapshots)))
                return snapshot
        except (BrokenInput, BrokenState, UnicodeEncodeError):
            return _STALE

    def _in_force(self, rows: Rows, now: Instant, actor: Actor, domain: str) -> tuple[RoleHeld, ...] | Refusal:
        """Assignments that count in this domain now, after the credential's scope."""
        known = self._known(rows)
        if isinstance(known.snapshot, Refusal):
            return known.snapshot
        found = known.actors.get(actor.id)
        if found is None:
            found = (rows.get(ACTOR, actor.id), held(rows, actor.id))
            if len(known.actors) < ACTORS_MAX:
                known.actors[actor.id] = found
        row, assignments = found
        if row is None or row.status != "active" or row.kind != actor.kind or row.person != actor.person:
            return _NO_ACTOR
        snapshot = known.snapshot
        counted = tuple(
            a
            for a in assignments
            if a.in_force(now) and snapshot.covers(a.domain, domain) and _in_scope(snapshot, actor, a.role, domain)
        )
        return counted or _NO_ROLE


def _standing(assignments: tuple[RoleHeld, ...], now: Instant) -> tuple[int, int]:
    """The instants around `now` between which the same assignments are in force: [since, until)."""
    changes = [a.valid_from for a in assignments] + [a.valid_until for a in assignments if a.valid_until is not None]
    since = max((at for at in changes if at <= now), default=0)
    return since, min((at for at in changes if at > now), default=_EVER)


def _in_scope(snapshot: AccessSnapshot, actor: Actor, role: str, domain: str) -> bool:
    if actor.scope is None:
        return True
    return any(role == scoped and snapshot.covers(within, domain) for scoped, within in actor.scope)


def _judge(snapshot: AccessSnapshot, assignments: tuple[RoleHeld, ...], ask: Ask) -> Permit | Refusal:
    """Some role allows and none denies."""
    rules: set[str] = set()
    used: set[int] = set()
    roles: set[str] = set()
    denies: list[tuple[str, str]] = []
    refusal: Refusal | None = None
    for assignment in assignments:
        found = snapshot.check(assignment.role, *ask)
        if not isinstance(found, Refusal):
            rules.update(found.rules)
            used.add(assignment.entry_index)
            roles.add(assignment.role)
        elif found.reason is Reason.DENIED:
            denies += found.details
            refusal = found
        elif refusal is None:
            refusal = found
    if refusal is not None and refusal.reason is Reason.DENIED:
        return Refusal(refusal.reason, refusal.message, tuple(sorted(set(denies))))
    if not rules:
        return refusal or _NO_ROLE
    return Permit(tuple(sorted(rules)), snapshot.digest, tuple(sorted(used)), tuple(sorted(roles)))
