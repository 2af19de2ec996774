"""How a feed goes on: what is sent next, and what an answer leads to. Pure; the shell reads, sends and writes.

A feed is one ordered stream with one message under way. A message holds whole **groups**: of one command all entries
that the feed tells of, never split. The cursor moves past a group only once the sink has accepted it, or once the
group is **held**: a group nobody accepts is a *dead* letter, and whatever comes later for one of its subjects is
*parked* behind it, so that each subject stays in order while all others go on. A replay makes the dead letter *due*,
and with it what waited for it alone; due letters go out in the order of the log before anything newer.

Nothing that is held is ever lost in silence: the cursor states how many letters there are and where the first lies,
and whoever finds fewer goes back to that place (at least once).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.clock import SECOND
from ledger.disclosed import Disclosed

HELD_MAX: Final = 5_000  # subjects of all letters of a feed: a bound on memory; beyond it the feed waits
DEAD_IN_A_ROW_MAX: Final = 3  # dead letters with no acceptance between: then it is the sink, and the feed stops
RETRY_AFTER_MAX: Final = 6 * 3600 * SECOND  # a sink may not silence a feed for longer

GONE: Final = "HTTP_410"
# What says something of the way or of the sink as a whole, and so never makes a letter of one message.
_OF_THE_SINK: Final = frozenset(
    (
        *("UNREACHABLE", "NOT_ALLOWED", "NO_SECRET"),
        *(f"HTTP_{status}" for status in (401, 403, 404, 405, 407, 408, 425, 429, 502, 503, 504)),
    )
)


class Group(NamedTuple):
    """Of the entries first..end-1, one command's, those that the feed tells of; `subjects` are theirs."""

    first: int
    end: int
    subjects: tuple[str, ...]
    entries: tuple[Disclosed, ...]


class LetterState(StrEnum):
    """`dead`: not accepted. `parked`: behind a dead one. `due`: to be sent. `done`: over."""

    DEAD = "dead"
    PARKED = "parked"
    DUE = "due"
    DONE = "done"


class Letter(NamedTuple):
    """A group the cursor has passed and no sink has accepted."""

    first: int
    end: int
    subjects: tuple[str, ...]
    state: str


class Window(NamedTuple):
    """What was read from the cursor on: whole groups in order, and the index behind all that was looked at."""

    start: int
    groups: tuple[Group, ...]
    end: int


class Message(NamedTuple):
    """What to send (no groups: nothing, but the cursor moves). `end` is the cursor once it is accepted."""

    groups: tuple[Group, ...]
    end: int
    parks: tuple[Letter, ...] = ()
    is_letter: bool = False


class Policy(NamedTuple):
    """Microseconds between tries, and after how many a message becomes a dead letter."""

    first: int
    longest: int
    attempts_max: int


class Standing(NamedTuple):
    """Where a feed stands: the message being tried by its first index, its tries so far, dead letters in a row."""

    trying: int
    attempts: int
    dead_in_a_row: int
    held: int  # subjects of its letters


class Answered(NamedTuple):
    """What the sink said: no `fault` is an acceptance; `retry_after` in microseconds, None when it said nothing."""

    fault: str = ""
    retry_after: int | None = None


class Move(NamedTuple):
    """What follows from an answer. `cursor` None stays where it is; `wait` is in microseconds."""

    cursor: int | None
    letters: tuple[Letter, ...] = ()
    done: int | None = None
    standing: Standing = Standing(0, 0, 0, 0)
    wait: int = 0
    fault: str = ""
    sent: int = 0
    stops: bool = False


def settled(letters: Sequence[Letter]) -> tuple[Letter, ...]:
    """The letters in order with their states as they follow from the dead ones: parked behind one, else due."""
    blocked: set[str] = set()
    found = []
    for letter in sorted(letters):
        state = letter.state
        if state != LetterState.DEAD:
            state = LetterState.DUE.value if blocked.isdisjoint(letter.subjects) else LetterState.PARKED.value
        if state != LetterState.DUE:
            blocked.update(letter.subjects)
        found.append(letter._replace(state=state))
    return tuple(found)


def due(letters: Sequence[Letter]) -> Letter | None:
    """The letter to send now."""
    return min((letter for letter in letters if letter.state == LetterState.DUE), default=None)


def plan(window: Window, letters: Sequence[Letter], standing: Standing, entries_max: int) -> Message | None:
    """The next message of what is newer than the cursor; None when nothing can move.

    After a failure a message holds one group, so that it is known which one the sink does not take.
    """
    held = {subject for letter in letters for subject in letter.subjects}
    room = HELD_MAX - sum(len(letter.subjects) for letter in letters)
    chosen: list[Group] = []
    parks: list[Letter] = []
    count, end = 0, window.start
    for group in window.groups:
        if held.isdisjoint(group.subjects):
            if chosen and (standing.attempts or count + len(group.entries) > entries_max):
                break
            chosen.append(group)
            count += len(group.entries)
        else:
            room -= len(group.subjects)
            if room < 0:
                break
            held.update(group.subjects)
            parks.append(Letter(group.first, group.end, group.subjects, LetterState.PARKED.value))
        end = group.end
    else:
        end = window.end
    return None if end == window.start and not chosen else Message(tuple(chosen), end, tuple(parks))


def after(message: Message, answer: Answered, standing: Standing, policy: Policy, fraction: float) -> Move:
    """What an answer leads to. `fraction` from 0 to 1 is the jitter's."""
    if not answer.fault:
        first = message.groups[0].first if message.is_letter else None
        sent = sum(len(group.entries) for group in message.groups)
        cursor = None if message.is_letter else message.end
        return Move(cursor, message.parks, first, Standing(0, 0, 0, standing.held), sent=sent)
    group = message.groups[0]
    attempts = standing.attempts + 1 if standing.trying == group.first else 1
    fits = message.is_letter or standing.held + len(group.subjects) <= HELD_MAX
    if fits and _is_dead(message, answer.fault, attempts, policy):
        return _dead(message, answer.fault, standing)
    wait = pause(policy, attempts, fraction, answer.retry_after)
    tried = Standing(group.first, attempts, standing.dead_in_a_row, standing.held)
    return Move(None, standing=tried, wait=wait, fault=answer.fault)


def pause(policy: Policy, attempts: int, fraction: float, asked: int | None) -> int:
    """Microseconds to the next try: exponential with full jitter, never less than the sink asked for (both capped)."""
    ceiling = min(policy.longest, policy.first << min(attempts - 1, 40))
    return max(int(ceiling * fraction), min(asked or 0, RETRY_AFTER_MAX))


def _is_dead(message: Message, fault: str, attempts: int, policy: Policy) -> bool:
    if fault == GONE:
        return True
    is_redirect = fault.startswith("HTTP_3")
    return (
        len(message.groups) == 1 and fault not in _OF_THE_SINK and not is_redirect and attempts >= policy.attempts_max
    )


def _dead(message: Message, fault: str, standing: Standing) -> Move:
    """The first group becomes a dead letter, and what was parked before it stays parked."""
    group = message.groups[0]
    dead = Letter(group.first, group.end, group.subjects, LetterState.DEAD.value)
    in_a_row = standing.dead_in_a_row + 1
    return Move(
        cursor=None if message.is_letter else group.end,
        letters=(*[letter for letter in message.parks if letter.first < group.first], dead),
        standing=Standing(0, 0, in_a_row, standing.held),
        fault=fault,
        stops=fault == GONE or in_a_row >= DEAD_IN_A_ROW_MAX,
    )
