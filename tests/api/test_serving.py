"""The service as a process, and on both databases: it starts, answers, stops as asked, and refuses a strange schema."""

import json
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
from typing import Any

import pytest

from api.founding import done, found
from api.identity.service import prepare_setup_code
from api.schema import SCHEMA, check_schema
from api.settings import Settings
from api.wiring import build_writer
from examples.organisation.files import artefact_files
from ledger.actor import SYSTEM
from ledger.errors import BrokenInput
from ledger.service import Writer
from ledger.work import Request
from migrations.upgrade import newest
from rbac.service import FirstRole, HoldCeremony, NamedPerson
from tests.api.organisation import SERVICES, WORD, House, copied, make, running
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
    port = _free_port()
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


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_one_process_serves_two_logs_each_by_a_writer_of_its_own(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """On PostgreSQL both lie in one database. The same person, the same password, two organisations."""
    url = request.getfixturevalue("postgresql").create_database() if engine == "postgresql" else ""
    settings = Settings(data_dir=str(tmp_path / "data"), database_url=url, mark_dir=str(tmp_path / "marks"))
    codes = {name: founded_bare(replace(settings, log=name)) for name in ("acme", "globex")}
    port = _free_port()
    environment = {
        **os.environ,
        "MUNIMENT_DATA_DIR": settings.data_dir, "MUNIMENT_DATABASE_URL": url,
        "MUNIMENT_MARK_DIR": settings.mark_dir, "MUNIMENT_LOGS": "*",
    }  # fmt: skip
    command = [sys.executable, "-m", "muniment", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        _until(address, "/readyz", process)
        begun = time.monotonic()
        while (told := _post(address, "/readyz", None))["logs_closed"] and time.monotonic() - begun < PATIENCE:
            time.sleep(0.1)
        assert told == {"status": "ready", "demo": False, "logs_closed": 0}
        for log, code in codes.items():
            who = {"account": "process-owner", "password": WORD}
            assert _post(address, "/v1/password", {**who, "code": code})["receipt"]["log"] == log
            signed = _post(address, "/v1/sign-in", {**who, "log": log})
            assert signed["token"].startswith(f"{log}_st_")
            assert _post(address, "/v1/me", None, signed["token"])["actor"]["method"] == "password"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
    finally:
        if process.poll() is None:
            process.kill()
    assert len(list(Path(settings.mark_dir).glob("*.json"))) == 2, "each writer keeps the mark of its log"


def founded_bare(settings: Settings) -> str:
    """An organisation of two persons and nothing else; a set-up code of one of them."""
    two = ("process-owner", "change-reviewer")
    policy = artefact_files(SERVICES)["access-policy.yaml"]
    names = tuple(NamedPerson(ref, ref) for ref in two)
    people = found(settings, HoldCeremony(two, names, policy, tuple(FirstRole(ref, ref) for ref in two))).persons
    prepared = prepare_setup_code(settings.log, dict(people)[two[0]])
    writer = Writer(*build_writer(settings))
    try:
        done(writer.run(Request(SYSTEM, prepared.command, "set-up")))
    finally:
        writer.close()
    return prepared.token


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _post(address: str, path: str, body: Any, token: str = "") -> Any:
    """The JSON of an answer to a POST; to a GET when there is no body."""
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{address}{path}", data, headers), timeout=30) as answer:
        return json.load(answer)


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
        "/v1/rule-tables", "/v1/blueprints/invoice-approval/versions/1/diagram",
    ]  # fmt: skip
    assert {path: house.get(path, "auditor").status_code for path in paths} == dict.fromkeys(paths, 200)
    assert house.get("/v1/connectors", "change-reviewer").json()["items"]
    incidents = house.get("/v1/incidents", "incident-handler")
    assert incidents.json() | {"as_of": 0} == {"items": [], "cursor": None, "as_of": 0}
    worker = house.key("svc:document-archive", "archive-worker", domain="finance")
    wanted = {"type": "archive-document", "worker": "w", "domain": "finance", "wait_seconds": 0}
    assert house.post("/v1/jobs/activation", worker, wanted).json()["jobs"] == []
