"""Instances by their business key or id, as somebody types it: whole keys of any class, beginnings of those in clear.

A whole key is found by its fingerprint, however old. Beginnings are looked for among the newest instances alone, so
that a search costs the same in any log.
"""

from collections.abc import Sequence

import orjson

from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.pages import InstanceRow, task_value
from orchestrator.sealing import business_key_mark
from orchestrator.task_terms import marks

LOOKED_AT_MAX = 20_000  # instances


def with_key(rows: UnitOfWork, blueprints: Sequence[str], key: str) -> list[InstanceRow]:
    """The newest instance of each of these blueprints that has exactly this key, classed or not."""
    wanted = [(blueprint, business_key_mark(rows, blueprint, key, test=False)) for blueprint in blueprints]
    rows.prefetch([(tables.BUSINESS_KEY, one) for one in wanted])
    named = [row for one in wanted if (row := rows.get(tables.BUSINESS_KEY, *one)) is not None]
    found = [rows.get(tables.INSTANCE, row.instance) for row in named]
    return [row for row in found if row is not None]


def beginning_with(rows: UnitOfWork, domains: Sequence[str], text: str, limit: int) -> tuple[list[InstanceRow], bool]:
    """Newest first: instances whose id or key in clear begins with the text; and whether older ones were left out."""
    begins = orjson.dumps(text).decode()[:-1]  # as a key stands in its row, without the last quote
    columns = ", ".join(InstanceRow._fields)
    found = rows.query(
        f"SELECT {columns} FROM"
        f" (SELECT {columns} FROM instance WHERE log_id = {{log}} ORDER BY id DESC LIMIT ?) AS newest"
        f" WHERE domain IN ({marks(domains)})"
        " AND (substr(business_key, 1, ?) = ? OR substr(id, 1, ?) = ?) ORDER BY id DESC LIMIT ?",
        (LOOKED_AT_MAX, *domains, len(begins), begins, len(text), text, limit),
    )
    [(count,)] = rows.query(
        "SELECT COUNT(*) FROM (SELECT id FROM instance WHERE log_id = {log} LIMIT ?) AS newest", (LOOKED_AT_MAX + 1,)
    )
    return [InstanceRow(*row) for row in found], int(count) > LOOKED_AT_MAX


def open_tasks_of(rows: UnitOfWork, instances: Sequence[str], limit: int) -> list[dict[str, object]]:
    """The open tasks of these instances."""
    found = rows.query(
        f"SELECT {', '.join(tables.TaskRow._fields)} FROM task"
        f" WHERE log_id = {{log}} AND instance IN ({marks(instances)})"
        " AND state IN ('offered', 'claimed') ORDER BY instance DESC, number LIMIT ?",
        (*instances, limit),
    )
    return [task_value(tables.TaskRow(*row)) for row in found]
