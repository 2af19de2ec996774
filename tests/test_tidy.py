"""The house rules that a machine can check, as a test: sizes, banned names, and who may do what.

Each rule says why it is there. There are no exceptions lists; where a rule is wrong, change the rule.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("ledger", "rbac", "governance", "versioning", "orchestrator", "api")
PACKAGES = (*ROOMS, "witness", "muniment", "examples", "bench", "migrations")
FILE_LINES_MAX = 400  # a file is read in one sitting
FUNCTION_LINES_MAX = 60  # a function fits on a screen
PARAMETERS_MAX = 5  # more is a value that has no name yet
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|misc)(_|$)")


def sources(*packages: str) -> list[Path]:
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def test_files_are_read_in_one_sitting() -> None:
    made = ROOT / "console" / "src" / "api" / "schema.d.ts"  # by the build
    scripts = [path for path in (ROOT / "console" / "src").rglob("*.ts*") if path != made]
    files = [*sources(*PACKAGES, "tests"), *scripts]
    long = {str(p.relative_to(ROOT)): n for p in files if (n := _lines(p)) > FILE_LINES_MAX}
    assert len(scripts) > 100
    assert long == {}


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{where(path, node)} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in sources(*PACKAGES)
        if path.parent.name != "versions"  # a schema is a list, however long
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_functions_take_few_parameters() -> None:
    many = []
    for path in sources(*PACKAGES):
        for node in functions(path):
            names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            if len([name for name in names if name not in ("self", "cls")]) > PARAMETERS_MAX:
                many.append(f"{where(path, node)} {node.name}({', '.join(names)})")
    assert many == []


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    assert [str(p) for p in sources(*PACKAGES) if BANNED_NAMES.search(p.stem)] == []


def test_packages_hold_a_docstring_only() -> None:
    # A re-export in a package would drag the database into the verifier.
    full = [
        where(p, tree(p)) for p in sources(*PACKAGES, "tests") if p.name == "__init__.py" and len(tree(p).body) != 1
    ]
    assert full == []


def test_every_file_and_public_thing_says_what_it_is() -> None:
    silent = []
    for path in sources(*PACKAGES):
        if ast.get_docstring(tree(path)) is None:
            silent.append(where(path, tree(path)))
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None and path.parent.name != "versions":
                silent.append(f"{where(path, node)} {node.name}")
    assert silent == []


@pytest.mark.parametrize(
    ("pattern", "allowed", "why"),
    [
        (
            r"\bCOMMIT\b|\.commit\(",
            {"ledger/sqlite.py", "ledger/postgresql.py", "ledger/database.py", "migrations/env.py"},
            "one write path: only the batch commits (and the schema's own steps)",
        ),
        (
            r"datetime\.now|time\.time|utcnow|monotonic_ns|time_ns|\btime\.\w+\(|^\s*(import time\b|from time import)",
            {"ledger/clock.py"},
            "one clock: handed in, or for limits on how long something may take the steady one of that module",
        ),
        (r"\buuid[1-8]\b\(|random\.(random|choice|randint)", {"ledger/ids.py"}, "one id maker, handed in"),
        (
            r"\)(?:[*+?]|\{[0-9,]+\})\+",
            set(),
            "no possessive repetition of a group: before Python 3.11.5 it matches what the group does not (gh-106052)",
        ),
        (r"^\s*(import|from) casbin", {"rbac/enforcer.py"}, "one place that knows Casbin"),
    ],
)
def test_who_may_do_what(pattern: str, allowed: set[str], why: str) -> None:
    found = set()
    for path in sources(*ROOMS, "muniment", "migrations"):
        code = "\n".join(line.partition("#")[0] for line in _without_docstrings(path))
        if re.search(pattern, code, re.MULTILINE):
            found.add(str(path.relative_to(ROOT)))
    assert found <= allowed, why


def _without_docstrings(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            text = first.value if isinstance(first, ast.Expr) else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and first.end_lineno is not None:
                for number in range(first.lineno - 1, first.end_lineno):
                    lines[number] = ""
    return lines


def test_tables_and_store_are_private_to_their_room() -> None:
    # The wiring hands every descriptor to the writer; nobody else may know how another room keeps its rows.
    private = {f"{room}.{part}" for room in ROOMS for part in ("tables", "store")}
    seen = []
    for path in sources(*ROOMS):
        own = path.relative_to(ROOT).parts[0]
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            named = {node.module, *[f"{node.module}.{alias.name}" for alias in node.names]}
            if any(name in private and not name.startswith(f"{own}.") for name in named):
                seen.append(str(path.relative_to(ROOT)))
    assert set(seen) == {"api/wiring.py"}


def test_every_table_has_a_class_and_a_descriptor_with_the_same_columns() -> None:
    from api.wiring import TABLES
    from ledger.rows import TableClass
    from migrations.env_tables import metadata

    described = {table.name: table for table in TABLES}
    for rooms_metadata in metadata():
        for name, table in rooms_metadata.tables.items():
            assert table.info.get("class") in {c.value for c in TableClass}, name
            if name in ("log", "head"):
                continue  # written by the batch's own statements
            columns = tuple(column.name for column in table.columns)
            assert columns == ("log_id", *described[name].columns), name
            assert described[name].table_class.value == table.info["class"], name
            assert [c.name for c in table.primary_key] == ["log_id", *described[name].columns[: described[name].key]]


def test_no_file_names_a_registry_or_this_machine() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|/(work|root)/")
    endings = (".py", ".md", ".toml", ".lock", ".yaml", ".sh", ".json", "")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = []
    for name in tracked.splitlines():
        path = ROOT / name
        is_this = path == Path(__file__)
        if not is_this and path.suffix in endings and path.is_file() and hosts.search(path.read_text(errors="replace")):
            named.append(name)
    assert named == []
