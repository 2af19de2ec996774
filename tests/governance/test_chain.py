"""Chains of grants: a child stands inside its parent, given by someone who held it then."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from governance.authority import Register
from governance.chain import DEPTH_MAX, Broken, chain, outside
from governance.grant import DAY, Limit, Per, Power, Status
from tests.governance.lending import (
    CHILD,
    EVER,
    HEAD,
    MINUTE,
    NOW,
    OFFICE_HEAD,
    OFFICER,
    OTHER,
    PER_CASE,
    REGISTER,
    ROOT,
    T0,
    T1,
    office,
    status,
    with_child,
)  # fmt: skip

PERIOD = Limit(Per.PERIOD, "GBP", Decimal(1000), days=30)


def why(register: Register, grant_id: str = "ag_child", now: int = NOW) -> str:
    grant = register.grant(grant_id, now)
    assert grant is not None
    found = chain(register, grant, now)
    return found.why if isinstance(found, Broken) else ""


def test_a_sound_chain_runs_to_its_root() -> None:
    found = chain(REGISTER, CHILD, NOW)
    assert not isinstance(found, Broken)
    assert [grant.id for grant in found] == ["ag_child", "ag_root"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"domain": "treasury"}, "domain"),
        ({"valid_from": T0 - 1}, "interval"),
        ({"valid_to": T1 + 1}, "interval"),
        ({"powers": (Power("waive-fee"),)}, "power"),
        ({"limits": ()}, "limit"),
        ({"limits": (replace(PER_CASE, max=Decimal("500000.01")),)}, "limit"),
        ({"limits": (replace(PER_CASE, currency="EUR"),)}, "limit"),
        ({"limits": (PER_CASE, replace(PER_CASE, currency="EUR"))}, "limit"),
        ({"limits": (replace(PER_CASE, outcomes=("approve",)),)}, "limit"),
        ({"limits": (replace(PERIOD, max=Decimal(1)),)}, "limit"),
        ({"parent": "ag_nowhere"}, "parent is not in the register"),
        ({"instrument": "in_nowhere"}, "instrument"),
        ({"grantor": OTHER}, "did not hold"),
        ({"grantor": ""}, "no grantor"),
        ({"grantee": HEAD}, "themselves"),
        ({"recorded_at": T0 - 1}, "parent was not in force when it was given"),
    ],
)
def test_what_breaks_a_link(members: dict[str, Any], words: str) -> None:
    register = with_child(**members)
    assert words in why(register)


@pytest.mark.parametrize(
    "members",
    [
        {"limits": (replace(PER_CASE, max=Decimal(500_000)),)},
        {"limits": (PER_CASE, PERIOD)},
        {"valid_from": T0, "valid_to": T1},
        {"powers": (Power("approve-credit", "loan", "decision", ("approve",)),)},
        {"recorded_at": T0},
    ],
)
def test_the_borders_themselves_are_inside(members: dict[str, Any]) -> None:
    assert why(with_child(**members)) == ""


def test_an_inclusive_limit_is_not_inside_an_exclusive_one() -> None:
    parent = replace(ROOT, limits=(replace(PER_CASE, inclusive=False),))
    assert outside(replace(CHILD, limits=(PER_CASE,)), parent)
    assert not outside(replace(CHILD, limits=(replace(PER_CASE, inclusive=False),)), parent)


def test_a_limit_for_some_outcomes_binds_a_child_for_those() -> None:
    parent = replace(ROOT, limits=(replace(PER_CASE, outcomes=("approve",)),))
    assert not outside(replace(CHILD, limits=(replace(PER_CASE, outcomes=("approve", "decline")),)), parent)
    assert outside(replace(CHILD, limits=(replace(PER_CASE, outcomes=("decline",)),)), parent)


def test_a_window_of_another_length_is_another_limit() -> None:
    parent = replace(ROOT, limits=(PERIOD,))
    assert outside(replace(CHILD, limits=(replace(PERIOD, days=60),)), parent)
    assert not outside(replace(CHILD, limits=(PERIOD,)), parent)


def test_cycles_are_found() -> None:
    ring = tuple(
        replace(CHILD, id=f"ag_{n}", grantee=f"person:{n}", grantor=f"person:{(n + 1) % 3}", parent=f"ag_{(n + 1) % 3}")
        for n in range(3)
    )
    assert "comes back" in why(Register((MINUTE,), ring), "ag_0")
    own = replace(CHILD, parent="ag_child", grantor=OTHER)
    assert "comes back" in why(Register((MINUTE,), (own,)))


def test_a_chain_has_an_end() -> None:
    grants = [ROOT]
    for n in range(DEPTH_MAX):
        above = grants[-1]
        grants.append(replace(ROOT, id=f"ag_{n:02}", grantee=f"person:{n}", grantor=above.grantee, parent=above.id))
    register = Register((MINUTE,), tuple(grants))
    assert why(register, f"ag_{DEPTH_MAX - 2:02}") == ""
    assert "more than" in why(register, f"ag_{DEPTH_MAX - 1:02}")


def test_a_revoked_root_kills_grandchildren_from_that_instant() -> None:
    grandchild = replace(CHILD, id="ag_grand", grantee=OTHER, grantor=OFFICER, parent="ag_child")
    register = replace(
        REGISTER, grants=(*REGISTER.grants, grandchild), statuses=(status("ag_root", Status.REVOKED, NOW),)
    )
    assert why(register, "ag_grand", NOW - 1) == ""
    assert why(register, "ag_grand", NOW) == "it is not in force"


def test_the_grantor_must_have_held_the_office_then() -> None:
    given = CHILD.recorded_at
    root = replace(ROOT, grantee=OFFICE_HEAD)
    for held, expected in [
        (office((HEAD, T0, given + 1)), ""),
        (office((HEAD, T0, given)), "its grantor did not hold the parent when it was given"),
        (office((HEAD, given + 1, EVER)), "its grantor did not hold the parent when it was given"),
    ]:
        assert why(Register((MINUTE,), (root, CHILD), (), (held,))) == expected


def test_an_office_that_gives_to_its_own_holder_gives_to_itself() -> None:
    root = replace(ROOT, grantee=OFFICE_HEAD)
    child = replace(CHILD, grantor=OFFICE_HEAD)
    held = office((OFFICER, T0, EVER))
    assert "themselves" in why(Register((MINUTE,), (root, child), (), (held,)))
    assert why(Register((MINUTE,), (root, child), (), (office((HEAD, T0, EVER)),))) == ""


def test_a_child_is_judged_by_its_parent_as_it_is_now() -> None:
    tighter = replace(ROOT, version=2, limits=(replace(PER_CASE, max=Decimal(1)),), recorded_at=NOW)
    register = replace(REGISTER, grants=(ROOT, tighter, CHILD))
    assert why(register, now=NOW - 1) == ""
    assert "limit" in why(register, now=NOW)


def test_a_grant_given_while_its_parent_was_suspended_is_void() -> None:
    event = status("ag_root", Status.SUSPENDED, CHILD.recorded_at, CHILD.recorded_at + DAY)
    register = replace(REGISTER, statuses=(event,))
    assert why(register) == "its parent was not in force when it was given"


def test_what_the_grantor_held_is_asked_of_the_parent_as_it_stood_then() -> None:
    """A parent amended later to begin later does not undo that it was held when the child was given."""
    later = replace(ROOT, version=2, valid_from=T0 + 2 * DAY, recorded_at=T0 + 2 * DAY)
    child = replace(CHILD, valid_from=T0 + 2 * DAY)
    assert why(replace(REGISTER, grants=(ROOT, later, child))) == ""
