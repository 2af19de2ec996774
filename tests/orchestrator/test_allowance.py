"""All that one command evaluates has one allowance: however many steps reckon, the log is held for no longer."""

from dataclasses import replace
from typing import Any

import pytest

from governance.conditions import condition_value
from governance.decision import DecisionRequest
from governance.refusal_texts import why
from governance.rules import limits
from governance.rules.dmn.as_table import read_any_table
from governance.rules.env import ALLOWANCE
from governance.rules.table import compile_table
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.feel import TOO_MUCH, TypedData, evaluate_at, paying
from orchestrator.plan import plan_of
from orchestrator.run import Failed
from tests.orchestrator.agency import AgentHouse
from tests.orchestrator.office import Office
from tests.orchestrator.toy import decide, end
from versioning import blueprint as b
from versioning.blueprint import BlueprintVersion
from versioning.parse import parse_blueprint

HEAVY = "count(for i in 1..2000 return count(for j in 1..80 return j)) > 0"  # about a third of what one may take
TOO_HEAVY = "count(for i in 1..9000 return count(for j in 1..800 return j)) > 0"
HEAD = """\
blueprint: toy
title: Reckoning
purpose: Reckon for a long time.
owner: owners
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  sane: {type: boolean, class: internal}
start: {by: api, requires: role starters, key: number}
first: s0
steps:
"""
TABLE = f"""\
rule-table: sane-grade
title: A table that reckons
inputs: {{number: string}}
output: sane
type: boolean
hit: first
rules:
  - {{number: "-", then: "{HEAVY}"}}
"""
STEPS = 14


class Reckoning(Office):
    """An office whose blueprint reckons in every one of its steps."""

    def __init__(self, step: str) -> None:
        self.house = AgentHouse()
        self.house.table = compile_table(read_any_table(TABLE))
        steps = "".join(f"  s{place}: {step.replace('NEXT', f's{place + 1}')}\n" for place in range(STEPS))
        text = f"{HEAD}{steps}  s{STEPS}: {{end: done}}\n"
        self.house.release(BlueprintVersion(parse_blueprint(text), 1, "digest-1", ("person:author",), (), text, 0))
        self.log = self.house.log()


@pytest.mark.parametrize(
    "step",
    [
        f"{{choose: [{{when: '= {HEAVY}', next: NEXT}}, {{otherwise: NEXT}}]}}",
        f"{{rules: sane-grade, into: sane, skip when: '= {HEAVY}', next: NEXT}}",
    ],
)
def test_a_command_that_reckons_too_much_is_held_and_goes_on_with_the_next(step: str) -> None:
    office = Reckoning(step)
    instance = office.start("A-1")
    reached = []
    while office.instance(instance).status == "active":
        incident = office.only(tables.INCIDENT, state="open")
        assert incident.code == TOO_MUCH
        reached.append(int(incident.step[1:]))
        assert len(reached) < STEPS
        office.done(c.ResolveIncident(f"{instance}.{incident.number}", "retry"))
    gaps = [later - former for former, later in zip([0, *reached], reached, strict=False)]
    assert gaps
    assert all(1 <= gap <= 8 for gap in gaps)
    office.check()


def test_one_expression_over_its_own_limit_is_its_own_fault_and_leaves_some_for_others() -> None:
    plan, allowance = plan_of(version()), limits.Allowance()
    evaluate = paying(evaluate_at(plan, 0), allowance)
    assert evaluate(TOO_HEAVY, {}) == Failed("EXPRESSION_FAILED")
    assert evaluate(HEAVY, {}) is True
    assert not allowance.is_spent


def test_a_command_that_has_taken_too_long_evaluates_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(limits, "steady_seconds", lambda: now[0])
    evaluate = paying(evaluate_at(plan_of(version()), 0), limits.Allowance())
    now[0] += 3_600  # the time of a command counts from the first that it evaluates
    assert evaluate("number", {"number": "A-1"}) == "A-1"
    now[0] += limits.TOGETHER_SECONDS_MAX
    assert evaluate("number", {"number": "A-1"}) == "A-1"
    now[0] += 0.001
    assert evaluate("number", {"number": "A-1"}) == Failed(TOO_MUCH)


def test_what_is_cheap_is_paid_for_as_well() -> None:
    allowance = limits.Allowance()
    evaluate = paying(evaluate_at(plan_of(version()), 0), allowance)
    source = f"count([{', '.join(['number'] * 900)}]) > 0"
    done = 0
    while type(evaluate(source, {"number": "A"})) is bool:
        done += 1
        assert done < 1_000
    assert done > 200  # more than one command may have steps


def test_conditions_of_grants_are_paid_for_as_well() -> None:
    data = TypedData(plan_of(version()), {"number": "A-1"}.get, limits.Allowance())
    source = f'{HEAVY} and number = "A-1"'
    assert [condition_value(source, data, 0) for _ in range(3)] == [True] * 3
    with pytest.raises(BrokenInput):
        [condition_value(source, data, 0) for _ in range(10)]


def test_all_who_are_asked_about_for_a_task_are_paid_for_by_the_command_that_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office(replace(decide("d", (("yes", "done"), ("no", "done"))), offer=b.Offer(least_loaded=True)), end())
    persons = tuple(f"person:{place}" for place in range(4))
    office.house.roles |= {person: {"clerks"} for person in persons}
    office.house.limits = dict.fromkeys(persons, 1)
    asked: list[Any] = []

    def denied(_uow: Any, request: DecisionRequest) -> Refusal:
        asked.append(request.context.get(ALLOWANCE))
        return Refusal(Reason.LIMIT_CASE, why("measure-too-long"))

    monkeypatch.setattr(office.house, "decide", denied)
    office.start(amount=5)
    assert len(asked) >= len(persons)
    assert len(set(map(id, asked))) == 1
    assert isinstance(asked[0], limits.Allowance)


def version() -> Any:
    """A version with two data and a step that ends."""
    text = HEAD.replace("first: s0", "first: done") + "  done: {end: done}\n"
    return BlueprintVersion(parse_blueprint(text), 1, "digest-1", ("person:author",), (), text, 0)
