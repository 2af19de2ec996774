"""`muniment bench http`: decisions and records over HTTP, beside a FastAPI POST that does nothing on the same machine.

The service is `muniment serve` with its writer process; the load comes from a third process. A decision carries its
identity, access check, duties, named authority with two limits, transition and record; each is durable when answered.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from api.founding import done
from api.identity.service import prepare_api_key, prepare_setup_code
from api.wiring import build_writer
from bench import office
from bench.cold import free_port, until_alive
from bench.harness import Board, Contest, Sample
from bench.load import Load, drive, request
from bench.office import DOMAIN, CommandIds, Office
from ledger.actor import SYSTEM
from ledger.canonical import b64url
from ledger.clock import SECOND, Instant, SystemClock, instant_text
from ledger.ids import IdMaker
from ledger.work import Request
from ledger.writer import Desk
from orchestrator.commands import ClaimTask, CompleteTask, StartInstance
from orchestrator.shown import shown_digest

CONNECTIONS = 32
BATCH = 100
BATCHED_RATE = 10_000  # entries a second, in batches of 100
DECISION_MS = 50.0
PASSWORD = "correct horse battery staple bench"
PREPARED_AT_ONCE = 200
YEAR = 365 * 86_400 * SECOND


def run(board: Board, folder: Path, quick: bool) -> None:
    """All results of this bench."""
    count = 600 if quick else 2_000
    opened = office.open_office(str(folder / "office"))
    bodies = _decisions(opened, count * (board.rounds + 1))
    code, key = _credentials(opened)
    bare_service = [sys.executable, "-m", "bench.noop", "{port}"]
    with _service(_serve(), _environment(opened)) as port, _service(bare_service, {}) as bare:
        token = _sign_in(port, code)
        limit = _Requests(bare, CONNECTIONS, (("/noop", json.dumps({"outcome": "approve"}).encode()) for _ in _ever()))
        decisions = _Requests(port, CONNECTIONS, iter(bodies), token)
        _contest(board, "decision.c32", count, (decisions, limit), (0.40, DECISION_MS))
        single = _Requests(port, CONNECTIONS, (("/v1/records", _record(number)) for number in _ever()), key)
        _contest(board, "records.c32", count, (single, limit), (0.45, None))
        batches = _Requests(port, 4, (("/v1/records", _records(number)) for number in _ever()), key, BATCH)
        _contest(board, "records.batch100", max(20, count // 20), (batches, limit), (None, None))
        shown = board.results[-1]
        shown["target"], shown["met"] = BATCHED_RATE, shown["median"] >= BATCHED_RATE
        shown["note"] = "records a second; the target is a rate, the limit's requests stand for one thing each"


class _Requests:
    """Rounds of requests to one service; each is sent once, under a command id of its own."""

    def __init__(
        self, port: int, connections: int, bodies: Iterator[tuple[str, bytes]], token: str = "", counts: int = 1
    ) -> None:
        self._port = port
        self._connections = connections
        self._bodies = bodies
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._counts = counts
        self._ids = IdMaker()

    def round(self, count: int) -> Sample:
        """Send the next `count`."""
        made = tuple(
            request(path, {**self._headers, "Idempotency-Key": self._ids.ordered("cmd", number)}, body)
            for number, (path, body) in zip(range(count), self._bodies, strict=False)
        )
        return drive(Load(self._port, made, self._connections, self._counts))


def _contest(
    board: Board, name: str, count: int, pair: tuple[_Requests, _Requests], goals: tuple[float | None, float | None]
) -> None:
    ours, limit = pair
    target, p99 = goals
    board.run(
        Contest(
            f"http.{name}",
            "limit.http.noop.c32",
            target,
            count,
            lambda: ours.round(count),
            lambda: limit.round(max(count, 600)),
            note="the limit is a FastAPI POST with a pydantic body on uvicorn as it comes, uvloop and httptools; same "
            "load generator",
            p99_ms=p99,
        )
    )


def _ever() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


def _decisions(opened: Office, count: int) -> list[tuple[str, bytes]]:
    """Path and body of `count` decisions, each of a task the officer has claimed."""
    workings, connect = build_writer(opened.settings)
    desk = Desk(workings, connect)
    ids = CommandIds()

    def send(sent: list[tuple[Any, Any]]) -> list[Any]:
        results = desk.run([ids.request(*one) for one in sent])
        for result in results:
            if isinstance(result, Exception):
                raise result
        return [done(result).result for result in results if not isinstance(result, Exception)]

    amount = {"amount": "4210.55", "currency": "GBP"}
    made = []
    for first in range(0, count, PREPARED_AT_ONCE):
        cases = [
            {"case_number": f"http-{number}", "amount": amount, "subject": "Replacement of the boiler"}
            for number in range(first, min(count, first + PREPARED_AT_ONCE))
        ]
        starts = [
            (opened.intake, StartInstance("five-steps", str(data["case_number"]), data, domain=DOMAIN))
            for data in cases
        ]
        instances = [said["instance"] for said in send(starts)]
        send([(opened.clerk, ClaimTask(f"{instance}.1")) for instance in instances])
        send([(opened.clerk, CompleteTask(f"{instance}.1", data={"note": "Three offers"})) for instance in instances])
        send([(opened.officer, ClaimTask(f"{instance}.2")) for instance in instances])
        for instance, data in zip(instances, cases, strict=True):
            body = {"outcome": "approve", "shown_digest": shown_digest({**data, "note": "Three offers"})}
            made.append((f"/v1/tasks/{instance}.2/completion", json.dumps(body).encode()))
    desk.close()
    return made


def _credentials(opened: Office) -> tuple[str, str]:
    """A set-up code for the officer and an API key for the intake."""
    workings, connect = build_writer(opened.settings)
    desk = Desk(workings, connect)
    assert opened.officer.person is not None
    code = prepare_setup_code(opened.settings.log, opened.officer.person)
    expires = Instant(SystemClock().wall() + YEAR)
    key = prepare_api_key(opened.settings.log, opened.intake.id, "bench", (("intake", "organisation"),), expires)
    for number, prepared in enumerate((code, key)):
        [result] = desk.run([Request(SYSTEM, prepared.command, f"credential-{number}")])
        if isinstance(result, Exception):
            raise result
        done(result)
    desk.close()
    return code.token, key.token


def _sign_in(port: int, code: str) -> str:
    account = {"account": "officer", "password": PASSWORD}
    _post(port, "/v1/password", {**account, "code": code})
    return str(_post(port, "/v1/sign-in", account)["token"])


def _post(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        value: dict[str, Any] = json.loads(answer.read())
        if answer.status != 200:
            raise AssertionError(f"expected 200 of {path}, found {answer.status}: {value}")
        return value
    finally:
        connection.close()


def _record(number: int) -> bytes:
    return json.dumps(_record_value(number)).encode()


def _records(number: int) -> bytes:
    first = number * BATCH
    return json.dumps({"records": [_record_value(first + place) for place in range(BATCH)]}).encode()


def _record_value(number: int) -> dict[str, Any]:
    return {
        "source": "core-banking",
        "key": f"loan-{b64url(os.urandom(9))}",
        "activity": "payout booked",
        "occurred_at": instant_text(Instant(1_700_000_000_000_000 + number)),
        "resource": "batch",
        "data": {"amount": "4210.55", "currency": "GBP", "account": f"{number:010d}"},
        "data_class": "internal",
        "key_class": "internal",
    }


def _serve() -> list[str]:
    return [sys.executable, "-m", "muniment", "serve", "--port", "{port}"]


def _environment(opened: Office) -> dict[str, str]:
    settings = opened.settings
    return {
        "MUNIMENT_DATA_DIR": settings.data_dir,
        "MUNIMENT_LOG": settings.log,
        "MUNIMENT_PASSPHRASE": settings.passphrase,
    }


@contextmanager
def _service(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    """A service in a process of its own, from its first answer until the end of the block."""
    port = free_port()
    arguments = [part.replace("{port}", str(port)) for part in command]
    process = subprocess.Popen(arguments, env={**os.environ, **environment})
    try:
        until_alive(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(30)
