"""Every call of `ledger.tuples.made` has as many members as its class has fields: nothing else would notice."""

import ast
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from ledger.tuples import made
from ledger.work import Answer, Done

ROOT = Path(__file__).parent.parent
ROOMS = ("ledger", "rbac", "governance", "versioning", "orchestrator", "api", "bench")


def _callers() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "import made" in path.read_text())


def _fault(call: ast.Call, names: Mapping[str, object], texts: Mapping[str, ast.expr]) -> str:
    """What is wrong with a call; empty where nothing is. `texts` are tuples that a name in the same file stands for."""
    of, members = call.args
    found = names.get(of.value.id) if isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name) else None
    cls = getattr(found, of.attr) if isinstance(of, ast.Attribute) else names[ast.unparse(of)]
    fields = getattr(cls, "_fields", None)
    if fields is None:
        return f"{ast.unparse(of)} is no named tuple"
    count = _count(members, texts)
    return "" if count == len(fields) else f"{ast.unparse(of)} has {len(fields)} fields, given {count}"


def _count(members: ast.expr, texts: Mapping[str, ast.expr]) -> int | None:
    """How many members an expression writes out; None where it does not say."""
    if isinstance(members, ast.Name):
        return _count(texts[members.id], texts) if members.id in texts else None
    if not isinstance(members, ast.Tuple):
        return None
    counts = [_count(one.value, texts) if isinstance(one, ast.Starred) else 1 for one in members.elts]
    return None if None in counts else sum(one for one in counts if one is not None)


@pytest.mark.parametrize("path", _callers(), ids=lambda path: str(path.relative_to(ROOT)))
def test_as_many_members_are_given_as_there_are_fields(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
    assert names["made"] is made
    for function in [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]:
        nodes = list(ast.walk(function))
        texts = {
            ast.unparse(one.targets[0]): one.value
            for one in nodes
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.Tuple)
        }
        calls = [one for one in nodes if isinstance(one, ast.Call) and ast.unparse(one.func) == "made"]
        faults = [f"line {one.lineno}: {fault}" for one in calls if (fault := _fault(one, names, texts))]
        assert not faults


def test_what_is_made_is_what_the_class_makes() -> None:
    answer = made(Answer, (Done("said"), None, False))
    assert answer == Answer(Done("said"), None)
    assert type(answer) is Answer
