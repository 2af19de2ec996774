"""Who judges whose answer, and what an answer goes through, as a blueprint that asks an agent is checked."""

from pathlib import Path

import pytest

from versioning.blueprint import AgentStep
from versioning.check import check
from versioning.finding import Finding
from versioning.parse import read_blueprint
from versioning.registers import Agent, Registers

UNGATED = (Path(__file__).parent / "zoo" / "agent-without-a-gate.yaml").read_text(encoding="utf-8")
ASKED = "agent: reader, "


def found(agent: str, keys: str = "", **serving: tuple[str, ...]) -> list[tuple[str, str]]:
    """Severity and rule of every finding about agents, where these agents serve these tasks."""
    said = f"agent: {agent}, {keys}, " if keys else f"agent: {agent}, "
    assert ASKED in UNGATED
    read = read_blueprint(UNGATED.replace(ASKED, said))
    assert read.blueprint is not None, read.findings
    assert any(isinstance(step, AgentStep) for step in read.blueprint.steps)
    registers = Registers(agents={name: Agent("internal", frozenset(tasks)) for name, tasks in serving.items()})
    findings: tuple[Finding, ...] = check(read.blueprint, registers, None, read.places)
    return [(one.severity, one.rule) for one in findings if one.rule in ("agent.judge", "agent.ungated", "reference")]


@pytest.mark.parametrize(
    ("agent", "serving", "findings"),
    [
        ("one", {"one": ()}, [("error", "agent.judge")]),
        ("grade", {"one": ("grade",)}, [("error", "agent.judge")]),
        ("grade", {"one": ("grade",), "two": ("grade",)}, [("warning", "agent.judge")]),
        ("grade", {"one": (), "two": ("grade",)}, []),
        ("two", {"one": ("two",), "two": ("two",)}, []),  # of an agent by name only that one is asked
    ],
)
def test_nobody_judges_an_answer_that_may_be_its_own(
    agent: str, serving: dict[str, tuple[str, ...]], findings: list[tuple[str, str]]
) -> None:
    assert found(agent, "judge: one", **serving) == findings


@pytest.mark.parametrize(
    ("keys", "findings"),
    [
        ("", [("warning", "agent.ungated")]),
        ("accept when: = sure > 0.5", []),
        ("accept when: = true", []),  # said in so many words
        ("gate rules: sane", []),
        ("judge: two", []),
        ("sample: 5%", []),
    ],
)
def test_an_answer_goes_through_a_gate_or_the_step_says_that_it_does_not(
    keys: str, findings: list[tuple[str, str]]
) -> None:
    assert found("one", keys, one=(), two=()) == findings
