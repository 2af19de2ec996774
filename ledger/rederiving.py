"""Check 12: what the log records as permitted and decided is judged again, entry by entry, as it was known then.

The log is read a second time, in order, in short read transactions. Every entry is shown to the *re-derivers* that the
wiring hands in: they keep the registers as the entries so far made them, and judge an entry that states a permit or a
decision by nothing but what stood before it. Memory does not grow with the log: a re-deriver keeps registers, and what
it needs of an older entry it looks up.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

import orjson

from ledger.errors import BrokenState, MunimentError
from ledger.stored import DatabaseSource, Processes
from ledger.verify.log import Verified
from ledger.verify.report import Fault, Finding, Status

ENTRIES_AT_ONCE = 512  # read in one short transaction
REMEMBERED = 4_096  # entries looked up or just read, kept decoded: about 20 MB; most histories are recent
TOLD_MAX = 20  # parts named in the note; there are about ten kinds of them


class Seen(NamedTuple):
    """A verified entry: its index, the index of its subject's entry before it, its decoded value."""

    index: int  # type: ignore[assignment]  # hides `tuple.index`, as `ledger.entry.Entry` does
    previous: int | None
    value: Mapping[str, Any]


Look = Callable[[int], Seen]
"""An earlier entry by its index; `BrokenState` when there is none."""


class Judged(NamedTuple):
    """One thing derived again. `part` is the same for all of a sort; `expected` and `found` where it failed."""

    part: str
    status: Status
    expected: str = ""
    found: str = ""


class Rederiver(Protocol):
    """Keeps what it needs of the entries it is shown, in order from index 0, and judges those that state something."""

    def take(self, seen: Seen, look: Look) -> Iterator[Judged]:
        """What was derived again from this entry; it rests on entries before it alone."""
        ...

    def end(self) -> Iterator[Judged]:
        """What could be judged only when the last entry was seen."""
        ...


MakeRederivers = Callable[[], Sequence[Rederiver]]
"""Fresh ones for one reading; a function of a module, so that another process can be told of it."""


class Rederiving:
    """One reading of the log by these re-derivers. `note` then says what was derived again and what was not run."""

    def __init__(self, source: DatabaseSource, rederivers: Sequence[Rederiver]) -> None:
        self._source = source
        self._rederivers = rederivers
        self._recent: OrderedDict[int, Seen] = OrderedDict()
        self._passed: dict[str, int] = {}
        self._not_run: dict[str, int] = {}
        self.progress: Callable[[int, int], None] | None = None

    @property
    def note(self) -> str:
        """How many of each part were derived again, and what could not be."""
        told = [f"{count:,} {part}" for part, count in sorted(self._passed.items())[:TOLD_MAX]]
        text = f"derived again: {', '.join(told)}" if told else "no permit and no decision is recorded"
        missed = [f"{count:,} {part}" for part, count in sorted(self._not_run.items())[:TOLD_MAX]]
        return f"{text}; not run: {', '.join(missed)}" if missed else text

    def __call__(self, verified: Verified) -> Finding | None:
        """See `ledger.verify.log.More`."""
        return self.run(verified.size)

    def run(self, size: int) -> Finding | None:
        """Read the first `size` entries; the first thing that is not as derived again."""
        for begin in range(0, size, ENTRIES_AT_ONCE):
            end = min(begin + ENTRIES_AT_ONCE, size)
            for index, previous, _, data in self._source.entries(begin, end):
                seen = Seen(index, previous, orjson.loads(data))
                for rederiver in self._rederivers:
                    if (finding := self._judge(index, rederiver.take(seen, self.look))) is not None:
                        return finding
                self._remember(seen)
            if self.progress is not None:
                self.progress(end, size)
        for rederiver in self._rederivers:
            if (finding := self._judge(size - 1, rederiver.end())) is not None:
                return finding
        return None

    def _judge(self, index: int, judged_now: Iterator[Judged]) -> Finding | None:
        """Count what was derived again; the finding when something failed, or stands in no form that can be judged."""
        try:
            for judged in judged_now:
                if judged.status is Status.FAILED:
                    return Finding(12, Fault.STATE_DRIFT, f"{judged.part}: {judged.expected}", judged.found, index)
                counts = self._passed if judged.status is Status.PASSED else self._not_run
                counts[judged.part] = counts.get(judged.part, 0) + 1
        except (MunimentError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            told = "an entry that can be judged again", f"{type(error).__name__}: {error}"
            return Finding(12, Fault.STATE_DRIFT, *told, index)
        return None

    def look(self, index: int) -> Seen:
        """See `Look`."""
        seen = self._recent.get(index)
        if seen is None:
            rows = self._source.entries(index, index + 1)
            if not rows:
                raise BrokenState(f"expected entry {index}, found none")
            seen = Seen(index, rows[0][1], orjson.loads(rows[0][3]))
            self._remember(seen)
        return seen

    def _remember(self, seen: Seen) -> None:
        self._recent[seen.index] = seen
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)


class Beside:
    """Check 12 in a process of its own while another check runs here: `begin`, and later the call that waits for it."""

    def __init__(self, pool: Processes, make: MakeRederivers) -> None:
        self._pool = pool
        self._make = make
        self._begun: Future[tuple[Finding | None, str]] | None = None
        self.note = ""

    def begin(self, verified: Verified) -> None:
        """Begin to read."""
        self._begun = self._pool.begin(_rederive, (self._make, verified.size))

    def __call__(self, verified: Verified) -> Finding | None:
        """See `ledger.verify.log.More`."""
        if self._begun is None:
            self.begin(verified)
        assert self._begun is not None
        finding, self.note = self._begun.result()
        return finding


def _rederive(source: DatabaseSource, told: tuple[MakeRederivers, int]) -> tuple[Finding | None, str]:
    make, size = told
    again = Rederiving(source, make())
    return again.run(size), again.note
