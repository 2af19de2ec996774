"""Nobody learns at the door whether there is an account: one answer and one argon2 evaluation for all that is wrong."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from api.door import BEAT
from api.identity import delays
from api.identity.passwords import Passwords
from api.settings import Settings
from ledger.clock import SECOND
from tests.api.organisation import WORD, House, copied, running
from tests.api.page.browser import Browser, hidden
from tests.api.test_second_factor import Officer

WRONG, LOCKED, GUARDED = "budget-owner-1", "budget-owner-late", "process-owner"
BARE, UNKNOWN = "budget-owner-both", "nobody-at-all"
TRIES = 60
LONG_TRIES = 2_000
APART_MAX = 0.05  # of the medians

Way = tuple[str, str, str]
WAYS: dict[str, Way] = {
    "unknown account": (UNKNOWN, WORD, ""),
    "wrong password": (WRONG, "another word entirely", ""),
    "locked account": (LOCKED, WORD, ""),
    "account without password": (BARE, WORD, ""),
    "wrong code": (GUARDED, WORD, "not it"),
    "missing code": (GUARDED, WORD, ""),
    "wrong password, right code": (GUARDED, "another word entirely", "RECOVERY"),
}
NEW = "an entirely new word"
DAY = 86_400 * SECOND


class Rig:
    """A house with an account of each kind, and a count of argon2 evaluations."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch, dear: bool) -> None:
        self.house = house
        if dear:
            house.service.door.passwords, house.service.door.beat = Passwords(), BEAT
        for account in (WRONG, LOCKED):
            house.token(account)
        for delay in ("PASSWORD_FIRST", "PASSWORD_LONGEST"):  # the measured tries take longer than any real delay
            monkeypatch.setattr(delays, delay, DAY)
        for _ in range(delays.FAILURES_MAX):
            self.by_api((LOCKED, "another word entirely", ""))
        monkeypatch.setattr(delays, "FAILURES_MAX", 10**9)  # the others are to stay open for as many tries
        officer = Officer(house)
        officer.enrol()
        self.code = officer.codes[0]
        self.evaluations = 0
        for name in ("verify", "hash"):
            monkeypatch.setattr(PasswordHasher, name, self._counting(getattr(PasswordHasher, name)))

    def _counting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.evaluations += 1
            return real(*given, **named)

        return counted

    def by_api(self, way: Way) -> Any:
        account, word, code = way
        code = self.code if code == "RECOVERY" else code
        return self.house.client.post("/v1/sign-in", json={"account": account, "password": word, "code": code})

    def by_change(self, way: Way) -> Any:
        account, word, code = way
        code = self.code if code == "RECOVERY" else code
        body = {"account": account, "present": word, "password": NEW, "second_factor": code}
        return self.house.client.post("/v1/password", json=body)

    def by_page(self, way: Way) -> Callable[[], Any]:
        account, word, code = way
        browser = Browser(self.house)
        fields = {**hidden(browser.get("/sign-in")), "account": account, "password": word}
        fields["code"] = self.code if code == "RECOVERY" else code
        return lambda: browser.post("/sign-in", fields)


@pytest.fixture
def rig(
    request: pytest.FixtureRequest, founded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rig]:
    """Accounts hashed as in service for the measured times: a hash says itself how dear it is."""
    with running(copied(founded, tmp_path / "data")) as house:
        yield Rig(house, monkeypatch, dear=request.node.get_closest_marker("long") is not None)


def _seen(answer: Any, *own: str) -> tuple[int, bytes, list[tuple[str, str]]]:
    content = answer.content
    for value in own:
        content = content.replace(value.encode(), b"OWN")
    return answer.status_code, content, sorted(answer.headers.items())


@pytest.mark.parametrize("door", ["by_api", "by_change"])
def test_all_that_is_wrong_is_answered_alike_with_one_evaluation(rig: Rig, door: str) -> None:
    seen = set()
    for name, way in WAYS.items():
        for _ in range(TRIES):
            before = rig.evaluations
            answer = getattr(rig, door)(way)
            assert rig.evaluations - before == 1, name
            seen.add(str(_seen(answer)))
    assert len(seen) == 1, seen
    assert "BAD_CREDENTIALS" in seen.pop()


def test_the_page_answers_alike(rig: Rig) -> None:
    seen = set()
    for name, way in WAYS.items():
        attempt = rig.by_page(way)
        token = hidden(attempt())["form_token"]
        for _ in range(TRIES // 10):
            before = rig.evaluations
            seen.add(str(_seen(attempt(), token)))
            assert rig.evaluations - before == 1, name
    assert len(seen) == 1, seen
    assert seen.pop().startswith("(401, ")


def test_a_set_up_code_tells_no_account_apart(rig: Rig) -> None:
    code = f"acme_sc_{'0' * 26}_{'0' * 52}"
    seen = set()
    for account in (UNKNOWN, WRONG, BARE, LOCKED, GUARDED):
        for _ in range(TRIES // 10):
            before = rig.evaluations
            body = {"account": account, "password": NEW, "code": code}
            seen.add(str(_seen(rig.house.client.post("/v1/password", json=body))))
            assert rig.evaluations - before == 1, account
    assert len(seen) == 1, seen


def test_a_refusal_is_given_on_a_beat_and_a_success_at_once(rig: Rig) -> None:
    rig.house.service.door.beat = 0.5
    for name in ("unknown account", "wrong password"):
        for door in (rig.by_api, rig.by_change):
            begun = time.perf_counter()
            assert door(WAYS[name]).status_code == 401
            assert time.perf_counter() - begun >= 0.5
    rig.house.service.door.beat = 3600.0
    assert rig.by_api((WRONG, WORD, "")).status_code == 200


@pytest.mark.long
def test_no_way_takes_longer_than_another(rig: Rig) -> None:
    """Medians, every way tried in turn so that the machine's moods fall on all of them."""
    named = ("unknown account", "wrong password", "locked account", "account without password", "wrong code")
    ways = [(name, WAYS[name]) for name in named]
    took: dict[str, list[float]] = {name: [] for name in named}
    turns = random.Random(5)
    for _ in range(LONG_TRIES):
        for name, way in turns.sample(ways, len(ways)):
            begun = time.perf_counter()
            answer = rig.by_api(way)
            assert answer.status_code == 401, name  # a success is answered at once
            took[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(times) for name, times in took.items()}
    apart = max(medians.values()) / min(medians.values()) - 1
    print({name: round(median * 1000, 3) for name, median in medians.items()}, f"apart by {apart:.1%}")
    assert apart < APART_MAX, medians
