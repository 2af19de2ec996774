"""The service as a worker meets it: commands over HTTP, each sent again under its command id until it is answered."""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import httpx2

logger = logging.getLogger("muniment.worker")

ANSWER_BYTES_MAX = 64 * 1024 * 1024  # a hundred jobs of arguments; more is no service of ours
BODY_BYTES_MAX = 4 * 1024 * 1024  # what the service takes
FIRST_PAUSE = 0.25  # seconds; doubled by every try that found nobody
LONGEST_PAUSE = 30.0
ANSWER_SECONDS = 30.0  # for an answer, beside the time that was asked to be waited
TOO_MANY, AWAY = 429, 500  # statuses: come again later; from here on it is the service that failed
CONFLICTS = (404, 409)  # the job is not ours any more


class Refused(Exception):
    """The service turned the command down. `reason` is one of its closed codes."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('reason', '')}: {problem.get('detail', '')}")
        self.status = status
        self.reason = str(problem.get("reason", ""))


class TooLarge(Exception):
    """The body is larger than the service takes; nothing was sent."""


class Door:
    """One service and one credential. Belongs to one event loop; `url` is the service's, without `/v1`."""

    def __init__(self, url: str, token: str) -> None:
        timeout = httpx2.Timeout(ANSWER_SECONDS, pool=None)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        limits = httpx2.Limits(max_connections=None)
        self._client = httpx2.AsyncClient(base_url=url, headers=headers, timeout=timeout, limits=limits)

    async def ask(self, path: str, body: Mapping[str, Any], key: str = "", waits: float = 0.0) -> dict[str, Any]:
        """The answer to one command; `Refused` when it was turned down, `TooLarge` before a body the service takes not.

        `key` is the command id: the same for every try, and for whoever asks the same again. `waits` says how long the
        service may take its time. While nobody answers it goes on trying; who has waited enough cancels it.
        """
        content = encoded(body)
        if len(content) > BODY_BYTES_MAX:
            raise TooLarge
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or secrets.token_urlsafe(18)}
        tries = 0
        while True:
            answer = await self._send(path, content, headers, waits)
            if answer is not None and answer.status_code not in (TOO_MANY, *range(AWAY, 600)):
                return _read(answer)
            tries += 1
            await asyncio.sleep(_pause(tries, answer))

    async def _send(
        self, path: str, content: bytes, headers: Mapping[str, str], waits: float
    ) -> httpx2.Response | None:
        """One try; None when there was no answer."""
        timeout = httpx2.Timeout(ANSWER_SECONDS + waits, pool=None)
        try:
            request = self._client.build_request("POST", path, content=content, headers=headers, timeout=timeout)
            answer = await self._client.send(request, stream=True)
            try:
                received = bytearray()
                async for part in answer.aiter_bytes():
                    received += part
                    if len(received) > ANSWER_BYTES_MAX:
                        raise Refused(answer.status_code, {"reason": "ANSWER_TOO_LARGE"})
            finally:
                await answer.aclose()
        except httpx2.RequestError as error:
            logger.warning("%s: no answer (%s)", path, type(error).__name__)
            return None
        kept = {name: value for name, value in answer.headers.items() if name.lower() == "retry-after"}
        return httpx2.Response(answer.status_code, headers=kept, content=bytes(received))

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()


def encoded(value: Any) -> bytes:
    """A value as the JSON that the service reads; ValueError or TypeError for what is none.

    Numbers with a fraction go as text, which is how the service has those of declared data: exact.
    """
    return json.dumps(_plain(value), allow_nan=False, separators=(",", ":")).encode()


def decoded(value: Any) -> Any:
    """A value of the service with its exact numbers as decimals and its other typed text as text."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, text),) = value.items()
            if name.startswith("$") and isinstance(text, str):
                return Decimal(text) if name == "$decimal" else text
        return {name: decoded(item) for name, item in value.items()}
    return value


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, str | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError("expected a finite number")
        return format(number, "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return _plain(value.value)
    raise TypeError(f"expected a value of JSON, found {type(value).__name__}")


def _read(answer: httpx2.Response) -> dict[str, Any]:
    try:
        value = json.loads(answer.content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refused(answer.status_code, {"reason": "NO_JSON", "detail": "expected an object of JSON"})
    if answer.status_code // 100 != 2:
        raise Refused(answer.status_code, value)
    return value


def _pause(tries: int, answer: httpx2.Response | None) -> float:
    """Seconds before the next try: doubled with every one, up to a third less by chance so that workers spread."""
    pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries - 1, 10)) * (1 - secrets.randbelow(334) / 1000)
    said = "" if answer is None else str(answer.headers.get("retry-after", ""))
    return max(pause, min(float(said), LONGEST_PAUSE)) if said.isdecimal() else pause
