"""A worker: functions that do jobs of process instances, each answered once.

    worker = Worker("https://muniment.example", token)

    @worker.job("score", into=Score)
    async def score(application: Application) -> Score: ...

    worker.run()

A job may be done more than once - a worker can die between work and answer - and is answered once: under a lease that
nobody else holds. What a function does outside it does under the job's id as idempotency key. The protocol beneath is
plain HTTP, for workers in any language: docs/reference/worker-protocol.md.
"""

import asyncio
import hashlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from typing import Any, TypeVar

from muniment.work_door import CONFLICTS, Door, Refused, TooLarge
from muniment.work_types import ARGUMENTS_INVALID, RESULT_INVALID, Failed, Handler, Job, Money, Retry, handler_of

__all__ = ["ARGUMENTS_INVALID", "RESULT_INVALID", "Failed", "Job", "Money", "Options", "Refused", "Retry", "Worker"]

logger = logging.getLogger("muniment.worker")

F = TypeVar("F", bound=Callable[..., Any])

RAISED = "HANDLER_RAISED"  # the function raised something of its own: tried again, told in this worker's log alone
RESULT_REFUSED = "RESULT_REFUSED"  # the service does not take the result: it is not what the blueprint declares
RESULT_TOO_LARGE = "RESULT_TOO_LARGE"
RETRY_AFTER_MAX = 86_400
GIVE_BACK_SECONDS = 2.0  # for a job to be given back by a worker that ends


@dataclass(frozen=True, slots=True)
class Options:
    """`concurrency`: jobs of each type at once. A lease is lengthened by itself as long as the work goes on.

    `type_at_once`: how many jobs of a type all workers together may have under lease; 0 is no bound. `grace_seconds` is
    what work under way is given when the worker is told to stop. `test`: it does jobs of instances in test mode, and no
    others.
    """

    domain: str = "organisation"
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    concurrency: int = 4
    type_at_once: int = 0
    lease_seconds: int = 60
    wait_seconds: int = 20
    grace_seconds: float = 30.0
    test: bool = False


class Worker:
    """One process's worth of work. `url` is the service's, `token` an API key of a service that may do jobs."""

    def __init__(self, url: str, token: str, options: Options | None = None) -> None:
        self._url = url
        self._token = token
        self._options = options or Options()
        self._handlers: dict[str, Handler] = {}
        self._stopped = threading.Event()
        self._stop: Callable[[], None] = lambda: None

    def job(self, job_type: str, into: Any = None, at_once: int = 0) -> Callable[[F], F]:
        """Let a function, plain or async, do the jobs of a type; see `muniment.work_types.handler_of`."""

        def register(function: F) -> F:
            if job_type in self._handlers:
                raise ValueError(f"expected one function for `{job_type}`, found two")
            self._handlers[job_type] = handler_of(function, job_type, into, at_once or self._options.concurrency)
            return function

        return register

    def run(self) -> None:
        """Do jobs until SIGTERM or SIGINT; what is under way is finished, or given back when the grace is over."""
        asyncio.run(self.serve(signals=(signal.SIGTERM, signal.SIGINT)))

    def stop(self) -> None:
        """Take no more jobs and let `serve` return; from any thread. A worker that was stopped stays so."""
        self._stopped.set()
        self._stop()

    async def serve(self, signals: tuple[signal.Signals, ...] = ()) -> None:
        """As `run`, on a running loop. `Refused` when the service does not let this worker work."""
        if not self._handlers:
            raise ValueError("expected a function for some type of job, found none")
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        self._stop = lambda: _call(loop, stopping.set)
        if self._stopped.is_set():
            return
        for number in signals:
            loop.add_signal_handler(number, _first, loop, stopping, signals)
        door = Door(self._url, self._token)
        try:
            takers = [_Taker(door, self._options, handler, stopping) for handler in self._handlers.values()]
            await _all(takers, stopping)
        finally:
            await door.close()
            for number in signals:
                loop.remove_signal_handler(number)


async def _all(takers: "list[_Taker]", stopping: asyncio.Event) -> None:
    """Run them; when one ends by an error all stop, and it is raised."""
    running = [asyncio.create_task(taker.run()) for taker in takers]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        stopping.set()
        await asyncio.wait(running)
    for task in (*done, *running):
        task.result()


