"""No statement of the product reads or writes a row of another log: each table it names is bound to the log it is for.

On SQLite every log has a file of its own, so a condition that is missing would be seen on PostgreSQL alone.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from api.wiring import TABLES
from orchestrator import figures
from orchestrator.figures import Asked
from tests.conftest import ROOT

ROOMS = ("ledger", "rbac", "governance", "versioning", "orchestrator", "api")
NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)")
BOUND = re.compile(r"log_id = |\(log_id, |log_id FROM head$")  # the last looks which logs there are
# What stands behind a WHERE in the figures is made in one place, which is asked below.
ELSEWHERE = re.compile(r"WHERE (?:test = 1 AND )?\{(?:where|_TESTS)\}")
OF_FIGURES = "orchestrator/figures.py"
NAMES = frozenset(table.name for table in TABLES) | {"head"}


def statements(source: str) -> Iterator[tuple[int, str]]:
    """Every text of a module that may be SQL, with its line; what is put into it stands as `{...}`."""
    tree = ast.parse(source)
    parts = {id(part) for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) for part in one.values}
    for one in ast.walk(tree):
        if isinstance(one, ast.JoinedStr):
            yield one.lineno, "".join(map(_said, one.values))
        elif isinstance(one, ast.Constant) and type(one.value) is str and id(one) not in parts:
            yield one.lineno, one.value


def _said(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return f"{{{ast.unparse(part.value)}}}"
    assert isinstance(part, ast.Constant)
    return str(part.value)


def unbound(text: str, *, elsewhere: bool = False) -> bool:
    """Whether a text names more tables of a log than it binds to one."""
    named = [name for name in NAMED.findall(text) if name in NAMES]
    return len(named) > len(BOUND.findall(text)) + (len(ELSEWHERE.findall(text)) if elsewhere else 0)


def test_each_statement_binds_every_table_that_it_names_to_its_log() -> None:
    found, asked = [], 0
    for path in sorted(one for room in ROOMS for one in (ROOT / room).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        for line, text in statements(path.read_text(encoding="utf-8")):
            asked += any(one in NAMES for one in NAMED.findall(text))
            if unbound(text, elsewhere=name == OF_FIGURES):
                found.append(f"{name}:{line}: {text}")
    assert found == []
    assert asked > 120


@pytest.mark.parametrize("has_tests", [False, True])
@pytest.mark.parametrize("domains", [(), ("finance",), ("finance", "sales")])
def test_what_figures_are_read_by_begins_with_the_log(domains: tuple[str, ...], has_tests: bool) -> None:
    for table in ("instance", "task", "figure"):
        for blueprint in ("", "loan"):
            asked = Asked(domains, blueprint, 0, 1)._replace(has_tests=has_tests)
            terms, values = figures._where(asked, table)
            assert terms.startswith(f"{table}.log_id = {{log}} AND {table}.domain IN (")
            assert values == (*domains, *filter(None, (blueprint,)))
            assert not unbound(
                f"SELECT 1 FROM {table} WHERE {terms.replace(figures._TESTS, '{_TESTS}')}", elsewhere=True
            )
    assert figures._TESTS.startswith("log_id = {log} AND ")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM instance WHERE ended_at IS NULL",
        "SELECT task.step FROM task JOIN instance ON instance.id = task.instance WHERE task.log_id = {log}",
        "UPDATE head SET size = ?",
        "SELECT id FROM instance WHERE {where}",
    ],
)
def test_a_statement_without_its_log_is_noticed(text: str) -> None:
    assert unbound(text)
    assert not unbound("SELECT id FROM instance WHERE log_id = {log}")
