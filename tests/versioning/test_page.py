"""The design page's own blueprint: read as YAML, and refused only for what is designed but not yet built."""

import os
import re
from pathlib import Path

import pytest
import yaml

from versioning.finding import errors_of
from versioning.parse import read_blueprint

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(os.environ.get("MUNIMENT_CASES", ROOT.parent / "shared" / "cases"))
DESIGN = CASES.parent / "design"  # where the published files are at hand, the design pages lie beside them
NOT_YET_BUILT = {"quorum"}


@pytest.fixture
def page() -> str:
    path = DESIGN / "blueprint.md"
    if not path.exists():
        pytest.skip("the design page is not at hand (beside MUNIMENT_CASES)")
    block = re.search(r"^```yaml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    return block[1]


def test_the_page_is_yaml(page):
    assert yaml.safe_load(page)["blueprint"] == "loan-origination"


def test_each_refusal_of_the_page_names_a_construct_not_yet_built(page):
    parsed = read_blueprint(page)
    assert parsed.blueprint is None
    assert {finding.rule for finding in errors_of(parsed.findings)} == {"not-yet-built"}
    named = {re.fullmatch(r"`(.*)` is not yet built", finding.message)[1] for finding in parsed.findings}
    assert named == NOT_YET_BUILT
    lines = page.splitlines()
    for finding in parsed.findings:
        told = re.fullmatch(r"`(?:.*: )?(.*)` is not yet built", finding.message)[1]
        assert lines[finding.place.line - 1][finding.place.column - 1 :].startswith(told)
