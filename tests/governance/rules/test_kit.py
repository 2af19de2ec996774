"""The published decision models: nothing is wrong, nearly everything is right, and what is refused says why."""

from collections import Counter

import pytest

from governance.rules.dmn.checked import check_file
from tests.governance.rules.kit import CASES, expected_values, report, run_kit

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


def test_what_is_told_by_static_types_is_null_or_an_error_to_the_kit() -> None:
    remarks = 0
    for path in sorted(CASES.rglob("*.dmn")):
        compiled = check_file(path.read_bytes()).compiled
        told = {} if compiled is None else {remark.path: remark for remark in compiled.remarks}
        remarks += len(told)
        for name, value in expected_values(path):
            remark = told.get(f"decision `{name}`")
            assert remark is None or value is None or "result of type" in remark.message, (path.name, remark, value)
            if remark is not None and value is not None:  # what is handed on is null; what is made of it may not be
                assert path.name == "0082-feel-coercion.dmn", (remark, value)
    assert remarks >= 40
