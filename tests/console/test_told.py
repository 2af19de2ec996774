"""No refusal and no finding of the rooms is made without a code, so that none is English in another language.

Messages come out of a table of texts, or are handed on from where they did. What cannot be is listed here with its
count, and the list only shrinks.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
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

# Each call that makes a problem of a request, and which of its arguments is the sentence.
BROKEN = {"BrokenInput": 0, "TooLarge": 0, "Unavailable": 1, "problem": 2, "not_found": 0, "fail": 0}

# Where broken input is told in English: nobody reads it on a screen, or no words of ours reach it.
NO_SCREEN = (
    "api/schema.py api/cli_*.py",  # the command line
    "api/acting.py api/founding.py api/given_registers.py api/installation.py",  # the same
    "api/settings.py api/wiring.py",  # the start of the service
    "api/pinned.py api/fetching.py api/stamping.py api/witnesses.py api/publishing.py api/egress.py",  # other machines
    "api/unpacking.py",  # the same: what they packed
    "api/feeds/secrets.py api/outgoing/*.py api/identity/totp.py api/identity/tokens.py",  # files of secrets
    "api/identity/commands.py",  # a hash that the service has made itself
    "api/page/session.py",  # pages without scripts, which are English
    "governance/rules/*.py governance/rules/dmn/*.py",  # decision models, by the command line; values inside a rule
    "governance/conditions.py governance/questions/verdicts.py",  # why a rule has no answer; the verifier of packs
    "ledger/*.py ledger/verify/*.py",  # formats of bytes: keys, proofs, notes, packs
    "orchestrator/transition_values.py rbac/enforcer.py rbac/roles.py rbac/snapshot.py",  # what is stored
    "versioning/net.py",  # caught where it is asked
    "rbac/ceremony.py",  # held at the command line
)

# Told in English alone: what is told again from the record, or what the verifier and the rules themselves say.
ENGLISH = {
    "api/app.py": 1,  # what the framework itself turns down
    "api/body.py": 1,  # the words of a library
    "api/member_faults.py": 1,  # the words of a library, for a fault that none of ours is
    "api/told_again.py": 2,  # a sentence on record that no table makes, whole or in part
    "governance/passkeys.py": 1,  # what the verifier of assertions found in bytes that no authenticator makes
    "governance/rules/located.py": 1,  # the words of a library
    "governance/service.py": 4,  # a register that was altered
    "ledger/commands.py": 1,  # a refusal on record, which keeps its English text alone
    "ledger/key_life.py": 1,  # an order about keys, made and sent at the command line
    "orchestrator/moments.py": 1,  # why a rule has no answer
    "rbac/source.py": 1,  # the words of a library
    "versioning/check.py": 1,  # a blueprint too large to be looked at
    "versioning/kinds/located.py": 1,  # the words of a library
    "versioning/source_yaml.py": 2,  # the words of a library
    "versioning/openapi/connector.py": 1,  # what is wrong with a connector that was made here: a fault of ours
}


def _uses(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in names:
            yield node


def _name(call: ast.Call) -> str:
    """What is called, by its own name alone."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_plain(node: ast.expr) -> bool:
    """Whether a message is put together where it is used."""
    if isinstance(node, ast.IfExp):
        return _is_plain(node.body) or _is_plain(node.orelse)
    if isinstance(node, ast.BinOp):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("str", "as_it_is", "listed")
    return isinstance(node, ast.Constant | ast.JoinedStr)


def plain(path: Path, made: Mapping[str, int] = MESSAGE) -> list[str]:
    """Where a file makes a refusal, a finding or a problem of a text without a code."""
    tree = ast.parse(path.read_text("utf-8"))
    found = []
    for call in _uses(tree, set(made)):
        place = made[_name(call)]
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


def _is_shown(path: Path) -> bool:
    patterns = [pattern for line in NO_SCREEN for pattern in line.split()]
    return not any(path.relative_to(ROOT).match(pattern) for pattern in patterns)


def test_what_is_wrong_with_a_request_has_a_code_where_a_screen_shows_it() -> None:
    assert [place for path in sources() if _is_shown(path) for place in plain(path, BROKEN)] == []


@pytest.mark.parametrize(
    "source",
    [
        'BrokenInput("expected another", "query.limit")',
        'raise TooLarge(f"expected {most}")',
        'Unavailable("CLOSED", "the service is stopping")',
        'problems.problem(400, "MALFORMED", "expected another", {})',
        'not_found("a task")',
        'self.fail("expected text")',
    ],
)
def test_a_problem_without_a_code_is_seen(source: str, tmp_path: Path) -> None:
    path = tmp_path / "said.py"
    path.write_text(source, "utf-8")
    assert plain(path, BROKEN) == ["said.py:1"]


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
