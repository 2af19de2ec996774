"""Lists of instances for doors: filtered, by id or by what was touched last, as keyset pages.

What stands in rows is asked of the database alone; the step an instance is at stands in its marking, which is read
here, so a page of a step is filled from as many pages of rows as it takes.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import orjson

from ledger.canonical import SAFE_INTEGER
from ledger.rows import ENTRIES_BEFORE, NEWEST_OF
from ledger.work import UnitOfWork
from orchestrator.instance import parse_marking
from orchestrator.pages import INSTANCE_COLUMNS, shut
from orchestrator.task_terms import as_list, late_by, marks

SORTS = ("id", "updated")
READ_AT_ONCE = 500  # rows of one statement where each has to be looked at
IN_TEST: dict[str, int | None] = {"without": 0, "only": 1, "with": None}
LOOKED_AT_MAX = 2_000  # newest entries that are read for what was touched last, before every instance is asked
WAITS: dict[str, tuple[str, str]] = {
    "job": ("type", "'created', 'backing off'"),
    "call": ("operation", "'requested', 'backing off'"),
    "message": ("message", "'open'"),
}
"""By what is waited for: the column that names it and its open states. Its table is `subscription` for messages."""


class InstancesAsked(NamedTuple):
    """Which instances; empty texts, 0 and None ask for nothing. Instants are [from, to).

    `key_prefix` finds keys in clear alone. `waits_for` is (`job`, `call` or `message`, its name). `overdue`: an open
    task is past due, and is none of those `beside`. `test`: those in test mode are left out (`without`), alone
    (`only`) or among them (`with`).
    """

    domains: Sequence[str]
    blueprint: str = ""
    number: int = 0
    status: str = ""
    step: str = ""
    overdue: bool = False
    key_prefix: str = ""
    started_from: int | None = None
    started_to: int | None = None
    waits_for: tuple[str, str] | None = None
    sort: str = "id"
    test: str = "without"
    beside: Collection[str] = ()


class InstanceListed(NamedTuple):
    """An instance in a list: its row as a value with the key shut where it is classed, its steps, its newest entry."""

    value: dict[str, Any]
    steps: tuple[str, ...]
    newest: int

    @property
    def id(self) -> str:
        """The instance's id."""
        return str(self.value["id"])


def instance_list(
    rows: UnitOfWork, asked: InstancesAsked, after: tuple[str, int] | None, limit: int
) -> list[InstanceListed]:
    """One page after (id, index of the newest entry): newest first, by start or by what was touched last."""
    if not asked.step:
        return _page(rows, asked, after, limit)
    kept: list[InstanceListed] = []
    while len(kept) < limit:
        found = _page(rows, asked, after, READ_AT_ONCE)
        kept += [one for one in found if asked.step in one.steps]
        if len(found) < READ_AT_ONCE:
            break
        after = found[-1].id, found[-1].newest
    return kept[:limit]


def due_of(rows: UnitOfWork, instances: Sequence[str]) -> list[tuple[str, int, int]]:
    """The open tasks of these instances that have a deadline: instance, number, due time; the earliest first."""
    found = rows.query(
        f"SELECT instance, number, due_at FROM task WHERE log_id = {{log}} AND instance IN ({marks(instances)})"
        " AND state IN ('offered', 'claimed') AND due_at IS NOT NULL ORDER BY due_at, instance, number",
        tuple(instances),
    )
    return [(instance, int(number), int(due)) for instance, number, due in found]


