"""What holds of every blueprint and every order of commands, with all that `test_machine_properties` leaves out.

Calendars and agents are handed in; beside the commands of that machine there are those of people who hand work on, of
agents and workers who propose, of answers that come late, and moves of several steps at once.
"""

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from ledger.clock import Instant
from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import handing
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.agent_transitions import ProposalGated, ProposalMade, ProposalRequested, ProposalReviewed
from orchestrator.agents import Asked, Profile, Read
from orchestrator.commands import CallEvidence
from orchestrator.late import TakeLate
from orchestrator.machine import step
from orchestrator.run import Failed, Inputs, Ruled
from orchestrator.steering import Modify
from orchestrator.undo_transitions import CallAnsweredLate
from tests.orchestrator import toy
from tests.orchestrator.shadow import Shadow
from tests.orchestrator.test_clocks import FRIDAY, Shelf
from tests.orchestrator.test_machine_properties import VOTERS, AnyInstance
from tests.orchestrator.toy import HOUR, Driver
from tests.orchestrator.wide_blueprints import GRADING, HAND, JUDGE, SUMMARISER, WideBuilder
from versioning import blueprint as b

PROFILES = {
    SUMMARISER: Profile(SUMMARISER, "digest-1", "internal"),
    JUDGE: Profile(JUDGE, "digest-2", "personal"),
    HAND: Profile(HAND, "digest-3", "personal", worker="advise"),
}
SERVE = {GRADING: (PROFILES[SUMMARISER], PROFILES[HAND])}
ADVICE = {"grade": 2, "summary": "fine", "confidence": {"$decimal": "0.9"}, "findings": []}
ANSWERS = (ADVICE, {**ADVICE, "grade": 8}, {**ADVICE, "confidence": {"$decimal": "0.1"}}, {"grade": "good"}, "prose")
TOLD = [{"output": one} for one in (*ANSWERS, {"accept": True}, {"accept": False})] + [{"fault": "PROSE"}, "odd"]


class Agents:
    """Agents in force, and what they have proposed, as the entries say it."""

    def __init__(self, driver: "WideDriver") -> None:
        self._driver = driver

    def candidates(self, wanted: str, read: Read) -> tuple[Profile, ...]:
        return (PROFILES[wanted],) if wanted in PROFILES else SERVE.get(wanted, ())

    def named(self, name: str) -> Profile | None:
        return PROFILES.get(name)

    def asked(self, number: int) -> Asked:
        agent, output = "", None
        for one in self._driver.all(ProposalRequested | ProposalMade):
            if one.activation == number:
                agent = one.agent
                output = one.output if isinstance(one, ProposalMade) else output
        return Asked(agent, PROFILES[agent].digest if agent else "", output)

    def roll(self, number: int) -> int:
        return number * 3_571 % 10_000

    def evaluate(self, step: b.AgentStep, output: dict[str, Any], read: Read) -> Any:
        return Failed("EXPRESSION_FAILED") if step.accept_when == "fail" else output["confidence"] == "0.9"


def rules(table: str, arguments: Mapping[str, Any], into: b.DataField | None) -> Ruled | Failed:
    return Ruled(arguments["grade"] < 7, "gate") if table == "gate" else toy.rules(table, arguments, into)


class WideDriver(Driver):
    """A driver with calendars and agents, on a Friday."""

    def __init__(self, version: b.BlueprintVersion, data: dict[str, Any]) -> None:
        self.shelf = Shelf()
        self.shelf.release("london")
        super().__init__(version, data)

    def judge(self, command: Any, by: str = "person:p") -> tuple[t.Transition, ...] | Refusal:
        if not self.batches:
            self.now = FRIDAY
        started = FRIDAY if self.batches else 0
        inputs = Inputs(
            self.now, by, self.data.get, toy.evaluate, rules, self.shelf, started, Agents(self), people=toy.Clerks()
        )
        return step(self.instance, self.plan, command, inputs)


