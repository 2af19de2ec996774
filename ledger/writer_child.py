"""The writer's own process: what its parent sends is carried out here, or by the process that writes for all of them.

Of the processes of one machine that write one log one writes for all (`ledger.meeting`): 32 callers share a commit,
however many processes they come through, where four processes that take turns at the head commit eight commands each.
Where nobody is found, or whoever is found keeps silent, each process writes by itself and they take turns (ADR 4).

    parent  -> child    frame: pickle [ (number, command class, its fields, actor, command id, correlation id) ]
    child   -> parent   frame: pickle ( size, checkpoint, [ (number, outcome, index, leaf hash, repeated) ] )
    joiner  -> opener   frame: as from its parent
    opener  -> joiner   frame: u32 how many of the joiner's frames this answers || as to a parent
                        frame of no bytes: what is not answered by now was not carried out; the opener leaves

A batch holds whole frames, and a frame is kept where it came from until it is answered. When the opener dies, what it
had not answered is unknown: a command with an id is sent again, under the same id, and is answered with what became of
it; one without an id fails with `WRITER_GONE`, as it does when a writer dies that is not shared.
"""

import gc
import pickle
import select
import signal
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ledger.actor import Actor, ActorKind
from ledger.batch import Result
from ledger.clock import steady_seconds
from ledger.collector import relax
from ledger.connection import Connection
from ledger.errors import BrokenInput, Misuse, MunimentError, TooLarge, Unavailable
from ledger.frames import Peer
from ledger.meeting import Door, Meeting
from ledger.work import Done, Request
from ledger.workings import Workings
from ledger.writer import BATCH_MAX, REST_SECONDS, Desk

GARBAGE_THRESHOLD = 20_000  # objects: above what one usual batch holds, so that none is searched while it runs
GRACE_SECONDS = 15  # from a request to stop until the child ends by itself, whatever its parent does
PATIENCE_SECONDS = 5.0  # with an opener that answers nothing: each batch of others is answered within milliseconds
LEAVE_SECONDS = 1.0  # for joiners to take their last answers
GATHER = (
    1 / 8
)  # of what the newest batch took: so long those it answered are waited for, for they are on their way back
KEPT_MAX = 64 << 20  # bytes kept for a joiner that takes no answers
ALONE_MAX = 1_024  # batches by oneself before another look for others

_ANSWERED = struct.Struct(">I")

Build = Callable[[Any], tuple[Workings, Callable[[], Connection]]]
"""Makes a writer's workings from a picklable value (the settings), inside the child."""


class WriterGone(Unavailable):
    """The writer process ended; what it had not answered is unknown and is asked again with the same command id."""

    def __init__(self) -> None:
        super().__init__("WRITER_GONE", "the writer ended; send the command again with the same command id")

    def __reduce__(self) -> tuple[type["WriterGone"], tuple[()]]:
        return WriterGone, ()


def run_child(there: socket.socket, build: Build, settings: Any) -> None:
    """The child's main function: open the log, say so, work until the parent closes."""
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
    own = _Source(Peer(there))
    own.peer.send(pickle.dumps((0, "", [(0, workings.log.name, None, "", False)]), protocol=5))
    Child(own, desk, Meeting(workings)).run()


class _Source:
    """Where frames come from: our own parent, or a process that has joined."""

    def __init__(self, peer: Peer, is_joined: bool = False) -> None:
        self.peer = peer
        self.is_joined = is_joined
        self.frames: deque[bytes] = deque()  # not answered

    def read(self) -> None:
        """Take what has come."""
        self.frames.extend(self.peer.read())

    def answer(self, frames: int, message: Any) -> None:
        """The answers to the first so many frames."""
        for _ in range(frames):
            self.frames.popleft()
        body = pickle.dumps(message, protocol=5)
        self.peer.send(_ANSWERED.pack(frames) + body if self.is_joined else body)


