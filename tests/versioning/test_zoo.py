"""A zoo of broken blueprints, each named after its lie: what its first lines expect is found, where they say."""

from pathlib import Path

import pytest

from ledger.errors import BrokenInput
from versioning.files import check_file
from versioning.finding import Finding
from versioning.parse import parse_blueprint, read_blueprint

ZOO = sorted((Path(__file__).parent / "zoo").glob("*.yaml"))
MARK = "# expect: "


def found_in(text: str) -> list[Finding]:
    return [finding for finding in check_file(text).findings if finding.severity != "not run"]


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.stem)
def test_each_broken_blueprint_is_found_out(path):
    text = path.read_text(encoding="utf-8")
    expected = [line.removeprefix(MARK) for line in text.splitlines() if line.startswith(MARK)]
    assert expected, "the file says what is to be found"
    assert [finding.line() for finding in found_in(text)] == expected


def test_the_zoo_holds_a_specimen_of_every_rule_of_the_language():
    """A rule without a specimen could stop working unseen. The rules on registers have tests of their own."""
    rules = {finding.rule for path in ZOO for finding in found_in(path.read_text(encoding="utf-8"))}
    assert rules >= {
        "source", "form", "unknown-key", "missing-key", "not-yet-built", "deadline.twice", "deadline.missing",
        "deadline.pass-to", "deadline.calendar", "deadline.many", "deadline.goal", "deadline.repeated",
        "deadline.task", "choose.otherwise", "data.reserved", "data.type", "data.unknown", "data.currency",
        "data.subject", "data.uncertain", "data.unread", "step.unknown", "step.unreachable", "step.nowhere",
        "step.no-end", "decision.outcome", "decision.incomplete", "duty.nobody", "branch.crossing",
        "act.within", "soundness", "wait.deadline", "wait.calendar", "wait.condition", "start.key", "start.message",
        "start.schedule", "start.zone", "start.calendar", "start.data", "start.requires", "measure.class", "expression",
        "expression.type", "priority.class", "quorum.outcomes", "quorum.veto", "quorum.tie", "quorum.pass-to",
        "decision.into", "decision.class", "told.nobody", "retry.limit", "retry.deadline", "agent.ungated",
        "event.never",
    }  # fmt: skip


def test_the_first_error_is_raised_with_its_place():
    text = next(path for path in ZOO if path.stem == "unknown-next").read_text(encoding="utf-8")
    assert read_blueprint(text).blueprint is None
    with pytest.raises(BrokenInput, match="did you mean `tell`") as raised:
        parse_blueprint(text)
    assert raised.value.location == "33:69"


def test_all_errors_are_reported_at_once():
    """Three lies in one text give three findings."""
    text = next(path for path in ZOO if path.stem == "unknown-next").read_text(encoding="utf-8")
    text = text.replace("key: number}", "key: numbers}").replace("amount > 1000", 'amount > "x"')
    assert {finding.rule for finding in found_in(text)} >= {"step.unknown", "data.unknown", "expression"}
