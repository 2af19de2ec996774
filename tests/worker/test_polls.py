"""Who hangs up while waiting for a job is given none, however many they are: the next one who waits has it at once."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx2

from api.outgoing.trusted import trusted
from tests.worker.conftest import Shop

LEASE_SECONDS = 600  # a job that is leased to who is gone is not seen again within the test


def wanted(worker: str, wait_seconds: int) -> dict[str, Any]:
    return {
        "type": "score", "worker": worker, "domain": "finance",
        "lease_seconds": LEASE_SECONDS, "wait_seconds": wait_seconds,
    }  # fmt: skip


def poller(shop: Shop, number: int) -> socket.socket:
    """A connection on which a job was asked for."""
    body = json.dumps(wanted(f"gone-{number}", 30)).encode()
    url = urlsplit(shop.address)
    asked = socket.create_connection((url.hostname, url.port), timeout=30)
    head = (
        f"POST /v1/jobs/activation HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {shop.token}\r\nIdempotency-Key: gone-{shop.folder.name}-{number}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    asked.sendall(head.encode() + body)
    return asked


def taken(shop: Shop, wait_seconds: int) -> list[str]:
    """The jobs one worker is given who waits and stays."""
    headers = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": f"next-{time.monotonic_ns()}"}
    at, body = f"{shop.address}/v1/jobs/activation", {**wanted("stays", wait_seconds), "limit": 100}
    answer = httpx2.post(at, json=body, headers=headers, timeout=60, verify=trusted())
    return [one["job"] for one in answer.json()["jobs"]]


def test_who_hangs_up_is_given_no_job(shop: Shop) -> None:
    """Forty that are gone and one that stays are woken by the same command."""
    while taken(shop, 0):  # what other tests have left
        pass
    gone = [poller(shop, number) for number in range(40)]
    with ThreadPoolExecutor(1) as threads:
        stays = threads.submit(taken, shop, 20)
        time.sleep(1)
        for one in gone:
            one.close()
        instance = shop.start()
        given = stays.result()
    assert [job.rpartition(".")[0] for job in given] == [instance]
