"""The published decision models: nothing is wrong, nearly everything is right, and what is refused says why."""

from collections import Counter

import pytest

from tests.governance.rules.kit import CASES, report, run_kit

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not CASES.is_dir(), reason=f"no published models at {CASES}")]

CASES_ALL = 308
RIGHT_MIN = 0.97


def test_no_published_case_gets_a_wrong_answer_and_nearly_all_get_a_right_one() -> None:
    outcomes = run_kit()
    counts = Counter(found.verdict for found in outcomes)
    print(report(outcomes))
    assert len(outcomes) == CASES_ALL
    assert counts["wrong"] == 0, report(outcomes)
    assert counts["right"] >= RIGHT_MIN * CASES_ALL, report(outcomes)
    assert all(found.detail for found in outcomes if found.verdict == "refused")
