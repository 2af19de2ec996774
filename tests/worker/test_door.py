"""Commands over HTTP: the same one until it is answered, further apart each time, and nothing beyond the limits."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from muniment import work_door
from muniment.work_door import BODY_BYTES_MAX, Door, Refused, TooLarge, decoded, encoded

Answers = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none of them takes any time."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", pause)
    return made


def ask(answers: Answers, body: Any = None) -> dict[str, Any]:
    async def once() -> dict[str, Any]:
        door = Door("http://service", "token")
        await door._client.aclose()
        door._client = httpx2.AsyncClient(base_url="http://service", transport=httpx2.MockTransport(answers))
        try:
            return await door.ask("/v1/x", {} if body is None else body, "one-key")
        finally:
            await door.close()

    return asyncio.run(once())


def test_one_command_is_sent_until_it_is_answered(pauses: list[float]) -> None:
    faults: list[Exception | int] = [httpx2.ConnectError("down"), httpx2.ReadTimeout("slow"), 503, 502, 429, 500]
    keys: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        if not faults:
            return httpx2.Response(200, json={"outcome": "completed"})
        fault = faults.pop(0)
        if isinstance(fault, Exception):
            raise fault
        return httpx2.Response(fault, text="<html>away</html>")

    assert ask(answer) == {"outcome": "completed"}
    assert keys == ["one-key"] * 7
    for place, pause in enumerate(pauses):
        longest = 0.25 * 2**place
        assert longest * 0.66 <= pause <= longest


def test_the_longest_pause_is_bounded_and_the_service_may_ask_for_one(pauses: list[float]) -> None:
    answers = [httpx2.Response(503) for _ in range(40)]
    answers[0] = httpx2.Response(429, headers={"Retry-After": "7"})
    answers[1] = httpx2.Response(503, headers={"Retry-After": "86400"})
    answers[-1] = httpx2.Response(200, json={})
    ask(lambda _: answers.pop(0))
    assert pauses[:2] == [7.0, 30.0]
    assert max(pauses) <= 30.0


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (409, '{"reason": "LEASE_LOST"}', "LEASE_LOST"),
        (200, "<html>", "NO_JSON"),
        (302, "", "NO_JSON"),
        (200, "[]", "NO_JSON"),
    ],
)
def test_what_was_turned_down_is_not_asked_again(pauses: list[float], status: int, text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(lambda _: httpx2.Response(status, text=text))
    assert (refused.value.status, refused.value.reason, pauses) == (status, reason, [])


def test_nothing_is_taken_or_sent_beyond_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_door, "ANSWER_BYTES_MAX", 100)
    with pytest.raises(Refused) as refused:
        ask(lambda _: httpx2.Response(200, text="x" * 101))
    assert refused.value.reason == "ANSWER_TOO_LARGE"
    with pytest.raises(TooLarge):
        ask(lambda _: httpx2.Response(200, json={}), {"result": "x" * BODY_BYTES_MAX})


def test_numbers_stay_exact() -> None:
    assert encoded({"share": Decimal("0.10"), "odds": 0.1, "count": 3}) == b'{"share":"0.10","odds":"0.1","count":3}'
    assert decoded({"share": {"$decimal": "0.10"}, "day": {"$date": "2026-01-02"}}) == {
        "share": Decimal("0.10"),
        "day": "2026-01-02",
    }
    for odd in (float("nan"), Decimal("Infinity"), Decimal("NaN"), {1, 2}):
        with pytest.raises((TypeError, ValueError)):
            encoded(odd)