def _page(rows: UnitOfWork, asked: InstancesAsked, after: tuple[str, int] | None, limit: int) -> list[InstanceListed]:
    """By what was touched last: no index is in that order, but the entries are, and the newest are read first."""
    if asked.sort != "updated":
        return _read(rows, asked, after, limit)
    found: list[InstanceListed] = []
    before = SAFE_INTEGER if after is None else after[1]
    for _ in range(LOOKED_AT_MAX // READ_AT_ONCE):
        entries = rows.query(ENTRIES_BEFORE, (before, READ_AT_ONCE))
        last: dict[str, int] = {}
        for index, data in entries:
            last.setdefault(orjson.loads(data)["subject"], index)
        among = _read(rows, asked, None, READ_AT_ONCE, tuple(last)) if last else []
        found += [one for one in among if one.newest == last[one.id]]
        if len(found) >= limit or len(entries) < READ_AT_ONCE:
            return found[:limit]
        before = entries[-1][0]
    return found + _read(rows, asked, ("", before), limit - len(found))


def _read(
    rows: UnitOfWork, asked: InstancesAsked, after: tuple[str, int] | None, limit: int, among: Sequence[str] = ()
) -> list[InstanceListed]:
    terms, values = _terms(rows, asked)
    if among:
        terms.append(f"instance.id IN ({marks(among)})")
        values += among
    newest = NEWEST_OF.format(of="instance.id")
    by_touch = asked.sort == "updated"
    behind: list[Any] = []
    last = ""
    if after is not None:
        last = "WHERE newest < ?" if by_touch else "WHERE id < ?"
        behind = [after[1] if by_touch else after[0]]
    found = rows.query(
        f"SELECT * FROM (SELECT {', '.join(INSTANCE_COLUMNS)}, marking, ({newest}) AS newest FROM instance"
        f" WHERE instance.log_id = {{log}} AND {' AND '.join(terms)}) AS found {last}"
        f" ORDER BY {'newest' if by_touch else 'id'} DESC LIMIT ?",
        (*values, *behind, limit),
    )
    return [_listed(row) for row in found]


def _listed(row: tuple[Any, ...]) -> InstanceListed:
    value = dict(zip(INSTANCE_COLUMNS, row[:-2], strict=True))
    value["test"] = bool(value["test"])
    value["business_key"] = shut(orjson.loads(value["business_key"]))
    steps = dict.fromkeys(one.step for one in parse_marking(row[-2]))
    return InstanceListed(value, tuple(steps), int(row[-1]))


def _status(asked: InstancesAsked) -> str | None:
    """The status asked for; what is suspended, and what is at a step, is active."""
    return "active" if asked.status == "suspended" or (asked.step and not asked.status) else asked.status or None


def _terms(rows: UnitOfWork, asked: InstancesAsked) -> tuple[list[str], list[Any]]:
    terms = [f"instance.domain IN ({marks(asked.domains)})"]
    values: list[Any] = [*asked.domains]
    for term, value in (
        ("instance.blueprint = ?", asked.blueprint or None),
        ("instance.number = ?", asked.number or None),
        ("instance.status = ?", _status(asked)),
        ("instance.suspended <> ?", "" if asked.status == "suspended" else None),
        ("instance.started_at >= ?", asked.started_from),
        ("instance.started_at < ?", asked.started_to),
        ("instance.test = ?", IN_TEST[asked.test]),
        ("instance.marking LIKE ?", f'%,"{asked.step}",%' if asked.step else None),  # those that may be, no others
    ):
        if value is not None:
            terms.append(term)
            values.append(value)
    if asked.key_prefix:
        begins = orjson.dumps(asked.key_prefix).decode()[:-1]  # as the key stands in its row, without the last quote
        terms.append("substr(instance.business_key, 1, ?) = ?")
        values += [len(begins), begins]
    if asked.overdue:
        terms.append(
            "instance.id IN (SELECT task.instance FROM task WHERE task.log_id = {log}"
            f" AND task.state IN ('offered', 'claimed') AND task.due_at IS NOT NULL AND {late_by(asked.beside)})"
        )
        values += [rows.now, *as_list(asked.beside)]
    if asked.waits_for is not None:
        kind, name = asked.waits_for
        column, states = WAITS[kind]
        table = "subscription" if kind == "message" else kind
        terms.append(
            f"EXISTS (SELECT 1 FROM {table} WHERE {table}.log_id = instance.log_id"
            f" AND {table}.instance = instance.id AND {table}.state IN ({states}) AND {table}.{column} = ?)"
        )
        values.append(name)
    return terms, values
