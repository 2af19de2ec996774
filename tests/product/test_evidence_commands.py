"""`muniment record`, `ask`, `pack` and `verify-pack` as the person of a token, over a log with everything in it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from api.settings import Settings
from api.wiring import open_log
from ledger.keys import load_keys
from tests.api.organisation import copied
from tests.product.at_the_command_line import muniment, tokens

PORTAL = "svc:loan-portal"
Run = Callable[..., subprocess.CompletedProcess[str]]


class Desk:
    """Whoever sits at the command line of a copy of the organisation."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.tokens = tokens(settings, "auditor", "budget-owner-1", service=PORTAL)
        self.vkey = load_keys(settings.key_folder, settings.origin, settings.secret()).signer.vkey
        log, database = open_log(settings)
        connection = database.connect(read_only=True)
        found = "SELECT id FROM decision WHERE log_id = {log} AND outcome = 'approve' ORDER BY id"
        [(self.task,), *_] = connection.query(log.log_id, found, ())
        self.instance = self.task.partition(".")[0]
        connection.close()

    def run(self, who: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return muniment(self.settings, self.tokens.get(who, who), *arguments, folder=self.folder)


@pytest.fixture(scope="module")
def desk(everything: Settings, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    return Desk(copied(everything, folder / "data"), folder)


def test_without_a_good_token_of_a_person_nothing_is_told(desk: Desk) -> None:
    record = ("record", "--instance", desk.instance)
    good = desk.tokens["auditor"]
    other = good[:-1] + ("y" if good.endswith("x") else "x")
    for token, told in (
        ("", "found none"),
        ("not a token", "expected a token in force"),
        (other, "expected a token in force"),
        (PORTAL, "expected the token of a person"),
    ):
        ran = desk.run(token, *record)
        assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
        assert told in ran.stderr
        assert "MUNIMENT_TOKEN" in ran.stderr


def test_who_has_no_such_role_is_refused(desk: Desk, tmp_path: Path) -> None:
    out = str(tmp_path / "pack.zip")
    for arguments in (
        ("record", "--instance", desk.instance),
        ("ask", "Q01", "--instance", desk.instance),
        ("pack", "--instance", desk.instance, "--purpose", "p", "--recipient", "r", "--out", out),
    ):
        ran = desk.run("budget-owner-1", *arguments)
        assert (ran.returncode, ran.stdout) == (1, ""), ran.stdout
        assert ran.stderr.startswith("refused, NO_RULE"), ran.stderr
    assert not Path(out).exists()


def test_records_answers_and_a_pack_that_verifies(desk: Desk, tmp_path: Path) -> None:
    record = desk.run("auditor", "record", "--instance", desk.instance)
    assert record.returncode == 0, record.stderr
    assert json.loads(record.stdout)["id"] == desk.instance
    decision = desk.run("auditor", "record", "--decision", desk.task, "--format", "html")
    assert decision.returncode == 0, decision.stderr
    assert decision.stdout.lstrip().startswith("<!")
    answer = desk.run("auditor", "ask", "Q01", "--instance", desk.instance, "--trust", desk.vkey)
    assert json.loads(answer.stdout)["verdict"] == "satisfied", answer.stderr
    assert answer.returncode == 0
    pack = tmp_path / "pack.zip"
    asked = ("--purpose", "review", "--recipient", "the examiner", "--out", str(pack), "--json")
    built = desk.run("auditor", "pack", "--instance", desk.instance, *asked)
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["file"] == str(pack)
    judged = desk.run("", "verify-pack", str(pack), "--trust", desk.vkey, "--json")
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert json.loads(judged.stdout)["good"] is True
    verified = desk.run("", "verify", "--json", "--vkey", desk.vkey)
    assert verified.returncode == 0, verified.stdout + verified.stderr
