"""Verification and proofs of subjects over HTTP: who may, progress, report, one at a time, and a fault found."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from api.verifying import Verifications
from ledger.actor import SYSTEM
from ledger.clock import SystemClock
from ledger.database import SqliteDatabase
from ledger.service import CountSubjects
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.subject_proof import check_subject_proof
from tests.api.organisation import House, copied

PATH = "/v1/ledger/verification"
PROOF = "/v1/ledger/proofs/subject"
PATIENCE = 120.0  # seconds; a verification of this log takes about three


def ended(ask: Any) -> dict[str, Any]:
    """The state once nothing is running."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        state: dict[str, Any] = ask()
        if state["state"] != "running":
            return state
        time.sleep(0.05)
    raise AssertionError("the verification does not end")


def test_a_verification_is_begun_and_read(house: House) -> None:
    size = house.size
    house.refused(house.post(PATH, "budget-owner-1", {}), 403, "NO_RULE")
    house.refused(house.get(PATH, "budget-owner-1"), 403, "NO_RULE")
    assert house.get(PATH, "auditor").json() == {"state": "none", "report": None}
    begun = house.post(PATH, "auditor", {"vkeys": [house.service.log.secrets.signer.vkey]}).json()
    assert begun["state"] == "running"
    again = house.post(PATH, "auditor", {}).json()
    assert (again["state"], again["started_at"]) == ("running", begun["started_at"]), "one at a time"
    told = ended(lambda: house.get(PATH, "auditor").json())
    report = told["report"]
    assert (told["state"], report["sound"], report["finding"]) == ("done", True, None)
    assert report["size"] >= size
    statuses = {check["number"]: check["status"] for check in report["checks"]}
    assert {number for number, status in statuses.items() if status == "passed"} == {1, 2, 3, 4, 5, 6, 9, 10, 11, 12}
    assert all(check["note"] for check in report["checks"] if check["status"] == "not run")
    assert told["progress"] == {"doing": "judging", "done": report["size"], "of": report["size"]}


@pytest.mark.parametrize("body", [{"vkeys": ["none"]}, {"vkeys": "x"}, {"since": 1}, {"vkeys": ["v"] * 17}])
def test_what_cannot_be_asked(house: House, body: dict[str, Any]) -> None:
    assert house.post(PATH, "auditor", body).status_code == 400


def test_a_fault_is_in_the_report(founded: Settings, tmp_path: Path) -> None:
    settings = copied(founded, tmp_path / "data")
    database = settings.database()
    assert isinstance(database, SqliteDatabase)
    with closing(sqlite3.connect(database.path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE entry SET bytes = bytes || ' ' WHERE idx = 7")
    verifications = Verifications(settings, SystemClock())
    verifications.begin(())
    report = ended(verifications.state)["report"]
    assert (report["sound"], report["finding"]["class"], report["finding"]["index"]) == (False, "altered", 7)


def test_one_that_cannot_be_carried_through_says_so(tmp_path: Path) -> None:
    verifications = Verifications(Settings(data_dir=str(tmp_path / "nothing")), SystemClock())
    verifications.begin(())
    told = ended(verifications.state)
    assert (told["state"], told["report"]) == ("ended", None)
    verifications.begin(())
    verifications.close()
    assert ended(verifications.state)["report"] is None


def test_a_subject_is_proved_at_a_count(house: House) -> None:
    house.refused(house.get(f"{PROOF}?subject=x", "budget-owner-1"), 403, "NO_RULE")
    house.refused(house.get(f"{PROOF}?subject=x", "auditor"), 404, "NOT_FOUND")
    counted = house.run(CountSubjects("acme"), SYSTEM).receipt.index
    person = house.person("auditor")
    vkey = house.service.log.secrets.signer.vkey
    for subject, at in ((person, ""), (person, f"&counted={counted}"), ("pi_none", "")):
        answer = house.get(f"{PROOF}?subject={subject}{at}", "auditor")
        assert answer.status_code == 200, answer.text
        verdict = check_subject_proof(answer.json(), [vkey], verify_ed25519)
        assert (verdict.subject, verdict.counted) == (subject, counted)
        assert (verdict.entries > 0) == (subject == person)
    for query in (
        f"subject=x&counted={counted - 1}",
        "subject=x&counted=99999999",
        "subject=x&counted=-1",
        "counted=1",
    ):
        assert house.get(f"{PROOF}?{query}", "auditor").status_code == 400