class _Taker:
    """Takes jobs of one type as long as there is room, and has each done."""

    def __init__(self, door: Door, options: Options, handler: Handler, stopping: asyncio.Event) -> None:
        self._door = door
        self._options = options
        self._handler = handler
        self._stopping = stopping
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until told to stop, then until what is under way is over."""
        try:
            while not self._stopping.is_set():
                room = self._handler.at_once - len(self._under_way)
                if room > 0:
                    await self._take(room)
                else:
                    await self._until_stopping(asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED))
                self._collect()
        finally:
            await self._finish()
            self._collect()

    async def _take(self, room: int) -> None:
        options = self._options
        body = {
            "type": self._handler.type,
            "worker": options.name,
            "limit": min(room, 100),
            "lease_seconds": options.lease_seconds,
            "wait_seconds": options.wait_seconds,
            "domain": options.domain,
            **({"type_at_once": options.type_at_once} if options.type_at_once else {}),
            **({"test": True} if options.test else {}),
        }
        asked = self._door.ask("/v1/jobs/activation", body, waits=options.wait_seconds)
        answer = await self._until_stopping(asked)
        for given in [] if answer is None else answer["jobs"]:
            job = Job(given["job"], given["type"], given["tries"], given["priority"], given["lease"])
            self._under_way.add(asyncio.create_task(_Doing(self._door, self._options, self._handler, job).run(given)))

    async def _until_stopping(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What it yields; None, and the work is cancelled, when the worker is to stop before. A lease that was given in
        that very moment runs out by itself."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
        with suppress(asyncio.CancelledError):
            return await task
        return None

    async def _finish(self) -> None:
        """Give what is under way its grace, then end it."""
        if not self._under_way:
            return
        _, left = await asyncio.wait(self._under_way, timeout=self._options.grace_seconds)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def _collect(self) -> None:
        """Forget what is over; an error that no job is to blame for is raised."""
        over = {task for task in self._under_way if task.done()}
        self._under_way -= over
        for task in over:
            if not task.cancelled():
                task.result()


class _Doing:
    """One job: its work, the lease kept alive meanwhile, and its answer."""

    def __init__(self, door: Door, options: Options, handler: Handler, job: Job) -> None:
        self._door = door
        self._lease_seconds = options.lease_seconds
        self._handler = handler
        self._job = job

    async def run(self, given: dict[str, Any]) -> None:
        """Do it and answer. When the worker ends before, it is given back."""
        keeping = asyncio.create_task(self._keep_lease())
        work = asyncio.create_task(self._work(given["arguments"]))
        try:
            await asyncio.wait((keeping, work), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                logger.warning("job %s: the lease is lost, its work is dropped", self._job.id)
                return
            act, body = work.result()
            await self._answer(act, body)
        except asyncio.CancelledError:
            if self._handler.is_async and not work.done():
                await self._give_back(work)
            raise
        finally:
            keeping.cancel()
            work.cancel()
            self._job.lost.set()

    async def _keep_lease(self) -> None:
        """Lengthen the lease at every third of it; returns when it is lost."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._lease_seconds
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            begun = loop.time()
            try:
                async with asyncio.timeout_at(until):
                    await self._ask("extension", {"lease_seconds": self._lease_seconds})
            except TimeoutError:
                break
            except Refused as refused:
                logger.warning("job %s: %s", self._job.id, refused.reason)
                break
            until = begun + self._lease_seconds
        self._job.lost.set()

    async def _work(self, arguments: Any) -> tuple[str, dict[str, Any]]:
        """The answer: (`completion` or `failure`, its body)."""
        try:
            given = self._handler.prepared(arguments, self._job)
            if self._handler.is_async:
                value = await self._handler.function(*given)
            else:
                value = await _on_a_thread(self._handler.function, given)
            return "completion", {"result": self._handler.result(value)}
        except Retry as retry:
            after = ceil(min(RETRY_AFTER_MAX, max(0, retry.after)))
            return "failure", {"code": retry.code, "retryable": True, "retry_after": after}
        except Failed as failed:
            logger.warning("job %s: %s", self._job.id, failed.code)
            return _failure(failed.code, failed.retryable)
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            return self._raised()  # of something within the function: nobody has told this worker to end it
        except (Exception, SystemExit):
            return self._raised()

    def _raised(self) -> tuple[str, dict[str, Any]]:
        logger.exception("job %s: the function for `%s` raised", self._job.id, self._job.type)
        return _failure(RAISED, retryable=True)

    async def _answer(self, act: str, body: dict[str, Any]) -> None:
        try:
            await self._ask(act, body, self._command_id(act))
        except TooLarge:
            await self._answer(*_failure(RESULT_TOO_LARGE))
        except (TypeError, ValueError, RecursionError):  # the last of what holds itself, or is nested without end
            logger.exception("job %s: the result is no JSON", self._job.id)
            await self._answer(*_failure(RESULT_INVALID))
        except Refused as refused:
            if refused.status in CONFLICTS:
                logger.warning("job %s: not answered, %s", self._job.id, refused.reason)
            elif act == "completion" and refused.status in (400, 413, 422):
                logger.warning("job %s: the result is not taken, %s", self._job.id, refused)
                await self._answer(*_failure(RESULT_REFUSED))
            else:
                raise

    async def _give_back(self, work: "asyncio.Task[Any]") -> None:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        with suppress(TimeoutError, Refused):
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                await self._ask("release", {})

    async def _ask(self, act: str, body: dict[str, Any], key: str = "") -> None:
        await self._door.ask(f"/v1/jobs/{self._job.id}/{act}", {"lease": self._job.lease, **body}, key)

    def _command_id(self, act: str) -> str:
        """One for each answer under a lease: sent again, it is the same command."""
        return hashlib.sha256(f"{self._job.id} {self._job.lease} {act}".encode()).hexdigest()


def _is_cancelled() -> bool:
    """Whether what runs now was itself told to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _failure(code: str, retryable: bool = False) -> tuple[str, dict[str, Any]]:
    return "failure", {"code": code, "retryable": retryable}


async def _on_a_thread(function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """What it returns, run on a thread that keeps no process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(value: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def work() -> None:
        try:
            value, error = function(*given), None
        except Exception as raised:
            value, error = None, RuntimeError("StopIteration") if isinstance(raised, StopIteration) else raised
        except BaseException as raised:  # an exit of this thread is none of the worker
            value, error = None, RuntimeError(type(raised).__name__)
        _call(loop, settle, value, error)

    threading.Thread(target=work, daemon=True, name="job").start()
    return await future


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., Any], *given: Any) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(function, *given)


def _first(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event, signals: tuple[signal.Signals, ...]) -> None:
    """The first signal stops gently; the next one ends the process as it always does."""
    stopping.set()
    for number in signals:
        loop.remove_signal_handler(number)
