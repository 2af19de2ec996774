"""Whom a deadline tells when it is over: a role, or a list of roles, initiator, who acted in a step, office."""

from typing import Any

import pytest

from tests.versioning.test_tells import registers
from versioning.blueprint import Late, Recipient
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.files import check_file
from versioning.finding import errors_of
from versioning.flows import certain_names, renamed
from versioning.kinds.blueprint import blueprint_value
from versioning.parse import parse_blueprint
from versioning.words import words

SOURCE = """\
blueprint: claims
title: Claims
purpose: Decide claims.
owner: claims
currency: EUR
deadline: {within: 9 days, late: [{after: 0 hours, WHOLE}]}
data:
  number: {type: string, class: internal, required: true}
  fit: {type: boolean, class: internal}
start: {by: api, requires: role staff, key: number}
first: look
steps:
  look: {task: Look, role: role clerk, expects: [fit], next: look-again}
  look-again:
    task: Look again
    role: role clerk
    shows: [fit]
    expects: [fit]
    deadline: {within: 1 day, late: [{after: 2 hours, STEP, urgency: 5, every: 1 day, times: 3}]}
    next: file
  file: {job: file, within: 1 hour, next: done}
  done: {end: over}
"""
ALL = "tell: [role lead, initiator, step look, office head]"


def source(step: str = ALL, whole: str = "tell: initiator") -> str:
    return SOURCE.replace("STEP", step).replace("WHOLE", whole)


def found(text: str) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in errors_of(check_file(text, registers()).findings)]


def test_one_role_is_kept_as_ever_and_whoever_else_beside_it() -> None:
    blueprint = parse_blueprint(source(whole="tell: role lead"))
    assert blueprint.deadline is not None
    assert blueprint.deadline.late == (Late("PT0H", tell="lead"),)
    assert parse_blueprint(source(whole="tell: [role lead]")).deadline == blueprint.deadline
    assert blueprint_value(blueprint)["deadline"]["late"] == [{"after": "PT0H", "tell": "lead"}]
    (late,) = blueprint.step("look-again").deadline.late  # type: ignore[union-attr]
    assert late.tell is None
    assert late.whom == (
        Recipient("role", "lead"), Recipient("initiator"), Recipient("step", "look"), Recipient("office", "head"),
    )  # fmt: skip


def test_what_fits_its_registers_has_no_findings() -> None:
    assert found(source()) == []


@pytest.mark.parametrize(
    ("changed", "rule", "part"),
    [
        ({"step": "tell: [initiator, role leed]"}, "reference", "a role that does not exist, did you mean `lead`"),
        ({"whole": "tell: [initiator, role leed]"}, "reference", "a role that does not exist, did you mean `lead`"),
        ({"step": "tell: office hed"}, "reference", "an office that does not exist, did you mean `head`"),
        ({"step": "tell: step lok"}, "step.unknown", "`look-again` tells who acted in no step, did you mean `look`"),
        (
            {"whole": "tell: step file"},
            "told.nobody",
            "the instance tells who acted in `file`, in which no person",
        ),
        ({"step": "tell: initiator, warn: holder"}, "form", "`look-again`"),
    ],
)
def test_what_does_not_is_an_error(changed: dict[str, Any], rule: str, part: str) -> None:
    told = found(source(**changed))
    assert rule in [one for one, _ in told]
    assert part in " ".join(message for _, message in told)


def test_everybody_told_counts_among_what_may_happen() -> None:
    many = ", ".join(f"step s{number}" for number in range(14))
    assert "deadline.many" in [rule for rule, _ in found(source(step=f"tell: [{many}]"))]  # 14 persons, 3 times


def test_they_are_told_in_words() -> None:
    said = " ".join(words(parse_blueprint(source())))
    assert (
        "2 hours later word goes to those with the role lead, whoever started the instance, whoever acted in "
        "step 1 (look) and who holds the office head"
    ) in said
    assert "word goes to whoever started the instance" in said


def test_a_comparison_names_them() -> None:
    before, after = parse_blueprint(source("tell: role lead")), parse_blueprint(source("tell: [role lead, initiator]"))
    (said,) = diff_words(diff(before, after))
    assert "the role lead is told" in said
    assert "word goes to those with the role lead and whoever started the instance" in said


def test_a_step_that_is_called_otherwise_is_still_told() -> None:
    before = parse_blueprint(source(whole="tell: step look"))
    after = parse_blueprint(source(whole="tell: step look").replace("look:", "see:").replace("step look", "step see")
                            .replace("first: look", "first: see"))  # fmt: skip
    assert certain_names(before, after) == {"look": "see"}
    called = renamed(before, {"look": "see"})
    assert (called.deadline, called.step("look-again").deadline) == (after.deadline, after.step("look-again").deadline)