@st.composite
def blueprints(draw: Any) -> b.BlueprintVersion:
    return WideBuilder(lambda among: draw(st.sampled_from(among))).build()


class AnyWideInstance(AnyInstance):
    """As the other machine, on blueprints of the whole language."""

    driver: WideDriver

    @initialize(blueprint=blueprints(), amount=st.sampled_from([3, 9, None]), items=st.lists(st.just(1), max_size=3))
    def begin(self, blueprint: b.BlueprintVersion, amount: int | None, items: list[int]) -> None:
        data: dict[str, Any] = {"number": "A-1", "amount": amount, "note": "2027-01-01", "items": items}
        data |= {"paper": "x", "bureau": {}}
        self.driver = WideDriver(blueprint, data)
        self.shadow = Shadow()
        self.read = 0

    def fitting(self, number: int) -> list[Any]:
        activation = self.driver.instance.activation(number)
        assert activation is not None
        item, step_ = f"pi_toy.{number}", self.driver.plan.steps[activation.step]
        made = super().fitting(number)
        is_agent = isinstance(step_, b.AgentStep) and activation.watch is None
        match activation.state:
            case states.REQUESTED if is_agent:
                made += [c.SucceedCall(item, "", one, CallEvidence("digest-1")) for one in TOLD]
                made.append(c.FailCall(item, "", "DOWN", retryable=False))
            case states.CREATED if is_agent:
                made += [c.CompleteJob(item, "", one) for one in ANSWERS]
            case states.JOINING if isinstance(step_, b.AllStep):
                made += [c.RepeatBranch(item, branch, "once more") for branch in step_.branches]
                made += [c.PassOverBranch(item, branch, "not needed") for branch in step_.branches]
            case states.OFFERED:
                made += [handing.ReassignTask(item, "person:q", "away"), handing.TakeTask(item, "person:q")]
                made += [handing.GiveTask(number, "person:q", 1, 2), handing.GiveTask(number)]
            case states.CLAIMED:
                made += [
                    handing.DelegateTask(item, "person:q"),
                    handing.ReturnTask(item),
                    handing.ReturnTask(item, "yes"),
                ]
                made += [
                    handing.TakeAway(item, activation.holder, "", "NO_RULE"),
                    handing.ReassignTask(item, "person:p", "back"),
                ]
                if is_agent:
                    made += [c.CompleteTask(item, "accept"), c.CompleteTask(item, "correct", ADVICE)]
                    made += [c.CompleteTask(item, "reject", reason="wrong"), c.CompleteTask(item, "reject")]
            case states.HELD:
                incident = f"pi_toy.{activation.incident}"
                made += [
                    c.ResolveIncident(incident, "other", {"amount": 2}, "agreed", to) for to in self.driver.plan.steps
                ]
        return made

    @precondition(lambda self: self.driver.instance.clock is not None)
    @rule()
    def whole_is_due(self) -> None:
        clock = self.driver.instance.clock
        assert clock is not None
        if not clock.paused_at:
            self.driver.now = max(self.driver.now, clock.due)
        self.driver.do(c.FireTimer("pi_toy.0/deadline", Instant(clock.due)))

    @precondition(lambda self: len(self.driver.instance.live) > 1)
    @rule(data=st.data())
    def move_several(self, data: st.DataObject) -> None:
        live = [one.number for one in self.driver.instance.live]
        steps = st.sampled_from(sorted(self.driver.plan.steps))
        moved = data.draw(st.lists(st.sampled_from(live), min_size=2, max_size=3, unique=True))
        self.driver.do(Modify(tuple([(number, data.draw(steps)) for number in moved])))

    @rule(weeks=st.integers(0, 60))
    def time_passes(self, weeks: int) -> None:
        self.driver.now += weeks * 7 * 24 * HOUR  # at most beyond what the calendar states

    @rule(data=st.data())
    def calendar_changes(self, data: st.DataObject) -> None:
        closed = data.draw(st.sampled_from([{}, {"2026-12-07": "Move"}]))
        self.driver.shelf.release("london", closed=closed)

    @rule(data=st.data())
    def answer_late(self, data: st.DataObject) -> None:
        """The answer of a call that went out and was closed meanwhile, once: as the row of the call says it."""
        out = {one.activation for one in self.driver.all(t.CallStarted)}
        known = {one.activation for one in self.driver.all(t.CallSucceeded | CallAnsweredLate)}
        closed = [one for one in self.driver.all(t.CallCancelled) if one.activation in out - known]
        if closed:
            one = data.draw(st.sampled_from(closed))
            self.driver.do(TakeLate(one.activation, one.step, one.branch, {"score": 1}))

    @rule(by=st.sampled_from(VOTERS), data=st.data())
    def act_for_another(self, by: str, data: st.DataObject) -> None:
        """Whoever does not hold a task does nothing with it."""
        held = [one for one in self.driver.instance.live if one.state == states.CLAIMED and one.holder != by]
        if held and not self.driver.instance.suspended:
            one = data.draw(st.sampled_from(held))
            item = f"pi_toy.{one.number}"
            commands = [
                c.CompleteTask(item, "yes"),
                c.CompleteTask(item, "accept"),
                c.CompleteTask(item),
                c.ReleaseTask(item),
            ]
            said = self.driver.do(data.draw(st.sampled_from(commands)), by=by)
            assert isinstance(said, Refusal)

    @invariant()
    def nothing_is_laid_that_nobody_let_through(self) -> None:
        if not hasattr(self, "driver"):
            return
        for batch in self.driver.batches[-1:]:
            laid = [one for one in batch if isinstance(one, t.VariableSet) and one.path == "advice"]
            passed = [one for one in batch if isinstance(one, ProposalGated) and not one.gate]
            looked = [one for one in batch if isinstance(one, ProposalReviewed) and one.verdict != "reject"]
            assert len(laid) == len(passed) + len(looked)

    @invariant()
    def a_join_waits_for_what_is_left(self) -> None:
        """As many branches are left as a join still waits for, and nothing is open in one that was passed over."""
        if not hasattr(self, "driver"):
            return
        for one in self.driver.instance.live:
            step_ = self.driver.plan.steps[one.step]
            if one.state == states.JOINING and isinstance(step_, b.AllStep):
                left_out = [name for name in one.arrived if name.startswith(states.PASSED)]
                assert len(step_.branches) - len(left_out) >= one.needed
                inside = {inner.branch for inner in self.driver.instance.live if inner.scope == one.number}
                assert not inside & {name.removeprefix(states.PASSED) for name in one.arrived}
                assert not {name.removeprefix(states.PASSED) for name in left_out} - {*step_.may_pass_over}

    @invariant()
    def a_reaction_happens_once(self) -> None:
        if not hasattr(self, "driver"):
            return
        told = [(one.activation, one.reaction) for one in self.driver.all(t.Escalated)]
        assert len(told) == len(set(told))

    @invariant()
    def clocks_stand_still_for_the_customer(self) -> None:
        """Exactly the clocks around what waits for the customer are paused."""
        if not hasattr(self, "driver"):
            return
        instance, steps = self.driver.instance, self.driver.plan.steps
        scopes = {one.number: one.scope for one in instance.live}
        around: set[int] = set()
        for one in instance.live:
            step_ = steps[one.step]
            is_customer = isinstance(step_, b.WaitStep) and step_.for_customer and one.watch is None
            if is_customer and one.state == states.WAITING:
                scope = one.scope
                while scope:
                    around.add(scope)
                    scope = scopes[scope]
        for one in instance.live:
            timer = one.timer("deadline")
            held = [other for other in instance.live if other.state == states.HELD]
            assert timer is None or held or bool(timer.paused_at) == (one.number in around)


TestAnyWideInstance = AnyWideInstance.TestCase
TestAnyWideInstance.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
