"""Sign-in sessions of one's own: listed while they are in force, ended one by one or everywhere, by nobody else."""

from dataclasses import replace

import pytest

from api.identity import service
from api.identity.commands import DOOR, SESSION_TIME, TOKEN_TIME, SetPassword, SignOut
from api.identity.session_commands import EndSessions, running
from ledger.actor import SYSTEM, Actor
from ledger.refusal import Reason
from ledger.work import Done
from tests.api.identity.house import GATE, OTHER, PASSWORDS, WORD, House, reason
from tests.rbac.memory import START


@pytest.fixture
def house() -> House:
    return House()


def _listed(house: House) -> list[str]:
    return [one.id for one in running(house.log.work(), house.person["p-three"])]


def test_sessions_in_force_are_listed_newest_first_with_their_times(house: House) -> None:
    first, _ = house.signed_in()
    house.pass_time(7)
    second, _ = house.signed_in()
    assert [tuple(one) for one in running(house.log.work(), house.person["p-three"])] == [
        (second.sign_in, "password", START + 7, START + 7 + TOKEN_TIME, START + 7 + SESSION_TIME),
        (first.sign_in, "password", START, START + TOKEN_TIME, START + SESSION_TIME),
    ]
    assert running(house.log.work(), house.person["p-one"]) == ()
    house.log.run(SignOut(first.sign_in or ""), first)
    assert _listed(house) == [second.sign_in]
    house.pass_time(TOKEN_TIME)  # idle for so long
    assert _listed(house) == []


def test_one_session_is_ended_out_of_another(house: House) -> None:
    (lost, token), (here, kept) = house.signed_in(), house.signed_in()
    assert isinstance(house.log.run(EndSessions(lost.sign_in), here), Done)
    house.auth.forget_person(house.person["p-three"])
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    assert house.who(kept) == here
    assert _listed(house) == [here.sign_in]
    assert reason(house.log.run(EndSessions(lost.sign_in), here)) is Reason.WRONG_STATE
    assert house.log.entries[-1].payload == {
        "person": here.person, "session": lost.sign_in, "count": 1, "result": {"ended": 1}
    }  # fmt: skip


def test_everywhere_means_here_as_well(house: House) -> None:
    signed = [house.signed_in() for _ in range(3)]
    done = house.log.run(EndSessions(None), signed[1][0])
    assert isinstance(done, Done)
    assert done.result == {"ended": 3}
    house.auth.forget_person(house.person["p-three"])
    assert {reason(house.who(token)) for _, token in signed} == {Reason.BAD_CREDENTIALS}
    assert house.log.replay() == house.log.folded()


def test_nobody_ends_the_session_of_another(house: House) -> None:
    actor, token = house.signed_in()
    stranger = replace(actor, person=house.person["p-one"])
    for session in (actor.sign_in, "none", ""):
        assert reason(house.log.run(EndSessions(session), stranger)) is Reason.NOT_FOUND
    assert isinstance(house.log.run(EndSessions(None), stranger), Done)  # they have none
    done, key = house.key()
    assert isinstance(done, Done)
    machine = house.who(key)
    assert isinstance(machine, Actor)
    for other in (machine, SYSTEM, DOOR, replace(actor, sign_in=None)):
        assert reason(house.log.run(EndSessions(None), other)) is Reason.DENIED
    house.auth.forget_person(house.person["p-three"])
    assert house.who(token) == actor


def test_a_new_password_leaves_none(house: House) -> None:
    actor, token = house.signed_in()
    command = service.prepare_password_change(
        house.log.work(), PASSWORDS, GATE, service.Entered("p-three", WORD), OTHER
    )
    assert isinstance(command, SetPassword)
    assert isinstance(house.log.run(command, actor), Done)
    assert _listed(house) == []
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
