"""Counting subjects on the record: the command, its entry kind and its fold.

| kind | schema | subject | payload |
|---|---|---|---|
| subjects.counted | 1 | `log:<name>` | size, subjects, root; `result` repeats them |

`size` is how many entries are counted: all before this one. `root` is that of `ledger.counts.CountTree`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.canonical import b64url
from ledger.counts import COUNTED, Count, CountTree
from ledger.entry import Entry, EntryDraft
from ledger.rows import Folds, FoldView
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

COUNT_AFTER = 100_000  # entries, at least: a proof reads what came since, in about two seconds
COUNT_EVERY = 24 * 3_600 * 1_000_000  # microseconds: so that a quiet log's days can be proved complete one by one

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class CountSubjects:
    """State how many entries every subject of the log has. `name` is the log's short name.

    Reads every subject once while the head is held: about a second for half a million subjects.
    """

    name: str


def commands() -> Commands:
    """The command of this page."""
    return {CountSubjects: CommandSpec("CountSubjects", count_subjects, lambda command: f"log:{command.name}")}


def folds() -> Folds:
    """The fold of this page."""
    return {(COUNTED, 1): _fold_nothing}


def count_subjects(uow: UnitOfWork, command: CountSubjects) -> Done:
    """Done `counted` with {size, subjects, root}."""
    counts = read_counts(uow.query)
    tree = CountTree(counts)
    result = {"size": sum(count.entries for count in counts), "subjects": tree.total, "root": b64url(tree.root)}
    uow.stage(EntryDraft(COUNTED, 1, f"log:{command.name}", {**result, "result": result}))
    return Done("counted", result)


def is_due(now: int, size: int, last: tuple[int, int, int]) -> bool:
    """Whether to count again: a day has gone by, or so many entries that what counting costs is small beside them.

    `last` is (index, `recorded_at` in microseconds, subjects) of the newest count; before there is one, of the entry
    that opened the log, with no subjects. Where nothing was written since, nothing is counted: a count is an entry too.
    """
    index, recorded, subjects = last
    new = size - index - 1
    return new > 0 and (now - recorded >= COUNT_EVERY or new >= max(COUNT_AFTER, subjects))


def read_counts(query: Query) -> list[Count]:
    """Every subject's count as the log stands; the order is the tree's business, databases sort text differently."""
    rows = query("SELECT subject, size, last_leaf FROM subject WHERE log_id = {log}", ())
    return [Count(subject, int(size), bytes(leaf)) for subject, size, leaf in rows]


def _fold_nothing(view: FoldView, entry: Entry) -> None:
    """The entry is the whole record; no row follows from it."""
