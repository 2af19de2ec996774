"""The writer as a process of its own: the service's event loop and the write path do not share one interpreter lock.

    parent -> child   u32 length || pickle [ (number, command class, its fields, actor, command id, correlation id) ]
    child -> parent   u32 length || pickle ( size, checkpoint, [ (number, outcome, index, leaf hash, repeated) ] )

One frame carries all commands of one tick of the parent's loop, and one frame all answers of one batch, so the cost
of crossing is paid once for many. Fields travel as plain tuples: pickling a dataclass costs five times as much. Both
ends are ours and joined by a socket pair that nobody else can open; nothing from outside is ever unpickled.
"""

import asyncio
import gc
import multiprocessing
import pickle
import select
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from typing import Any, Literal

from ledger.actor import Actor, ActorKind
from ledger.batch import Result
from ledger.collector import relax
from ledger.connection import Connection
from ledger.errors import BrokenInput, Misuse, MunimentError, TooLarge, Unavailable
from ledger.refusal import Reason, Refusal
from ledger.work import Answer, Done, Receipt, Request
from ledger.workings import Workings
from ledger.writer import BATCH_MAX, REST_SECONDS, Desk

GARBAGE_THRESHOLD = 20_000  # objects: above what one usual batch holds, so that none is searched while it runs

_LENGTH = struct.Struct(">I")
_READ_BYTES = 1 << 20
GRACE_SECONDS = 15  # from a request to stop until the child ends by itself, whatever its parent does

Build = Callable[[Any], tuple[Workings, Callable[[], Connection]]]
"""Makes a writer's workings from a picklable value (the settings), inside the child."""


class WriterGone(Unavailable):
    """The writer process ended; what it had not answered is unknown and is asked again with the same command id."""

    def __init__(self) -> None:
        super().__init__("WRITER_GONE", "the writer ended; send the command again with the same command id")


class WriterProcess:
    """The parent's end. `submit` belongs to one event loop.

    `start_method` is how Python starts the child: afresh, or from a fork server where many are started.
    """

    def __init__(self, build: Build, settings: Any, start_method: Literal["spawn", "forkserver"] = "spawn") -> None:
        here, there = socket.socketpair()
        context: Any = multiprocessing.get_context(start_method)
        self._process = context.Process(target=_child, args=(there, build, settings), daemon=True, name="writer")
        self._process.start()
        there.close()
        here.setblocking(False)
        self._socket = here
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._pending: list[tuple[Any, ...]] = []
        self._received = bytearray()
        self._unsent = bytearray()
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
        self._loop.add_reader(self._socket, self._on_readable)
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
        """Let the child answer what it has and end."""
        self.on_gone = None
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_writer(self._socket)
        self._fail()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.kill()
        self._socket.close()

    def _flush(self) -> None:
        if not self._pending:
            return
        body = pickle.dumps(self._pending, protocol=5)
        self._pending = []
        self._unsent += _LENGTH.pack(len(body)) + body
        self._send()

    def _send(self) -> None:
        assert self._loop is not None
        try:
            sent = self._socket.send(self._unsent)
            del self._unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._fail()
            return
        if self._unsent and not self._is_blocked:
            self._loop.add_writer(self._socket, self._send)
        elif self._is_blocked and not self._unsent:
            self._loop.remove_writer(self._socket)
        self._is_blocked = bool(self._unsent)

    def _on_readable(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._fail()
            return
        self._received += data
        while (body := _take_frame(self._received)) is not None:
            self._deliver(pickle.loads(body))  # noqa: S301 - from our own child

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
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._gone = True
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(WriterGone())
        on_gone, self.on_gone = self.on_gone, None
        if on_gone is not None:
            on_gone()


def _child(there: socket.socket, build: Build, settings: Any) -> None:
    """The child's main loop: one batch of whatever is waiting, then its answers in one frame."""
    # The parent ends us, by closing its end. A service manager tells all processes at once to stop: what the parent
    # has still to hand over is answered first, within the grace.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.alarm(GRACE_SECONDS))
    gc.disable()  # what is imported stays: looking through it meanwhile only delays the start
    workings, connect = build(settings)
    relax()
    gc.enable()
    desk = Desk(workings, connect)
    # A batch holds no cycle, so it is freed when it is over: what was opened need not be searched again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    _send_all(there, (0, "", [(0, workings.log.name, None, "", False)]))
    received = bytearray()
    is_open, is_at_rest = True, False  # a process before this one may have left something to do
    while is_open:
        ready, _, _ = select.select([there], [], [], None if is_at_rest else REST_SECONDS)
        if not ready:
            with suppress(MunimentError):
                is_at_rest = desk.rest()
            continue
        requests: list[tuple[int, Request]] = []
        while len(requests) < BATCH_MAX and select.select([there], [], [], 0)[0]:
            data = there.recv(_READ_BYTES)
            if not data:
                is_open = False
                break
            received += data
            while (body := _take_frame(received)) is not None:
                requests.extend(map(_request_of, pickle.loads(body)))  # noqa: S301 - from our own parent
        if requests:
            is_at_rest = False
            results = desk.run([request for _, request in requests])
            _answer(there, [number for number, _ in requests], results)
    desk.close()


def _answer(there: socket.socket, numbers: list[int], results: list[Result]) -> None:
    size, checkpoint = 0, ""
    answers: list[tuple[Any, ...]] = []
    for number, result in zip(numbers, results, strict=True):
        if isinstance(result, Exception):
            answers.append((number, _portable(result), None, "", False))
            continue
        receipt = result.receipt
        if receipt is not None:
            size, checkpoint = receipt.size, receipt.checkpoint
        outcome = result.outcome
        flat = (
            (True, outcome.outcome, dict(outcome.result))
            if isinstance(outcome, Done)
            else (False, outcome.reason.value, outcome.message, outcome.details)
        )
        place = (None, "") if receipt is None else (receipt.index, receipt.leaf_hash)
        answers.append((number, flat, *place, result.repeated))
    with suppress(OSError):  # a parent that has gone asks again with the same command ids
        _send_all(there, (size, checkpoint, answers))


def _portable(error: Exception) -> Exception:
    """An exception that crosses: ours as it is, a bug by its name and text."""
    if type(error) in (BrokenInput, TooLarge, Unavailable):
        return error
    if isinstance(error, Unavailable):
        return Unavailable(error.reason, error.message)
    return Misuse(f"{type(error).__name__}: {error}")


def _outcome_of(flat: tuple[Any, ...]) -> Done | Refusal:
    if flat[0]:
        return Done(flat[1], flat[2])
    return Refusal(Reason(flat[1]), flat[2], flat[3])


def _request_of(flat: tuple[Any, ...]) -> tuple[int, Request]:
    number, kind, values, actor, command_id, correlation_id = flat
    who = Actor(actor[0], ActorKind(actor[1]), *actor[2:])
    return number, Request(who, kind(*values), command_id, correlation_id)


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


def _take_frame(received: bytearray) -> bytes | None:
    """The first whole frame, taken off the buffer; None while it is not complete."""
    if len(received) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(received)
    end = _LENGTH.size + length
    if len(received) < end:
        return None
    body = bytes(received[_LENGTH.size : end])
    del received[:end]
    return body


def _send_all(there: socket.socket, message: Any) -> None:
    body = pickle.dumps(message, protocol=5)
    there.sendall(_LENGTH.pack(len(body)) + body)
