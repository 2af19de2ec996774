"""Every permit of a log judged again while the log is read: `ledger.rederiving` shows the entries, in order.

Kept are the access policy in force, the actors and their role assignments, as the entries so far make them, and what
API keys are limited to. A permit is derived by plain scan (`rbac.effective`, which a property test holds against
Casbin), for the act its kind of entry needs, in the domain its subject lies in, at the instant it was recorded; rules,
policy and assignments must be the recorded ones.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ledger.actor import API_KEY
from ledger.clock import Instant, parse_instant
from ledger.rederiving import Judged, Look, Seen
from ledger.verify.report import Status
from rbac import entries
from rbac.effective import RoleHeld, right
from rbac.permission import PERSON_ONLY, Ask
from rbac.roles import AccessPolicy, policy_digest, policy_of

GIVEN_MAX = 65_536  # answers kept until a register changes

Act = tuple[str, str]
"""(object, action) of the permission catalogue."""


class Asked(NamedTuple):
    """What a recorded permit answers: the act, and the domains it may have been asked for.

    There are several where the entry does not state the domain of the command, only that of its subject. `roles`: who
    acted needs all of them there beside the permission. `further`: the acts that the entry's further permits answer
    (`basis.further`), in their order.
    """

    act: Act
    domains: tuple[str, ...]
    roles: tuple[str, ...] = ()
    further: tuple[Act, ...] = ()


class Lost(NamedTuple):
    """A task that was taken from a person, who needed the act and the role ("" for none) there to hold it.

    `for_want_of_it`: the entry says that they lack one of them; else that they had both, and lacked something else.
    None where what is recorded cannot be judged by roles.
    """

    person: str
    act: Act
    domain: str
    role: str
    for_want_of_it: bool | None


AskedOf = Callable[[Seen, Look, AccessPolicy], Asked | None]
"""What the permit in an entry answers; None for a kind of entry that takes none."""

LostOf = Callable[[Seen, Look], Iterator[Lost]]
"""The tasks that an entry takes from somebody who may no longer do them."""

ScopeOf = Callable[[Seen], tuple[str, tuple[tuple[str, str], ...]] | None]
"""(reference of a credential, what it is limited to) of an entry that makes one; else None."""


class _Answer(NamedTuple):
    rules: tuple[str, ...]
    assignments: tuple[int, ...]


class PermitsAgain:
    """A `ledger.rederiving.Rederiver`: access policies, and every permit."""

    def __init__(self, asked_of: AskedOf, scope_of: ScopeOf, lost_of: LostOf) -> None:
        self._asked_of = asked_of
        self._scope_of = scope_of
        self._lost_of = lost_of
        self._policy: AccessPolicy | None = None
        self._number = 0
        self._digest = ""
        self._actors: dict[str, tuple[str, str | None, str]] = {}  # kind, person, status
        self._held: dict[str, dict[str, RoleHeld]] = {}  # by actor and assignment
        self._scopes: dict[str, tuple[tuple[str, str], ...]] = {}
        self._given: dict[Any, tuple[int, int, _Answer | None]] = {}

    def take(self, seen: Seen, look: Look) -> Iterator[Judged]:
        """See `ledger.rederiving.Rederiver`."""
        value = seen.value
        permit = value["basis"].get("permit") if "basis" in value else None
        if permit is not None:
            yield self._judge(seen, look, (permit, *value["basis"].get("further", ())))
        for lost in self._lost_of(seen, look):
            yield self._judge_lost(lost, parse_instant(value["recorded_at"]))
        note = _NOTES.get(value["kind"])
        if note is not None:
            self._given.clear()
            yield from note(self, seen.index, value["payload"])
        elif (scope := self._scope_of(seen)) is not None:
            self._scopes[scope[0]] = scope[1]

    def end(self) -> Iterator[Judged]:
        """See `ledger.rederiving.Rederiver`."""
        yield from ()

    def _judge(self, seen: Seen, look: Look, permits: tuple[Mapping[str, Any], ...]) -> Judged:
        policy, value = self._policy, seen.value
        other = next((permit["policy"] for permit in permits if permit["policy"] != self._digest), None)
        if policy is None or other is not None:
            return Judged("permits", Status.FAILED, f"policy {self._digest or 'none'}", f"policy {other}")
        asked = self._asked_of(seen, look, policy)
        if asked is None:
            return Judged("permits", Status.FAILED, "a permit only where an act needs one", f"one in {value['kind']}")
        acts, actor, at = (asked.act, *asked.further), value["actor"], parse_instant(value["recorded_at"])
        if len(acts) != len(permits):
            return Judged("permits", Status.FAILED, f"{len(acts)} permits", f"{len(permits)} in {value['kind']}")
        for act, permit in zip(acts, permits, strict=True):
            judged = self._judge_one((act, asked.domains), permit, actor, at)
            if judged.status is not Status.PASSED:
                return judged
        return self._judge_roles(asked, actor, at)

    def _judge_one(
        self, asked: tuple[Act, tuple[str, ...]], permit: Mapping[str, Any], actor: Mapping[str, str], at: Instant
    ) -> Judged:
        act, domains = asked
        recorded = _Answer(tuple(permit["rules"]), tuple(permit["assignments"]))
        answers = [self._answer(actor, Ask(domain, *act), at) for domain in domains]
        if recorded in answers:
            return Judged("permits", Status.PASSED)
        told = next(filter(None, answers), None)
        expected = "no permit" if told is None else f"rules {list(told.rules)}, assignments {list(told.assignments)}"
        found = f"rules {list(recorded.rules)}, assignments {list(recorded.assignments)}"
        return Judged("permits", Status.FAILED, f"{expected} for {actor['id']} to {' '.join(act)}", found)

    def _judge_roles(self, asked: Asked, actor: Mapping[str, str], at: Instant) -> Judged:
        assert self._policy is not None
        for domain in asked.domains if asked.roles else ():
            outer = self._policy.chain(domain)
            held = [one for one in self._in_scope(actor, domain) if one.in_force(at) and one.domain in outer]
            for role in asked.roles:
                if not any(role in self._policy.paths(one.role) for one in held):
                    return Judged("permits", Status.FAILED, f"role {role}", f"{actor['id']} without it")
        return Judged("permits", Status.PASSED)

    def _judge_lost(self, lost: Lost, at: Instant) -> Judged:
        """Whether who lost a task lacked the permission or the role that they needed for it."""
        name = "tasks taken away, by roles"
        if lost.for_want_of_it is None or self._policy is None:
            return Judged(name, Status.NOT_RUN)
        actor = {"id": lost.person, "kind": "person", "person": lost.person}
        is_allowed = self._answer(actor, Ask(lost.domain, *lost.act), at) is not None
        if lost.role and is_allowed:
            held, outer = self._in_scope(actor, lost.domain), self._policy.chain(lost.domain)
            standing = [one for one in held if one.in_force(at) and one.domain in outer]
            is_allowed = any(lost.role in self._policy.paths(one.role) for one in standing)
        if is_allowed != lost.for_want_of_it:
            return Judged(name, Status.PASSED)
        expected = f"{lost.person} {'with' if is_allowed else 'without'} what the task needs"
        found = f"taken from them {'for want of it' if lost.for_want_of_it else 'for another reason'}"
        return Judged(name, Status.FAILED, expected, found)

    def _answer(self, actor: Mapping[str, str], ask: Ask, at: Instant) -> _Answer | None:
        key = (tuple(actor.values()), ask)
        known = self._given.get(key)
        if known is not None and known[0] <= at < known[1]:
            return known[2]
        held = self._in_scope(actor, ask.domain)
        answer = self._derived(actor, held, ask, at)
        if len(self._given) >= GIVEN_MAX:
            self._given.clear()
        self._given[key] = (*_standing(held, at), answer)
        return answer

    def _derived(self, actor: Mapping[str, str], held: tuple[RoleHeld, ...], ask: Ask, at: Instant) -> _Answer | None:
        kind, person = actor["kind"], actor.get("person")
        if self._actors.get(actor["id"]) != (kind, person, "active"):
            return None
        is_person = kind == "person" and person is not None and actor.get("method") != API_KEY
        if (ask.object, ask.action) in PERSON_ONLY and not is_person:
            return None
        assert self._policy is not None
        found = right(self._policy, held, ask, at)
        return None if found is None else _Answer(found.rules, found.assignments)

    def _in_scope(self, actor: Mapping[str, str], domain: str) -> tuple[RoleHeld, ...]:
        """The actor's assignments, as far as the credential lets it use them."""
        held = tuple(self._held.get(actor["id"], {}).values())
        if actor.get("method") != API_KEY or "sign_in" not in actor:
            return held
        scope = self._scopes.get(actor["sign_in"], ())  # a key that no entry made lets it use nothing
        assert self._policy is not None
        outer = self._policy.chain(domain)
        allowed = {role for role, within in scope if within in outer}
        return tuple(one for one in held if one.role in allowed)

    def _policy_released(self, _index: int, payload: Mapping[str, Any]) -> Iterator[Judged]:
        policy = policy_of(payload["value"])
        digest = policy_digest(policy)
        status = Status.PASSED if digest == payload["digest"] else Status.FAILED
        yield Judged("access policies", status, f"digest {digest}", f"digest {payload['digest']}")
        if payload["number"] >= self._number:
            self._policy, self._number, self._digest = policy, payload["number"], digest

    def _person(self, _index: int, payload: Mapping[str, Any]) -> Iterator[Judged]:
        if "actor" in payload:
            self._actors[payload["actor"]] = ("person", payload["person"], payload["status"])
        elif payload["person"] in self._actors:
            self._actors[payload["person"]] = ("person", payload["person"], payload["status"])
        yield from ()

    def _actor(self, _index: int, payload: Mapping[str, Any]) -> Iterator[Judged]:
        known = self._actors.get(payload["actor"])
        kind = payload["kind"] if known is None else known[0]
        self._actors[payload["actor"]] = (kind, None if known is None else known[1], payload["status"])
        yield from ()

    def _assigned(self, index: int, payload: Mapping[str, Any]) -> Iterator[Judged]:
        until = payload["valid_until"]
        held = RoleHeld(
            payload["actor"],
            payload["role"],
            payload["domain"],
            Instant(payload["valid_from"]),
            None if until is None else Instant(until),
            index,
        )
        self._held.setdefault(held.actor, {})[payload["assignment"]] = held
        yield from ()

    def _unassigned(self, _index: int, payload: Mapping[str, Any]) -> Iterator[Judged]:
        assignments = self._held[payload["actor"]]
        held = assignments[payload["assignment"]]
        assignments[payload["assignment"]] = held._replace(valid_until=Instant(payload["valid_until"]))
        yield from ()

    def _ceremony(self, index: int, payload: Mapping[str, Any]) -> Iterator[Judged]:
        for person in payload["persons"]:
            yield from self._person(index, person)
        for actor in payload["actors"]:
            yield from self._actor(index, actor)
        yield from self._policy_released(index, payload["policy"])
        for assignment in payload["assignments"]:
            yield from self._assigned(index, assignment)


_NOTES: Mapping[str, Callable[[PermitsAgain, int, Mapping[str, Any]], Iterator[Judged]]] = {
    entries.PERSON_REGISTERED: PermitsAgain._person,
    entries.PERSON_CHANGED: PermitsAgain._person,
    entries.ACTOR_REGISTERED: PermitsAgain._actor,
    entries.ACTOR_CHANGED: PermitsAgain._actor,
    entries.ROLE_ASSIGNED: PermitsAgain._assigned,
    entries.ROLE_UNASSIGNED: PermitsAgain._unassigned,
    entries.ACCESS_POLICY_RELEASED: PermitsAgain._policy_released,
    entries.CEREMONY_HELD: PermitsAgain._ceremony,
}

_EVER = 2**63 - 1  # later than any instant


def _standing(held: tuple[RoleHeld, ...], at: Instant) -> tuple[int, int]:
    """The instants around `at` between which no assignment begins or ends: [since, until)."""
    changes = [int(one.valid_from) for one in held]
    changes += [int(one.valid_until) for one in held if one.valid_until is not None]
    since = max((change for change in changes if change <= at), default=0)
    return since, min((change for change in changes if change > at), default=_EVER)
