"""Feeds on their way: one event loop that gives every webhook feed its turns. The shell around `ledger.delivery`.

A turn leases the feed, sends message after message, and writes what came of each before the next goes out. A runner
that is killed loses a lease, which runs out, and an answer at most: that one message goes out again. Feeds do not wait
for each other, nothing waits for a feed, and what is read is read from views, never inside a transaction that writes.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from api.feeds.choosing import Limits, choice_of, group_at, start_of, window
from api.feeds.commands import RUNNING, EndFeed, LeaseFeed, MoveFeed, letter_of, open_letters
from api.feeds.formats import message_id, parcel
from api.feeds.secrets import keys_of
from api.feeds.sending import Sender
from api.feeds.standing import cursors
from api.feeds.tables import CURSOR, CursorRow
from ledger.actor import SYSTEM
from ledger.clock import SECOND, Clock
from ledger.delivery import Answered, LetterState, Message, Move, Policy, Standing, after, due, plan
from ledger.errors import BrokenInput, MunimentError
from ledger.ids import IdMaker
from ledger.service import Reader, View
from ledger.webhook import sign
from ledger.work import Answer, Done, Request
from versioning.service import Versions

LOOK_SECONDS = 0.25  # between two looks for what is new: entries leave within the second
TURN_SECONDS = 5  # after it the feed is given back, and looked at like every other
LEASE_ROOM_SECONDS = 5  # beyond the time-out of the sink: reading, signing, writing
STOP_SECONDS = 2.0  # for what is under way when it stops
RETRY_SECONDS = 1.0  # pause after the database or the writer could not be reached

logger = logging.getLogger("muniment")


@dataclass(frozen=True, slots=True)
class Links:
    """What delivering works with. `submit` hands a command to the log's writer, from any thread."""

    reader: Reader
    versions: Versions
    submit: Callable[[Request], "Future[Answer]"]
    clock: Clock
    ids: IdMaker
    egress_allow: str
    secrets: Path
    runner: str


class _Step(NamedTuple):
    """What is next: a message to send (or none, and the cursor moves alone), and where the feed stands."""

    feed: dict[str, Any]
    message: Message
    standing: Standing


