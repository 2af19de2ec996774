"""Commands of feeds: the runner leases a feed and moves its cursor, an operator replays a dead letter.

Leasing and moving write operational rows alone. A lease that is held or lost is an answer, not a refusal: it happens
whenever two runners work, and refusals stand on record. A replay is somebody's act, and is an entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from api.feeds.entries import FEED_REPLAYED
from api.feeds.tables import CURSOR, KEPT_DAYS, LETTER, NEVER, CursorRow, LetterRow
from api.refusal_texts import why
from ledger.actor import ActorKind
from ledger.clock import SECOND
from ledger.delivery import Letter, LetterState, Move, settled
from ledger.entry import Entry, EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds, FoldView
from ledger.wording import as_it_is
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork
from rbac.permission import WHOLE, Action, Object
from rbac.service import Access

RUNNING, STOPPED, ENDED = "running", "stopped", "ended"
LEASE_SECONDS_MAX = 120
KEPT = KEPT_DAYS * 86_400 * SECOND

_SYSTEM_ONLY = Refusal(Reason.DENIED, why("not-the-runner"))
_NOT_FOUND = Refusal(Reason.NOT_FOUND, why("no-dead-letter"))
_OPEN_LETTERS = (
    f"SELECT {', '.join(LetterRow._fields)} FROM feed_letter "
    "WHERE log_id = {log} AND feed = ? AND state <> 'done' ORDER BY idx"
)


@dataclass(frozen=True, slots=True)
class LeaseFeed:
    """Take a feed for some seconds. `start`: the index to begin with where no cursor is known."""

    feed: str
    version: int
    start: int
    runner: str
    seconds: int


@dataclass(frozen=True, slots=True)
class MoveFeed:
    """Write what came of a message, under the lease, and lengthen it; 0 `seconds` gives it back."""

    feed: str
    token: str
    move: Move
    seconds: int


@dataclass(frozen=True, slots=True)
class EndFeed:
    """The feed was retired: its letters are dropped, and put in force again it begins before them."""

    feed: str


@dataclass(frozen=True, slots=True)
class ReplayLetter:
    """Send a dead letter again, and what waits behind it; starts a stopped feed."""

    feed: str
    first: int


def commands(access: Access) -> Commands:
    """Every command of feeds."""

    def replay(uow: UnitOfWork, command: ReplayLetter) -> Done | Refusal:
        return replay_letter(access, uow, command)

    return {
        LeaseFeed: CommandSpec("LeaseFeed", lease_feed, _subject, after_seal=True),
        MoveFeed: CommandSpec("MoveFeed", move_feed, _subject, after_seal=True),
        EndFeed: CommandSpec("EndFeed", end_feed, _subject, after_seal=True),
        ReplayLetter: CommandSpec("ReplayLetter", replay, _subject),
    }


def folds() -> Folds:
    """Every fold of feeds."""
    return {(FEED_REPLAYED, 1): _fold_nothing}


def open_letters(rows: Rows, feed: str) -> list[LetterRow]:
    """The letters of a feed in order."""
    return [LetterRow._make(row) for row in rows.query(_OPEN_LETTERS, (feed,))]


def letter_of(row: LetterRow) -> Letter:
    """A letter as the planner knows it."""
    return Letter(row.idx, row.upto, tuple(orjson.loads(row.subjects)), row.state)


def lease_feed(uow: UnitOfWork, command: LeaseFeed) -> Done | Refusal:
    """Done `leased` with {token}, or `held` while somebody else has it."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return _SYSTEM_ONLY
    row = uow.get(CURSOR, command.feed)
    if row is not None and row.until > uow.now:
        return Done("held")
    letters = open_letters(uow, command.feed)
    if row is None:
        row = _new(command, uow.now)
    if len(letters) != row.letters:
        # Letters were lost, or the cursor was: go back to before whatever was held, and hold nothing.
        for letter in letters:
            uow.put(LETTER, letter._replace(state=LetterState.DONE.value, over_at=uow.now))
        back = min(row.next_idx, row.low)
        row = row._replace(next_idx=back, low=back, letters=0, held=0, attempts=0)
    if row.version != command.version or row.state == ENDED:
        # Another version may reach where this one did not: it is tried at once.
        row = row._replace(
            version=command.version, state=RUNNING, over_at=NEVER, attempts=0, dead_in_a_row=0, next_try_at=0
        )
    until = uow.now + _seconds(command.seconds) * SECOND
    row = row._replace(holder=command.runner, token=uow.ids.random("le_"), until=until)
    uow.put(CURSOR, row)
    return Done("leased", {"token": row.token})


