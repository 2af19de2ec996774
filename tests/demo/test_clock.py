"""Nobody is told the time but a demo: a clock that is handed in is refused everywhere else, and never runs ahead."""

from pathlib import Path

import pytest

from api.founding import found
from api.settings import Settings
from api.wiring import Told, build_writer
from examples.demo.organisation import FIRST_PERSONS, FIRST_ROLES, HOLDERS
from examples.organisation.files import artefact_files
from ledger.clock import SECOND, Clock, Instant, LedgerClock, SystemClock, ToldClock
from ledger.errors import BrokenInput
from ledger.ids import IdMaker
from rbac.service import FirstRole, HoldCeremony, NamedPerson
from tests.demo_organisation import Demo

DAY = 86_400 * SECOND


class Standing:
    """A clock that stands."""

    def __init__(self, at: int) -> None:
        self.at = at

    def wall(self) -> Instant:
        return Instant(self.at)

    def monotonic(self) -> int:
        return self.at


def told(ago: int) -> Told:
    system = SystemClock()
    return Told(ToldClock(system, Instant(system.wall() - ago)), IdMaker())


def ceremony(*demo_accounts: str) -> HoldCeremony:
    policy = artefact_files("http://127.0.0.1:9")["access-policy.yaml"]
    persons = tuple(NamedPerson(reference, name) for reference, name in FIRST_PERSONS)
    roles = tuple(FirstRole(to, role) for to, role in FIRST_ROLES)
    return HoldCeremony((HOLDERS[0], HOLDERS[1]), persons, policy, roles, demo_accounts=demo_accounts)


def test_it_is_told_forwards_and_never_past_the_clock_it_stands_before() -> None:
    real: Clock = Standing(100 * DAY)
    clock = ToldClock(real, Instant(40 * DAY))
    assert (clock.wall(), clock.monotonic()) == (40 * DAY, 40 * DAY)
    clock.tell(Instant(41 * DAY))
    clock.tell(Instant(41 * DAY))
    assert clock.wall() == 41 * DAY
    for wrong in (41 * DAY - 1, 100 * DAY + 1):
        with pytest.raises(BrokenInput):
            clock.tell(Instant(wrong))
    assert clock.wall() == 41 * DAY
    clock.tell(Instant(100 * DAY))
    with pytest.raises(BrokenInput):
        ToldClock(real, Instant(100 * DAY + 1))


def test_time_that_is_told_is_no_jump_and_falls_behind_like_any_other() -> None:
    clock = ToldClock(Standing(100 * DAY), Instant(40 * DAY))
    keeper = LedgerClock(clock)
    clock.tell(Instant(70 * DAY))
    assert keeper.now(Instant(40 * DAY)) == 70 * DAY
    with pytest.raises(Exception, match="behind the newest entry"):
        keeper.now(Instant(71 * DAY))


def test_a_ceremony_without_demo_accounts_is_held_now(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"), log="acme")
    with pytest.raises(BrokenInput, match="only a demo begins in the past"):
        found(settings, ceremony(), told=told(60 * DAY))
    assert not settings.folder.exists()


def test_an_organisation_that_is_no_demo_has_the_clock_of_the_machine(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"), log="acme", mark_dir=str(tmp_path / "marks"))
    found(settings, ceremony())
    with pytest.raises(BrokenInput, match="founded as a demo"):
        build_writer(settings, told(DAY))
    workings, _ = build_writer(settings)
    assert abs(workings.clock.now(Instant(0)) - SystemClock().wall()) < 60 * SECOND


def test_a_demo_is_told_the_time(demo: Demo) -> None:
    workings, _ = build_writer(demo.settings, Told(demo.clock, IdMaker()))
    assert workings.clock.now(Instant(0)) == demo.ends
