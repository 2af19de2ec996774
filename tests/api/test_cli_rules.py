"""`muniment rules` on expressions, tables and decision models: answers, words, errors with line, column and caret."""

import json
from pathlib import Path

import pytest

from api.cli import run
from tests.governance.rules.dmn.files import decision, dmn, given, literal

TABLE = """\
rule-table: grade
inputs: {score: number}
output: grade
type: integer
hit: first
rules:
  - {score: ">= 720.5", then: 2}
  - {score: "-", then: 9}
"""
MODEL = given("score") + decision(
    "grade",
    "<decisionTable hitPolicy='FIRST'><input><inputExpression><text>score</text></inputExpression></input><output/>"
    "<rule><inputEntry><text>&gt;= 720.5</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>"
    "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>9</text></outputEntry></rule></decisionTable>",
    "i_score",
)


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "grade.yaml"
    path.write_text(TABLE)
    return str(path)


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "grade.dmn"
    path.write_bytes(dmn(MODEL))
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit status, and everything said."""
    status = run(["rules", *arguments])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_a_model_is_evaluated_and_explained(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "eval", model, "--input", '{"score": 720.5}') == (0, '{"$decimal": "2"}\n')
    inputs = tmp_path / "inputs.json"
    inputs.write_text('{"score": 1}')
    status, said = answer(capsys, "eval", model, "--decision", "grade", "--input", f"@{inputs}", "--explain")
    assert status == 0
    assert said.splitlines() == [
        '{"$decimal": "9"}',
        '`grade` is {"$decimal": "9"}',
        "  decision `grade`, table: rule 2 matched",
        "    rule 1 did not match: score: >= 720.5 does not hold",
    ]
    assert answer(capsys, "explain", model, "--input", f"@{inputs}") == (0, said)


def test_a_model_is_told_in_words(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = answer(capsys, "explain", model)
    assert status == 0
    assert said.splitlines() == [
        "Model `m`.",
        "Input data: `score` (number).",
        "",
        "Decision `grade`, which needs `score`:",
        "  A table of 2 rules; the first rule that matches counts.",
        "  1. if the score is at least 720.5: 2",
        "  2. always: 9",
    ]


def test_a_sound_model_is_clean(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "check", model) == (0, "m: 1 decision, 1 input\n")
    status, said = answer(capsys, "check", model, "--json")
    assert status == 0
    assert json.loads(said) == {"file": model, "ok": True, "findings": []}


def test_errors_in_a_model_have_line_column_and_caret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.dmn"
    path.write_bytes(dmn("<import name='other'/>" + decision("d", literal("1"))))
    status, said = answer(capsys, "check", str(path))
    assert status == 1
    assert said == f"{path}:2:1: error: the import of `other` is not supported (in the model)\n"
    path.write_bytes(dmn(decision("d", "\n" + literal("1 >\n other"))))
    for act in ("check", "eval", "explain"):
        status, said = answer(capsys, act, str(path))
        assert status == 1
        assert said.splitlines() == [
            f"{path}:4:2: error: expected a declared name, found `other`; a text needs double quotes (in decision `d`)",
            " other",
            " ^",
        ]


def test_what_is_no_model_is_refused_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.dmn"
    path.write_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")
    status, said = answer(capsys, "check", str(path))
    assert (status, said) == (2, f"muniment rules: {path}:1:13: expected no document type declaration\n")
    status, said = answer(capsys, "check", str(tmp_path / "none.dmn"))
    assert status == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--decision", "nothing"), "expected a decision or service (grade), found `nothing`"),
        (("--input", '{"other": 1}'), "expected an input of `grade` (score), found `other`"),
        (("--input", '{"score": true}'), "expected a number"),
        (("--input", "[1]"), "expected an object"),
    ],
)
def test_wrong_usage_is_status_two(
    arguments: tuple[str, ...], message: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = answer(capsys, "eval", model, *arguments)
    assert status == 2
    assert message in said


def test_a_table_is_evaluated_and_its_errors_have_a_caret(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, "eval", table, "--input", '{"score": 720.5}') == (0, '{"$decimal": "2"}\n')
    bad = tmp_path / "bad.yaml"
    bad.write_text(TABLE.replace(">= 720.5", ">= other"))
    status, said = answer(capsys, "check", str(bad))
    assert status == 1
    assert said.splitlines()[0].startswith("7:17: expected")
    assert said.splitlines()[1:] == [">= other", "   ^"]


def test_a_table_is_written_as_a_model_and_back(
    table: str, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, written = answer(capsys, "convert", table, "--to", "dmn")
    assert status == 0
    copy = tmp_path / "copy.dmn"
    copy.write_text(written)
    assert answer(capsys, "convert", str(copy), "--to", "dmn") == (0, written)
    assert answer(capsys, "eval", str(copy), "--input", '{"score": 1}') == (0, '{"$decimal": "9"}\n')
    status, text = answer(capsys, "convert", model, "--to", "yaml")
    assert status == 0
    again = tmp_path / "again.yaml"
    again.write_text(text)
    assert answer(capsys, "eval", str(again), "--input", '{"score": 800}') == (0, '{"$decimal": "2"}\n')
    assert answer(capsys, "convert", table)[0] == 2


def test_an_expression_is_evaluated_and_its_errors_have_a_caret(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "eval", "--expression", "a > 1", "--input", '{"a": 2}') == (0, "true\n")
    status, said = answer(capsys, "check", "--expression", "a >\n  b + 1", "--input", '{"a": 2}')
    assert status == 1
    assert said.splitlines() == [
        "2:3: expected a declared name, found `b`; a text needs double quotes",
        "  b + 1",
        "  ^",
    ]


def test_a_table_is_checked_for_gaps_and_overlaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "table.yaml"
    path.write_text(TABLE.replace('"-"', '"< 720"'))
    status, said = answer(capsys, "check", str(path))
    assert status == 0
    assert said.splitlines() == [
        "grade: 2 rules, hit policy first",
        f"{path}: warning: no rule matches when the score is at least 720 and below 720.5,"
        " for example score = 720 [table-gap]",
    ]
    path.write_text(TABLE.replace("first", "unique"))
    status, said = answer(capsys, "check", str(path))
    assert status == 1
    assert "error: rules 1 and 2 match the same input, for example score = 720.5 [table-overlap]" in said
    status, said = answer(capsys, "check", str(path), "--json")
    assert (status, json.loads(said)["ok"]) == (1, False)
    assert json.loads(said)["findings"][0]["rule"] == "table-overlap"


def test_a_table_is_told_in_words(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = answer(capsys, "explain", table)
    assert status == 0
    assert said.splitlines() == [
        "grade. The first rule that matches counts.",
        "Rule 1: when the score is at least 720.5, the grade is 2.",
        "Rule 2: whatever comes, the grade is 9.",
    ]
    assert answer(capsys, "explain", table, "--input", '{"score": 1}')[1].splitlines() == [
        "Rule 2 matches; the result is 9.",
        "Rule 1 asks that the score is at least 720.5; it is 1, and that is not so.",
    ]
