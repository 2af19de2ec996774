"""Limits of tries, as a caller meets them: told when to come back, for an account as for none, and over a restart."""

from pathlib import Path
from typing import Any

import pytest

from api.door import ADDRESS_TRIES_MAX, KEYS_MAX, TRIES_MAX, WINDOW, Tries
from api.identity import delays
from api.identity.delays import FAILURES_MAX, PASSWORD_LONGEST, password_delay
from api.settings import Settings
from ledger.clock import SECOND
from tests.api.organisation import WORD, House, copied, running


def attempt(house: House, account: str, word: str = "another word entirely") -> Any:
    return house.client.post("/v1/sign-in", json={"account": account, "password": word})


def test_delays_grow_by_key_and_end_with_a_success() -> None:
    tries = Tries()
    now = 7 * WINDOW
    waits = []
    for _ in range(14):
        tries.failed("a", now)
        wait = tries.wait_seconds("a", now)
        waits.append(wait)
        if wait:
            assert tries.wait_seconds("a", now + (wait - 1) * SECOND - 1) > 0
        now += max(wait, 60) * SECOND
        assert tries.wait_seconds("a", now) == 0
    expected = [password_delay(n) // SECOND for n in range(1, 15)]
    assert waits == [wait + 1 if wait else 0 for wait in expected]
    assert max(expected) == PASSWORD_LONGEST // SECOND
    assert tries.wait_seconds("b", now) == 0
    tries.succeeded("a")
    tries.failed("a", now)
    assert tries.wait_seconds("a", now) == 0


def test_what_is_remembered_is_bounded() -> None:
    tries = Tries()
    for number in range(KEYS_MAX + 50):
        tries.failed(str(number), 0)
        tries.wait_seconds(str(number), 0)
    assert (len(tries._failed), len(tries._windows)) == (KEYS_MAX, KEYS_MAX)


def test_an_account_and_none_are_told_to_wait_alike(house: House) -> None:
    house.token("budget-owner-1")
    house.service.door.tries = Tries()
    told = {}
    for account in ("budget-owner-1", "nobody-at-all", "budget-owner-late"):  # the last one has no password yet
        answers = [attempt(house, account) for _ in range(FAILURES_MAX + 2)]
        told[account] = [(answer.status_code, answer.json()["reason"], answer.json()["detail"]) for answer in answers]
        seconds = [int(answer.headers["Retry-After"]) for answer in answers[FAILURES_MAX:]]
        assert all(1 <= wait <= password_delay(FAILURES_MAX) // SECOND + 1 for wait in seconds)
    assert len({str(one) for one in told.values()}) == 1
    assert [status for status, _, _ in told["nobody-at-all"]] == [401] * FAILURES_MAX + [429] * 2
    refused = attempt(house, "budget-owner-1", WORD)
    assert refused.status_code == 429


@pytest.mark.parametrize("more", [{}, {"code": "a", "present": "b"}])
def test_a_password_is_set_by_a_code_or_by_the_present_one_and_not_by_both(house: House, more: dict[str, str]) -> None:
    asked = {"account": "budget-owner-1", "password": "nine words that nobody has guessed yet", **more}
    house.refused(house.client.post("/v1/password", json=asked), 400, "MALFORMED")


def test_one_address_is_limited_over_all_accounts(house: House) -> None:
    tries = Tries()
    limited = [tries.wait_seconds("address:a", 5, ADDRESS_TRIES_MAX) for _ in range(ADDRESS_TRIES_MAX + 1)]
    assert limited == [0] * ADDRESS_TRIES_MAX + [60]
    assert TRIES_MAX < ADDRESS_TRIES_MAX
    house.service.door.tries = tries = Tries()
    now = house.service.rooms.clock.wall()
    for at in (now, now + WINDOW):  # whichever minute it is when the try arrives
        for _ in range(ADDRESS_TRIES_MAX):
            tries.wait_seconds("address:testclient", at, ADDRESS_TRIES_MAX)
        answer = attempt(house, "nobody-new")
        if answer.status_code == 429:
            break
    house.refused(answer, 429, "RATE_LIMITED")


def test_a_restart_forgets_no_delay(founded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delays, "PASSWORD_FIRST", PASSWORD_LONGEST)  # five minutes at once: a slow machine restarts too
    settings = copied(founded, tmp_path / "data")
    with running(settings) as house:
        house.token("budget-owner-1")
        for _ in range(FAILURES_MAX):
            house.refused(attempt(house, "budget-owner-1"), 401, "BAD_CREDENTIALS")
    with running(settings) as again:
        again.refused(attempt(again, "budget-owner-1", WORD), 401, "BAD_CREDENTIALS")
        with again.service.reader.view() as view:
            [(failures, until)] = view.query(
                "SELECT failures, locked_until FROM lockout WHERE log_id = {log} AND failures > 0"
            )
        assert failures == FAILURES_MAX
        assert until > again.clock.wall()


@pytest.mark.parametrize("text", ["", "x" * 200, "' OR 1=1", "ü", "budget-owner-1 "])
def test_no_account_of_whatever_form_is_told_apart(house: House, text: str) -> None:
    house.token("budget-owner-1")
    wrong, other = attempt(house, "budget-owner-1"), attempt(house, text)
    assert (wrong.status_code, wrong.content, wrong.headers) == (other.status_code, other.content, other.headers)
