"""`muniment serve` as a user runs it: pages over HTTP, what its processes weigh, when it recorded what was due."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from api.founding import done
from api.identity.service import prepare_setup_code
from api.wiring import build_writer
from bench import office
from bench.cold import free_port
from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.entry import parse_entry
from ledger.work import Request
from ledger.writer import Desk

READY_MAX = 120.0  # seconds a service may take to begin, however large its log
DUE_MAX = 120.0  # seconds until what is due must have been recorded
PASSWORD = "correct horse battery staple bench"


class Service:
    """A service in processes of its own, and a clerk who reads at it."""

    def __init__(self, opened: office.Office, code: str) -> None:
        self._office = opened
        self._port = free_port()
        self._token = ""
        settings = opened.settings
        environment = {
            **os.environ,
            "MUNIMENT_DATA_DIR": settings.data_dir,
            "MUNIMENT_LOG": settings.log,
            "MUNIMENT_PASSPHRASE": settings.passphrase,
            "MUNIMENT_MARK_DIR": settings.mark_dir,
        }
        begun = time.perf_counter()
        command = [sys.executable, "-m", "muniment", "serve", "--port", str(self._port)]
        self.process = subprocess.Popen(command, env=environment)
        while not self._is_ready():
            if self.process.poll() is not None or time.perf_counter() - begun > READY_MAX:
                raise AssertionError("expected the service to be ready, found that it is not")
            time.sleep(0.01)
        self.ready_seconds = time.perf_counter() - begun
        if code:
            self._ask("POST", "/v1/password", {"account": "clerk", "password": PASSWORD, "code": code})
        self._sign_in()
        self._starting = office.Starting(opened)

    def get(self, path: str) -> Any:
        """A page, by the clerk."""
        status, value = self._ask("GET", path)
        if status == 401:  # a bearer token lasts for minutes, filling a log longer
            self._sign_in()
            status, value = self._ask("GET", path)
        if status != 200:
            raise AssertionError(f"expected 200 of {path}, found {status}: {value}")
        return value

    def start(self, wanted: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        """Instances, by a writer beside the service."""
        self._starting.start(wanted)

    def fired_at(self, due: int, count: int) -> list[Instant]:
        """When each of so many timers of this instant was recorded as fired, once all were."""
        connection = self._office.settings.database().connect(read_only=True)
        log, end = 1, time.perf_counter() + DUE_MAX
        fired = "SELECT COUNT(*) FROM timer WHERE log_id = {log} AND due_at = ? AND state = 'fired'"
        try:
            while connection.query(log, fired, (due,))[0][0] < count:
                if time.perf_counter() > end:
                    raise AssertionError(f"expected {count} timers to have fired, found that some have not")
                time.sleep(0.05)
            [(last,)] = connection.query(log, "SELECT MAX(idx) FROM entry WHERE log_id = {log}", ())
            newest = "SELECT bytes FROM entry WHERE log_id = {log} AND idx > ?"
            entries = [parse_entry(row) for (row,) in connection.query(log, newest, (last - 3 * count,))]
        finally:
            connection.close()
        instants = [entry.recorded for entry in entries if entry.kind == "timer.fired" and _is_due(entry.payload, due)]
        if len(instants) != count:
            raise AssertionError(f"expected {count} entries, found {len(instants)}")
        return instants

    def memory_mb(self) -> float:
        """What the largest of its processes has in memory."""
        return max(_resident_mb(number) for number in (self.process.pid, *_children(self.process.pid)))

    def close(self) -> None:
        """End it."""
        self._starting.close()
        self.process.terminate()
        self.process.wait(30)

    def _is_ready(self) -> bool:
        try:
            return self._ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def _sign_in(self) -> None:
        status, value = self._ask("POST", "/v1/sign-in", {"account": "clerk", "password": PASSWORD})
        if status != 200:
            raise AssertionError(f"expected to be signed in, found {status}: {value}")
        self._token = value["token"]

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Content-Type": "application/json"}
        if self._token and method == "GET":
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            read = answer.read()
            return answer.status, json.loads(read) if read else None
        finally:
            connection.close()


@contextmanager
def served(opened: office.Office, is_known: bool = False) -> Iterator[Service]:
    """The service, until the end of the block; `is_known`: the clerk has a password already."""
    service = Service(opened, "" if is_known else _code(opened))
    try:
        yield service
    finally:
        service.close()


def _code(opened: office.Office) -> str:
    """A set-up code of the clerk."""
    desk = Desk(*build_writer(opened.settings))
    assert opened.clerk.person is not None
    code = prepare_setup_code(opened.settings.log, opened.clerk.person)
    [result] = desk.run([Request(SYSTEM, code.command, "clerk")])
    desk.close()
    if isinstance(result, Exception):
        raise result
    done(result)
    return code.token


def _is_due(payload: Any, due: int) -> bool:
    return any(one["t"] == "timer.fired" and one["due"] == due for one in payload["transitions"])


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(said[1]) == parent:
            found.append(int(folder.name))
    return found


def _resident_mb(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
