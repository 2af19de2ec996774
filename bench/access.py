"""`muniment bench access`: the whole access check - actor, roles in force, policy - on a policy of 10,000 rules.

50,000 distinct requests in shuffled order, half of them refused. The first pass asks Casbin (cold), the second finds
what it answered (warm); every answer is compared with Casbin's own, which is asked without any cache of ours.
"""

import time
from pathlib import Path
from random import Random
from typing import Any

from bench.harness import Board, Measure, percentile
from ledger import canonical
from ledger.actor import Actor, ActorKind
from ledger.clock import Instant
from ledger.ids import ActorId, PersonId
from ledger.rows import Table
from rbac.permission import PERMISSIONS, WHOLE, Action, Ask, Object
from rbac.roles import AccessPolicy, Effect, Role, Rule, policy_value
from rbac.service import Access, AccessSnapshot, Permit
from rbac.tables import ACTOR, ActorRow, AssignmentRow, PolicyVersionRow

REGIONS, UNITS, ROLES, RULES = 20, 4, 100, 100  # a rule of a region holds in its units: 10,000 rules, 50,000 rows
REQUESTS = 50_000
WARM_US = 10.0
COLD_US = 60.0
NOW = Instant(1_800_000_000_000_000)


class Organisation:
    """Actors with one role each, as rows; nothing else of a log is needed to check."""

    origin = "bench"
    register_epoch = 1
    now = NOW

    def __init__(self, policy: AccessPolicy) -> None:
        value = policy_value(policy)
        text = canonical.encode(value).decode()
        self._policy = PolicyVersionRow(1, policy.name, canonical.digest(value), text, 0, 0)

    def get(self, table: Table[Any], *key: Any) -> Any:
        """The actor or the policy."""
        if table is ACTOR:
            return ActorRow(key[0], "person", key[0], "", "active", 0, 0)
        return self._policy

    def group(self, _table: Table[Any], *key: Any) -> tuple[Any, ...]:
        """The actor's one assignment: its name says which role."""
        name = key[0].removeprefix("person:")
        return (AssignmentRow(key[0], "ra_1", name, name, WHOLE, 0, None, 1, None),)

    def query(self, _statement: str, _parameters: Any = ()) -> list[tuple[Any, ...]]:
        """The number of the policy in force."""
        return [(1,)]


def run(board: Board, _folder: Path, _quick: bool) -> None:
    """The one result of this bench, with its cold half beside it."""
    random = Random(7)  # the same policy and requests in every run
    policy = _policy(random)
    rows = Organisation(policy)
    requests = _requests(policy, random)
    snapshot = AccessSnapshot.build(policy)
    expected = [snapshot.enforce(f"role:{role}", *ask) for role, ask in requests]
    asked = [(_actor(f"person:{role}"), ask) for role, ask in requests]
    cold: list[float] = []
    rates: list[float] = []

    def warm_p50() -> float:
        access = Access()
        warm: list[float] = []
        first = asked[0]
        access.check(rows, first[0], *first[1])  # type: ignore[arg-type]  # all a check asks of a unit of work
        for waits, again in ((cold, False), (warm, True)):
            start = time.perf_counter()
            waits[:] = _ask(access, rows, asked, expected)
            if again:
                rates.append(len(asked) / (time.perf_counter() - start))
        return percentile(warm, 0.5) * 1e6

    measure = Measure(
        "access.check.10k",
        "us",
        WARM_US,
        REQUESTS,
        warm_p50,
        note=f"median of a warm check; {sum(expected):,} of {REQUESTS:,} permitted, every answer equal to Casbin's",
    )
    board.measure(measure)
    cold_us = percentile(cold, 0.5) * 1e6
    shown = board.results[-1]
    shown["cold"] = {"median": round(cold_us, 2), "target": COLD_US, "met": cold_us <= COLD_US}
    shown["met"] = shown["met"] and cold_us <= COLD_US


def _actor(name: str) -> Actor:
    return Actor(ActorId(name), ActorKind.PERSON, PersonId(name), "password")


def _ask(access: Access, rows: Any, asked: list[tuple[Actor, Ask]], expected: list[bool]) -> list[float]:
    waits = []
    clock = time.perf_counter
    for (actor, (domain, obj, act)), permitted in zip(asked, expected, strict=True):
        begun = clock()
        answer = access.check(rows, actor, domain, obj, act)
        waits.append(clock() - begun)
        if isinstance(answer, Permit) is not permitted:
            raise AssertionError(f"expected Casbin's answer for {actor.id} {domain} {obj} {act}")
    return waits


def _policy(random: Random) -> AccessPolicy:
    regions = [f"region-{number}" for number in range(REGIONS)]
    domains = [(region, WHOLE) for region in regions]
    domains += [(f"{region}-unit-{number}", region) for region in regions for number in range(UNITS)]
    every = sorted(PERMISSIONS)
    roles = []
    for number in range(ROLES):
        pairs = random.sample([(region, permission) for region in regions for permission in every], RULES)
        rules = [Rule(Effect.ALLOW, Object(obj), Action(act), region) for region, (obj, act) in pairs]
        roles.append(Role(f"role-{number}", f"Role {number}", (), tuple(sorted(set(rules)))))
    return AccessPolicy("bench", tuple(sorted(domains)), tuple(sorted(roles, key=lambda role: role.name)))


def _requests(policy: AccessPolicy, random: Random) -> list[tuple[str, Ask]]:
    units = [name for name, outer in policy.domains if outer != WHOLE]
    allowed = {
        (role.name, Ask(domain, rule.object, rule.action))
        for role in policy.roles
        for rule in role.rules
        for domain in policy.domain_names()
        if rule.within in policy.chain(domain)
    }
    granted = random.sample(sorted(allowed), REQUESTS // 2)
    every = sorted(PERMISSIONS)
    refused: set[tuple[str, Ask]] = set()
    while len(refused) < REQUESTS // 2:
        request = (random.choice(policy.roles).name, Ask(random.choice(units), *random.choice(every)))
        if request not in allowed:
            refused.add(request)
    requests = [*granted, *sorted(refused)]
    random.shuffle(requests)
    return requests
