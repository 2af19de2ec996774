"""`muniment demo` as a newcomer runs it: it comes up, a person signs in, it stops when told, and goes on next time."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from api.schema import SCHEMA
from api.settings import Settings
from examples.demo.door import Door
from examples.demo.organisation import Organisation
from examples.demo.outside import port_named
from examples.demo.parts import ACCOUNTS
from examples.demo.running import own
from examples.demo.standing import PASSWORDS, set_unfit_aside, stands_at
from examples.demo.told.committee import APPLICATIONS
from examples.demo.told.stories import COUNTS
from examples.processes.purchase_requisition import drive as purchases
from examples.processes.risk_data_load import drive as risk_loads
from tests.conftest import ROOT

SECONDS = 180.0  # a loaded machine; an idle one needs some ten
READY = "Ctrl-C stops it"
DIED = "has ended by itself"


@contextmanager
def standing(folder: Path, status: int = 0, after: int = 0) -> Iterator[str]:
    """What the demo printed once it stands; it is told to stop afterwards, and must end with this status. Its port is
    so far `after` that of this process."""
    port = str(22_400 + os.getpid() % 4_000 + after)
    told = folder / "told.txt"
    # A folder named from where somebody stands, as it is by default.
    environment = {**os.environ, "MUNIMENT_DATA_DIR": "data", "PYTHONPATH": str(ROOT)}
    with told.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "muniment", "demo", "--port", port],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + SECONDS
        while READY not in told.read_text():
            assert demo.poll() is None, told.read_text()
            assert time.monotonic() < deadline, told.read_text()
            time.sleep(0.1)
        yield told.read_text()
    finally:
        if status == 0:  # else it ends by itself
            demo.send_signal(signal.SIGINT)
        ended = demo.wait(timeout=SECONDS)
    assert ended == status, told.read_text()


def run_demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`muniment demo` with these words, beside the one that stands here."""
    # A folder named from where somebody stands, as it is by default.
    environment = {**os.environ, "MUNIMENT_DATA_DIR": "data", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "muniment", "demo", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def told_of(told: str, person: str) -> tuple[str, str]:
    """The address and the password that were printed."""
    address = re.search(r"runs at (http://\S+?)/ ", told)
    password = re.search(rf"/demo/{person} +password (\S+)$", told, re.MULTILINE)
    assert address is not None
    assert password is not None
    return address[1], password[1]


def sign_in(told: str, person: str) -> tuple[str, int]:
    """The password that was printed, and how many instances this person sees."""
    address, password = told_of(told, person)
    door = Door(address)
    door.token = door.post("/v1/sign-in", {"account": person, "password": password})["token"]
    seen = len(door.get("/v1/process-instances?limit=200")["items"])
    door.close()
    return password, seen


def waiting_for(told: str, person: str) -> int:
    """How many tasks this person finds waiting."""
    address, password = told_of(told, person)
    door = Door(address)
    door.token = door.post("/v1/sign-in", {"account": person, "password": password})["token"]
    found = len(door.get("/v1/tasks?mine=1")["items"])
    door.close()
    return found


def start_a_purchase(told: str) -> str:
    """The clerk starts one of the processes that have no history, and its approver decides it; how it ended."""
    passwords = {who: told_of(told, who)[1] for who in ("intake-clerk", "line-manager", "incident-handler")}
    address, _ = told_of(told, "intake-clerk")
    organisation = Organisation(Settings(), address, passwords)
    held = "/v1/incidents?state=open&limit=200"
    before = len(organisation.person("incident-handler").get(held)["items"])
    asks = purchases.acting(organisation, "intake-clerk")
    instance = asks.start("PR-STANDING-1", purchases.wanted("3000.00"))
    asks.decide("line-manager", instance, "approval", "approve", purchases.REASON)
    asks.ends(instance)
    assert len(organisation.person("incident-handler").get(held)["items"]) == before
    organisation.close()
    [outcome] = asks.driven.outcomes
    return outcome


def start_a_load(told: str) -> tuple[str, int]:
    """The clerk starts a load of risk data while its source is down: the worker of the demo asks again, the steward
    mends the desk that does not map, the owner publishes. How it ended, and how many jobs failed on the way."""
    people = ("intake-clerk", "data-steward", "data-owner")
    address, _ = told_of(told, "intake-clerk")
    organisation = Organisation(Settings(), address, {who: told_of(told, who)[1] for who in people})
    loads = replace(risk_loads.acting(organisation), starter="intake-clerk")
    paste(told, "/faults", ROOT)
    instance = loads.start("RL-STANDING-1", risk_loads.load_data("rates", "exotic-credit"))
    mended = {"mapping": {"version": 2, "note": "the new curve is mapped"}}
    loads.fill_in("data-steward", instance, "mend", mended)
    loads.decide("data-owner", instance, "approval", "publish", risk_loads.REASON)
    ended = loads.ends(instance)
    told_since = organisation.person("data-owner").get(f"/v1/process-instances/{instance}/history?limit=200")["items"]
    organisation.close()
    return ended, sum(one["kind"] == "job.failed" for one in told_since)


def follow_links(told: str) -> list[str]:
    """Open every link that was printed and press its button; the accounts one then acts as."""
    links = re.findall(r"^    (http://\S+/demo/\S+) ", told, re.MULTILINE)
    acting = []
    for link in links:
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        with opener.open(link) as shown:
            [token] = re.findall(r'name="form_token" value="([^"]+)"', shown.read().decode())
        opener.open(link, urlencode({"form_token": token}).encode()).close()
        with opener.open(link.partition("/demo/")[0] + "/v1/me") as me:
            acting.append(json.loads(me.read())["person"]["ref"])
    return acting


def paste(told: str, name: str, folder: Path) -> str:
    """Run a command that was printed, as somebody pastes it; what it said."""
    [line] = [line for line in told.splitlines() if line.startswith("  ") and name in line]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_it_stands_stops_and_goes_on(tmp_path: Path) -> None:
    with standing(tmp_path) as told:
        first = sign_in(told, "head-of-lending")
        assert first[1] == COUNTS["loan-origination"] + len(APPLICATIONS)
        for account in ("budget-owner-1", "accounts-payable-clerk", "credit-officer-1", "compliance-officer"):
            assert waiting_for(told, account) >= 1
        assert start_a_purchase(told) == "ended:ordered"
        assert start_a_load(told) == ("ended:published", 2)
        asked = run_demo(tmp_path, "--check", "--json")
        assert asked.returncode == 0, asked.stdout + asked.stderr
        assert json.loads(asked.stdout)["holds"] is True
        refused = run_demo(tmp_path, "--remove", "--yes")
        assert refused.returncode != 0
        assert "running" in refused.stderr
        assert follow_links(told) == list(ACCOUNTS)
        assert "no fault found" in paste(told, " verify ", tmp_path)
        assert "not determinable" not in paste(told, " verify ", tmp_path)
        assert json.loads(paste(told, "/readyz", tmp_path)) == {"status": "ready", "demo": True, "witnesses": "fine"}
        assert "loan" in paste(told, "blueprint explain", tmp_path)
    outside = outside_port(tmp_path)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its own connections may not be forgotten yet
        taken.bind(("127.0.0.1", outside))
        taken.listen()
        stopped = run_demo(tmp_path)
        assert stopped.returncode == 1
        assert f"port {outside} is busy" in stopped.stderr
        assert "Ctrl-C" not in stopped.stderr
    with standing(tmp_path, after=1_000) as told:  # the systems stay where its connectors look for them
        assert "ceremony held" not in told
        assert f"127.0.0.1:{outside}/faults" in told
        assert sign_in(told, "head-of-lending") == first
    assert run_demo(tmp_path, "--remove", "--yes").returncode == 0
    assert list((tmp_path / "data").iterdir()) == []


def outside_port(folder: Path) -> int:
    """Where the connectors that were released look for the systems outside."""
    return port_named(stands_at(Settings(data_dir=str(folder / "data"))))


def kill_the_service(told: str, output: Path) -> None:
    """SIGKILL to the service of the demo, then wait until the demo says that it is gone."""
    port = told_of(told, "auditor")[0].rpartition(":")[2]
    running = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    [service] = [line for line in running.splitlines() if f"serve --port {port}" in line]
    os.kill(int(service.split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while DIED not in output.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)


def test_a_demo_whose_service_dies_says_so_and_stops_with_a_fault(tmp_path: Path) -> None:
    with standing(tmp_path, status=1) as told:
        kill_the_service(told, tmp_path / "told.txt")
        assert DIED in (tmp_path / "told.txt").read_text()


@pytest.mark.parametrize(
    ("schema", "passwords", "left"),
    [
        (SCHEMA, True, "demo"),
        (SCHEMA, False, "demo-unfinished-1"),
        ("0001_ledger", True, "demo-former-1"),
    ],
)
def test_a_demo_that_cannot_go_on_is_set_aside(tmp_path: Path, schema: str, passwords: bool, left: str) -> None:
    settings = Settings(data_dir=str(tmp_path / "demo"), log="demo")
    database = settings.folder / "logs" / "demo" / "ledger.sqlite"
    database.parent.mkdir(parents=True)
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES (?)", (schema,))
    connection.commit()
    connection.close()
    if passwords:
        (settings.folder / PASSWORDS).write_text("{}")
    said: list[str] = []
    set_unfit_aside(settings, said.append)
    assert [path.name for path in tmp_path.iterdir()] == [left]
    assert [left in words for words in said] == [True] * (left != "demo")


def test_a_mark_lies_with_the_demo_it_is_of(tmp_path: Path) -> None:
    """Thrown away or set aside together: the mark of one demo never tells against the next."""
    given = Settings(data_dir=str(tmp_path), database_url="sqlite:///elsewhere")
    mine = own(given, str(tmp_path / "once-1"))
    assert (mine.data_dir, mine.database_url) == (str(tmp_path / "once-1"), "")
    assert mine.mark_dir == str(tmp_path / "once-1" / "marks")
    assert own(replace(given, mark_dir="/kept"), str(tmp_path / "demo")).mark_dir == "/kept"
