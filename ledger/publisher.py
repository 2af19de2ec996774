"""The publisher: shows what was committed. The shell around `ledger.publishing`; no rules here.

    1  what is published, what is committed; nothing more to do when they are the same size
    2  the lease of this log's publisher
    3  the new entries, read again and hashed again, in steps; full tiles are kept as they come
    4  `Publish`: note, the last tiles and the published size, by compare-and-swap
    5  the mark elsewhere, and the contributors, each on a thread of its own

It may be killed anywhere: before 4 nothing was shown, and full tiles kept ahead never change; after 4 whoever comes
next finds which contributor is behind. Entries that do not hash to their leaves, or to the root that was signed, are
not published: that is told as an alarm, once, and everything else goes on.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.actor import SYSTEM
from ledger.errors import BrokenState, MunimentError, Unavailable
from ledger.leasing import TakeLease
from ledger.publication import (
    PUBLISHED_SIZE,
    AddLines,
    Contributor,
    KeepTiles,
    Publication,
    Publish,
    Tile,
)
from ledger.publication_tables import PUBLISHED, REACHED, TILE, TileRow
from ledger.publishing import begin, edge_names, finish, grow
from ledger.reading import Reader, View
from ledger.refusal import Refusal
from ledger.work import Answer, Done, Request

EVERY_SECONDS = 1.0
PAGE = 1_024  # entries read at once: about 2 MB
STEP = 16_384  # entries whose full tiles are kept by one command: half a megabyte
LEASE = "publisher"
LEASE_SECONDS = 3  # longer than a step takes; a publisher that died is waited for no longer
RETRY_SECONDS = 5.0  # between tries of a contributor that failed
STOP_SECONDS = 2.0  # how long a stop waits for contributors under way

logger = logging.getLogger("muniment")

Submit = Callable[[list[Request]], list[Answer]]
Mark = Callable[[Publication], None]
"""Keeps a mark of a publication outside the database; raises `MunimentError` when it cannot."""


class _State(NamedTuple):
    size: int
    note: str | None
    rows: tuple[TileRow, ...]
    head_size: int
    head_note: str


class Alarm:
    """Tells of an outage once when it begins and once when it is over."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_on = False

    def on(self, why: object) -> None:
        """The outage goes on."""
        if not self._is_on:
            logger.error("publication: %s: %s", self._what, why)
        self._is_on = True

    def off(self) -> None:
        """It works."""
        if self._is_on:
            logger.warning("publication: %s: works again", self._what)
        self._is_on = False


