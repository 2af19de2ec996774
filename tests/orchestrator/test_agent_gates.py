"""A gate that cannot judge an answer stops it: however sure the answer is of itself, it goes to a person."""

from typing import Any

import pytest

from examples.services import agents as server
from orchestrator import tables
from tests.orchestrator import agency
from tests.orchestrator.agency import CONDITION, GATE, Agency

SURE = {"confidence": 0.99, "findings": []}
SILENT = GATE.replace('  - {grade: "-", score: "-", then: "true"}\n', "")


def stopped(office: Agency, instance: str) -> tuple[str, str]:
    """The gate and the code, of an answer of which nothing went into the data."""
    assert office.risk(instance) is None
    assert office.only(tables.TASK, instance=instance).state == "offered"
    office.check()
    return office.gated()


@pytest.mark.parametrize(
    "said",
    [
        {"summary": 5},  # as the step expects it, and not as the datum is declared
        {"confidence": "0.99"},  # as our data would hold it, and no number as the step expects one
        {"confidence": True},
        {"grade": 10},
        {"findings": None},
    ],
)
def test_an_answer_has_to_fit_both_what_is_expected_and_where_it_goes(running: server.Running, said: Any) -> None:
    office = Agency(running)
    running.state.say(**{**SURE, **said})
    assert stopped(office, office.begin()) == ("schema", "")


def test_a_rule_table_without_an_answer_stops_it(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\ngate rules: sane-grade")
    office.gate(SILENT)
    running.state.say(**SURE)
    assert stopped(office, office.begin(score=800)) == ("rules", "NO_RULE_MATCHES")


def test_an_answer_hides_no_data_by_members_that_nobody_has_described(
    running: server.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table reads the score that the bureau gave, not one that the agent puts beside its grade."""
    told = "properties: {grade: integer, summary: string, confidence: number, findings: [string]}"
    assert told in agency.BLUEPRINT
    monkeypatch.setattr(agency, "BLUEPRINT", agency.BLUEPRINT.replace(told, "type: object"))
    office = Agency(running, f"{CONDITION}\ngate rules: sane-grade")
    office.gate()
    running.state.say(**SURE, grade=2, score=900)
    assert stopped(office, office.begin(score=400)) == ("rules", "")


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("= 10 ** 7000 > confidence", "EXPRESSION_FAILED"),
        ("= confidence / count(findings) > 0.1", ""),
        ("= amount > 5", ""),  # nobody has said the amount: neither true nor false
    ],
)
def test_a_condition_that_comes_to_nothing_stops_it(running: server.Running, condition: str, code: str) -> None:
    office = Agency(running, f"accept when: {condition}")
    running.state.say(**SURE)
    assert stopped(office, office.begin()) == ("condition", code)


@pytest.mark.parametrize("accept", ["yes", 1, [True], {"accept": True}, None])
def test_a_judge_accepts_by_true_and_nothing_like_it(running: server.Running, accept: Any) -> None:
    office = Agency(running, f"{CONDITION}\njudge: checker")
    office.profile(("agent: summariser", "agent: checker"))
    running.state.say(**SURE)
    instance = office.begin()
    running.state.say(accept=accept)
    office.runner().round()
    assert len(office.transitions("proposal.judged")) == 1
    assert stopped(office, instance) == ("judge", "")


def test_what_was_erased_while_its_judge_had_it_is_laid_nowhere(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\njudge: checker", shows="bureau, secret")
    for name in ("summariser", "checker"):
        office.profile(("agent: summariser", f"agent: {name}"), ("sees: internal", "sees: personal"))
    instance = office.begin(secret={"name": "Jo Doe"})
    for token, (subject, path, _) in list(office.log.openings.items()):
        if path == "#1.proposal":
            office.log.openings[token] = (subject, path, None)  # as an erasure leaves it
    office.runner().round()
    assert stopped(office, instance) == ("judge", "ERASED")
