"""The writer as a process of its own: the service's event loop and the write path do not share one interpreter lock.

One frame carries all commands of one tick of the parent's loop, and one frame all answers of one batch, so the cost
of crossing is paid once for many (`ledger.writer_child` has their form). Fields travel as plain tuples: pickling a
dataclass costs five times as much. Both ends are ours and joined by a socket pair that nobody else can open; nothing
from outside is ever unpickled.
"""

import asyncio
import multiprocessing
import pickle
import socket
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Literal

from ledger.frames import Peer
from ledger.refusal import Reason, Refusal
from ledger.work import Answer, Done, Receipt, Request
from ledger.writer_child import Build, WriterGone, run_child

__all__ = ["WriterGone", "WriterProcess"]


class WriterProcess:
    """The parent's end. `submit` belongs to one event loop.

    `start_method` is how Python starts the child: afresh, or from a fork server where many are started.
    """

    def __init__(self, build: Build, settings: Any, start_method: Literal["spawn", "forkserver"] = "spawn") -> None:
        here, there = socket.socketpair()
        context: Any = multiprocessing.get_context(start_method)
        self._process = context.Process(target=run_child, args=(there, build, settings), daemon=True, name="writer")
        self._process.start()
        there.close()
        self._peer = Peer(here)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._pending: list[tuple[Any, ...]] = []
        self._is_blocked = False  # the child's end is full: the loop tells when it takes more
        self._number = 0
        self._log = ""
        self._gone = False
        self.on_gone: Callable[[], None] | None = None  # called once, on the loop, when the child ended of itself

    async def ready(self) -> None:
        """Wait until the child has opened its log; `WriterGone` when it could not."""
        self._loop = asyncio.get_running_loop()
        hello: asyncio.Future[Any] = self._loop.create_future()
        self._waiting[0] = hello
        self._loop.add_reader(self._peer, self._on_readable)
        await hello

    @property
    def process_id(self) -> int:
        """The child's process id."""
        return self._process.pid or 0

    def submit(self, request: Request) -> "asyncio.Future[Answer]":
        """The answer, once it is durable."""
        assert self._loop is not None
        future: asyncio.Future[Answer] = self._loop.create_future()
        if self._gone:
            future.set_exception(WriterGone())
            return future
        self._number += 1
        self._waiting[self._number] = future
        if not self._pending:
            self._loop.call_soon(self._flush)
        command = request.command
        actor = request.actor
        self._pending.append(
            (
                self._number,
                type(command),
                _getter(type(command))(command),
                (
                    actor.id,
                    actor.kind.value,
                    actor.person,
                    actor.method,
                    actor.sign_in,
                    actor.on_behalf_of,
                    actor.scope,
                ),
                request.command_id,
                request.correlation_id,
            )
        )
        return future

    def close(self) -> None:
        """Let the child answer what it has and end. Once more is nothing."""
        if self._peer.fileno() < 0:
            return
        self.on_gone = None
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_writer(self._peer)
        self._fail()
        self._peer.end()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.kill()
        self._peer.close()

    def _flush(self) -> None:
        if not self._pending:
            return
        body = pickle.dumps(self._pending, protocol=5)
        self._pending = []
        self._peer.send(body)
        self._look_for_room()

    def _send(self) -> None:
        self._peer.flush()
        self._look_for_room()

    def _look_for_room(self) -> None:
        """Have the loop tell when there is room again, as long as something is kept for the child."""
        assert self._loop is not None
        if self._peer.unsent and not self._is_blocked:
            self._loop.add_writer(self._peer, self._send)
        elif self._is_blocked and not self._peer.unsent:
            self._loop.remove_writer(self._peer)
        self._is_blocked = self._peer.unsent > 0

    def _on_readable(self) -> None:
        for body in self._peer.read():
            self._deliver(pickle.loads(body))  # noqa: S301 - from our own child
        if not self._peer.is_open:
            self._fail()

    def _deliver(self, message: tuple[int, str, list[tuple[Any, ...]]]) -> None:
        size, checkpoint, answers = message
        for number, outcome, index, leaf, repeated in answers:
            future = self._waiting.pop(number, None)
            if future is None or future.done():
                continue
            if number == 0:
                self._log = outcome
                future.set_result(Answer(Done("ready"), None))
            elif isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                receipt = None if index is None else Receipt(self._log, index, leaf, size, checkpoint)
                future.set_result(Answer(_outcome_of(outcome), receipt, repeated))

    def _fail(self) -> None:
        if not self._gone and self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._peer)
            self._loop.remove_writer(self._peer)
        self._gone = True
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(WriterGone())
        on_gone, self.on_gone = self.on_gone, None
        if on_gone is not None:
            on_gone()


def _outcome_of(flat: tuple[Any, ...]) -> Done | Refusal:
    if flat[0]:
        return Done(flat[1], flat[2])
    return Refusal(Reason(flat[1]), flat[2], flat[3])


_GETTERS: dict[type, Callable[[Any], tuple[Any, ...]]] = {}


def _getter(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """A command's field values in order, as a tuple even when there is one or none."""
    getter = _GETTERS.get(kind)
    if getter is None:
        names = [field.name for field in fields(kind)]
        if len(names) > 1:
            getter = attrgetter(*names)
        elif names:
            one = attrgetter(names[0])
            getter = lambda command: (one(command),)  # noqa: E731
        else:
            getter = lambda _: ()  # noqa: E731
        _GETTERS[kind] = getter
    return getter
