"""How an example of a rule table's columns becomes an input of the table. Pure.

An input that is a name or a path (`person.age`) takes the value of its column; one that is reckoned (`2 * age`) cannot
be set, nor can one that tests the same value as an input before it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from governance.rules.rule_table import Column, Reading, RuleTable
from governance.rules.syntax import Expr, Name, Path
from governance.rules.table_texts import tell
from ledger.wording import NOTHING, Wording, as_it_is

Steps = tuple[str, ...]


class Examples(NamedTuple):
    """For each input the path it is set at, or None; and why it cannot be set, where that is so."""

    paths: tuple[Steps | None, ...]
    why: tuple[Wording, ...]

    def given(self, values: Sequence[Any]) -> dict[str, Any]:
        """The input for which the columns have these values."""
        found: dict[str, Any] = {}
        for path, value in zip(self.paths, values, strict=True):
            if path is None:
                continue
            inside = found
            for step in path[:-1]:
                inside = inside.setdefault(step, {})
            inside[path[-1]] = value
        return found


def examples_of(table: RuleTable, reading: Reading) -> Examples:
    """How the columns of a table are set."""
    paths: list[Steps | None] = []
    why: list[Wording] = []
    for column in table.inputs:
        path = (column.name,) if column.expression is None else _path(reading.expression(column.expression))
        fault = _fault(column, path, [other for other in paths if other is not None])
        paths.append(path if not fault else None)
        why.append(fault)
    return Examples(tuple(paths), tuple(why))


def _fault(column: Column, path: Steps | None, taken: Sequence[Steps]) -> Wording:
    if path is None:
        return tell("input-reckoned", name=as_it_is(column.name))
    if any(path[: len(other)] == other or other[: len(path)] == path for other in taken):
        return tell("input-tested-twice", name=as_it_is(column.name))
    return NOTHING


def _path(expr: Expr) -> Steps | None:
    if isinstance(expr, Name):
        return (expr.name,)
    if isinstance(expr, Path):
        base = _path(expr.base)
        return None if base is None else (*base, expr.name)
    return None
