"""The second factor over HTTP: enrolled, asked for, told once, and on both databases used once at most."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.founding import done
from api.identity import service as identity
from api.identity.totp import hotp, secret_bytes, step_at
from api.settings import Settings
from ledger.clock import SystemClock
from tests.api.foundry import Foundry
from tests.api.organisation import WORD, House, running
from tests.api.test_serving import founded_bare

WHO = "process-owner"
OWN = "/v1/me/second-factor"


class Officer:
    """A person of a bare organisation who has a password, and soon an app."""

    def __init__(self, house: House) -> None:
        self.house = house
        prepared = identity.prepare_setup_code(house.service.log.name, house.person(WHO))
        done(house.run(prepared.command))
        body = {"account": WHO, "password": WORD, "code": prepared.token}
        assert house.client.post("/v1/password", json=body).status_code == 200
        self.token = self.sign_in("").json()["token"]
        self.secret = ""
        self.codes: list[str] = []
        self.step = 0

    def sign_in(self, code: str, word: str = WORD) -> Any:
        return self.house.client.post("/v1/sign-in", json={"account": WHO, "password": word, "code": code})

    def own(self, path: str = "", **body: Any) -> Any:
        return self.house.post(OWN + path, self.token, json=body if path else None)

    def next_code(self) -> str:
        """A code that was not used, within the drift; two of them at once, then time has to pass."""
        self.step = max(self.step + 1, step_at(SystemClock().wall()))
        return hotp(secret_bytes(self.secret), self.step)

    def enrol(self) -> dict[str, Any]:
        self.secret = self.own().json()["secret"]
        answer = self.own("/confirmation", code=self.next_code())
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        self.codes = body["recovery_codes"]
        return body


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Foundry[str]:
    folder = tmp_path_factory.mktemp("bare")
    return Foundry(founded_bare, Settings(log="acme"), folder, lambda: request.getfixturevalue("postgresql"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def officer(request: pytest.FixtureRequest, bare: Foundry[str], tmp_path: Path) -> Iterator[Officer]:
    settings, _ = bare.copy(request.param, tmp_path / "data")
    with running(replace(settings, mark_dir=str(tmp_path / "marks"))) as house:
        yield Officer(house)


def test_an_app_is_enrolled_asked_for_and_removed(officer: Officer) -> None:
    assert officer.house.get(OWN, officer.token).json() == {"totp": "none", "codes_left": 0}
    offered = officer.own().json()
    assert offered["uri"].startswith(f"otpauth://totp/Muniment%20acme:{WHO}?secret={offered['secret']}&")
    assert offered["picture"].startswith("data:image/svg+xml")
    assert officer.sign_in("").status_code == 200  # not confirmed yet
    confirmed = officer.enrol()
    assert (confirmed["outcome"], len(set(confirmed["recovery_codes"]))) == ("confirmed", 10)
    assert officer.house.get(OWN, officer.token).json() == {"totp": "confirmed", "codes_left": 10}
    for answer in (officer.sign_in(""), officer.sign_in(officer.codes[0], "another word entirely")):
        officer.house.refused(answer, 401, "BAD_CREDENTIALS")
    signed = officer.sign_in(officer.next_code())
    assert signed.status_code == 200
    officer.house.refused(officer.own("/removal"), 403, "DENIED")
    officer.token = signed.json()["token"]
    assert officer.house.get("/v1/me", officer.token).json()["actor"]["method"] == "password+totp"
    fresh = officer.own("/recovery-codes").json()["recovery_codes"]
    officer.house.refused(officer.sign_in(officer.codes[1]), 401, "BAD_CREDENTIALS")
    assert officer.sign_in(fresh[1]).status_code == 200
    assert officer.own("/removal", code=fresh[2]).json()["outcome"] == "removed"
    assert officer.sign_in("").status_code == 200


def test_of_many_at_once_with_one_code_exactly_one_is_let_in(officer: Officer) -> None:
    officer.enrol()
    for code in (officer.next_code(), officer.codes[6]):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(officer.sign_in, [code] * 4))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_what_was_told_once_is_found_nowhere_again(officer: Officer) -> None:
    confirmed = officer.enrol()
    assert officer.secret not in json.dumps(confirmed)
    used = officer.next_code()
    officer.token = officer.sign_in(used).json()["token"]
    assert officer.sign_in(officer.codes[0]).status_code == 200
    replaced = officer.own("/recovery-codes", code=officer.codes[1]).json()["recovery_codes"]
    officer.own("/removal", code=replaced[0])
    with officer.house.service.reader.view() as view:
        kept = [view.query(f"SELECT * FROM {table} WHERE log_id = {{log}}") for table in TABLES]
    told = repr(kept) + officer.house.get(OWN, officer.token).text
    assert "second_factor.confirmed" in told
    for secret in (officer.secret, secret_bytes(officer.secret).hex(), *officer.codes, *replaced):
        assert secret not in told
        assert secret.replace("-", "") not in told


TABLES = ("entry", "opening", "totp", "recovery_codes", "refusal_window", "refusal_repeat", "command")


def test_brute_force_of_codes_is_limited_and_told_when_to_come_back(officer: Officer) -> None:
    from api.door import TRIES_MAX, Tries

    officer.enrol()
    officer.house.service.door.tries = Tries()
    begun = time.time() // 60
    answers = [officer.own("/removal", code="123456") for _ in range(TRIES_MAX + 5)]
    if time.time() // 60 == begun:
        assert [answer.status_code for answer in answers[-5:]] == [429] * 5
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert {answer.status_code for answer in answers} <= {401, 429}
    assert [answer.json()["reason"] for answer in answers[5:7]] == ["LOCKED_OUT"] * 2


def test_only_a_person_for_themselves_and_with_a_body_that_fits(officer: Officer) -> None:
    house = officer.house
    assert house.post(OWN).status_code == 401
    house.refused(officer.own("/confirmation", code="123456"), 409, "WRONG_STATE")
    house.refused(officer.own("/removal", code="123456"), 409, "WRONG_STATE")
    house.refused(officer.own("/confirmation", code="1" * 65), 400, "MALFORMED")
    house.refused(officer.own("/confirmation", other="1"), 400, "MALFORMED")
    house.refused(house.post(f"/v1/persons/{house.person(WHO)}/second-factor/removal", officer.token), 403, "NO_RULE")


def test_the_command_line_removes_what_was_lost(
    officer: Officer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    officer.enrol()
    settings = officer.house.settings
    monkeypatch.setenv("MUNIMENT_DATA_DIR", settings.data_dir)
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MUNIMENT_MARK_DIR", settings.mark_dir)
    monkeypatch.setenv("MUNIMENT_LOG", settings.log)
    assert run(["password", "remove-second-factor", "--person", WHO, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"person": WHO}
    assert officer.sign_in("").status_code == 200
