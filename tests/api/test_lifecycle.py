"""`muniment restore`, `muniment log` and a successor, done to a whole organisation at the command line."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import cli
from api.founding import found
from api.settings import Settings
from api.wiring import TABLES, folds, open_log
from examples.organisation.files import artefact_files
from ledger.errors import BrokenInput
from ledger.verification import Manner, Subject, verify_database
from rbac.service import FirstRole, HoldCeremony, NamedPerson
from tests.api.older_copies import backup, restored_to
from tests.api.organisation import SERVICES, WORD, House, copied, running
from tests.api.test_erasure import ask, loan, over
from tests.api.work import FINANCE, intake, invoice, start

TWO = ("process-owner", "change-reviewer")


@pytest.fixture
def house(founded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A running service of its own, and a command line in which the settings are those of the house."""
    settings = replace(copied(founded, tmp_path / "data"), mark_dir=str(tmp_path / "marks"))
    with running(settings) as house:
        for person in TWO:
            house.token(person)
        for name in ("data_dir", "log", "mark_dir"):
            monkeypatch.setenv(f"MUNIMENT_{name.upper()}", getattr(settings, name))
        yield house


class Cli:
    """The command line, with what is typed at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, *arguments: str, typed: str = f"{WORD}\n{WORD}\n") -> tuple[int, Any]:
        """Exit status, and what was printed: an object, or the error."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        self._capsys.readouterr()
        status = cli.run([*arguments, "--json"])
        out, err = self._capsys.readouterr()
        return status, json.loads(out) if out else err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(monkeypatch, capsys)


def act(name: str, *more: str, persons: tuple[str, ...] = TWO) -> list[str]:
    people = [part for person in persons for part in ("--person", person)]
    return [*name.split(), *people, "--reason", "A reason in one line", *more]


def sign_in(house: House, person: str = "process-owner") -> Any:
    return house.client.post("/v1/sign-in", json={"account": person, "password": WORD})


def verified(settings: Settings) -> Any:
    log, database = open_log(settings)
    subject = Subject(database, log.name, log.origin, TABLES, folds(), log.secrets.vault, marks=settings.marks)
    return verify_database(subject, Manner((log.secrets.signer.vkey,)))[0]


