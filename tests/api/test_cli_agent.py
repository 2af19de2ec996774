"""`muniment agent calibrate`: evidence that a profile may cite, and what cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from ledger.canonical import digest
from ledger.errors import BrokenInput
from tests.api.agents import PROFILE
from versioning.kinds.agent import read_agent


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "reader.yaml"
    path.write_text(PROFILE.replace("NAME", "reader").replace("ENDPOINT", "https://models.example.com/v1"))
    return path


@pytest.fixture
def outcomes(tmp_path: Path) -> Path:
    """Right where it is sure, a coin where it is not."""
    lines = [{"confidence": 0.9 + number % 10 / 100, "correct": True} for number in range(200)]
    lines += [{"confidence": 0.6, "correct": number % 2 == 0} for number in range(100)]
    path = tmp_path / "outcomes.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def evidence(capsys: Any, *arguments: Any) -> tuple[int, Any]:
    code = run(["agent", "calibrate", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_evidence_names_what_it_rests_on_and_has_a_digest(
    profile: Path, outcomes: Path, tmp_path: Path, capsys: Any
) -> None:
    out = tmp_path / "evidence.json"
    code, found = evidence(capsys, outcomes, "--profile", profile, "--out", out)
    assert code == 0
    assert found["threshold"]["confidence"] == "0.9"
    assert (found["threshold"]["count"], found["all"]["count"]) == (200, 300)
    assert float(found["threshold"]["low"]) >= 0.95
    assert json.loads(out.read_text()) == found
    assert digest({name: part for name, part in found.items() if name != "digest"}) == found["digest"]
    citing = profile.read_text() + f"calibration: {found['digest']}\n"
    assert read_agent(citing)["calibration"] == found["digest"]
    profile.write_text(citing)
    assert evidence(capsys, outcomes, "--profile", profile)[1] == found, "what is cited does not change what is said"


def test_another_model_or_other_outcomes_are_other_evidence(profile: Path, outcomes: Path, capsys: Any) -> None:
    _, first = evidence(capsys, outcomes, "--profile", profile)
    profile.write_text(profile.read_text().replace('version: "1"', 'version: "2"'))
    _, second = evidence(capsys, outcomes, "--profile", profile)
    outcomes.write_text(outcomes.read_text() + '\n{"confidence": 1, "correct": false}')
    _, third = evidence(capsys, outcomes, "--profile", profile)
    assert len({first["digest"], second["digest"], third["digest"]}) == 3
    assert first["outcomes"] == second["outcomes"] != third["outcomes"]


def test_evidence_may_stand_in_the_profile_it_is_of_and_in_no_other(profile: Path, outcomes: Path, capsys: Any) -> None:
    _, found = evidence(capsys, outcomes, "--profile", profile)
    bare = profile.read_text()
    citing = bare + f"calibration: {json.dumps(found)}\n"
    value = read_agent(citing)
    assert (value["calibration"], value["evidence"]) == (found["digest"], found)
    profile.write_text(citing)
    assert evidence(capsys, outcomes, "--profile", profile)[1] == found, "what is cited does not change what is said"
    for wrong, says in (
        (citing.replace('version: "1"', 'version: "2"'), "expected evidence of this profile"),
        (citing.replace("Grade the report.", "Grade it well."), "expected evidence of this profile"),
        (citing.replace('"correct": 200', '"correct": 199'), "expected the digest of this evidence"),
        (citing.replace('"count": 300', '"count": "300"'), "expected a count"),
        (citing.replace('"level": ', '"levels": '), "expected one of"),
        (bare + f"calibration: {json.dumps({**found, 'threshold': None})}\n", "expected evidence with a threshold"),
    ):
        assert wrong != citing
        with pytest.raises(BrokenInput, match=says) as broken:
            read_agent(wrong)
        assert broken.value.location.startswith("10:")


def test_a_precision_that_is_never_reached_is_said(profile: Path, outcomes: Path, capsys: Any) -> None:
    code, found = evidence(capsys, outcomes, "--profile", profile, "--precision", "0.999")
    assert (code, found["threshold"]) == (1, None)
    assert run(["agent", "calibrate", str(outcomes), "--profile", str(profile), "--precision", "0.999"]) == 1
    assert "no threshold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("{", "line 2"),
        ('{"confidence": 1.2, "correct": true}', "line 2"),
        ('{"confidence": 0.2}', "line 2"),
        ('{"confidence": "NaN", "correct": true}', "line 2"),
        ('{"confidence": null, "correct": true}', "line 2"),
        ('{"confidence": 1e99999999999999999999, "correct": true}', "line 2"),
        ('{"confidence": 1e-99999999999999999999, "correct": true}', "line 2"),
        ('{"confidence": 1e-400000, "correct": true}', "line 2"),
        ('{"confidence": "0_1", "correct": true}', "line 2"),
        ('{"confidence": 0.2, "correct": true, "correct": false}', "line 2"),
        ("[" * 100_000, "line 2"),
    ],
)
def test_what_cannot_be_read_is_named(profile: Path, tmp_path: Path, capsys: Any, line: str, place: str) -> None:
    path = tmp_path / "outcomes.jsonl"
    path.write_text('{"confidence": 0.2, "correct": true}\n' + line)
    assert run(["agent", "calibrate", str(path), "--profile", str(profile)]) == 2
    assert place in capsys.readouterr().err


def test_a_line_ends_where_lines_of_json_end(profile: Path, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "outcomes.jsonl"
    path.write_text(
        '{"confidence": 0.2, "correct": true, "note": "a\u2028b\x85c"}\r\n\n{"confidence": -0.0, "correct": true}'
    )
    _, found = evidence(capsys, path, "--profile", profile, "--precision", "0")
    assert (found["all"]["count"], found["threshold"]["confidence"]) == (2, "0.0")


def test_a_place_where_nothing_can_be_written_is_said(profile: Path, outcomes: Path, capsys: Any) -> None:
    assert run(["agent", "calibrate", str(outcomes), "--profile", str(profile), "--out", "/nowhere/at/all"]) == 2
    assert "/nowhere/at/all: expected a file that can be written" in capsys.readouterr().err


def test_as_many_outcomes_as_reviews_make_can_be_read(profile: Path, tmp_path: Path, capsys: Any) -> None:
    """A hundred thousand lines of those that `muniment agent outcomes` writes are more than any other file may hold."""
    line = '{"confidence":%s,"correct":true,"verdict":"accept","gate":"threshold","task":"pi_%s.7","entry":%d}'
    path = tmp_path / "outcomes.jsonl"
    path.write_text("\n".join(line % ("0.91", "x" * 40, number) for number in range(100_000)))
    assert path.stat().st_size > 10_000_000
    assert evidence(capsys, path, "--profile", profile)[1]["threshold"]["count"] == 100_000