def move_feed(uow: UnitOfWork, command: MoveFeed) -> Done | Refusal:
    """Done `moved`, or `lost` when the lease is not this one any more: nothing is written then."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return _SYSTEM_ONLY
    row = uow.get(CURSOR, command.feed)
    if row is None or not command.token or row.token != command.token or row.until <= uow.now:
        return Done("lost")
    move = command.move
    standing = move.standing
    row = row._replace(
        next_idx=row.next_idx if move.cursor is None else move.cursor,
        trying=standing.trying,
        attempts=standing.attempts,
        dead_in_a_row=standing.dead_in_a_row,
        next_try_at=uow.now + move.wait if move.wait else 0,
        failing_since=(row.failing_since or uow.now) if move.fault else 0,
        fault=move.fault,
        state=STOPPED if move.stops else row.state,
        sent=row.sent + move.sent,
        until=uow.now + _seconds(command.seconds) * SECOND if command.seconds else 0,
        moved_at=uow.now,
    )
    letters = open_letters(uow, command.feed) if row.letters or move.letters else []
    uow.put(CURSOR, _lay(uow, row, letters, move))
    return Done("moved")


def end_feed(uow: UnitOfWork, command: EndFeed) -> Done | Refusal:
    """Done `ended`; nothing to do is an answer too."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return _SYSTEM_ONLY
    row = uow.get(CURSOR, command.feed)
    if row is None or row.state == ENDED or row.until > uow.now:
        return Done("kept")
    for letter in open_letters(uow, command.feed):
        uow.put(LETTER, letter._replace(state=LetterState.DONE.value, over_at=uow.now))
    back = min(row.next_idx, row.low)
    uow.put(
        CURSOR, row._replace(state=ENDED, next_idx=back, low=back, letters=0, held=0, fault="", over_at=uow.now + KEPT)
    )
    return Done("ended")


def replay_letter(access: Access, uow: UnitOfWork, command: ReplayLetter) -> Done | Refusal:
    """Done `replayed` with {feed, first, end}; only a dead letter is replayed."""
    permit = access.check(uow, uow.actor, WHOLE, Object.FEED.value, Action.REPLAY.value)
    if isinstance(permit, Refusal):
        return permit
    row = uow.get(CURSOR, command.feed)
    letters = open_letters(uow, command.feed)
    found = next((letter for letter in letters if letter.idx == command.first), None)
    if row is None or found is None:
        return _NOT_FOUND
    if found.state != LetterState.DEAD:
        return Refusal(Reason.WRONG_STATE, why("dead-letter-state", state=as_it_is(found.state)))
    result = {"feed": command.feed, "first": found.idx, "end": found.upto}
    draft = EntryDraft(FEED_REPLAYED, 1, _subject(command), {**result, "result": result})
    uow.stage(draft._replace(basis={"permit": permit.as_basis()}))
    due = found._replace(state=LetterState.DUE.value)
    letters = [due if letter is found else letter for letter in letters]
    row = row._replace(state=RUNNING, next_try_at=0, attempts=0, dead_in_a_row=0)
    uow.put(LETTER, due)
    uow.put(CURSOR, _lay(uow, row, letters, Move(None)))
    return Done("replayed", result)


def _lay(uow: UnitOfWork, row: CursorRow, letters: Sequence[LetterRow], move: Move) -> CursorRow:
    """Write the letters as they stand after a move; the cursor that counts them."""
    now = uow.now
    known = {letter.idx: letter for letter in letters}
    if move.done is not None and move.done in known:
        uow.put(LETTER, known.pop(move.done)._replace(state=LetterState.DONE.value, over_at=now))
    made = [letter_of(letter) for letter in known.values() if letter.idx not in {one.first for one in move.letters}]
    for letter in settled([*made, *move.letters]):
        before = known.get(letter.first)
        subjects = orjson.dumps(letter.subjects).decode()
        is_dead = letter.state == LetterState.DEAD
        fault = move.fault if is_dead and letter in move.letters else before.fault if is_dead and before else ""
        held_at = now if before is None else before.held_at
        after = LetterRow(row.feed, letter.first, letter.end, subjects, letter.state, fault, held_at, NEVER)
        if before != after:
            uow.put(LETTER, after)
        known[letter.first] = after
    held = sum(len(orjson.loads(letter.subjects)) for letter in known.values())
    # A letter that was lost stays counted, and `low` where it was: the next lease finds the count wrong.
    lost = row.letters - len(letters)
    low = row.low if lost else min(known, default=row.next_idx)
    return row._replace(letters=len(known) + lost, held=held, low=low)


def _new(command: LeaseFeed, now: int) -> CursorRow:
    start = command.start
    numbers = {"letters": 0, "held": 0, "low": start, "trying": 0, "attempts": 0, "dead_in_a_row": 0}
    times = {"next_try_at": 0, "failing_since": 0, "until": 0, "moved_at": now, "over_at": NEVER}
    texts = {"fault": "", "state": RUNNING, "holder": "", "token": ""}
    return CursorRow(feed=command.feed, version=command.version, next_idx=start, sent=0, **numbers, **times, **texts)  # type: ignore[arg-type]


def _seconds(seconds: int) -> int:
    return max(1, min(seconds, LEASE_SECONDS_MAX))


def _subject(command: LeaseFeed | MoveFeed | EndFeed | ReplayLetter) -> str:
    return f"feed:{command.feed}"


def _fold_nothing(view: FoldView, entry: Entry) -> None:
    """The entry is the whole record; that the letter is due again is an operational row."""