def test_an_older_copy_under_a_running_service_is_declared_by_two_persons(
    house: House, command: Cli, tmp_path: Path
) -> None:
    token = house.token("process-owner")
    assert command.run(*act("restore"))[0] == 2, "there is no mark yet, or nothing is lost"
    older, size = backup(house.settings, tmp_path / "older.sqlite"), house.size
    assert sign_in(house).status_code == 200
    assert sign_in(house).status_code == 200
    house.service.writer._writer._desk.rest()
    restored_to(house.settings, older)
    refused = sign_in(house)
    assert (refused.status_code, refused.json()["reason"]) == (503, "LOG_ROLLED_BACK")
    assert house.client.get("/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 200, "reads go on"
    assert house.size == size
    finding = verified(house.settings).finding
    assert finding is not None
    assert finding.fault == "rolled back"
    status, said = command.run(*act("restore"), typed=f"{WORD}\nwrong\n")
    assert status == 2
    assert "found another pair" in said
    assert command.run(*act("restore", persons=("process-owner", "process-owner")))[0] == 2
    assert house.size == size, "nothing was written"
    status, said = command.run(*act("restore"))
    assert status == 0, said
    assert (said["outcome"], said["lost_size"], said["present_size"]) == ("restored", size + 2, size)
    assert sign_in(house).status_code == 503, "the process that saw more has to start anew"
    with running(house.settings) as again:
        assert sign_in(again).status_code == 200
    report = verified(house.settings)
    assert report.is_sound
    assert any("declares a restore" in note for note in report.notes)


def test_a_declaration_needs_two_persons_who_may(house: House, command: Cli, tmp_path: Path) -> None:
    house.token("credit-officer-1")
    older = backup(house.settings, tmp_path / "older.sqlite")
    sign_in(house)
    house.service.writer._writer._desk.rest()
    restored_to(house.settings, older)
    size = house.size
    house.service.writer._writer._desk._drop()
    status, said = command.run(*act("restore", persons=("process-owner",)))
    assert (status, "expected --person twice" in said) == (2, True)
    status, said = command.run(*act("restore", persons=("process-owner", "nobody")))
    assert (status, "found another pair" in said) == (2, True)
    status, said = command.run(*act("restore", persons=("process-owner", "credit-officer-1")))
    assert (status, "NO_RULE" in said) == (2, True)
    assert house.size == size


def test_a_sealed_log_answers_reads_alone_and_has_a_successor(house: House, command: Cli, tmp_path: Path) -> None:
    token = house.token("process-owner")
    intake_key, instance = intake(house), start(house)
    status, said = command.run(*act("log seal"))
    assert (status, "expected no running process instance" in said) == (2, True)
    status, said = command.run(*act("log seal", "--with-open"))
    assert status == 0, said
    size = said["final_size"]
    assert house.size == size
    assert said["checkpoint"].splitlines()[1] == str(size)
    refused = sign_in(house)
    assert (refused.status_code, refused.json()["reason"]) == (409, "LEDGER_SEALED")
    headers = {"authorization": f"Bearer {token}"}
    body = {"blueprint": "invoice-approval", "business_key": "L-1", "data": invoice(house), "domain": FINANCE}
    house.refused(house.post("/v1/process-instances", intake_key, body), 409, "LEDGER_SEALED")
    house.refused(house.client.post("/v1/sign-out", headers=headers), 409, "LEDGER_SEALED")
    assert house.get(f"/v1/process-instances/{instance}", intake_key).status_code == 200
    assert house.client.get("/v1/me", headers=headers).status_code == 200
    assert house.size == size
    assert command.run(*act("log seal"))[0] == 2
    assert command.run("log", "list")[1] == [
        {"log": "acme", "origin": "localhost/acme", "size": size, "final_size": size}
    ]
    assert f"sealed by entry {size - 1}, at size {size}" in verified(house.settings).notes
    files = artefact_files(SERVICES)
    ceremony = HoldCeremony(
        TWO,
        tuple(NamedPerson(person, person) for person in TWO),
        files["access-policy.yaml"],
        tuple(FirstRole(person, person) for person in TWO),
    )
    successor = replace(house.settings, log="acme-2")
    found(successor, ceremony, "acme")
    report = verified(successor)
    assert report.is_sound
    assert report.notes[0].startswith(f"continues localhost/acme, sealed at size {size} with root ")


def test_a_seal_waits_for_erasures_that_were_asked_for(house: House, command: Cli) -> None:
    instance, _ = loan(house, 1)
    over(house, instance)
    house.service.erasures.stop()  # the request stays as it is
    assert ask(house, instance).status_code == 200
    size = house.size
    status, told = command.run(*act("log seal", "--with-open"))
    assert (status, "every erasure" in told) == (2, True), told
    assert house.size == size + 1, "the refusal is on record"
    assert command.run("vault", "carry-out")[0] == 0
    assert command.run(*act("log seal", "--with-open"))[0] == 0
    assert verified(house.settings).is_sound


def test_an_open_log_has_no_successor(house: House) -> None:
    ceremony = HoldCeremony(TWO, (), "", ())
    with pytest.raises(BrokenInput, match="expected log `acme` to be sealed"):
        found(replace(house.settings, log="acme-2"), ceremony, "acme")
    assert not (house.settings.folder / "keys" / "acme-2").exists()


@pytest.mark.parametrize("name", ["", "../acme", "Acme", "a_b", "x" * 33])
def test_a_log_has_a_short_name(house: House, name: str) -> None:
    with pytest.raises(BrokenInput, match="expected a short name"):
        found(replace(house.settings, log=name), HoldCeremony(TWO, (), "", ()))
