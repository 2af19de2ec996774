"""Who listens, and the one look at a log that serves all who do.

While anybody listens to a log, one task of the process looks at its head four times a second, on a thread of its own.
It reads of new entries their kinds and subjects, and of a log that grew by more than it reads at once it says that
everything changed. A listener holds the set of topics that changed since it was last told and nothing else: a slow
one is told less often, and no queue grows. Once a second one statement asks which sign-in sessions are still in
force; when a register changed - a suspended person, another password, another policy - each listener is asked again.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from api import problems
from api.identity.standing import in_force
from api.live.topics import INBOX, touched
from api.problem_texts import tell
from api.streams import LEAVING
from ledger.errors import MunimentError
from ledger.service import Reader, View

LOOK_SECONDS = 0.25  # between two looks: so each topic is told of at most four times a second
SESSIONS_SECONDS = 1.0  # between two questions for the sessions in force
BEAT_SECONDS = 15.0  # of silence: proxies end what is silent for half a minute
SCANNED_MAX = 2_000  # entries read at one look: some 20 ms; beyond it everything changed
CHUNK = 250  # entries read by one statement
LISTENERS_OF_ONE_MAX = 8  # by person: a few windows, and what they come back with
LISTENERS_MAX = 256  # of a process: each costs a connection and a few kilobytes

Topics = frozenset[str]
Everything = None
"""In the place of topics: so much changed that nobody looked what."""


@dataclass(eq=False, slots=True)
class Listener:
    """One stream. `may` raises `Refused` when this person may no longer follow these topics. Of one event loop."""

    key: tuple[str, str]  # log and person
    session: str
    topics: Topics
    may: Callable[[View], None]
    size: int
    _pending: set[str] = field(default_factory=set)
    _over: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, topics: Topics | None, size: int) -> None:
        """Something changed, up to this size of the log."""
        changed = self.topics if topics is Everything else self.topics & topics
        self.size = size
        if changed:
            self._pending |= changed
            self._news.set()

    def end(self, why: str = "") -> None:
        """No more is told. `why` goes to the client as the last event: it need not come back as it is."""
        if self._over is None:
            self._over = why
            self._news.set()

    async def next(self) -> bytes | None:
        """What goes out next, a heartbeat after some silence; None at the end."""
        if not self._news.is_set():
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                return b": beat\nid: %d\n\n" % self.size
        self._news.clear()
        if self._over is not None:
            why, self._over = self._over, ""
            self._news.set()
            return _event("ended", {"reason": why}, self.size) if why else None
        topics, self._pending = sorted(self._pending), set()
        return _event("changed", {"size": self.size, "topics": topics}, self.size)


def opened(listener: Listener) -> bytes:
    """The first event: from here on changes are told; what was read before it may be older."""
    return _event("open", {"size": listener.size}, listener.size)


def _event(name: str, data: dict[str, Any], size: int) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (size, name.encode(), orjson.dumps(data))


class Look(NamedTuple):
    """What one look found: the head, what changed (`Everything`), and who is over and why."""

    size: int
    epoch: int
    topics: Topics | None
    over: tuple[tuple[Listener, str], ...]


class Watch:
    """The look at one log, as long as anybody listens. Belongs to an event loop."""

    def __init__(self, reader: Reader, state: Any, pool: ThreadPoolExecutor) -> None:
        self._reader = reader
        self._state = state
        self._pool = pool
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._size = self._epoch = 0
        self._asked = 0.0  # when sessions were asked for, by the loop's clock

    def join(self, listener: Listener, view: View) -> None:
        """Tell this listener what changes from the view on; called in the same step as the view was opened in."""
        if self._task is None or self._task.done():
            self._size, self._epoch = view.head.size, view.register_epoch
            self._task = asyncio.create_task(self._work())
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Tell it no more."""
        self._listeners.discard(listener)

    async def missed(self, listener: Listener, since: int) -> None:
        """Tell what changed between a size of the log and the listener's, who comes back."""
        size = listener.size
        try:
            topics = await asyncio.get_running_loop().run_in_executor(self._pool, self._between, since, size)
        except MunimentError:
            topics = Everything
        listener.tell(topics, listener.size)

    def _between(self, since: int, size: int) -> Topics | None:
        with self._reader.view() as view:
            return between(view, since, size)

    async def _work(self) -> None:
        try:
            while self._listeners and not getattr(self._state, LEAVING, False):
                await self._look()
                await asyncio.sleep(LOOK_SECONDS)
        except Exception as error:
            problems.log_bug(error, "the watch of a log")
        finally:
            for listener in tuple(self._listeners):  # they come back, to this process or another
                listener.end()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        asks = begun - self._asked >= SESSIONS_SECONDS
        try:
            look = await loop.run_in_executor(self._pool, self._found, tuple(self._listeners), asks)
        except MunimentError:  # the database is away: there is nothing to tell, and requests say so themselves
            return
        if asks:
            self._asked = begun
        is_another = look.size < self._size  # an older copy of the log was put in place
        self._size, self._epoch = look.size, look.epoch
        for listener in self._listeners:
            if is_another or look.size > listener.size:  # who came while this was looked for may know it, and more
                listener.tell(look.topics, look.size)
        for listener, why in look.over:
            listener.end(why)

    def _found(self, listeners: tuple[Listener, ...], asks: bool) -> Look:
        with self._reader.view() as view:
            size, epoch = view.head.size, view.register_epoch
            topics = between(view, self._size, size)
            over: list[tuple[Listener, str]] = []
            if asks or epoch != self._epoch:
                standing = in_force(view, [one.session for one in listeners])
                over = [(one, "session") for one in listeners if one.session not in standing]
            if epoch != self._epoch:
                if topics is not Everything:
                    topics |= {INBOX}  # who may take what may be another now
                over += [(one, "access") for one in listeners if not _still_may(one, view)]
        return Look(size, epoch, topics, tuple(over))


