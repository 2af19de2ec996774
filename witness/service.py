"""The witness at work: a request in, an answer out, and nothing cosigned that is not on the disk.

Every answer is one of the specification's (c2sp.org/tlog-witness): 200, 400, 403, 404, 409, 422; beside them 413 for a
body over the limit and 503 while the database cannot be used. `sign-subtree`, which is optional, is not offered.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ledger.checking import CHECKS
from ledger.clock import SECOND, Clock
from ledger.errors import BrokenInput, TooLarge
from ledger.note import format_note, parse_note
from ledger.policy import Policy, parse_policy
from ledger.witnessing import SIZE_TYPE, parse_add_checkpoint
from witness.book import Book, Contradiction
from witness.judging import Identified, Kept, Turned, identify, judge
from witness.keys import WitnessKeys

TEXT_TYPE = "text/plain; charset=utf-8"
logger = logging.getLogger("muniment")


class Reply(NamedTuple):
    """An answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class Watched:
    """The policy file whose `log` lines name the keys that count; read again whenever it has changed.

    A file that cannot be read any more changes nothing: the list read last counts on, and the log says so once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._mark()
        self._policy = _read_policy(path)

    def policy(self) -> Policy:
        """The policy in force."""
        mark = self._mark()
        if mark != self._seen:
            self._seen = mark
            try:
                self._policy = _read_policy(self._path)
            except BrokenInput as error:
                logger.error("the list of watched logs cannot be read, the former one counts on: %s", error)
        return self._policy

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino


@dataclass(slots=True)
class Witness:
    """One witness; one thread at a time."""

    keys: WitnessKeys
    book: Book
    watched: Callable[[], Policy]
    clock: Clock

    def add_checkpoint(self, body: bytes) -> Reply:
        """The answer to `POST add-checkpoint`; when it is 200, what it says is durable."""
        try:
            asked = parse_add_checkpoint(body)
        except TooLarge as error:
            return _text(413, str(error))
        except BrokenInput as error:
            return _text(400, str(error))
        identified = identify(asked, self.watched(), CHECKS)
        if isinstance(identified, Turned):
            return _text(identified.status, identified.reason)
        decision = _Decision(self.keys, identified, body, self.clock.wall() // SECOND)
        self.book.change(identified.checkpoint.origin, decision)
        return decision.reply

    def checkpoint(self, origin_hash: str) -> Reply:
        """The answer to `GET <origin hash>/checkpoint`: the latest one cosigned, with the log's and our lines."""
        kept = self.book.by_hash(origin_hash)
        if kept is None:
            return _text(404, "nothing was cosigned for this log")
        return Reply(200, TEXT_TYPE, kept.note.encode())


class _Decision:
    """Run inside the book's transaction; `reply` may leave once that is over."""

    def __init__(self, keys: WitnessKeys, identified: Identified, body: bytes, now: int) -> None:
        self._keys = keys
        self._identified = identified
        self._body = body
        self._now = max(now, 1)
        self.reply = _text(503, "not decided")

    def __call__(self, kept: Kept | None) -> Kept | Contradiction | None:
        turned = judge(self._identified, kept)
        new, text = self._identified.checkpoint, self._identified.text
        if turned is None:
            at = self._now if kept is None else max(self._now, kept.at)  # a clock set back takes no statement back
            lines = self._keys.cosign(text, at)
            self.reply = Reply(200, TEXT_TYPE, lines.encode())
            note = self._identified.as_note(parse_note(f"{text}\n{lines}").signatures)
            return Kept(new.size, new.root, format_note(note), at)
        self.reply = _text(turned.status, turned.reason)
        if turned.size is not None:
            self.reply = Reply(turned.status, SIZE_TYPE, f"{turned.size}\n".encode())
        if not turned.contradiction or kept is None:
            return None
        logger.error("%s contradicts itself (%s) at size %d", new.origin, turned.contradiction, new.size)
        theirs = format_note(self._identified.as_note())
        return Contradiction(new.origin, turned.contradiction, kept.note, theirs, self._body, self._now)


def _read_policy(path: Path) -> Policy:
    try:
        return parse_policy(path.read_bytes())
    except OSError as error:
        raise BrokenInput("expected the list of watched logs, found none that can be read", str(path)) from error
    except BrokenInput as error:
        raise BrokenInput(error.message, f"{path}, {error.location}") from error


def _text(status: int, text: str) -> Reply:
    return Reply(status, TEXT_TYPE, f"{text}\n".encode())