class Child:
    """Writes by itself, for all, or has another one write. Runs until the parent has closed and is answered."""

    def __init__(self, own: _Source, desk: Desk, meeting: Meeting) -> None:
        self._own = own
        self._desk = desk
        self._meeting = meeting

    def run(self) -> None:
        """Work until the parent closes."""
        alone = 1
        while self._is_needed():
            door = self._meeting.open()
            opener = None if door is not None else self._meeting.join()
            if opener is not None:
                self._desk.close()  # keeps a checkpoint of what was written alone; opens again when it is needed
                _Following(self._own, opener).run()
                alone = 1
            else:
                _Writing(self._own, self._desk, door).run(alone if self._meeting.is_shared and door is None else None)
                alone = min(2 * alone, ALONE_MAX)
        self._desk.close()

    def _is_needed(self) -> bool:
        return self._own.peer.is_open or bool(self._own.frames)


class _Writing:
    """Carries out what comes from the parent, and from whoever joins through the door."""

    def __init__(self, own: _Source, desk: Desk, door: Door | None) -> None:
        self._own = own
        self._desk = desk
        self._door = door
        self._joined: list[_Source] = []
        self._turn = 0  # who comes first where more waits than a batch holds
        self._expected: list[_Source] = []  # that were answered by the newest batch
        self._gathered = 0.0  # when they are waited for no longer
        self._is_at_rest = False  # a process before this one may have left something to do

    def run(self, most: int | None) -> None:
        """Until the parent has closed and is answered; so many batches at most."""
        done = 0
        while self._own.peer.is_open or self._own.frames:
            self._wait()
            if any(source.frames for source in self._sources()):
                self._batch()
                done += 1
                if done == most:
                    return
        self._leave()

    def _sources(self) -> list[_Source]:
        return [self._own, *self._joined]

    def _wait(self) -> None:
        """Until a frame is there: one batch of whatever is waiting, and of those who are on their way back."""
        if not any(source.frames for source in self._sources()):
            if not self._listen(None if self._is_at_rest else REST_SECONDS):
                with suppress(MunimentError):
                    self._is_at_rest = self._desk.rest()
                return
        else:
            self._listen(0)
        while any(source.peer.is_open and not source.frames for source in self._expected):
            left = self._gathered - steady_seconds()
            if left <= 0:
                return
            self._listen(left)

    def _listen(self, seconds: float | None) -> bool:
        """Read what comes within so many seconds; whether something did."""
        open_sources = [source for source in self._sources() if source.peer.is_open]
        peers = [source.peer for source in open_sources]
        doors = [] if self._door is None else self._door.sockets()
        waited_for: list[Any] = [*peers, *doors]
        ready, roomy, _ = select.select(waited_for, [peer for peer in peers if peer.unsent], [], seconds)
        for source in open_sources:
            if source.peer in roomy:
                source.peer.flush()
            if source.peer in ready:
                source.read()
        if self._door is not None:
            self._joined.extend(_Source(peer, is_joined=True) for peer in self._door.let_in(ready))
        self._part()
        return bool(ready)

    def _part(self) -> None:
        """From those who have gone: what they are not answered they carry out themselves, or send again."""
        for source in [one for one in self._joined if not one.peer.is_open or one.peer.unsent > KEPT_MAX]:
            source.peer.close()
            source.frames.clear()
            self._joined.remove(source)

    def _batch(self) -> None:
        self._is_at_rest = False
        taken: list[tuple[_Source, int, list[int]]] = []  # and how many frames, and the numbers of their requests
        requests: list[Request] = []
        sources = self._sources()
        first = self._turn = (self._turn + 1) % len(sources)
        for source in (*sources[first:], *sources[:first]):
            numbers: list[int] = []
            frames = 0
            for body in source.frames:
                if len(requests) >= BATCH_MAX:
                    break
                frames += 1
                for flat in pickle.loads(body):  # noqa: S301 - from our parent, or who has proved to have our keys
                    numbers.append(flat[0])
                    requests.append(_request_of(*flat[1:]))
            if frames:
                taken.append((source, frames, numbers))
        begun = steady_seconds()
        results = iter(self._desk.run(requests))
        over = steady_seconds()
        for source, frames, numbers in taken:
            source.answer(frames, _message([(number, next(results)) for number in numbers]))
        self._expected = [source for source, _, _ in taken]
        self._gathered = over + (over - begun) * GATHER

    def _leave(self) -> None:
        """Let others open the place; say that nothing more is carried out here."""
        if self._door is not None:
            self._door.close()
        for source in self._joined:
            source.peer.send(b"")
        end = steady_seconds() + LEAVE_SECONDS
        leaving = [source.peer for source in self._sources() if source.peer.unsent]
        while leaving and (left := end - steady_seconds()) > 0:
            _, roomy, _ = select.select([], leaving, [], left)
            for peer in roomy:
                peer.flush()
            leaving = [peer for peer in leaving if peer.unsent]
        for source in self._joined:
            source.peer.close()