@dataclass(slots=True)
class Deliverer:
    """Delivers the feeds of one log until it is told to stop."""

    links: Links
    _running: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _sender: Sender = field(init=False)

    async def run(self, is_stopping: Callable[[], bool]) -> None:
        """Look for what is new and give feeds their turns; what is under way when it stops has a moment to finish."""
        self._sender = Sender(self.links.egress_allow)
        try:
            while not is_stopping():
                pause = LOOK_SECONDS
                try:
                    await self._look(is_stopping)
                except MunimentError:
                    pause = RETRY_SECONDS
                except Exception as error:  # a bug in one round must not stop the feeds for good
                    logger.error("unexpected %s in the feeds", type(error).__name__)
                    pause = RETRY_SECONDS
                await asyncio.sleep(pause)
            if self._running:
                _, late = await asyncio.wait(self._running.values(), timeout=STOP_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)
        finally:
            await self._sender.close()

    async def _look(self, is_stopping: Callable[[], bool]) -> None:
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        links = self.links
        with links.reader.view() as view:
            known = {row.feed: row for row in cursors(view)}
            names = links.versions.names(view, "feed")
            wanted = [name for name in names if name not in self._running and self._is_due(view, name, known.get(name))]
        for name in set(known) - set(names):
            if known[name].state != "ended":
                await self._send(EndFeed(name))
        for name in wanted:
            self._running[name] = asyncio.create_task(self._turn(name, is_stopping), name=f"feed {name}")

    def _is_due(self, view: View, name: str, row: CursorRow | None) -> bool:
        """Whether a turn could do anything: cheap, since it is asked four times a second."""
        version = self.links.versions.current(view, "feed", name)
        if version is None or version.value["sink"]["kind"] != "webhook":
            return False
        if row is None or row.version != version.number:
            return True
        if row.state != RUNNING or row.until > view.now or row.next_try_at > view.now:
            return False
        if row.next_idx < view.head.size:
            return True
        return bool(row.letters) and due([letter_of(one) for one in open_letters(view, name)]) is not None

    async def _turn(self, name: str, is_stopping: Callable[[], bool]) -> None:
        try:
            await self._deliver(name, is_stopping)
        except MunimentError:
            await asyncio.sleep(RETRY_SECONDS)  # the lease runs out; nothing was skipped
        except Exception as error:
            logger.error("unexpected %s in feed %s", type(error).__name__, name)
            await asyncio.sleep(RETRY_SECONDS)

    async def _deliver(self, name: str, is_stopping: Callable[[], bool]) -> None:
        links = self.links
        with links.reader.view() as view:
            version = links.versions.current(view, "feed", name)
            if version is None:
                return
            start = 0 if view.get(CURSOR, name) is not None else start_of(view, version.value)
        seconds = version.value["sink"]["time_out_ms"] // 1000 + LEASE_ROOM_SECONDS
        leased = await self._send(LeaseFeed(name, version.number, start, links.runner, seconds))
        token = leased.result.get("token")
        if token is None:
            return
        until = links.clock.monotonic() + TURN_SECONDS * SECOND
        while True:
            step = self._next(name)
            if step is None:
                await self._give_back(name, token)
                return
            move = await self._try(step, name)
            is_last = bool(move.fault) or is_stopping() or links.clock.monotonic() > until
            moved = await self._send(MoveFeed(name, token, move, 0 if is_last else seconds))
            if is_last or moved.outcome != "moved":
                return

    async def _give_back(self, name: str, token: str) -> None:
        with self.links.reader.view() as view:
            row = view.get(CURSOR, name)
        if row is not None and row.token == token:
            standing = Standing(row.trying, row.attempts, row.dead_in_a_row, row.held)
            await self._send(MoveFeed(name, token, Move(None, standing=standing), 0))

    def _next(self, name: str) -> _Step | None:
        """The next message, from one view; None when there is nothing to send and nothing to pass."""
        with self.links.reader.view() as view:
            version = self.links.versions.current(view, "feed", name)
            row = view.get(CURSOR, name)
            if version is None or row is None or version.number != row.version or row.state != RUNNING:
                return None
            feed = version.value
            choice = choice_of(feed)
            standing = Standing(row.trying, row.attempts, row.dead_in_a_row, row.held)
            letters = [letter_of(one) for one in open_letters(view, name)] if row.letters else []
            letter = due(letters)
            if letter is not None:
                group = group_at(view, letter.first, choice)
                done = Message((), row.next_idx, (letter._replace(state=LetterState.DONE.value),))
                return _Step(feed, done if group is None else Message((group,), row.next_idx, (), True), standing)
            read = window(view, row.next_idx, choice, Limits(feed["entries_max"]))
        message = plan(read, letters, standing, feed["entries_max"])
        return None if message is None else _Step(feed, message, standing)

    async def _try(self, step: _Step, name: str) -> Move:
        """Send one message; what follows."""
        feed, message, standing = step
        if not message.groups:
            if message.parks and message.parks[0].state == LetterState.DONE:
                return Move(None, done=message.parks[0].first, standing=standing)
            return Move(message.end, message.parks, standing=standing)
        entries = [entry for group in message.groups for entry in group.entries]
        links = self.links
        with links.reader.view() as view:
            origin, log, seconds = view.origin, view.log.name, view.now // SECOND
        sink = feed["sink"]
        out = parcel(feed["format"], sink["mode"], log, entries)
        try:
            signed = sign(keys_of(links.secrets, sink["secret"]), message_id(origin, name, message), seconds, out.body)
        except BrokenInput:
            answer = Answered("NO_SECRET")
        else:
            answer = await self._sender.post(sink, out, signed)
        retry = feed["retry"]
        policy = Policy(retry["first_ms"] * 1000, retry["longest_ms"] * 1000, retry["attempts_max"])
        move = after(message, answer, standing, policy, links.ids.fraction())
        if move.letters and move.letters[-1].state == LetterState.DEAD:
            first = move.letters[-1].first
            logger.warning("feed %s: entry %d became a dead letter after %s", name, first, answer.fault)
        if move.stops:
            logger.warning("feed %s stopped after %s; replay its dead letters to start it", name, answer.fault)
        return move

    async def _send(self, command: Any) -> Done:
        answer = await asyncio.wrap_future(self.links.submit(Request(SYSTEM, command)))
        assert isinstance(answer.outcome, Done)
        return answer.outcome
