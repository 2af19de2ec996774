"""What a function takes and gives, and what becomes of a job whose function fails, asks for another try, or lies."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from muniment.work_door import BODY_BYTES_MAX
from muniment.work_types import handler_of
from muniment.worker import Failed, Job, Money, Options, Refused, Retry, Worker
from tests.worker.conftest import Shop


class Application(BaseModel):
    number: str
    amount: Money
    factor: Decimal
    kind: str


class Score(BaseModel):
    grade: int
    share: Decimal
    price: Money


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    """The worker at work on a loop of its own."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(worker.serve())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(timeout=60)
    assert not thread.is_alive()
    assert errors == []


def worker_of(shop: Shop, function: Callable[..., Any], into: Any = None) -> Worker:
    worker = Worker(shop.address, shop.token, Options("finance", wait_seconds=5))
    worker.job("score", into)(function)
    return worker


def test_values_are_exact_both_ways(shop: Shop) -> None:
    seen: list[Application] = []

    def score(application: Application) -> Score:
        seen.append(application)
        price = Money(amount=application.amount.amount * application.factor, currency="GBP")
        return Score(grade=6, share=Decimal("0.1"), price=price)

    with working(worker_of(shop, score)):
        instance = shop.start(factor="1.5", urgency=90)
        assert shop.ended([instance]) == {instance: "high"}
    assert seen[0].amount == Money(amount=Decimal("84000.10"), currency="GBP")
    assert seen[0].factor == Decimal("1.5")
    [(value,)] = shop.rows(
        "SELECT value FROM variable WHERE log_id = {log} AND instance = ? AND name = 'score'", instance
    )
    assert '"share":"0.1"' in value
    assert '"amount":"126000.150"' in value
    assert shop.rows("SELECT priority FROM job WHERE log_id = {log} AND instance = ?", instance) == [(90,)]


class Strict(BaseModel):
    number: int


def takes_a_number(_: Strict) -> None: ...


def gives_no_score(_: dict[str, Any]) -> Any:
    return {"grade": "high"}


def gives_what_the_blueprint_has_not(_: dict[str, Any]) -> Any:
    return {"grade": 7, "shoe_size": 44}


def gives_too_much(_: dict[str, Any]) -> Any:
    return {"grade": 7, "note": "x" * BODY_BYTES_MAX}


def gives_no_json() -> Any:
    return {"grade": object()}


def fails(_: dict[str, Any]) -> None:
    raise Failed("NO_SUCH_APPLICANT")


def fails_with_no_code() -> None:
    raise Failed("no code, and somebody's name")


async def fails_later(job: Job) -> None:
    await asyncio.sleep(0)
    raise Failed(f"TRIED_{job.tries}", retryable=job.tries < 1)


@pytest.mark.parametrize(
    ("function", "into", "code"),
    [
        (takes_a_number, None, "ARGUMENTS_INVALID"),
        (gives_no_score, Score, "RESULT_INVALID"),
        (gives_what_the_blueprint_has_not, None, "RESULT_REFUSED"),
        (gives_too_much, None, "RESULT_TOO_LARGE"),
        (gives_no_json, None, "RESULT_INVALID"),
        (fails, None, "NO_SUCH_APPLICANT"),
        (fails_with_no_code, None, "HANDLER_RAISED"),
        (fails_later, None, "TRIED_1"),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_what_cannot_succeed_is_asked_of_people_at_once(
    shop: Shop, function: Callable[..., Any], into: Any, code: str
) -> None:
    with working(worker_of(shop, function, into)):
        assert shop.incident(shop.start()) == code


def test_a_function_that_raises_or_asks_for_it_is_tried_again(shop: Shop) -> None:
    tries: list[int] = []

    def score(job: Job) -> dict[str, int]:
        tries.append(job.tries)
        if job.tries == 0:
            raise Retry(after=1, code="BUSY")
        if job.tries == 1:
            raise ZeroDivisionError
        return {"grade": 1}

    with working(worker_of(shop, score)):
        instance = shop.start()
        assert shop.ended([instance]) == {instance: "low"}
    assert tries == [0, 1, 2]


def asks_for_no_time() -> None:
    raise Retry(after=float("nan"))


async def is_cancelled_within() -> None:
    raise asyncio.CancelledError


async def exits() -> None:
    raise SystemExit(3)


def holds_itself() -> list[Any]:
    whole: list[Any] = []
    whole.append(whole)
    return whole


def without_end() -> Any:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (asks_for_no_time, "HANDLER_RAISED"),
        (is_cancelled_within, "HANDLER_RAISED"),
        (exits, "HANDLER_RAISED"),
        (holds_itself, "RESULT_INVALID"),
        (without_end, "RESULT_INVALID"),
    ],
)
def test_whatever_a_function_does_its_job_is_answered_and_the_worker_goes_on(
    shop: Shop, function: Callable[..., Any], code: str
) -> None:
    """A job whose function ends the worker would end the next one too, and one left unanswered would never count."""
    fine = shop.start(kind="fine")
    ill = shop.start(kind="ill")

    async def score(application: Application) -> Any:
        if application.kind == "fine":
            return {"grade": 1}
        return await function() if asyncio.iscoroutinefunction(function) else function()

    with working(worker_of(shop, score)):
        assert shop.incident(ill) == code
        assert shop.ended([fine, shop.start(kind="fine")]).keys() >= {fine}


def test_a_worker_that_may_not_work_says_so_and_ends(shop: Shop) -> None:
    worker = Worker(shop.address, shop.intake, Options("finance", wait_seconds=1))
    worker.job("score")(fails)
    with pytest.raises(Refused) as refused:
        asyncio.run(worker.serve())
    assert (refused.value.status, refused.value.reason) == (403, "NO_RULE")


def test_a_function_says_what_it_takes_and_gives() -> None:
    def whole(application: Application, job: Job) -> Score:
        raise NotImplementedError

    def two(application: Application, other: Application) -> None: ...

    made = handler_of(whole, "score", None, 1)
    assert (made.with_arguments, made.with_job, made.is_async) == (True, True, False)
    with pytest.raises(TypeError, match="application, other"):
        handler_of(two, "score", None, 1)
    worker = Worker("http://127.0.0.1:1", "token")
    worker.job("score")(fails)
    with pytest.raises(ValueError, match="one function"):
        worker.job("score")(fails)
    with pytest.raises(ValueError, match="some type"):
        asyncio.run(Worker("http://127.0.0.1:1", "token").serve())
