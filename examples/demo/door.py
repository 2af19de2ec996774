"""A small HTTP client of the service: one connection, JSON in and out, a command id for each write."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

WAIT_SECONDS = 60.0  # for something the service does by itself: calls, timers, publications
PAUSE_SECONDS = 0.05


class Refused(Exception):
    """The service answered with a problem."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('reason')}: {problem.get('detail')} {problem.get('location', '')}")
        self.status = status
        self.problem = problem

    @property
    def reason(self) -> str:
        """The closed reason code."""
        return str(self.problem.get("reason", ""))


class Door:
    """The service as one caller sees it. `token` is a bearer token or an API key. Not shared between threads."""

    _count = 0

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self.token = token
        url = urlsplit(address)
        self._connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=WAIT_SECONDS)

    def get(self, path: str) -> Any:
        """The body of a GET; `Refused` for a problem."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        """The body of a POST under a command id of its own; `Refused` for a problem."""
        return self._ask("POST", path, body if body is not None else {})

    def _ask(self, method: str, path: str, body: Any) -> Any:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            Door._count += 1
            headers["Content-Type"] = "application/json"
            headers["Idempotency-Key"] = f"demo-{id(self)}-{Door._count}"
            data = json.dumps(body).encode()
        try:
            response, read = self._send(method, path, data, headers)
        except (http.client.HTTPException, ConnectionError):
            # The service closes idle connections. Asking again is safe: a write carries its command id.
            self._connection.close()
            response, read = self._send(method, path, data, headers)
        value = json.loads(read) if read else None
        if response.status >= 400:
            raise Refused(response.status, value if isinstance(value, dict) else {})
        return value

    def _send(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, path, data, headers)
        response = self._connection.getresponse()
        return response, response.read()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Expected:
    """A refusal that was asked for, so that it stands in the ledger with its reason."""

    what: str
    reason: str


def expect_refusal(what: str, reason: str, act: Callable[[], Any]) -> Expected:
    """Do what must be refused for this reason; anything else ends the demo."""
    try:
        act()
    except Refused as refused:
        if refused.reason == reason:
            return Expected(what, reason)
        raise
    raise AssertionError(f"expected {reason} for {what}, and it was allowed")


def until(what: str, ready: Callable[[], Any]) -> Any:
    """Ask again until the answer is true; the service works at its own pace."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if found := ready():
            return found
        time.sleep(PAUSE_SECONDS)
    raise TimeoutError(f"waited {WAIT_SECONDS:.0f} s for {what}")
