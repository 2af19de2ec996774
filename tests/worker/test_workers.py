"""Workers as processes: killed between work and answer, two on one queue, a service that restarts, a gentle stop."""

import signal
import time
from collections import Counter

from ledger.entry import parse_entry
from tests.worker.conftest import Shop, until


def test_a_worker_killed_between_work_and_answer_loses_and_doubles_nothing(shop: Shop) -> None:
    instances = [shop.start(urgency=100) for _ in range(6)]
    doomed = shop.work("--die", "--lease", "2")
    assert doomed.wait(timeout=60) == -signal.SIGKILL
    [died_at] = shop.done()
    shop.work("--lease", "2")
    assert set(shop.ended(instances).values()) == {"high"}
    assert Counter(shop.done(instances)) == {f"{one}.1": 2 if f"{one}.1" == died_at else 1 for one in instances}
    assert answers(shop, instances) == dict.fromkeys(instances, 1)


def answers(shop: Shop, instances: list[str]) -> dict[str, int]:
    """How often the job of each instance was completed, by the entries."""
    entries = [parse_entry(row) for (row,) in shop.rows("SELECT bytes FROM entry WHERE log_id = {log}")]
    counted = Counter(entry.subject for entry in entries if entry.kind == "job.completed")
    return {one: counted[one] for one in instances}


def test_two_workers_on_one_queue_do_each_job_once(shop: Shop) -> None:
    shop.work("--slow", "0.05")
    shop.work("--slow", "0.05")
    instances = [shop.start() for _ in range(30)]
    shop.ended(instances)
    assert Counter(shop.done(instances)) == Counter(f"{one}.1" for one in instances)
    assert answers(shop, instances) == dict.fromkeys(instances, 1)


def test_a_service_that_restarts_is_found_again(shop: Shop) -> None:
    shop.work()
    shop.ended([shop.start()])  # it waits for the next one now
    shop.service.kill()
    shop.service.start()
    shop.service.wait()
    later = [shop.start() for _ in range(3)]
    shop.ended(later)
    assert answers(shop, later) == dict.fromkeys(later, 1)


def test_work_longer_than_its_lease_keeps_it(shop: Shop) -> None:
    shop.work("--slow", "7", "--lease", "3")
    shop.work("--slow", "7", "--lease", "3")
    instance = shop.start()
    shop.ended([instance])
    assert shop.done([instance]) == [f"{instance}.1"]


def test_a_worker_told_to_stop_finishes_what_it_can(shop: Shop) -> None:
    worker = shop.work("--slow", "1", "--grace", "20")
    instance = shop.start()
    until(lambda: shop.done([instance]))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0
    assert shop.ended([instance]) == {instance: "high"}
    waiting = shop.start()
    assert shop.rows("SELECT state FROM job WHERE log_id = {log} AND instance = ?", waiting) == [("created",)]


def test_a_worker_told_to_stop_gives_back_what_it_cannot_finish(shop: Shop) -> None:
    worker = shop.work("--slow", "600", "--grace", "0.1", "--lease", "600")
    instance = shop.start()
    until(lambda: shop.done([instance]))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0
    begun = time.monotonic()
    shop.work()
    shop.ended([instance])
    assert time.monotonic() - begun < 60  # long before the lease of ten minutes would have run out
    assert shop.rows("SELECT tries FROM job WHERE log_id = {log} AND instance = ?", instance) == [(0,)]
