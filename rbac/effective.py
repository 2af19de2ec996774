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


class EffectDiff(NamedTuple):
    """Acts gained and lost, as (actor, domain, object, action)."""

    gained: tuple[tuple[str, str, str, str], ...]
    lost: tuple[tuple[str, str, str, str], ...]


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
    before: AccessPolicy, after: AccessPolicy, assignments: Iterable[RoleHeld], at: Instant
) -> EffectDiff:
    """Which acts people gain and lose when `after` replaces `before`, whatever the text of the two."""
    held = tuple(assignments)
    old = {found[:4] for found in effective_rights(before, held, at)}
    new = {found[:4] for found in effective_rights(after, held, at)}
    return EffectDiff(tuple(sorted(new - old)), tuple(sorted(old - new)))


def _by_actor(assignments: Iterable[RoleHeld]) -> dict[str, list[RoleHeld]]:
    by_actor: dict[str, list[RoleHeld]] = {}
    for assignment in assignments:
        by_actor.setdefault(assignment.actor, []).append(assignment)
    return by_actor
