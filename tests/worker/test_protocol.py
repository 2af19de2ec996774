"""The protocol as its page writes it, request by request, and a worker that follows it in another language."""

import json
import os
import signal
import subprocess
from shutil import which
from typing import Any

import pytest

from tests.conftest import ROOT, missing
from tests.docs.pages import blocks
from tests.worker.conftest import Shop

PAGE = ROOT / "docs" / "reference" / "worker-protocol.md"
REQUESTS = [block.text for block in blocks(PAGE, "sh", "worker")]
ANSWERS = [json.loads(block.text) for block in blocks(PAGE, "json", "worker")]
ACTS = ("activation", "extension", "completion", "failure", "release")


def asked(shop: Shop, act: str, **named: str) -> dict[str, Any]:
    """The request of the page with this path, sent as it stands there."""
    [script] = [one for one in REQUESTS if f"/{act}" in one]
    key = f"page-{act}-{shop.folder.name}-{named.get('JOB', '')}"[:80]
    environment = {**os.environ, "MUNIMENT_URL": shop.address, "TOKEN": shop.token, "KEY": key, **named}
    said = subprocess.check_output(["bash", "-euo", "pipefail", "-c", script], env=environment, timeout=120)
    answer: dict[str, Any] = json.loads(said)
    return answer


def shape(value: Any) -> Any:
    """The members and types of a value; what is measured in a receipt is not."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def test_the_page_shows_each_request_with_its_answer() -> None:
    assert len(REQUESTS) == len(ANSWERS) == len(ACTS)
    assert all(f"/{act}" in request for act, request in zip(ACTS, REQUESTS, strict=True))


def test_every_request_of_the_page_is_answered_as_it_says(shop: Shop) -> None:
    if which("curl") is None:
        missing("curl", "not on the path")
    for last in ("completion", "failure", "release"):
        instance = shop.start(urgency=100)
        taken = asked(shop, "activation", JOB=instance)
        [job] = taken["jobs"]
        assert job["job"] == f"{instance}.1"
        assert shape(taken) == shape(ANSWERS[0])
        named = {"JOB": job["job"], "LEASE": job["lease"]}
        assert shape(asked(shop, "extension", **named)) == shape(ANSWERS[1])
        answer = asked(shop, last, **named)
        told = ANSWERS[ACTS.index(last)]
        assert shape(answer) == shape(told)
        assert (answer["outcome"], answer.get("status")) == (told["outcome"], told.get("status"))


def test_a_worker_in_another_language_does_jobs(shop: Shop) -> None:
    node = which("node")
    if node is None:
        missing("node", "not on the path")
    assert node is not None
    program = ROOT / "examples" / "services" / "worker.mjs"
    environment = {**os.environ, "MUNIMENT_URL": shop.address, "MUNIMENT_TOKEN": shop.token}
    worker = subprocess.Popen([node, str(program), "score", "finance"], env=environment)
    shop.started.append(worker)
    instances = [shop.start() for _ in range(5)]
    assert set(shop.ended(instances).values()) <= {"high", "low"}
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0


@pytest.mark.parametrize("act", ["completion", "failure", "extension", "release"])
def test_no_request_of_the_page_works_without_its_lease(shop: Shop, act: str) -> None:
    instance = shop.start()
    answer = asked(shop, act, JOB=f"{instance}.1", LEASE="le_none")
    assert answer["reason"] == "LEASE_LOST"
