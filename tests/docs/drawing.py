"""Tables in documents that are drawn from the code.

    <!-- table: NAME -->
    | ... |
    <!-- end of table -->

The first columns are drawn; the columns after them are told by hand and kept by the row's first cells. A row that the
code has and the document does not is drawn with empty cells, and a test demands that somebody fills them in.
"""

import re
from typing import NamedTuple

from tests.docs.pages import documents

_TABLE = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end of table -->", re.DOTALL)
_CELL = re.compile(r"(?<!\\)\|")


class Drawn(NamedTuple):
    """`rows` hold a cell for each of `columns`; the first `key` of them tell rows apart. `told` are by hand."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    told: tuple[str, ...] = ()
    key: int = 1


def code(text: str) -> str:
    """The text as code, fit for a cell."""
    return f"`{text}`".replace("|", "\\|") if text else ""


def cell(text: str) -> str:
    """The text on one line, fit for a cell."""
    return " ".join(text.split()).replace("|", "\\|")


def redraw(text: str, tables: dict[str, Drawn]) -> str:
    """The document with every table drawn anew; `KeyError` for a table nobody draws."""
    return _TABLE.sub(lambda found: _marked(found[1], found[2], tables[found[1]]), text)


def tables_in(text: str) -> list[str]:
    """The names of the tables of a document."""
    return [found[1] for found in _TABLE.finditer(text)]


def tables_told() -> dict[str, str]:
    """Every table of the documents by name, as it stands there."""
    return {found[1]: found[2] for path in documents() for found in _TABLE.finditer(path.read_text())}


def rows_of(table: str) -> list[tuple[str, ...]]:
    """The cells of a table's rows, header and rule left out."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [tuple(part.strip() for part in _CELL.split(line)[1:-1]) for line in lines[2:]]


def _marked(name: str, present: str, drawn: Drawn) -> str:
    width = len(drawn.columns)
    told = {row[: drawn.key]: row[width:] for row in rows_of(present)}
    empty = ("",) * len(drawn.told)
    lines = [_line((*drawn.columns, *drawn.told)), "|" + "---|" * (width + len(drawn.told))]
    for row in drawn.rows:
        by_hand = told.get(row[: drawn.key], empty)
        lines.append(_line((*row, *(by_hand if len(by_hand) == len(empty) else empty))))
    return f"<!-- table: {name} -->\n" + "\n".join(lines) + "\n<!-- end of table -->"


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
