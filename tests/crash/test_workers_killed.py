"""Workers that are killed with leases in hand, answers given twice, and services that are killed under them all.

On PostgreSQL two services share the log: what one has leased is not given by the other, and is answered at either.
"""

import json
import os
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from api.founding import done
from api.identity.service import prepare_api_key
from api.settings import Settings
from api.wiring import build_writer, open_log
from ledger.actor import SYSTEM
from ledger.clock import SECOND, Instant, SystemClock
from ledger.work import Request
from ledger.writer import Writer
from orchestrator import commands as c
from tests.crash import organisation as founded
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation, service
from tests.crash.processes import forkserver
from tests.crash.test_serving import Served
from tests.crash.waiting import until

SORTING = """\
blueprint: sorting
title: Sorting
purpose: Sort papers.
owner: finance-operations
data:
  number: {type: string, class: internal, required: true}
start: {by: api, requires: role invoice-intake, key: number}
first: sort
steps:
  sort: {job: sort-papers, next: done}
  done: {end: done}
"""
WORKER = "svc:document-archive"
PAPERS = 24
WORKERS = 3
LEASE_SECONDS = 1
LATE = "late"  # the worker that answers after its lease only
ANSWERED_LATE = ("LEASE_LOST", "WRONG_STATE", "NOT_FOUND")


class Work(NamedTuple):
    """What a worker process is given; `notes` is a file to which it adds a line for each answer it got."""

    addresses: tuple[str, ...]
    token: str
    name: str
    notes: str
    rests: float = 0.0  # seconds between what it is given and what it answers


def work(given: Work) -> None:
    """Take jobs and complete each twice, under two command ids, until killed; note what was acknowledged."""
    numbers = count(1)
    notes = os.open(given.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with httpx2.Client(timeout=10) as client:

        def ask(path: str, body: dict[str, Any]) -> tuple[str, Any]:
            number = next(numbers)
            key = f"{given.name}-{number}"
            headers = {"Authorization": f"Bearer {given.token}", "Idempotency-Key": key}
            for again in count(number):  # at one service after the other, also where it is the same command
                address = given.addresses[again % len(given.addresses)]
                try:
                    answer = client.post(f"{address}{path}", json=body, headers=headers)
                except httpx2.HTTPError:
                    time.sleep(0.02)
                    continue
                if answer.status_code != 503:
                    break
                time.sleep(0.02)
            return key, answer

        while True:
            wanted = {"type": "sort-papers", "worker": given.name, "limit": 4, "wait_seconds": 1}
            _, answer = ask("/v1/jobs/activation", {**wanted, "lease_seconds": LEASE_SECONDS, "domain": "finance"})
            assert answer.status_code == 200, answer.text
            time.sleep(given.rests)
            for job in answer.json()["jobs"]:
                for _ in range(2):
                    key, told = ask(f"/v1/jobs/{job['job']}/completion", {"lease": job["lease"]})
                    said = {**told.json(), "job": job["job"], "key": key, "answered": told.status_code}
                    os.write(notes, json.dumps(said).encode() + b"\n")


class Papers:
    """The services with papers to be sorted, and the workers that sort them."""

    def __init__(self, organisation: Organisation, folder: Path) -> None:
        self.settings = organisation.settings
        self.folder = folder
        writer = Writer(*build_writer(self.settings))
        try:
            founded._release(writer, organisation, "blueprints/sorting.yaml", SORTING)
            for number in range(PAPERS):
                start = c.StartInstance("sorting", f"P-{number}", {}, domain="finance")
                done(writer.run(Request(service("invoice-intake"), start, f"paper-{number}")))
            log, _ = open_log(self.settings)
            expires = Instant(SystemClock().wall() + 3_600 * SECOND)
            prepared = prepare_api_key(log.name, WORKER, "sorts", (("archive-worker", "finance"),), expires)
            done(writer.run(Request(SYSTEM, prepared.command, "key")))
            self.token = prepared.token
        finally:
            writer.close()
        self.services = [Served(self.settings) for _ in range(2 if self.settings.database_url else 1)]
        self.workers: list[Any] = []
        self._names = (f"w{number}" for number in count(1))

    def hire(self, rests: float = 0.0) -> None:
        name = LATE if rests else next(self._names)
        given = Work(tuple(one.address for one in self.services), self.token, name, str(self.folder / "notes"), rests)
        process = forkserver().Process(target=work, args=(given,), daemon=True)
        process.start()
        self.workers.append(process)

    def kill_a_worker(self) -> None:
        process = self.workers.pop(0)
        process.kill()
        process.join()

    def notes(self) -> list[dict[str, Any]]:
        path = self.folder / "notes"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return [json.loads(line) for line in lines]

    def sorted(self) -> int:
        log, database = open_log(self.settings)
        connection = database.connect(read_only=True)
        try:
            asked = "SELECT COUNT(*) FROM job WHERE log_id = {log} AND type = 'sort-papers' AND state = 'completed'"
            [(found,)] = connection.query(log.log_id, asked, ())
            return int(found)
        finally:
            connection.close()


def test_each_job_is_done_once_whoever_dies_with_its_lease(organisation: Organisation, tmp_path: Path) -> None:
    papers = Papers(organisation, tmp_path)
    for served in papers.services:
        served.start()
        served.wait()
    papers.hire(rests=LEASE_SECONDS + 0.1)
    try:
        until(lambda: bool(papers.notes()), "nobody answers late")  # while nobody else may have taken what it was given
        for _ in range(WORKERS):
            papers.hire()
        papers.workers.append(papers.workers.pop(0))  # it is killed last
        for enough in (PAPERS // 4, PAPERS // 2):
            until(lambda least=enough: papers.sorted() >= least, "nothing is sorted")  # type: ignore[misc]
            papers.kill_a_worker()
            papers.hire()
            for served in papers.services:
                served.kill()
                served.start()
                served.wait()
        until(lambda: papers.sorted() == PAPERS, "papers are left")
        assert all(one.is_alive() for one in papers.workers), "a worker ended on its own"
    finally:
        while papers.workers:
            papers.kill_a_worker()
        assert {one.stop() for one in papers.services} == {0}
    check(papers.settings, papers.notes())


def check(settings: Settings, notes: list[dict[str, Any]]) -> None:
    with found_whole(settings) as checked:
        entries = checked.entries
    completed = Counter(entry.subject for entry in entries if entry.kind == "job.completed")
    assert (len(completed), set(completed.values())) == (PAPERS, {1}), "a job was done twice, or is missing"
    for one in notes:
        if one["answered"] == 200:
            entry = checked.entries[one["receipt"]["index"]]
            assert (entry.kind, entry.command_id) == ("job.completed", one["key"])
            assert one["job"].partition(".")[0] == entry.subject
        else:
            assert (one["answered"], one["reason"] in ANSWERED_LATE) == (409, True), one
    assert {one["answered"] for one in notes} == {200, 409}
    assert {one["answered"] for one in notes if one["key"].startswith(LATE)} == {409}, (
        "an answer after its lease counted"
    )
