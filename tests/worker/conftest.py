"""An organisation with one blueprint of a job, served by `muniment serve` in processes of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.founding import done
from api.identity.service import prepare_api_key
from api.outgoing.trusted import trusted
from api.settings import Settings
from api.wiring import build_writer, open_log
from ledger.actor import SYSTEM
from ledger.clock import Instant, SystemClock
from ledger.work import Request
from ledger.writer import Writer
from tests.api.organisation import make
from tests.conftest import ROOT
from tests.crash.test_serving import Served

WAIT_SECONDS = 60.0
DAY = 24 * 3600 * 1_000_000

SCORING = """\
blueprint: scoring
title: Score an application
purpose: Try a worker.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  factor: {type: number, class: internal, required: true}
  urgency: {type: integer, class: internal, required: true}
  kind: {type: string, class: internal, required: true}
  score: {class: internal, properties: {grade: integer, share: number, price: money}}
start: {by: api, requires: role invoice-intake, key: number}
first: score
steps:
  score:
    job: score
    priority: "= if factor > 1 then urgency + 0.0 else urgency"
    with: {number: = number, amount: = amount, factor: = factor, kind: = kind}
    into: score
    retry: {times: 3, backoff: fixed, first: 1 second, limit: 1 second}
    on failure: {hold for: role accounts-payable}
    next: route
  route:
    choose:
      - {when: = score.grade > 5, next: high}
      - {otherwise: low}
  high: {end: high}
  low: {end: low}
"""


@pytest.fixture(scope="session")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Founded once; each test works with instances of its own."""
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("scoring") / "data"), log="acme")
    make(settings, {"blueprints/scoring.yaml": SCORING})
    return settings


@dataclass
class Shop:
    """The served organisation, a key that starts instances and one that does jobs."""

    settings: Settings
    service: Served
    intake: str
    token: str
    folder: Path
    count: int = 0
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.service.address

    def start(self, **data: Any) -> str:
        """A new instance; its id."""
        self.count += 1
        number = f"S-{self.folder.name}-{self.count}"
        usual = {"amount": {"amount": "84000.10", "currency": "GBP"}, "factor": 1, "urgency": 50, "kind": "plain"}
        said = {"number": number, **usual, **data}
        body = {"blueprint": "scoring", "business_key": number, "data": said, "domain": "finance"}
        headers = {"Authorization": f"Bearer {self.intake}", "Idempotency-Key": f"start-{number}"}
        at = f"{self.address}/v1/process-instances"
        answer = httpx2.post(at, json=body, headers=headers, timeout=30, verify=trusted())
        assert answer.status_code == 200, answer.text
        return str(answer.json()["instance"])

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Committed rows, read beside the service."""
        log, database = open_log(self.settings)
        connection = database.connect(read_only=True)
        try:
            connection.begin_read(log.log_id)
            return connection.query(log.log_id, statement, values)
        finally:
            connection.rollback()
            connection.close()

    def ended(self, instances: list[str]) -> dict[str, str]:
        """Wait until all are over: outcome by instance."""

        def over() -> dict[str, str]:
            marks = ", ".join("?" * len(instances))
            found = self.rows(
                f"SELECT id, outcome FROM instance WHERE log_id = {{log}} AND status = 'ended' AND id IN ({marks})",
                *instances,
            )
            return dict(found)

        return until(lambda: found if len(found := over()) == len(instances) else None)

    def incident(self, instance: str) -> str:
        """Wait for the open incident of an instance; its code."""

        def held() -> str | None:
            found = self.rows(
                "SELECT code FROM incident WHERE log_id = {log} AND instance = ? AND state = 'open'", instance
            )
            return None if not found else str(found[0][0])

        return until(held)

    def work(self, *more: str) -> subprocess.Popen[bytes]:
        """A worker process."""
        command = [sys.executable, "-m", "tests.worker.program", self.address, str(self.effects), *more]
        environment = {**os.environ, "WORKER_TOKEN": self.token, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        self.started.append(process)
        return process

    @property
    def effects(self) -> Path:
        return self.folder / "effects"

    def done(self, instances: Sequence[str] = ()) -> list[str]:
        """The job of every effect so far; of these instances alone, since other tests may have left jobs."""
        said = self.effects.read_text().split() if self.effects.exists() else []
        return [job for job in said if not instances or job.partition(".")[0] in instances]


def until(ready: Callable[[], Any]) -> Any:
    """What `ready` yields once it is something."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if found := ready():
            return found
        time.sleep(0.05)
    raise AssertionError("waited for too long")


def key(settings: Settings, actor: str, role: str) -> str:
    log, _ = open_log(settings)
    expires = Instant(SystemClock().wall() + DAY)
    prepared = prepare_api_key(log.name, actor, "worker", ((role, "finance"),), expires)
    writer = Writer(*build_writer(settings))
    done(writer.run(Request(SYSTEM, prepared.command, f"key-{role}-{SystemClock().wall()}")))
    writer.close()
    return prepared.token


@pytest.fixture(scope="module")
def served(scoring: Settings) -> Iterator[tuple[Served, str, str]]:
    keys = key(scoring, "svc:invoice-intake", "invoice-intake"), key(scoring, "svc:document-archive", "archive-worker")
    service = Served(scoring)
    service.start()
    service.wait()
    yield (service, *keys)
    assert service.stop() == 0


@pytest.fixture
def shop(scoring: Settings, served: tuple[Served, str, str], tmp_path: Path) -> Iterator[Shop]:
    made = Shop(scoring, *served, tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.wait()
