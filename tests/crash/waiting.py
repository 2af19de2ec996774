"""Waiting for what other processes do: until it is so, or for longer than any loaded machine takes."""

import time
from collections.abc import Callable
from typing import Any

import httpx2

PATIENCE = 300.0  # seconds
REST = 0.05


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait until it is reached; `what` is wrong when it is not."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(REST)


def answered(ask: Callable[[], Any]) -> Any:
    """The answer of a service that may be killed and come back: asked again until there is one that is no 503."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except httpx2.HTTPError:
            time.sleep(REST)
            continue
        if answer.status_code != 503:
            return answer
        time.sleep(REST)
    raise AssertionError("no answer")