@dataclass(slots=True)
class Publisher:
    """The publisher of one log. `name` tells publishers apart in the lease."""

    name: str
    submit: Submit
    reader: Reader
    contributors: Sequence[Contributor] = ()
    mark: Mark | None = None
    told: Callable[[], None] = lambda: None  # called when the lines of a contributor are kept
    _alarm: Alarm = field(default_factory=lambda: Alarm("stopped, nothing is published"))
    _marking: Alarm = field(default_factory=lambda: Alarm("no mark was kept"))
    _hands: tuple["_Hand", ...] = ()

    def start(self) -> None:
        """Start the contributors, with what was published before this process."""
        self._hands = tuple(_Hand(one, self._keep) for one in self.contributors)
        try:
            publication, reached = self._newest()
        except MunimentError:  # the database is away for now: the next publication comes to them all the same
            return
        if publication is not None:
            for hand in self._hands:
                if reached.get(hand.name, 0) < publication.size:
                    hand.offer(publication)

    def stop(self) -> None:
        """Publish what is left; contributors end with what they have under way, or are left behind after a moment.
        Whoever comes next need not wait for the lease to run out."""
        try:
            self.round()
        except MunimentError as error:
            logger.error("publication: the last round failed: %s", error)
        for hand in self._hands:
            hand.stop()
        with suppress(MunimentError):  # then it runs out by itself
            self._send(TakeLease(LEASE, self.name, 0))

    def round(self) -> bool:
        """Publish what is new; whether there was something, and it is published."""
        state = self._state()
        if state.head_size == state.size or not self._is_ours():
            return False
        try:
            publication = self._publish(state)
        except BrokenState as error:
            self._alarm.on(error)
            return False
        self._alarm.off()
        if publication is None:
            return False
        self._keep_mark(publication)
        for hand in self._hands:
            hand.offer(publication)
        return True

    def _publish(self, state: _State) -> Publication | None:
        """None when another publisher was first."""
        edge = begin(state.note, state.size, state.rows)
        if state.head_size < state.size:
            raise BrokenState(f"expected a log of at least size {state.size}, which is published; found a smaller one")
        tiles: list[Tile] = []
        for start in range(state.size, state.head_size, PAGE):
            leaves = self._leaves(start, min(start + PAGE, state.head_size))
            tiles += grow(edge, leaves)
            if len(tiles) * 256 >= STEP and edge.size < state.head_size:
                self._send(KeepTiles(tuple(tiles)))
                tiles.clear()
                self._is_ours()
        publication, last = finish(edge, state.head_note, self._origin())
        done = self._send(Publish(state.size, publication, (*tiles, *last)))
        return publication if done.outcome == "published" else None

    def _leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes, each hashed again from the bytes beside it; a view of its own, so that none stays open long."""
        with self.reader.view() as view:
            rows = view.entries(start, end)
        if [row.idx for row in rows] != list(range(start, end)):
            raise BrokenState(f"expected entries {start} to {end - 1}, found {len(rows)} of them")
        return [row.leaf_hash for row in rows]

    def _origin(self) -> str:
        return self.reader.log.origin

    def _state(self) -> _State:
        with self.reader.view() as view:
            return _state_of(view)

    def _is_ours(self) -> bool:
        return self._send(TakeLease(LEASE, self.name, LEASE_SECONDS)).outcome == "held"

    def _keep_mark(self, publication: Publication) -> None:
        if self.mark is None:
            return
        try:
            self.mark(publication)
        except MunimentError as error:
            self._marking.on(error)
        else:
            self._marking.off()

    def _newest(self) -> tuple[Publication | None, dict[str, int]]:
        with self.reader.view() as view:
            state = _state_of(view)
            reached = {
                one.name: 0 if (row := view.get(REACHED, one.name)) is None else row.size for one in self.contributors
            }
        if state.note is None:
            return None, reached
        return Publication(state.size, state.note[: state.note.rindex("\n\n") + 1], state.note), reached

    def _keep(self, lines: AddLines) -> Done:
        done = self._send(lines)
        self.told()
        return done

    def _send(self, command: object) -> Done:
        (answer,) = self.submit([Request(SYSTEM, command)])
        if isinstance(answer.outcome, Refusal):
            raise Unavailable("PUBLISHER", f"the writer refused: {answer.outcome.message}")
        return answer.outcome


def _state_of(view: View) -> _State:
    reached = view.get(REACHED, PUBLISHED_SIZE)
    size = 0 if reached is None else reached.size
    row = view.get(PUBLISHED, size) if size else None
    tiles = [view.get(TILE, *name) for name in edge_names(size)]
    rows = tuple(tile for tile in tiles if tile is not None)
    return _State(size, None if row is None else row.note, rows, view.head.size, view.head.checkpoint)


class _Hand:
    """A contributor on a thread of its own: slow or broken, it delays itself alone. It is given the newest only."""

    def __init__(self, contributor: Contributor, send: Callable[[AddLines], Done]) -> None:
        self.name = contributor.name
        self._contributor = contributor
        self._send = send
        self._newest: Publication | None = None
        self._changed = threading.Condition()
        self._is_stopping = False
        self._alarm = Alarm(f"contributor {self.name}")
        self._thread = threading.Thread(target=self._work, daemon=True, name=f"contributor-{self.name}")
        self._thread.start()

    def offer(self, publication: Publication) -> None:
        """Something to sign; what was offered before and not begun is passed over."""
        with self._changed:
            self._newest = publication
            self._changed.notify()

    def stop(self) -> None:
        """Wait a moment for what is under way. The next process goes on where `REACHED` says."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while (publication := self._take()) is not None:
            try:
                lines = tuple(self._contributor.contribute(publication))
                self._send(AddLines(lines, self.name, publication.size))
            except MunimentError as error:
                self._fail(publication, error)
            except Exception as error:
                self._fail(publication, f"unexpected {type(error).__name__}")
            else:
                self._alarm.off()

    def _take(self) -> Publication | None:
        with self._changed:
            while self._newest is None and not self._is_stopping:
                self._changed.wait()
            if self._is_stopping:
                return None
            publication, self._newest = self._newest, None
            return publication

    def _fail(self, publication: Publication, why: object) -> None:
        self._alarm.on(why)
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopping, RETRY_SECONDS)
            if self._newest is None:
                self._newest = publication


class PublisherThread:
    """A publisher on a thread: a round a second until it is told to stop."""

    def __init__(self, publisher: Publisher, every: float = EVERY_SECONDS) -> None:
        self._publisher = publisher
        self._every = every
        self._stopping = threading.Event()
        self._nudged = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="publisher")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def nudge(self) -> None:
        """Do not wait for the next round: somebody waits for what is new. From any thread."""
        self._nudged.set()

    def stop(self) -> None:
        """Publish what is left, then end."""
        self._stopping.set()
        self._nudged.set()
        self._thread.join()

    def _work(self) -> None:
        away = Alarm("cannot reach the log")
        self._publisher.start()
        while not self._stopping.is_set():
            self._nudged.wait(self._every)
            self._nudged.clear()
            try:
                self._publisher.round()
                away.off()
            except MunimentError as error:  # the database or the writer is away: the next round comes
                away.on(error)
            except Exception as error:
                away.on(f"unexpected {type(error).__name__}")
        self._publisher.stop()
