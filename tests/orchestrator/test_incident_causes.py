"""Incidents are grouped by their cause, whether a connector has to do with it or not."""

from orchestrator.incident_lists import causes
from tests.orchestrator.house import BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end
from versioning import blueprint as b


def test_rules_expressions_and_agents_have_causes_as_calls_do() -> None:
    steps = (
        b.AllStep("all", HERE, branches=("table", "choice", "asked", "told"), next="done"),
        b.RulesStep("table", HERE, table="broken", into="risk.grade"),
        b.ChooseStep("choice", HERE, branches=(b.Branch("fail", "late"), b.Branch(None, "late"))),
        b.WaitStep("late", HERE, message="m", key="number"),
        b.AgentStep("asked", HERE, agent="nobody", shows=("amount",), into="risk.bureau", review_by="role clerks"),
        b.SendStep("told", HERE, message="m", key="fail"),
        end(),
    )
    office = Office(*steps)
    for number in range(3):
        office.start(f"A-{number}", amount=5)
        office.log.now += 1
    found = causes(MemoryUow(office.log, BOB), ("organisation",))
    assert sorted((one.step, one.code, one.held) for one in found) == [
        ("asked", "NO_SUCH_AGENT", 3),
        ("choice", "EXPRESSION_FAILED", 3),
        ("table", "NO_RULE_MATCHES", 3),
        ("told", "EXPRESSION_FAILED", 3),
    ]
    assert all(one.last_at - one.first_at == 2 for one in found)
