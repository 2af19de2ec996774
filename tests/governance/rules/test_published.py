"""Published decision models: what lies within our scope is right, the rest is refused; nothing is wrong."""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.governance.rules.published import run_folder

CASES = (
    Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[3].parent / "shared" / "cases")) / "decision-tables"
)

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not CASES.is_dir(), reason=f"no published models at {CASES}")]

OF_THE_MODEL = {"0082-feel-coercion"}  # is about item definitions and decision services, which only models have
RIGHT_MIN = 105  # falls when something that was answered is refused


def test_no_published_expression_gets_a_wrong_answer() -> None:
    folders = [folder for folder in sorted(CASES.glob("compliance-level-*/*")) if folder.name not in OF_THE_MODEL]
    outcomes = [found for folder in folders for found in run_folder(folder)]
    counts = Counter(found.verdict for found in outcomes)
    wrong = [f"{found.model} {found.decision}: {found.detail}" for found in outcomes if found.verdict == "wrong"]
    assert not wrong, "\n".join(wrong)
    assert counts["right"] >= RIGHT_MIN, counts
