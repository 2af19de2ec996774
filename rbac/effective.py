"""Effective rights by plain scan: who may do what, where, through which role and rule, at an instant.

Casbin's reverse queries are unreliable (rules of other domains come back), so we enumerate on the value itself; a
property test holds that every answer here equals Casbin's.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger.clock import Instant
from rbac.permission import PERMISSIONS, Ask
from rbac.roles import AccessPolicy, Effect, rule_id


class RoleHeld(NamedTuple):
    """A role assignment as far as rights go. Half-open: held at `valid_from`, no longer at `valid_until`."""

    actor: str
    role: str
    domain: str
    valid_from: Instant
    valid_until: Instant | None
    entry_index: int

    def in_force(self, at: Instant) -> bool:
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


class Scan(NamedTuple):
    """What the rules say about one role: rule ids that allow and that deny, and the roles they come from."""

    allows: tuple[str, ...]
    denies: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]

    @property
    def permitted(self) -> bool:
        return bool(self.allows) and not self.denies


class Right(NamedTuple):
    """One thing an actor may do: the rules that allow it, the role paths and the assignments it rests on."""

    actor: str
    domain: str
    object: str
    action: str
    rules: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    assignments: tuple[int, ...]


class Gain(NamedTuple):
    """Actors for whom another policy means the same: the acts they gain by it and the acts they lose."""

    actors: tuple[str, ...]
    gained: tuple[Ask, ...]
    lost: tuple[Ask, ...]


def scan(policy: AccessPolicy, role: str, ask: Ask) -> Scan:
    """All rules that match, by looking at each of them."""
    outer = set(policy.chain(ask.domain))
    allows: list[str] = []
    denies: list[str] = []
    paths: list[tuple[str, ...]] = []
    for source, path in sorted(policy.paths(role).items()):
        stated = policy.role(source)
        matching = [
            rule
            for rule in (stated.rules if stated else ())
            if rule.within in outer and (rule.object, rule.action) == (ask.object, ask.action)
        ]
        for rule in matching:
            (allows if rule.effect is Effect.ALLOW else denies).append(rule_id(source, rule))
        if matching:
            paths.append(path)
    return Scan(tuple(sorted(allows)), tuple(sorted(denies)), tuple(paths))


def right(policy: AccessPolicy, held: Iterable[RoleHeld], ask: Ask, at: Instant) -> Right | None:
    """The right one actor has by the assignments `held`; None when no role allows or one denies."""
    outer = set(policy.chain(ask.domain))
    rules: set[str] = set()
    paths: set[tuple[str, ...]] = set()
    assignments: set[int] = set()
    actor = ""
    for assignment in held:
        if not assignment.in_force(at) or assignment.domain not in outer:
            continue
        found = scan(policy, assignment.role, ask)
        if found.denies:
            return None
        if found.allows:
            actor = assignment.actor
            rules.update(found.allows)
            paths.update(found.paths)
            assignments.add(assignment.entry_index)
    if not rules:
        return None
    return Right(actor, *ask, tuple(sorted(rules)), tuple(sorted(paths)), tuple(sorted(assignments)))


def who_could(policy: AccessPolicy, assignments: Iterable[RoleHeld], ask: Ask, at: Instant) -> tuple[Right, ...]:
    """Everyone who could do this at that instant, by actor."""
    rights = (right(policy, held, ask, at) for _, held in sorted(_by_actor(assignments).items()))
    return tuple(found for found in rights if found is not None)


def effective_rights(policy: AccessPolicy, assignments: Iterable[RoleHeld], at: Instant) -> tuple[Right, ...]:
    """Every right of everyone: actors x domains x the permission catalogue."""
    rights = []
    for _, held in sorted(_by_actor(assignments).items()):
        for domain in policy.domain_names():
            for obj, act in sorted(PERMISSIONS):
                found = right(policy, held, Ask(domain, obj, act), at)
                if found is not None:
                    rights.append(found)
    return tuple(rights)


def diff_by_effect(
    before: AccessPolicy | None, after: AccessPolicy | None, assignments: Iterable[RoleHeld], at: Instant
) -> tuple[Gain, ...]:
    """Who gains and who loses which acts when `after` replaces `before`, whatever the text of the two; those for whom
    nothing changes are not among them. None is the policy that allows nothing.

    What somebody may do follows from the roles they hold and where, so it is worked out once for all who hold the same.
    """
    holding: dict[frozenset[tuple[str, str]], list[str]] = {}
    for actor, held in _by_actor(assignments).items():
        roles = frozenset((one.role, one.domain) for one in held if one.in_force(at))
        holding.setdefault(roles, []).append(actor)
    gains: dict[tuple[tuple[Ask, ...], tuple[Ask, ...]], list[str]] = {}
    for roles, actors in holding.items():
        old, new = (frozenset() if one is None else _acts(one, roles) for one in (before, after))
        if old != new:
            gains.setdefault((tuple(sorted(new - old)), tuple(sorted(old - new))), []).extend(actors)
    return tuple(sorted(Gain(tuple(sorted(actors)), *change) for change, actors in gains.items()))


def _acts(policy: AccessPolicy, roles: Iterable[tuple[str, str]]) -> frozenset[Ask]:
    """Everything that these roles, each held in its domain, allow together."""
    chains = {domain: policy.chain(domain) for domain in policy.domain_names()}
    allowed: set[Ask] = set()
    denied: set[Ask] = set()
    for role, held_in in roles:
        for source in policy.paths(role):
            stated = policy.role(source)
            for rule in stated.rules if stated else ():
                acts = allowed if rule.effect is Effect.ALLOW else denied
                for domain, chain in chains.items():
                    if held_in in chain and rule.within in chain:
                        acts.add(Ask(domain, rule.object, rule.action))
    return frozenset(allowed - denied)


def _by_actor(assignments: Iterable[RoleHeld]) -> dict[str, list[RoleHeld]]:
    by_actor: dict[str, list[RoleHeld]] = {}
    for assignment in assignments:
        by_actor.setdefault(assignment.actor, []).append(assignment)
    return by_actor
