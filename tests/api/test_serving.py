"""The service as a process, and on both databases: it starts, answers, stops as asked, and refuses a strange schema."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from api.cli_serve import SCHEMA, check_schema
from api.settings import Settings
from ledger.errors import BrokenInput
from migrations.upgrade import newest
from tests.api.organisation import House, copied, make, running
from tests.api.work import decide, start, task_of
from tests.conftest import ROOT
from tests.postgres import PostgresServer

PATIENCE = 60.0  # seconds: a loaded machine


def test_the_schema_of_the_service_is_the_newest_migration() -> None:
    assert newest() == SCHEMA


@pytest.mark.parametrize("found", ["0001_ledger", "9999_later"])
def test_it_does_not_start_on_another_schema(founded: Settings, tmp_path: Path, found: str) -> None:
    settings = copied(founded, tmp_path / "data")
    check_schema(settings)
    from ledger.sqlite import connect

    connection = connect(settings.folder / "logs" / settings.log / "ledger.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = ?", (found,))
    connection.close()
    with pytest.raises(BrokenInput, match=found):
        check_schema(settings)


def _answers(address: str, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _until(address: str, path: str, process: "subprocess.Popen[bytes]") -> None:
    begun = time.monotonic()
    while _answers(address, path) != 200:
        assert process.poll() is None, "the service ended"
        assert time.monotonic() - begun < PATIENCE, "the service did not start"


def test_it_serves_and_stops_as_asked(founded: Settings, tmp_path: Path) -> None:
    settings = copied(founded, tmp_path / "data")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "MUNIMENT_DATA_DIR": settings.data_dir, "MUNIMENT_LOG": settings.log}
    command = [sys.executable, "-m", "muniment", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        _until(address, "/healthz", process)
        _until(address, "/readyz", process)
        assert _answers(address, "/v1/me") == 401
        assert _answers(address, "/metrics") == 200  # a loopback address
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
        connection = settings.database().connect(read_only=True)
        head = connection.query(1, "SELECT size FROM head WHERE log_id = {log}", ())
        assert connection.query(1, "SELECT max(size) FROM published WHERE log_id = {log}", ()) == head
        connection.close()
    finally:
        if process.poll() is None:
            process.kill()


@pytest.mark.postgresql
def test_every_page_reads_on_postgresql(postgresql: PostgresServer, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"), log="acme", database_url=postgresql.create_database())
    make(replace(settings))
    with running(settings) as house:
        _tour(house)


def test_every_page_reads_on_sqlite(house: House) -> None:
    _tour(house)


def _tour(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    assert decide(house, task).status_code == 200
    paths = [
        "/v1/process-instances", f"/v1/process-instances/{instance}", f"/v1/process-instances/{instance}/history",
        "/v1/tasks", "/v1/tasks?mine=1", f"/v1/tasks/{task['id']}", "/v1/decisions", f"/v1/decisions/{task['id']}",
        "/v1/overview", "/v1/blueprints", "/v1/blueprints/invoice-approval", "/v1/blueprints/invoice-approval/versions",
        "/v1/change-requests", "/v1/authorities", "/v1/authority-grants", "/v1/roles", "/v1/access/policies",
        "/v1/ledger/entries", "/v1/ledger/proofs/inclusion?index=3", "/v1/ledger/proofs/consistency?old=3",
        "/v1/ledger/receipts/3?proof=1", f"/v1/process-instances/{instance}/compliance-record", "/v1/questions",
        "/v1/rule-tables",
    ]  # fmt: skip
    assert {path: house.get(path, "auditor").status_code for path in paths} == dict.fromkeys(paths, 200)
    assert house.get("/v1/connectors", "change-reviewer").json()["items"]
    incidents = house.get("/v1/incidents", "incident-handler")
    assert incidents.json() == {"items": [], "cursor": None}
    worker = house.key("svc:document-archive", "archive-worker", domain="finance")
    wanted = {"type": "archive-document", "worker": "w", "domain": "finance", "wait_seconds": 0}
    assert house.post("/v1/jobs/activation", worker, wanted).json()["jobs"] == []
