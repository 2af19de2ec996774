"""`muniment serve` killed under load: as a whole process group, and its writer alone while the door stays open; one
service, and several that share a writer."""

import os
import signal
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from api.founding import done
from api.identity.service import prepare_api_key
from api.outgoing.trusted import trusted
from api.settings import Settings
from api.wiring import build_writer, open_log
from examples.load import loan_application
from ledger.actor import SYSTEM
from ledger.clock import SECOND, Instant, SystemClock, instant_text
from ledger.tables import COMMAND
from ledger.work import Request
from ledger.writer import Writer
from tests.conftest import ROOT
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation
from tests.crash.working import environment_of
from tests.forked import Begun, begin

PORTAL = "svc:loan-portal"
CALLERS = 4
START_SECONDS = 60  # on a loaded machine; a start takes two
DAY = 24 * 3600 * SECOND


class Served:
    """The service as an operating system sees it: a process group that listens."""

    def __init__(self, settings: Settings, more: Mapping[str, str] | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._environment = environment_of(settings, more)
        self._process: Begun | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it in a group of its own."""
        arguments = ("serve", "--port", str(self.port))
        self._process = begin(*arguments, environment=self._environment, folder=ROOT, errors=Path(os.devnull))

    def wait(self) -> None:
        """Until commands are taken."""
        deadline = time.monotonic() + START_SECONDS
        with httpx2.Client(base_url=self.address, timeout=5, verify=trusted()) as client:
            while time.monotonic() < deadline:
                with suppress(httpx2.HTTPError):
                    if client.get("/readyz").status_code == 200:
                        return
                assert self._process is not None
                assert self._process.poll() is None, "the service ended on its own"
                time.sleep(0.02)
        raise AssertionError("the service is not ready")

    def kill(self) -> None:
        """`kill -9` for all of it."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_writer(self) -> None:
        """`kill -9` for the writer process alone."""
        assert self._process is not None
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                if parent == self._process.pid and b"spawn_main" in folder.joinpath("cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
                    return
            except (OSError, ValueError):
                continue
        raise AssertionError("no writer process was found")

    def stop(self) -> int:
        """SIGTERM, and its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=120)


@dataclass
class Told:
    """What callers were told, by command id."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, answer: dict[str, Any]) -> None:
        with self.lock:
            self.answers[key] = answer


class Caller(threading.Thread):
    """Sends one command after the other, each until it is answered."""

    def __init__(self, service: Served, token: str, number: int, told: Told) -> None:
        super().__init__(daemon=True)
        self._client = httpx2.Client(base_url=service.address, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self._number = number
        self._told = told
        self._random = Random(number)
        self.stopping = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for n in count(1):
                if self.stopping.is_set():
                    break
                key = f"http-{self._number}-{n}"
                self._told.note(key, self._send(key, *self._command(n)))
        except BaseException as error:
            self.error = error
        finally:
            self._client.close()

    def _command(self, n: int) -> tuple[str, dict[str, Any]]:
        if self._random.random() < 0.5:
            made = loan_application(n, seed=10 + self._number)
            start = {"blueprint": "loan-origination", "business_key": made.business_key, "data": made.data}
            return "/v1/process-instances", {**start, "domain": "lending"}
        at = instant_text(SystemClock().wall())
        one = {"source": "hiring", "key": f"case-{n % 7}", "activity": "screened", "occurred_at": at}
        return "/v1/records", {"records": [one] * self._random.randint(1, 5)}

    def _send(self, key: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        while True:
            try:
                answer = self._client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx2.HTTPError:
                self._told.unanswered += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 503:
                self._told.unanswered += 1
                time.sleep(0.02)
                continue
            assert answer.status_code in (200, 201), answer.text
            told: dict[str, Any] = answer.json()
            return told


def portal_key(settings: Settings) -> str:
    """An API key of the loan portal."""
    log, _ = open_log(settings)
    expires = Instant(SystemClock().wall() + DAY)
    prepared = prepare_api_key(log.name, PORTAL, "kills", (("loan-intake", "organisation"),), expires)
    writer = Writer(*build_writer(settings))
    done(writer.run(Request(SYSTEM, prepared.command, "key")))
    writer.close()
    return prepared.token


def serve_and_kill(organisation: Organisation, kills: int, side_by_side: int = 1) -> None:
    """Callers of so many services on one log, one of which is killed again and again: one writes for all."""
    settings = organisation.settings
    token = portal_key(settings)
    services, told, random = [Served(settings) for _ in range(side_by_side)], Told(), Random(kills)
    for service in services:
        service.start()
        service.wait()
    callers = [Caller(services[n % side_by_side], token, n, told) for n in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        for number in range(kills):
            enough = len(told.answers) + random.randint(5, 60)
            while len(told.answers) < enough:
                assert all(caller.error is None for caller in callers), [caller.error for caller in callers]
                time.sleep(random.random() / 100)
            service = services[number // 2 % side_by_side]
            if number % 2:
                service.kill_writer()  # the service starts another by itself
            else:
                service.kill()
                service.start()
                service.wait()
    finally:
        for caller in callers:
            caller.stopping.set()
        for caller in callers:
            caller.join(timeout=120)
    assert [caller.error for caller in callers] == [None] * CALLERS
    assert [service.stop() for service in services] == [0] * side_by_side
    assert told.unanswered >= kills
    check(settings, told)


def check(settings: Settings, told: Told) -> None:
    with found_whole(settings) as checked:
        commands = checked.table(COMMAND)
    ours = {key: row for (key, actor), row in commands.items() if actor == PORTAL and key.startswith("http-")}
    assert set(ours) == set(told.answers)
    firsts = [e.command_id for e in checked.entries if e.command is not None and e.actor["id"] == PORTAL]
    assert len(firsts) == len(set(firsts))
    for key, answer in told.answers.items():
        receipt = answer["receipt"]
        entry = checked.entries[receipt["index"]]
        assert (entry.command_id, ours[key].idx) == (key, entry.index)
        assert entry.payload["result"].items() <= answer.items()


@pytest.mark.parametrize("organisation", ["sqlite"], indirect=True)
def test_the_service_is_killed_under_load(organisation: Organisation) -> None:
    serve_and_kill(organisation, kills=4)


def test_services_side_by_side_are_killed_under_load(organisation: Organisation) -> None:
    serve_and_kill(organisation, kills=4, side_by_side=2)


@pytest.mark.long
@pytest.mark.parametrize("side_by_side", [1, 3])
def test_services_are_killed_forty_times(organisation: Organisation, side_by_side: int) -> None:
    serve_and_kill(organisation, kills=40, side_by_side=side_by_side)
