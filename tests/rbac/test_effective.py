"""Effective rights are ours and equal Casbin's; who-could is exact at the boundary."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.clock import Instant
from rbac.effective import RoleHeld, diff_by_effect, effective_rights, who_could
from rbac.enforcer import AccessSnapshot, RolePermit
from rbac.permission import PERMISSIONS, WHOLE, Ask
from rbac.roles import AccessPolicy, parse_policy
from tests.rbac.acme import POLICY
from tests.rbac.strategies import DOMAINS, ROLES, SOME, policies

HELD = st.lists(
    st.builds(
        lambda actor, role, domain, start, length, index: RoleHeld(
            actor, role, domain, Instant(start), None if length is None else Instant(start + length), index
        ),
        st.sampled_from(("person:a", "person:b", "svc:c")),
        st.sampled_from(ROLES),
        st.sampled_from((WHOLE, *DOMAINS)),
        st.integers(0, 6),
        st.none() | st.integers(1, 4),
        st.integers(0, 9),
    ),
    max_size=6,
)


@given(policies(), HELD, st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_effective_rights_are_those_casbin_permits(policy: AccessPolicy, held: list[RoleHeld], at: int) -> None:
    snapshot = AccessSnapshot.build(policy)
    rights = {right[:4] for right in effective_rights(policy, held, Instant(at))}
    for actor in {h.actor for h in held}:
        for domain in policy.domain_names():
            for what in SOME:
                answers = [
                    snapshot.enforce(f"role:{h.role}", domain, *what)
                    for h in held
                    if h.actor == actor
                    and h.valid_from <= at
                    and (h.valid_until is None or at < h.valid_until)
                    and h.domain in policy.chain(domain)
                ]
                denied = any(
                    getattr(snapshot.check(h.role, domain, *what), "reason", None) == "DENIED"
                    for h in held
                    if h.actor == actor and h.in_force(Instant(at)) and snapshot.covers(h.domain, domain)
                )
                assert ((actor, domain, *what) in rights) == (any(answers) and not denied)
    assert all((obj, act) in PERMISSIONS for _, _, obj, act in rights)


def test_who_could_is_exact_at_the_boundary_and_names_the_path() -> None:
    policy = parse_policy(POLICY)
    held = (
        RoleHeld("person:a", "credit-officer", "retail", Instant(10), Instant(20), 3),
        RoleHeld("person:b", "clerk", WHOLE, Instant(0), None, 4),
    )
    ask = Ask("retail-uk", "task", "claim")
    assert [[r.actor for r in who_could(policy, held, ask, Instant(at))] for at in (9, 10, 19, 20)] == [
        ["person:b"],
        ["person:a", "person:b"],
        ["person:a", "person:b"],
        ["person:b"],
    ]
    [first, _] = who_could(policy, held, ask, Instant(10))
    assert first.paths == (("credit-officer", "clerk"),)
    assert first.rules == ("clerk/allow/task/claim/organisation",)
    assert first.assignments == (3,)


def test_diff_by_effect_names_who_gains_and_loses_acts() -> None:
    before = parse_policy(POLICY)
    after = parse_policy(POLICY.replace("deny: {instance: [cancel]}", "allow: {instance: [cancel]}", 1).replace(
        "    allow: {task: [decide]}\n", "", 1))  # fmt: skip
    held = (
        RoleHeld("person:b", "credit-officer", "retail-uk", Instant(0), None, 1),
        RoleHeld("person:a", "credit-officer", "retail-uk", Instant(0), None, 2),
        RoleHeld("person:c", "clerk", "retail-uk", Instant(0), None, 3),
        RoleHeld("person:d", "credit-officer", "retail-uk", Instant(2), None, 4),
    )
    [gain] = diff_by_effect(before, after, held, Instant(1))
    assert gain.actors == ("person:a", "person:b")
    assert gain.gained == (Ask("retail-uk", "instance", "cancel"),)
    assert gain.lost == (Ask("retail-uk", "task", "decide"),)
    assert isinstance(AccessSnapshot.build(after).check("credit-officer", WHOLE, "instance", "cancel"), RolePermit)


@given(st.none() | policies(), st.none() | policies(), HELD, st.integers(0, 8))
@settings(max_examples=100, deadline=None)
def test_gains_and_losses_are_what_differs_between_the_rights_under_each(
    before: AccessPolicy | None, after: AccessPolicy | None, held: list[RoleHeld], at: int
) -> None:
    old, new = (
        set() if one is None else {found[:4] for found in effective_rights(one, held, Instant(at))}
        for one in (before, after)
    )
    gains = diff_by_effect(before, after, held, Instant(at))
    assert {(actor, *act) for gain in gains for actor in gain.actors for act in gain.gained} == new - old
    assert {(actor, *act) for gain in gains for actor in gain.actors for act in gain.lost} == old - new
    named = [actor for gain in gains for actor in gain.actors]
    assert len(named) == len(set(named))
    assert all(gain.gained or gain.lost for gain in gains)
