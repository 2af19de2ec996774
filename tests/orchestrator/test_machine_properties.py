"""What holds of every blueprint and every order of commands."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from governance.quorum import Seat
from ledger.canonical import decode, encode
from ledger.clock import Instant
from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.children import EndChild
from orchestrator.clocks import WHOLE
from orchestrator.fold import apply
from orchestrator.instance import Instance, clock_text, marking_text, parse_clock, parse_marking
from orchestrator.late import TakeLate
from orchestrator.resume import Deliver
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.transition_values import from_value, to_value
from orchestrator.undo_transitions import CallAnsweredLate
from orchestrator.voting import CastVote
from tests.orchestrator.random_blueprints import Builder
from tests.orchestrator.shadow import Shadow
from tests.orchestrator.toy import HOUR, Driver, evaluate
from versioning import blueprint as b

VOTERS = ("person:ann", "person:bob", "person:cee")


@st.composite
def blueprints(draw: Any) -> b.BlueprintVersion:
    return Builder(lambda among: draw(st.sampled_from(among))).build()


def conserved(driver: Driver) -> None:
    """One token outside of every branch, and in each branch of a fork one that is live or has arrived."""
    instance = driver.instance
    assert len([a for a in instance.live if a.scope == 0]) == 1
    for activation in instance.live:
        inside = [a.branch for a in instance.live if a.scope == activation.number and a.branch[:1] not in "@+"]
        step = driver.plan.steps[activation.step]
        if activation.state == states.JOINING and isinstance(step, b.UndoStep):
            assert [one.rstrip("!") for one in inside] == ["~"]
        elif activation.state == states.JOINING and isinstance(step, b.EachStep):
            assert len({*inside, *activation.arrived}) == len(inside) + len(activation.arrived)
            expected = activation.needed - len(activation.arrived) if step.at_once else 1
            assert len(inside) == expected
            assert len(activation.arrived) < activation.needed
        elif activation.state == states.JOINING:
            (opened,) = [one for one in driver.all(t.BranchesOpened) if one.activation == activation.number]
            if isinstance(step, b.AllStep) and step.begun_by:
                assert len(inside) <= 1
                assert not {*inside} & {*activation.arrived}
            else:
                assert sorted([*inside, *activation.arrived]) == sorted(opened.branches)
            assert set(opened.branches) <= set(b.heads_of(driver.plan.steps[activation.step]))
            left_out = sum(one.startswith(states.PASSED) for one in activation.arrived)
            counted = len(activation.arrived) - (left_out if activation.needed else 0)
            assert counted < (activation.needed or len(opened.branches))
        else:
            assert inside == []
        watched = [a.watch for a in instance.live if a.scope == activation.number and a.watch is not None]
        assert len(watched) == len(set(watched))


class AnyInstance(RuleBasedStateMachine):
    """Random blueprints under random commands, sensible ones and senseless ones."""

    @initialize(blueprint=blueprints(), amount=st.sampled_from([3, 9, None]), items=st.lists(st.just(1), max_size=3))
    def begin(self, blueprint: b.BlueprintVersion, amount: int | None, items: list[int]) -> None:
        data = {"number": "A-1", "amount": amount, "note": "1970-01-01", "items": items}
        self.driver = Driver(blueprint, data)
        self.shadow = Shadow()
        self.read = 0

    def fitting(self, number: int) -> list[Any]:
        """The commands somebody could send about this activation."""
        activation = self.driver.instance.activation(number)
        assert activation is not None
        item, step = f"pi_toy.{number}", self.driver.plan.steps[activation.step]
        made: list[Any] = [c.FireTimer(f"{item}/{timer.name}", Instant(timer.due)) for timer in activation.timers]
        match activation.state:
            case states.OFFERED if isinstance(step, b.DecideStep) and step.quorum is not None:
                seats = [Seat(left, in_chair) for left in range(3) for in_chair in (False, True)]
                said = [c.CompleteTask(item, outcome) for outcome in step.outcomes]
                made += [CastVote(one, seat) for one in said for seat in seats]
            case states.OFFERED:
                made.append(c.ClaimTask(item))
            case states.CLAIMED:
                outcomes = step.outcomes if isinstance(step, b.DecideStep) else ("",)
                data = {"amount": 6} if isinstance(step, b.TaskStep) and step.expects else {}
                made += [c.CompleteTask(item, outcome, data) for outcome in outcomes]
                made.append(c.ReleaseTask(item))
            case states.CREATED:
                made += [
                    c.CompleteJob(item, ""),
                    c.FailJob(item, "", "DOWN"),
                    c.FailJob(item, "", "BAD", retryable=False),
                ]
            case states.REQUESTED:
                made += [c.StartCall(item, ""), c.SucceedCall(item, "", {"score": 1}), c.SucceedCall(item, "", "odd")]
                made.append(c.FailCall(item, "", "DOWN"))
            case states.WAITING:
                made.append(Deliver(number))
            case states.RUNNING:
                made.append(EndChild(number, activation.holder, "done"))
            case states.JOINING if isinstance(step, b.AllStep) and step.begun_by:
                made += [c.BeginBranch(item, branch) for branch in step.branches]
            case states.HELD:
                incident = f"pi_toy.{activation.incident}"
                made += [c.ResolveIncident(incident, "retry"), c.ResolveIncident(incident, "skip")]
                made.append(c.ResolveIncident(incident, "correct", {"amount": 8}))
                made.append(c.ResolveIncident(incident, "other", to="done"))
        return made

    @precondition(lambda self: self.driver.instance.live)
    @rule(data=st.data(), hours=st.integers(0, 3))
    def act(self, data: st.DataObject, hours: int) -> None:
        self.driver.now += hours * HOUR
        number = data.draw(st.sampled_from([a.number for a in self.driver.instance.live]))
        commands = self.fitting(number)
        if commands:
            command = data.draw(st.sampled_from(commands))
            if isinstance(command, c.FireTimer):
                self.driver.now = max(self.driver.now, command.due)
            voter = data.draw(st.sampled_from(VOTERS)) if isinstance(command, CastVote) else ""
            self.driver.do(command, **({"by": voter} if voter else {}))

    @rule(number=st.integers(1, 30), kind=st.integers(0, 7))
    def act_blindly(self, number: int, kind: int) -> None:
        item = f"pi_toy.{number}"
        before = self.driver.instance
        said = self.driver.do(
            [
                c.ClaimTask(item), c.CompleteTask(item, "yes"), c.CompleteJob(item, ""), c.SucceedCall(item, "", {}),
                Deliver(number), c.FireTimer(f"{item}/deadline", Instant(5)), c.ResolveIncident(item, "retry"),
                EndChild(number, "pi_other", "done"),
            ][kind],
            by="person:other",
        )  # fmt: skip
        if isinstance(said, Refusal):
            assert self.driver.instance == before

    @precondition(lambda self: self.driver.instance.live)
    @rule(data=st.data(), which=st.integers(0, 5))
    def steer(self, data: st.DataObject, which: int) -> None:
        live = self.driver.instance.live
        one = data.draw(st.sampled_from(live))
        to = data.draw(st.sampled_from(sorted(self.driver.plan.steps)))
        value = data.draw(st.sampled_from([None, 4, 8]))
        moved = Modify(((one.number, to),))
        self.driver.do(
            [Suspend(), Resume(), Resume(), moved, Modify(ends=(one.number,)), Correct({"amount": value})][which]
        )

    @rule(really=st.integers(0, 9))
    def cancel(self, really: int) -> None:
        if really == 0:
            self.driver.do(c.CancelInstance("pi_toy"))

    @rule(data=st.data())
    def answer_late(self, data: st.DataObject) -> None:
        """What was closed while it was out is answered all the same, once, also in an instance that is over."""
        last: dict[int, Any] = {}
        for batch in self.driver.batches:
            for one in batch:
                if isinstance(one, t.CallRequested | t.CallCancelled | CallAnsweredLate):
                    last[one.activation] = one
        closed = [one for one in last.values() if isinstance(one, t.CallCancelled)]
        if closed:
            one = data.draw(st.sampled_from(closed))
            self.driver.do(TakeLate(one.activation, one.step, one.branch, data.draw(st.sampled_from([None, 4, "no"]))))

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "driver"):
            return
        for batch in self.driver.batches[self.read :]:
            for transition in batch:
                self.shadow.read(transition)
        self.read = len(self.driver.batches)
        instance = self.driver.instance
        assert self.shadow.steps == {a.number for a in instance.live}
        tasks = {number for thing, number in self.shadow.open if thing == "task"}
        assert tasks == {a.number for a in instance.live if a.state in states.TASK_STATES}
        timers = {(f"timer {timer.name}", a.number) for a in instance.live for timer in a.timers}
        timers |= set() if instance.clock is None else {("timer deadline", WHOLE)}
        assert timers == {thing for thing in self.shadow.open if thing[0].startswith("timer")}
        incidents = {number for thing, number in self.shadow.open if thing == "incident"}
        assert incidents == {a.number for a in instance.live if a.state == states.HELD}
        assert instance.suspended or not [a for a in instance.live if a.state == states.ENTERED]
        assert self.shadow.votes == {a.number: [by for _, by, _ in a.votes] for a in instance.live if a.votes}
        assert self.shadow.undoable == {kept.number for kept in instance.undo}

    @invariant()
    def nothing_waits_for_what_holds(self) -> None:
        if not hasattr(self, "driver"):
            return
        for activation in self.driver.instance.live:
            if activation.state == states.WAITING:
                visited = self.driver.plan.visited(activation.step, activation.branch)
                on = visited.on if isinstance(visited, b.Watch) and visited.kind == "condition" else None
                condition = on or getattr(visited, "condition", None)
                assert condition is None or evaluate(condition, self.driver.data) is not True

    @invariant()
    def tokens_are_conserved(self) -> None:
        if not hasattr(self, "driver"):
            return
        instance = self.driver.instance
        if instance.status != states.ACTIVE:
            assert instance.live == ()
            assert not self.shadow.open
            return
        conserved(self.driver)

    def teardown(self) -> None:
        """Replay what was recorded, through its bytes: every prefix gives the state that was."""
        if not hasattr(self, "driver"):
            return
        replayed = Instance("pi_toy")
        for batch, state in zip(self.driver.batches, self.driver.states[1:], strict=True):
            recorded = decode(encode([to_value(transition) for transition in batch]))
            replayed = apply(replayed, [from_value(value) for value in recorded])
            assert replayed == state
            assert parse_marking(marking_text(state.live)) == state.live
            assert parse_clock(clock_text(state)) == (state.clock, state.fired, state.undo, state.cancelling)


TestAnyInstance = AnyInstance.TestCase
TestAnyInstance.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
