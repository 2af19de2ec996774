"""The published tables of the compatibility kit, read as rule tables: their test cases, their analysis, and the model's
own evaluation beside ours."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from governance.rules.analysis import analyse
from governance.rules.dmn.as_table import read_any_table
from governance.rules.dmn.evaluate import compile_model
from governance.rules.dmn.read import read_model
from governance.rules.errors import OverlappingRules, RuleError, UnlikeOutputs
from governance.rules.table import RuleTable, compile_table
from tests.conftest import CASES
from tests.governance.rules.kit import local, same, value_of

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not CASES.is_dir(), reason=f"no published models at {CASES}")]

MODELS = (
    "0005-simpletable-A", "0007-simpletable-P2", "0108-first-hitpolicy", "0110-outputOrder-hitpolicy",
    "0112-ruleOrder-hitpolicy-singleinoutcol", "0114-min-collect-hitpolicy", "0116-count-collect-hitpolicy",
    "0118-multi-priority-hitpolicy",
)  # fmt: skip
VALUES = {
    "Age": (10, 12, 17, 18, 19, None),
    "RiskCategory": ("High", "Medium", "Low", "Other", None),
    "isAffordable": (True, False, None),
    "NumOfYears": (0, 1, 2, 3, 4, 5, 6, None),
}


def folder(name: str) -> Path:
    return CASES / "decision-tables" / "compliance-level-2" / name


def source(name: str) -> str:
    return next(folder(name).glob("*.dmn")).read_text(encoding="utf-8")


def given(table: RuleTable) -> list[dict[str, Any]]:
    names = [column.name for column in table.given]
    return [dict(zip(names, values, strict=True)) for values in product(*[VALUES[name] for name in names])]


@pytest.mark.parametrize("name", MODELS)
def test_published_cases_have_their_results(name: str) -> None:
    compiled = compile_table(read_any_table(source(name)))
    tried = 0
    for path in folder(name).glob("*.xml"):
        for case in etree.parse(str(path)).getroot().iter("{*}testCase"):
            inputs = {node.attrib["name"]: value_of(node) for node in case if local(node) == "inputNode"}
            (wanted,) = [value_of(node) for node in case if local(node) == "resultNode"]
            assert same(compiled.evaluate(inputs), wanted), inputs
            assert same(compiled.explain(inputs).result, wanted)
            tried += 1
    assert tried >= 3


@pytest.mark.parametrize("name", MODELS)
def test_the_table_and_its_model_give_the_same(name: str) -> None:
    table = read_any_table(source(name))
    compiled = compile_table(table)
    model, findings = read_model(source(name).encode())
    assert model is not None, findings
    decided = compile_model(model)
    (decision,) = decided.decisions
    for inputs in given(table):
        ours, theirs = _answer(compiled.evaluate, inputs), _answer(lambda i: decided.evaluate(decision, i), inputs)
        if isinstance(ours, type):
            assert theirs is ours, inputs
        else:
            assert same(ours, theirs), inputs


def _answer(evaluate: Any, inputs: dict[str, Any]) -> Any:
    try:
        return evaluate(inputs)
    except RuleError as error:
        return type(error)


@pytest.mark.parametrize("name", MODELS)
def test_their_analysis_is_so(name: str) -> None:
    table = read_any_table(source(name))
    compiled = compile_table(table)
    found = analyse(table)
    assert found.undecided == ()
    answers = {}
    for inputs in given(table):
        if None not in inputs.values() and inputs.get("RiskCategory") != "Other":
            answers[tuple(inputs.values())] = compiled.matching(inputs)
    assert bool(found.gaps) == (() in answers.values())
    assert all(compiled.matching(gap.example) == () for gap in found.gaps)
    refused = [_answer(compiled.evaluate, inputs) for inputs in given(table)]
    assert bool(found.overlaps) == bool(
        {OverlappingRules, UnlikeOutputs} & {one for one in refused if type(one) is type}
    )
