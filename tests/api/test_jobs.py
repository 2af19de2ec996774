"""Jobs over HTTP as a worker meets them: what wakes a wait, what a lease is worth, what a refusal leaves as it was."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.body import BODY_BYTES_MAX
from api.identity.commands import RevokeApiKey
from ledger.clock import SECOND
from ledger.entry import parse_entry
from orchestrator.service import jobs_wait
from tests.api.organisation import House
from tests.api.test_leases import activate, make_calls, worker
from tests.api.work import FINANCE, decide, start, task_of


def archiving(house: House) -> str:
    """A new instance whose archive job waits for a worker."""
    instance = start(house)
    assert decide(house, task_of(house, instance)).status_code == 200
    make_calls(house)
    return instance


def job_of(house: House, instance: str, **more: Any) -> dict[str, Any]:
    [job] = [one for one in activate(house, **more) if one["job"].startswith(instance)]
    return job


def test_an_answer_after_the_lease_changes_nothing(house: House) -> None:
    job = job_of(house, archiving(house), lease_seconds=1)
    at = f"/v1/jobs/{job['job']}"
    house.clock.ahead += 2 * SECOND
    size = house.size
    for act, body in (("completion", {}), ("failure", {"code": "BUSY"}), ("extension", {}), ("release", {})):
        late = house.post(f"{at}/{act}", worker(house), {"lease": job["lease"], **body})
        house.refused(late, 409, "LEASE_LOST")
    assert house.size - size <= 4  # the refusals, and nothing else
    with house.service.reader.view() as view:
        kinds = {parse_entry(view.entry(index).bytes).kind for index in range(size, view.head.size)}
    assert kinds == {"command.refused"}
    again = job_of(house, job["job"].partition(".")[0])
    assert (again["job"], again["tries"]) == (job["job"], 0)
    done = house.post(f"{at}/completion", worker(house), {"lease": again["lease"]})
    assert done.json()["outcome"] == "completed"


def test_a_result_too_large_is_refused_and_the_job_stays(house: House) -> None:
    job = job_of(house, archiving(house))
    at = f"/v1/jobs/{job['job']}"
    large = {"lease": job["lease"], "result": "x" * (BODY_BYTES_MAX + 1)}
    house.refused(house.post(f"{at}/completion", worker(house), large), 413, "TOO_LARGE")
    done = house.post(f"{at}/completion", worker(house), {"lease": job["lease"], "result": None})
    assert done.json()["outcome"] == "completed"


def test_a_failed_job_waits_as_long_as_its_worker_said(house: House) -> None:
    job = job_of(house, archiving(house))
    at = f"/v1/jobs/{job['job']}/failure"
    body = {"lease": job["lease"], "code": "BUSY"}
    for wrong in (-1, 86_401, "60"):
        house.refused(house.post(at, worker(house), {**body, "retry_after": wrong}), 400, "MALFORMED")
    failed = house.post(at, worker(house), {**body, "retry_after": 120})
    assert failed.json()["outcome"] == "failed"
    with house.service.reader.view() as view:
        instance, _, number = job["job"].partition(".")
        [(due,)] = view.query(
            "SELECT due_at FROM timer WHERE log_id = {log} AND instance = ? AND number = ? AND state = 'set'",
            (instance, int(number)),
        )
        recorded = parse_entry(view.entry(failed.json()["receipt"]["index"]).bytes).recorded
    assert due - recorded == 120 * SECOND


def test_a_job_given_back_is_there_for_the_next(house: House) -> None:
    job = job_of(house, archiving(house))
    released = house.post(f"/v1/jobs/{job['job']}/release", worker(house), {"lease": job["lease"]})
    assert (released.json()["outcome"], released.json()["receipt"]) == ("released", None)
    again = job_of(house, job["job"].partition(".")[0])
    assert again["lease"] != job["lease"]
    assert again["priority"] == 50
    house.post(f"/v1/jobs/{job['job']}/completion", worker(house), {"lease": again["lease"]})


def test_the_bounds_of_type_and_worker_hold(house: House) -> None:
    for _ in range(3):
        archiving(house)
    bound = {"type_at_once": 2, "worker": "bounded"}
    first = activate(house, **bound)
    assert (len(first), activate(house, **bound)) == (2, [])
    assert activate(house, worker="bounded", worker_at_once=2) == []
    wrong = {"type": "archive-document", "worker": "w", "domain": "finance", "type_at_once": 0}
    house.refused(house.post("/v1/jobs/activation", worker(house), wrong), 400, "MALFORMED")
    rest = activate(house)
    for job in (*first, *rest):
        house.post(f"/v1/jobs/{job['job']}/completion", worker(house), {"lease": job["lease"]})


@pytest.mark.usefixtures("_slow_polls")
def test_whoever_waits_is_woken_by_what_this_process_writes(house: House) -> None:
    """With a look only every minute, the job is taken up in moments: the bell woke the wait."""
    given = archiving(house)
    job = job_of(house, given)
    taken: list[Any] = []
    waiting = threading.Thread(target=lambda: taken.extend(activate(house, wait_seconds=30)))
    waiting.start()
    until = time.monotonic() + 10
    while house.service.bell._waiting is None and time.monotonic() < until:
        time.sleep(0.01)
    begun = time.monotonic()
    house.post(f"/v1/jobs/{job['job']}/release", worker(house), {"lease": job["lease"]})
    waiting.join(timeout=20)
    assert [one["job"] for one in taken] == [job["job"]]
    assert time.monotonic() - begun < 10
    house.post(f"/v1/jobs/{job['job']}/completion", worker(house), {"lease": taken[0]["lease"]})


def test_who_waits_with_a_key_that_is_revoked_meanwhile_is_given_no_job(house: House) -> None:
    given = archiving(house)
    job = job_of(house, given)
    key = house.key("svc:document-archive", "archive-worker", domain=FINANCE)
    wanted = {"type": "archive-document", "worker": "gone", "domain": FINANCE, "wait_seconds": 30}
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(house.post("/v1/jobs/activation", key, wanted)))
    waiting.start()
    until = time.monotonic() + 10
    while house.service.bell._waiting is None and time.monotonic() < until:
        time.sleep(0.01)
    house.run(RevokeApiKey(key.split("_")[2]))
    house.post(f"/v1/jobs/{job['job']}/release", worker(house), {"lease": job["lease"]})
    waiting.join(timeout=20)
    house.refused(answers[0], 401, "BAD_CREDENTIALS")
    assert job_of(house, given)["job"] == job["job"], "it was leased to nobody"


@pytest.fixture
def _slow_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.jobs.POLL_SECONDS", 60.0)


def test_those_who_wait_for_the_same_look_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look is a read in front of everybody's requests: of forty for each command the service would stand still."""
    looks: list[str] = []

    def look(rows: Any, command: Any) -> bool:
        looks.append(command.worker)
        return jobs_wait(rows, command)

    monkeypatch.setattr("api.routes.jobs.jobs_wait", look)
    monkeypatch.setattr("api.routes.jobs.POLL_SECONDS", 1.0)
    given = archiving(house)
    job = job_of(house, given)
    wanted = {"type": "archive-document", "domain": FINANCE, "wait_seconds": 3}
    asked = [{**wanted, "worker": f"w-{n}", **({"worker_at_once": 1} if n == 40 else {})} for n in range(41)]
    with ThreadPoolExecutor(len(asked)) as threads:
        waiting = [threads.submit(house.post, "/v1/jobs/activation", worker(house), one) for one in asked]
        until = time.monotonic() + 10
        while not any(one == "w-40" for one in looks) and time.monotonic() < until:
            time.sleep(0.01)
        house.post(f"/v1/jobs/{job['job']}/release", worker(house), {"lease": job["lease"]})
        answers = [one.result().json()["jobs"] for one in waiting]
    assert [one["job"] for found in answers for one in found] == [job["job"]]
    assert len(looks) < len(asked), "fewer looks than those who waited"
    assert "w-40" in looks, "who has a bound of its own looks for itself"
