"""No refusal and no finding of the rooms is made without a code, so that none is English in another language.

Messages come out of a table of texts, or are handed on from where they did. What cannot be is listed here with its
count, and the list only shrinks.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from ledger.refusal import Refusal
from ledger.wording import Wording
from tests.conftest import ROOT
from tests.console.wordings import sources, tables

# Each call that makes one, and which of its arguments is the message.
MESSAGE = {"Refusal": 1, "CheckFinding": 2, "TableFinding": 2}

# Told in English alone: what is told again from the record, or what the verifier and the rules themselves say.
ENGLISH = {
    "governance/passkeys.py": 1,  # what the verifier of assertions found in bytes that no authenticator makes
    "governance/rules/located.py": 1,  # the words of a library
    "governance/rules/errors.py": 1,  # why a rule has no answer
    "governance/service.py": 4,  # a register that was altered
    "ledger/commands.py": 1,  # a refusal on record, which keeps its English text alone
    "ledger/key_life.py": 1,  # an order about keys, made and sent at the command line
    "versioning/check.py": 1,  # a blueprint too large to be looked at
    "versioning/kinds/located.py": 1,  # the words of a library
    "versioning/source_yaml.py": 2,  # the words of a library
}


def _uses(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def _is_plain(node: ast.expr) -> bool:
    """Whether a message is put together where it is used."""
    if isinstance(node, ast.IfExp):
        return _is_plain(node.body) or _is_plain(node.orelse)
    if isinstance(node, ast.BinOp):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("str", "as_it_is", "listed")
    return isinstance(node, ast.Constant | ast.JoinedStr)


def plain(path: Path) -> list[str]:
    """Where a file makes a refusal or a finding of a text without a code."""
    tree = ast.parse(path.read_text("utf-8"))
    found = []
    for call in _uses(tree, set(MESSAGE)):
        assert isinstance(call.func, ast.Name)
        place = MESSAGE[call.func.id]
        message = call.args[place] if len(call.args) > place else _named(call, "message")
        if message is not None and _is_plain(message):
            found.append(f"{path.name}:{call.lineno}")
    return found


def _named(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def test_refusals_and_findings_say_nothing_but_what_has_a_code() -> None:
    assert [place for path in sources() for place in plain(path)] == []


@pytest.mark.parametrize(
    "source",
    [
        'Refusal(Reason.DENIED, "expected another")',
        'Refusal(Reason.DENIED, f"expected {name}")',
        "Refusal(Reason.DENIED, str(error))",
        'Refusal(Reason.DENIED, why("a") if is_so else "expected another")',
        'CheckFinding("rule", "error", as_it_is("expected another"), "")',
        'Refusal(Reason.DENIED, message="expected another")',
    ],
)
def test_a_text_without_a_code_is_seen(source: str, tmp_path: Path) -> None:
    path = tmp_path / "said.py"
    path.write_text(source, "utf-8")
    assert plain(path) == ["said.py:1"]


def test_a_refusal_takes_nothing_but_a_wording() -> None:
    """So the type checker refuses a text that comes from elsewhere."""
    assert [field.name for field in fields(Refusal)] == ["reason", "message", "details"]
    assert get_type_hints(Refusal)["message"] is Wording


def test_what_is_told_in_english_alone_is_counted() -> None:
    counted = Counter(
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path != ROOT / "ledger" / "wording.py"
        for _ in _uses(ast.parse(path.read_text("utf-8")), {"in_english"})
    )
    assert counted == ENGLISH


def test_every_room_with_refusals_has_a_table_of_them() -> None:
    rooms = {
        path.relative_to(ROOT).parts[0] for path in sources() for _ in _uses(ast.parse(path.read_text()), {"Refusal"})
    }
    assert {f"{room}.refusal_texts" for room in rooms} <= set(tables())
