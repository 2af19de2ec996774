"""One clock. An instant is an integer: microseconds since 1970-01-01T00:00:00Z, without leap seconds.

As text an instant is RFC 3339 UTC with six fractional digits: `2026-11-22T21:13:08.000000Z`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, NewType, Protocol

from ledger.errors import BrokenInput, Unavailable
from ledger.refusal_texts import why

Instant = NewType("Instant", int)

SECOND = 1_000_000
LAG_MAX = 2 * SECOND  # a clock this far behind the head is waited out by taking the head's time
JUMP_MAX = 60 * SECOND  # wall clock minus monotonic clock of one process may not grow or shrink by more

# A clock that stood still while the machine slept would make every waking look like a jump of the wall clock.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_BARE = _EPOCH.replace(tzinfo=None)  # prints without an offset


steady_seconds: Callable[[], float] = time.monotonic
"""Seconds of a clock that no one sets, for limits on how long something may take: nothing recorded rests on it. The
very function of the machine, so that reading it costs no call more."""


class Clock(Protocol):
    """Where time comes from; handed in, never imported."""

    def wall(self) -> Instant:
        """The wall clock."""
        ...

    def monotonic(self) -> int:
        """Microseconds of a clock that no one sets."""
        ...


class SystemClock:
    """The machine's clock."""

    def wall(self) -> Instant:
        return Instant(time.time_ns() // 1000)

    def monotonic(self) -> int:
        return time.clock_gettime_ns(_STEADY) // 1000


class ToldClock:
    """A clock that is told the time, never backwards and never past the clock it stands before.

    A demo organisation is given a history with it (`api.wiring.build_writer` asks for the mark). Its steady reading
    moves with it: time that is told is no jump.
    """

    def __init__(self, clock: Clock, begins: Instant) -> None:
        self._clock = clock
        self._told = begins
        self.tell(begins)

    def tell(self, instant: Instant) -> None:
        """It is now this instant; `BrokenInput` for one before the last or in the future."""
        if not self._told <= instant <= self._clock.wall():
            raise BrokenInput("expected an instant from the last one told to now")
        self._told = instant

    def wall(self) -> Instant:
        return self._told

    def monotonic(self) -> int:
        return self._told


class Confirmation(NamedTuple):
    """The newest confirmation of a log's clock: the index of its entry, and the instant it confirmed."""

    at: int
    instant: Instant


class Jump(NamedTuple):
    """A clock that has jumped, as a process noticed it: by how much, what it said then, and the steady clock of the
    machine since its `boot` ("" where that is not known). `at`: the index of its entry."""

    moved: int
    wall: Instant
    steady: int
    boot: str
    at: int = -1

    @property
    def offset(self) -> int:
        """What the clock was ahead of the steady one before it jumped."""
        return self.wall - self.moved - self.steady


class Recorded(NamedTuple):
    """What a log says of its clock: the newest confirmation, and the newest jump that nobody has confirmed since."""

    confirmed: Confirmation | None = None
    jumped: Jump | None = None


def machine_boot() -> str:
    """What is different each time the machine is started, and the same for all its processes; "" where it is not
    told. The steady clock counts from then."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


class LedgerClock:
    """The `now` of a batch: never before the head, never after an unexplained jump (architecture, invariant 8).

    A jump, forward or back, is known to the process that lived through it alone: its steady clock went on as before.
    What ends its refusal is that the clock is set right, or a confirmation in the log (`clock.confirmed`, written by
    any process) from after the jump: not older, by the clock as it is now, than the last moment at which this process
    knew the clock to be right. After a clock was put back it also has to lie after what the log was then, since those
    of before look newer than they are.

    A process that began behind the newest entry has never known its clock to be right: set right, it did not jump.

    A jump goes on record when it is noticed (`unrecorded`, which the writer takes). So a process that begins after it
    on the same machine since the same `boot` holds its clock against what that of before was: a restart ends nothing.
    """

    def __init__(self, clock: Clock, boot: str = "") -> None:
        self._clock = clock
        self._boot = boot
        self._has_begun = False
        self.unrecorded: Jump | None = None
        self._right = clock.wall()  # the last reading without a jump
        self._offset = self._right - clock.monotonic()
        self._size = 0  # of the log at that reading
        self._was_right = False  # whether the log ever agreed
        self._began_behind = False

    def now(self, head_recorded_at: Instant, recorded: Callable[[], Recorded] = Recorded, size: int = 0) -> Instant:
        """max(clock, head.recorded_at); `Unavailable` with CLOCK_BEHIND or CLOCK_JUMPED when that would lie.

        `recorded` looks up what the log says of its clock, which has `size` entries; it is asked when the process
        begins and after a jump.
        """
        wall = self._not_behind(head_recorded_at)
        if not self._has_begun:
            self._begin(recorded().jumped if self._boot else None)
        steady = self._clock.monotonic()
        moved = wall - steady - self._offset
        if self._began_behind:
            self._offset, self._began_behind = wall - steady, False
        elif abs(moved) > JUMP_MAX:
            known = recorded()
            if not self._is_confirmed(moved, known.confirmed):
                if known.jumped is None or known.jumped.at < self._size or known.jumped.boot != self._boot:
                    self.unrecorded = Jump(moved, wall, steady, self._boot)
                raise Unavailable("CLOCK_JUMPED", why("clock-jumped") if moved > 0 else why("clock-put-back"))
            self._offset = wall - steady
        self._right, self._size, self._was_right = wall, size, True
        return max(wall, head_recorded_at)

    def confirmed(self, head_recorded_at: Instant) -> Instant:
        """The `now` of who confirms the clock as it is; `Unavailable` with CLOCK_BEHIND for one before the head."""
        wall = self._not_behind(head_recorded_at)
        self._offset, self._has_begun, self._began_behind = wall - self._clock.monotonic(), True, False
        return max(wall, head_recorded_at)

    def _not_behind(self, head_recorded_at: Instant) -> Instant:
        wall = self._clock.wall()
        if head_recorded_at - wall > LAG_MAX:
            self._began_behind = not self._was_right
            raise Unavailable("CLOCK_BEHIND", why("clock-behind"))
        return wall

    def _begin(self, jumped: Jump | None) -> None:
        """Hold the clock against what it was before a jump on this machine that nobody has confirmed."""
        self._has_begun = True
        if jumped is not None and jumped.boot == self._boot:
            self._offset, self._right = jumped.offset, Instant(jumped.wall - jumped.moved)
            self._size, self._began_behind = jumped.at, False

    def _is_confirmed(self, moved: int, last: Confirmation | None) -> bool:
        if last is None or last.instant < self._right + moved:
            return False
        return moved > 0 or last.at >= self._size


def instant_text(instant: Instant) -> str:
    """RFC 3339, UTC, six fractional digits."""
    seconds, rest = divmod(instant, SECOND)
    return f"{_second_text(seconds)}.{rest:06}Z"


@lru_cache(maxsize=256)  # instants that are told one after the other share their second
def _second_text(seconds: int) -> str:
    return (_EPOCH_BARE + timedelta(seconds=seconds)).isoformat()


def moment_of(instant: int) -> datetime:
    """The instant as a date and time in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


@lru_cache(maxsize=256)
def parse_instant(text: str) -> Instant:
    """Exactly the form `instant_text` prints; anything else is `BrokenInput`."""
    # The entries of a batch share their time: remembering the last texts saves most of a replay's parsing.
    try:
        instant = Instant(_second_of(text[:19]) * SECOND + int(text[20:-1]))  # takes more than the form: see below
        printed = instant_text(instant)
    except (ValueError, OverflowError) as error:
        raise BrokenInput(why("instant-such-as")) from error
    if printed != text:
        raise BrokenInput(why("instant-digits"))
    return instant


@lru_cache(maxsize=256)
def _second_of(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=None) - _EPOCH_BARE) // timedelta(seconds=1)
