"""Signing in by a demo link, at the writer: who may be signed in, and what it does not forget."""

import pytest

from api.identity import service
from api.identity.commands import DOOR, FollowDemoLink
from api.identity.delays import FAILURES_MAX, password_delay
from ledger.actor import Actor
from ledger.errors import BrokenInput
from ledger.refusal import Reason
from ledger.work import Done
from rbac.service import demo_accounts
from tests.api.identity.house import GATE, OTHER, House, reason
from tests.rbac.acme import CEREMONY, person_actor

LISTED = "p-three"


def follow(house: House, account: str = LISTED) -> tuple[object, str]:
    prepared = service.prepare_demo_sign_in(house.log.work(), GATE, account)
    assert prepared is not None
    return house.log.run(prepared.command, DOOR), prepared.token


def test_the_session_is_an_ordinary_one_that_says_how_it_began() -> None:
    house = House(demo=(LISTED,))
    outcome, token = follow(house)
    assert isinstance(outcome, Done)
    actor = house.who(token)
    assert isinstance(actor, Actor)
    assert (actor.person, actor.method) == (house.person[LISTED], "demo-link")
    renewed = service.prepare_renewal(house.log.work(), GATE, actor)
    assert isinstance(renewed, service.Prepared)
    assert isinstance(house.log.run(renewed.command, actor), Done)
    again = house.who(renewed.token)
    assert isinstance(again, Actor)
    assert again.method == "demo-link"


def test_its_row_cannot_be_made_to_say_that_a_password_was_entered() -> None:
    house = House(demo=(LISTED,))
    _, token = follow(house)
    actor = house.who(token)
    assert isinstance(actor, Actor)
    row = house.log.rows["sign_in_session"][(actor.sign_in,)]
    house.log.rows["sign_in_session"][(actor.sign_in,)] = row._replace(method="password")
    house.pass_time(3_000_000)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS


@pytest.mark.parametrize(
    ("demo", "account"), [((), LISTED), (("p-one",), LISTED), (("p-one",), "p-one"), (("x",), "x")]
)
def test_nobody_else_is_signed_in(demo: tuple[str, ...], account: str) -> None:
    """An ordinary organisation, an account that is not listed, one without a password, one of nobody."""
    house = House(demo=demo)
    assert service.prepare_demo_sign_in(house.log.work(), GATE, account) is None
    size = len(house.log.entries)
    assert reason(house.log.run(FollowDemoLink(account, "s", "m"), DOOR)) is Reason.NOT_FOUND
    assert not [entry for entry in house.log.entries[size:] if entry.kind == "sign_in.started"]


def test_the_command_comes_through_the_door_alone() -> None:
    house = House(demo=(LISTED,))
    person = person_actor(house.person["p-one"])
    assert reason(house.log.run(FollowDemoLink(LISTED, "s", "m"), person)) is Reason.DENIED


def test_a_link_forgets_no_failure_and_passes_no_lock() -> None:
    house = House(demo=(LISTED,))
    for _ in range(FAILURES_MAX - 1):
        house.sign_in(OTHER)
    assert isinstance(follow(house)[0], Done)
    house.sign_in(OTHER)
    assert reason(house.sign_in()[0]) is Reason.LOCKED_OUT
    assert reason(follow(house)[0]) is Reason.LOCKED_OUT
    house.pass_time(password_delay(FAILURES_MAX))
    assert isinstance(follow(house)[0], Done)


def test_the_mark_stands_in_the_ceremony_and_nowhere_else() -> None:
    house = House(demo=(LISTED, "p-one"))
    marked = [entry for entry in house.log.entries if "demo" in entry.payload]
    assert [(entry.kind, entry.schema) for entry in marked] == [("ceremony.held", 2)]
    assert set(marked[0].payload["demo"]) == {"$commitment"}
    assert demo_accounts(house.log.work()) == {LISTED, "p-one"}
    assert reason(house.log.run(CEREMONY)) is Reason.WRONG_STATE
    ordinary = House()
    assert [entry.schema for entry in ordinary.log.entries if entry.kind == "ceremony.held"] == [1]
    assert demo_accounts(ordinary.log.work()) == frozenset()


@pytest.mark.parametrize("accounts", [("p-one", "p-one"), ("Not A Slug",), tuple(f"p-{n}" for n in range(51))])
def test_a_mark_that_fits_nothing_is_no_ceremony(accounts: tuple[str, ...]) -> None:
    with pytest.raises(BrokenInput):
        House(demo=accounts)
