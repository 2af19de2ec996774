"""Who a late decision is passed on to: holders whose limit is above, and never nobody."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.above import WITHOUT_LIMIT, Height, Kind, heights, offered
from governance.authority import Register
from governance.grant import EVER, Grant, Holding, Instrument, Limit, Office, Per, Power, Status, StatusEvent

NOW = 1_000
PAPER = Instrument("in_1", 1, "minute", "minute", "Minute", "1", "board", "2020-01-01", "", 1)
KIND = Kind("lending", "approve", "loan", "officer", ("approve", "decline"), "GBP")


def case(most: int, currency: str = "GBP", *, inclusive: bool = True) -> Limit:
    return Limit(Per.CASE, currency, Decimal(most), inclusive)


def grant(name: str, *limits: Limit, power: Power | None = None, grantee: str = "") -> Grant:
    return Grant(
        id=f"ag_{name}", version=1, name=name, instrument="in_1", grantee=grantee or f"person:{name}", grantor="",
        parent=None, domain="lending", powers=(power or Power("approve"),), limits=limits, conditions=(),
        valid_from=1, valid_to=EVER, recorded_at=1,
    )  # fmt: skip


def found(*grants: Grant, **more: object) -> dict[str, Height]:
    return heights(Register((PAPER,), grants, **more), KIND, NOW)  # type: ignore[arg-type]


def test_the_limit_of_a_holder_is_the_largest_amount_one_decision_may_have() -> None:
    a = grant("a", case(100), Limit(Per.PERIOD, "GBP", Decimal(60), True, 30))
    more = replace(grant("more", case(80)), grantee="person:a")
    assert found(a) == {"person:a": (0, Decimal(60), True)}
    assert found(a, more) == {"person:a": (0, Decimal(80), True)}
    assert found(grant("b")) == {"person:b": WITHOUT_LIMIT}
    assert found(grant("c", case(100, "EUR"))) == {}
    assert WITHOUT_LIMIT > (0, Decimal(10**30), True) > (0, Decimal(10**30), False)


@pytest.mark.parametrize(
    "other",
    [
        grant("x", case(9), power=Power("approve-other")),
        grant("x", case(9), power=Power("approve", "mortgage")),
        grant("x", case(9), power=Power("approve", outcomes=("send back",))),
        replace(grant("x", case(9)), domain="finance"),
        replace(grant("x", case(9)), valid_to=NOW),
        replace(grant("x", case(9)), valid_from=NOW + 1),
        grant("x", case(9, "EUR")),
        replace(grant("x", case(9)), parent="ag_none"),
    ],
)
def test_a_grant_for_something_else_or_another_time_makes_no_holder(other: Grant) -> None:
    assert found(other) == {}
    assert found(other, grant("y")) == {"person:y": WITHOUT_LIMIT}  # and takes nothing from who comes after it


def test_a_suspended_grant_makes_no_holder_and_an_office_stands_for_whoever_holds_it() -> None:
    office = Office("office:head", 1, "Head", (Holding("person:h", 1, NOW), Holding("person:i", NOW, EVER)), 1)
    assert found(grant("o", case(9), grantee="office:head"), offices=(office,)) == {"person:i": (0, Decimal(9), True)}
    suspended = StatusEvent("ag_a", "s", 1, Status.SUSPENDED, 1, EVER, 1)
    assert found(grant("a", case(9)), statuses=(suspended,)) == {}
    child = replace(grant("child", case(5)), parent="ag_a", grantor="person:a")
    assert found(grant("a", case(9)), child).keys() == {"person:a", "person:child"}
    assert found(grant("a", case(9)), child, statuses=(suspended,)) == {}  # what it hangs on does not stand


LIMITS = {"a": 25, "b": 100, "c": 100, "d": 400, "e": 1000}
KNOWN: dict[str, Height] = {name: (0, Decimal(most), True) for name, most in LIMITS.items()}


@pytest.mark.parametrize(
    ("first", "passes", "then"),
    [
        ("a", 1, "bcde"),
        ("b", 1, "de"),
        ("ab", 1, "de"),
        ("ab", 2, "e"),  # d and e were offered it, e is the highest of them, and nobody is above e
        ("abcde", 1, "e"),
        ("e", 1, "e"),
        ("abcde", 3, "e"),
        ("", 1, "abcde"),  # nobody of those it was offered to holds the authority
        ("z", 1, "abcde"),
        ("ab", 0, "ab"),
    ],
)
def test_who_it_is_offered_to(first: str, passes: int, then: str) -> None:
    assert offered(KNOWN, first, passes) == frozenset(then)


def test_two_with_the_highest_limit_keep_it_both() -> None:
    assert offered({**KNOWN, "f": KNOWN["e"]}, "abcdef", 1) == frozenset("ef")


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(st.integers(0, 1), st.integers(0, 4), st.booleans()), min_size=1
    ),
    st.sets(st.sampled_from("abcdefz")),
    st.integers(0, 3),
)
def test_it_is_never_offered_to_nobody_and_never_lower(
    drawn: dict[str, tuple[int, int, bool]], first: set[str], passes: int
) -> None:
    known: dict[str, Height] = {name: (kind, Decimal(most), with_) for name, (kind, most, with_) in drawn.items()}
    before, after = offered(known, first, passes), offered(known, first, passes + 1)
    assert after
    assert after <= known.keys()
    highest = max(known.values())
    if before:
        bound = max(known[person] for person in before)
        assert all(known[person] > bound for person in after) or (
            bound == highest and after == {person for person, height in known.items() if height == highest}
        )