def _still_may(listener: Listener, view: View) -> bool:
    try:
        listener.may(view)
    except problems.Refused:
        return False
    return True


def between(view: View, since: int, size: int) -> Topics | None:
    """The topics of entries since..size-1. A log that is smaller than it was is another one: everything changed."""
    if not 0 <= size - since <= SCANNED_MAX:
        return Everything
    return touched(_entries(view, since, size))


def _entries(view: View, since: int, size: int) -> Iterable[tuple[str, str]]:
    for start in range(since, size, CHUNK):
        for row in view.entries(start, min(start + CHUNK, size)):
            value = orjson.loads(row.bytes)
            yield value["kind"], value["subject"]


class Watches:
    """The watches of a process by log, and how many listen. Belongs to its event loop."""

    def __init__(self, state: Any) -> None:
        self._state = state
        self._of: dict[tuple[str, str], int] = {}
        self._by_log: dict[str, Watch] = {}
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")

    def of(self, reader: Reader) -> Watch:
        """The watch of the reader's log."""
        watch = self._by_log.get(reader.log.name)
        if watch is None:
            watch = self._by_log[reader.log.name] = Watch(reader, self._state, self._pool)
        return watch

    def enter(self, key: tuple[str, str]) -> None:
        """Count a listener in; a problem when there are too many."""
        of_one = self._of.get(key, 0)
        if of_one >= LISTENERS_OF_ONE_MAX or self.count() >= LISTENERS_MAX:
            message = tell("fewer-streams")
            raise problems.Refused(problems.problem(429, problems.RATE_LIMITED, message, {}, {"Retry-After": "30"}))
        self._of[key] = of_one + 1

    def leave(self, key: tuple[str, str]) -> None:
        """Count a listener out."""
        left = self._of.pop(key) - 1
        if left:
            self._of[key] = left

    def count(self) -> int:
        """How many are counted in."""
        return sum(self._of.values())


def watches_of(state: Any) -> Watches:
    """The watches of an application, by its state."""
    if not hasattr(state, "watches"):
        state.watches = Watches(state)
    found: Watches = state.watches
    return found
