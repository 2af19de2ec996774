"""What the engine writes for a case, made anew: the rows of the limits beside it.

    record     two cases go through the product, one command a batch (`bench.recording`)
    compare    what differs between the two is of one case: texts by its ids, indexes of entries, instants, hashes
    make       the commits of as many new cases as a round needs, before its clock runs

Nothing here knows what a table holds: one that the product writes tomorrow is in the limit tomorrow.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from bench.office import STEPS
from bench.recording import Key, Recorded, Step, Values, Written, keyed
from ledger.canonical import b64url
from ledger.ids import IdMaker
from ledger.rows import Table
from ledger.tables import ENTRY

BETWEEN = 1_000  # microseconds from one case to the next: no two have the same instants, as with the product


class Put(NamedTuple):
    """How rows of a step get into their table: inserted (`changed` is None), or these columns of theirs written.

    Of a table of sums what is to be added. `is_shared`: the row is there already, one for all cases.
    """

    table: Table[Any]
    changed: tuple[int, ...] | None
    is_shared: bool


class Rows(NamedTuple):
    """Rows that are put alike in one commit, whole and in the order of their keys."""

    put: Put
    rows: Sequence[Values]


class Commit(NamedTuple):
    """What is written at once: `entries` are the bytes to be chained, which stand among the rows as well.

    `found` is what something else than a step has written by then, such as leases.
    """

    entries: Sequence[bytes]
    found: Sequence[Rows]
    writes: Sequence[Rows]


class Making(NamedTuple):
    """One step of a new case: texts to be replaced, the indexes of all its steps, how much later it is."""

    texts: Sequence[tuple[str, str]]
    indexes: Sequence[int]
    later: int

    def text(self, value: str) -> str:
        """A recorded text as it is in this case."""
        for old, new in self.texts:
            value = value.replace(old, new)
        return value

    def data(self, value: bytes, index: tuple[int, int]) -> bytes:
        """The bytes of a recorded entry as they are in this case; `index`: the recorded one and the new one."""
        for old, new in self.texts:
            value = value.replace(old.encode(), new.encode())
        return value.replace(b'"index":%d,' % index[0], b'"index":%d,' % index[1])


class Template(NamedTuple):
    """A recorded row, and the places in it that are of one case alone."""

    row: Values
    texts: Sequence[int]
    instants: Sequence[int]
    indexes: Sequence[tuple[int, int]]  # place, and the step whose entry it names
    leaves: Sequence[int]  # of the entry of its step
    data: Sequence[int]

    def made(self, making: Making, leaf: bytes, data: bytes) -> Values:
        """The row of a new case."""
        row = list(self.row)
        for place in self.texts:
            row[place] = making.text(row[place])
        for place in self.instants:
            row[place] += making.later
        for place, step in self.indexes:
            row[place] = making.indexes[step]
        for place in self.leaves:
            row[place] = leaf
        for place in self.data:
            row[place] = data
        return tuple(row)


Templates = Sequence[tuple[Put, Sequence[Template]]]
"""The rows of a step by how they are put: the entry first, then by table; what is changed before what is new."""


class _Comparing:
    """Goes through both recorded cases, step by step."""

    def __init__(self, recorded: Recorded) -> None:
        first, second = recorded.cases
        self._shared = recorded.shared
        self._start = second.steps[0].entry.idx
        before = [pair for step in first.steps for pair in keyed(step.rows)]
        self._known: dict[Key, Values] = {key: row for key, row in before if key in self._shared}

    def templates(self, pair: tuple[Step, Step]) -> tuple[Templates, Templates]:
        """Of what a step finds, and of what it writes itself."""
        one, other = pair
        leaf = other.entry.leaf_hash
        return self._compared(one.found, other.found, leaf), self._compared(one.rows, other.rows, leaf)

    def _compared(self, before: Sequence[Written], after: Sequence[Written], leaf: bytes) -> Templates:
        if [table for table, _ in before] != [table for table, _ in after]:
            raise ValueError("expected two cases with rows of the same tables, found others")
        puts: dict[Put, list[Template]] = {}
        for (_, one), (key, row) in zip(before, keyed(after), strict=True):
            put = Put(key[0], _changed(key[0], self._known.get(key), row), key in self._shared)
            self._known[key] = row
            if put.changed != ():  # else it was written as it stood, which a limit need not do
                puts.setdefault(put, []).append(self._template(one, row, leaf))
        order = sorted(puts, key=lambda put: (put.table is not ENTRY, put.table.name, put.changed is None))
        return [(put, puts[put]) for put in order]

    def _template(self, before: Values, row: Values, leaf: bytes) -> Template:
        places: dict[str, list[Any]] = {"texts": [], "instants": [], "indexes": [], "leaves": [], "data": []}
        for place, (one, other) in enumerate(zip(before, row, strict=True)):
            if one == other:
                continue
            if isinstance(other, bytes):
                places["leaves" if other == leaf else "data"].append(place)
            elif isinstance(other, str):
                places["texts"].append(place)
            elif other - one == STEPS:  # the cases followed each other, and nothing else was recorded
                places["indexes"].append((place, other - self._start))
            else:
                places["instants"].append(place)
        return Template(row, **places)


class Cases:
    """Commits of new cases, as if they followed those that were recorded. Each is made once."""

    def __init__(self, recorded: Recorded) -> None:
        self._of = recorded.cases[1]
        comparing = _Comparing(recorded)
        self._steps = [comparing.templates(pair) for pair in zip(*(case.steps for case in recorded.cases), strict=True)]
        self._size = recorded.head.size
        self._ids = IdMaker()
        self._made = int(self._of.number.rpartition("-")[2])
        self._commands = 0

    def commits(self, width: int, cases: int) -> Iterator[Commit]:
        """`cases` cases one after the other, `width` of them side by side and at the same step."""
        for _ in range(cases):
            begun = [self._begun(self._size + place, width) for place in range(width)]
            self._size += width * STEPS
            for number in range(STEPS):
                yield self._commit(number, [one._replace(texts=(*one.texts, self._command(number))) for one in begun])

    def _begun(self, index: int, width: int) -> Making:
        """The next case, whose first entry has this index; its others come after those of its neighbours."""
        self._made += 1
        of = self._of
        prefix, _, digits = of.number.rpartition("-")
        texts = (
            (of.instance, self._ids.ordered("pi", self._made * BETWEEN)),
            (of.key_mark, b64url(sha256(str(self._made).encode()).digest())),
            (of.number, f"{prefix}-{self._made:0{len(digits)}}"),
        )
        return Making(texts, range(index, index + width * STEPS, width), self._made * BETWEEN)

    def _command(self, number: int) -> tuple[str, str]:
        self._commands += 1
        return self._of.steps[number].command_id, self._ids.ordered("cmd", self._commands)

    def _commit(self, number: int, makings: Sequence[Making]) -> Commit:
        entry = self._of.steps[number].entry
        entries = [making.data(entry.bytes, (entry.idx, making.indexes[number])) for making in makings]
        leaves = [sha256(b"\x00" + data).digest() for data in entries]
        made = list(zip(makings, leaves, entries, strict=True))
        found, writes = ([_rows(*one, made) for one in templates] for templates in self._steps[number])
        return Commit(entries, found, writes)


def _rows(put: Put, templates: Sequence[Template], made: Sequence[tuple[Making, bytes, bytes]]) -> Rows:
    if put.is_shared:  # one row, whoever adds to it or writes it: a batch of the product writes it once as well
        return Rows(put, [_together(put.table, [template.made(*one) for one in made]) for template in templates])
    rows = [template.made(*one) for one in made for template in templates]
    return Rows(put, sorted(rows, key=lambda row: row[: put.table.key]))


def _changed(table: Table[Any], before: Values | None, row: Values) -> tuple[int, ...] | None:
    if table.sums:
        return (len(row) - 1,)
    if before is None:
        return None
    return tuple(place for place, (old, new) in enumerate(zip(before, row, strict=True)) if old != new)


def _together(table: Table[Any], rows: Sequence[Values]) -> Values:
    """What a batch writes of one row that several of its steps write."""
    return (*rows[-1][:-1], sum(row[-1] for row in rows)) if table.sums else rows[-1]