class _Following:
    """Hands what comes from the parent to the opener, and its answers back."""

    def __init__(self, own: _Source, opener: Peer) -> None:
        self._own = own
        self._opener = opener
        self._heard = steady_seconds()  # since when an answer is awaited, or the newest one

    def run(self) -> None:
        """Until the parent has closed and is answered, or the opener is gone: what is left is for the next one."""
        for body in self._own.frames:
            self._opener.send(body)
        has_left = False
        while self._opener.is_open and not has_left and (self._own.peer.is_open or self._own.frames):
            ready = self._listen()
            if self._own.peer in ready:
                self._hand_over()
            if self._opener in ready:
                has_left = self._hand_back()
            if self._own.frames and steady_seconds() - self._heard > PATIENCE_SECONDS:
                break
        self._opener.close()
        if not has_left:
            self._keep_known()

    def _listen(self) -> list[Any]:
        peers = [peer for peer in (self._own.peer, self._opener) if peer.is_open]
        seconds = max(0.0, self._heard + PATIENCE_SECONDS - steady_seconds()) + 0.01 if self._own.frames else None
        ready, roomy, _ = select.select(peers, [peer for peer in peers if peer.unsent], [], seconds)
        for peer in roomy:
            peer.flush()
        return ready

    def _hand_over(self) -> None:
        if not self._own.frames:
            self._heard = steady_seconds()
        before = len(self._own.frames)
        self._own.read()
        for place in range(before, len(self._own.frames)):
            self._opener.send(self._own.frames[place])

    def _hand_back(self) -> bool:
        """Whether the opener leaves."""
        for answer in self._opener.read():
            if not answer:
                return True
            (frames,) = _ANSWERED.unpack_from(answer)
            for _ in range(frames):
                self._own.frames.popleft()
            self._own.peer.send(answer[_ANSWERED.size :])
            self._heard = steady_seconds()
        return False

    def _keep_known(self) -> None:
        """Of what is not answered keep what can be sent again; the rest fails."""
        flats = [flat for body in self._own.frames for flat in pickle.loads(body)]  # noqa: S301 - from our own parent
        self._own.frames.clear()
        again = [flat for flat in flats if flat[4] is not None]
        lost = [(flat[0], WriterGone()) for flat in flats if flat[4] is None]
        if again:
            self._own.frames.append(pickle.dumps(again, protocol=5))
        if lost:
            self._own.peer.send(pickle.dumps(_message(lost), protocol=5))


def _message(results: Sequence[tuple[int, Result]]) -> tuple[int, str, list[tuple[Any, ...]]]:
    size, checkpoint = 0, ""
    answers: list[tuple[Any, ...]] = []
    for number, result in results:
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
    return size, checkpoint, answers


def _portable(error: Exception) -> Exception:
    """An exception that crosses: ours as it is, a bug by its name and text."""
    if type(error) in (BrokenInput, TooLarge, Unavailable, WriterGone):
        return error
    if isinstance(error, Unavailable):
        return Unavailable(error.reason, error.message)
    return Misuse(f"{type(error).__name__}: {error}")


def _request_of(kind: type, values: Any, actor: Any, command_id: str | None, correlation_id: str | None) -> Request:
    who = Actor(actor[0], ActorKind(actor[1]), *actor[2:])
    return Request(who, kind(*values), command_id, correlation_id)
