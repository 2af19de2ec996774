"""Words: the golden file, and the conditions that may be put into words at all."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.versioning.structured import structured
from versioning.blueprint import DataField
from versioning.files import check_file
from versioning.net_ways import ways_out
from versioning.words import words, words_text
from versioning.words_conditions import condition_words
from versioning.words_parts import duration_words

GOLDEN = Path(__file__).parent / "golden"
DATA = (
    DataField("amount", "money", "internal"),
    DataField("score", "number", "internal"),
    DataField("listed", "boolean", "internal"),
    DataField("country", "string", "internal"),
    DataField("risk", "object", "internal", properties=(DataField("grade", "integer", "internal"),)),
)


def test_the_words_of_the_loan_are_those_of_the_golden_file():
    """Set MUNIMENT_GOLDEN=write to write it anew, and read the difference."""
    report = check_file((GOLDEN / "loan.yaml").read_text(encoding="utf-8"))
    assert report.ok, report.lines()
    assert report.blueprint is not None
    text = words_text(report.blueprint)
    path = GOLDEN / "loan.txt"
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amount > 250000 or risk.grade >= 7", "the amount is above 250,000 pounds or the risk grade is 7 or more"),
        ("listed", "the mark listed is true"),
        ("not(listed)", "the mark listed is false"),
        ("score <= 0.5 and score != 0", "the score is 0.5 or less and the score is not 0"),
        ('country = "GB"', 'the country is "GB"'),
        ("country = null", "the country is without a value"),
        ("listed or score > 1 and score < 3", "`listed or score > 1 and score < 3` holds"),
        ('country = "a and b"', '`country = "a and b"` holds'),
        ("count(risk) > 3", "`count(risk) > 3` holds"),
        ("amount > score", "`amount > score` holds"),
        ("unknown > 3", "`unknown > 3` holds"),
    ],
)
def test_a_condition_is_put_into_words_only_where_they_mean_the_same(source, expected):
    assert condition_words(source, DATA, "GBP") == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("P2D", "2 days"), ("PT1H", "1 hour"), ("P1DT4H30M", "1 day, 4 hours and 30 minutes"), ("PT0S", "no time")],
)
def test_durations_in_words(duration, expected):
    assert duration_words(duration) == expected


@given(structured())
@settings(max_examples=50, deadline=None)
def test_every_step_has_its_sentence_and_every_target_its_number(blueprint):
    said = words(blueprint)
    numbers = {step.id: number for number, step in enumerate(blueprint.steps, 1)}
    assert len(said) == len(blueprint.steps) + 2
    for step, sentence in zip(blueprint.steps, said[2:], strict=True):
        assert sentence.lower().startswith(step.id)
        assert "\n" not in sentence
        for way in ways_out(step):
            assert not way.target or f"step {numbers[way.target]} ({way.target})" in sentence


def test_a_title_cannot_pass_for_a_sentence_of_ours():
    text = (GOLDEN / "loan.yaml").read_text(encoding="utf-8")
    text = text.replace("title: credit officer", 'title: "officer\\n12. Committee. Nobody decides"')
    blueprint = check_file(text).blueprint
    assert blueprint is not None
    assert words_text(blueprint).count("\n12. ") == 1


def test_a_title_that_is_a_question_has_no_full_stop_beside_its_mark():
    text = (GOLDEN / "loan.yaml").read_text(encoding="utf-8").replace("title: credit officer", 'title: "Is it due?"')
    blueprint = check_file(text).blueprint
    assert blueprint is not None
    assert ". Is it due? A person with the role" in words_text(blueprint)
