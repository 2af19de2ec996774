"""`now` and `today` in a blueprint: the instant that the entry of what followed records, then and ever after."""

import pytest

from ledger.clock import Instant, instant_text, parse_instant
from orchestrator import commands as c
from orchestrator.feel import evaluate_at
from orchestrator.plan import Plan
from tests.orchestrator import toy
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, decide, end, version
from versioning import blueprint as b

BOUND = parse_instant("2026-03-31T00:00:00.000000Z")
WHEN = 'today() < date("2026-03-31")'
STEPS = (
    b.ChooseStep("c", HERE, branches=(b.Branch(WHEN, "early"), b.Branch(None, "late"))),
    end("early", "early"),
    end("late", "late"),
)


def office_at(now: int, *steps: b.Step) -> Office:
    office = Office(*steps)
    office.house.expressions = evaluate_at
    office.log = office.house.log()
    office.log.now = Instant(now)
    return office


@pytest.mark.parametrize(("now", "outcome"), [(BOUND - 1, "early"), (BOUND, "late")])
def test_a_condition_takes_its_moment_from_the_entry_it_is_recorded_in(now: int, outcome: str) -> None:
    office = office_at(now, *STEPS)
    instance = office.start()
    entry = office.log.entries[-1]
    assert entry.recorded_at == instant_text(Instant(now))
    assert office.instance(instance).outcome == outcome
    office.log.now = Instant(BOUND + 10**12)  # much later
    office.check()  # the fold of the entries is what it was
    again = evaluate_at(Plan(version(*STEPS)), parse_instant(entry.recorded_at))(WHEN, {})
    assert again is (outcome == "early")


def test_every_expression_of_a_command_is_asked_at_its_instant() -> None:
    office = office_at(BOUND, decide("d", (("yes", "done"),), skip_when="false"), end())
    asked: list[int] = []

    def expressions(plan: Plan, now: int) -> object:
        asked.append(now)
        return toy.evaluate

    office.house.expressions = expressions
    office.log = office.house.log()
    office.log.now = Instant(BOUND)
    office.start(actor=ANN, amount=50)
    assert set(asked) == {BOUND}
    office.log.now = Instant(BOUND + 1)
    asked.clear()
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id))
    office.done(c.CompleteTask(task_id, outcome="yes", shown_digest=office.shown(task_id).shown_digest))
    assert set(asked) == {BOUND + 1}  # the measure of the decision too
