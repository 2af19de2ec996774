"""The table of attacks on a tamper-evident log has twenty-four rows: each is tried by a test that bears its number."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

ATTACKS = {
    1: "a row rewritten in place",
    2: "a tail rewritten and chained anew",
    3: "a tail cut off, or an old backup",
    4: "a split view",
    5: "a stolen key",
    6: "a clock that was set, entries dated back",
    7: "a torn write",
    8: "two writers that fork the chain",
    9: "a request repeated",
    10: "a record with two spellings",
    11: "fields that run into each other",
    12: "second preimages, wrong sides, empty proofs",
    13: "a proof of a newer tree than the checkpoint's",
    14: "a bit that flipped",
    15: "a proof by a scheme of one's own",
    16: "unsigned fields that are believed",
    17: "a receipt for what was rolled back",
    18: "a receipt that rots",
    19: "an event left out",
    20: "erasure against proofs",
    21: "recording switched off",
    22: "a sealed log that grows",
    23: "a pack signed again",
    24: "an algorithm that ages",
}
NAME = re.compile(r"test_attack_(\d\d)_\w+")


def named() -> Iterator[int]:
    """The number of every test of an attack, wherever it stands."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := NAME.fullmatch(node.name)):
                yield int(match[1])


@pytest.fixture(scope="module")
def tried() -> set[int]:
    return set(named())


@pytest.mark.parametrize(("number", "attack"), ATTACKS.items(), ids=[f"{n:02} {a}" for n, a in ATTACKS.items()])
def test_each_attack_is_tried_by_a_test_of_its_number(tried: set[int], number: int, attack: str) -> None:
    assert number in tried, f"expected a test named test_attack_{number:02}_...: {attack}"


def test_no_test_bears_another_number(tried: set[int]) -> None:
    assert set(range(1, 25)) == set(ATTACKS) >= tried
