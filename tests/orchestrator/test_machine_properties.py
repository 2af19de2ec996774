"""What holds of every blueprint and every order of commands."""

from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.canonical import decode, encode
from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.each_transitions import ElementBegun
from orchestrator.fold import apply
from orchestrator.instance import Instance, clock_text, marking_text, parse_clock, parse_marking
from orchestrator.resume import Deliver, EndChild
from orchestrator.steered import InstanceResumed, InstanceSuspended
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.transition_values import from_value, to_value
from orchestrator.undo_transitions import UndoBegun, UndoKept
from tests.orchestrator.toy import HERE, HOUR, Driver, decide, end, evaluate, task, version
from versioning import blueprint as b

RETRY = st.sampled_from([None, b.Retry(2), b.Retry(1, "fixed", "PT30S")])


def undo(name: str, argument: str = "amount") -> b.CallStep:
    return b.CallStep(name, HERE, operation="x.undo", arguments=(("n", argument),))


class Builder:
    """Draws block-structured blueprints: sequences, choices, loops back, and parallel parts inside parallel parts."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.steps: list[b.Step] = []
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def watches(self, next_: str, fails: bool = False) -> tuple[b.Watch, ...]:
        """Now and then a message or a time, on which the step is left or something is begun beside it."""
        made = []
        for _ in range(self.draw(st.sampled_from([0, 0, 0, 1, 2]))):
            kind, on = self.draw(st.sampled_from([("message", "m"), ("after", "PT2H"), ("until", "note")]))
            key = self.draw(st.sampled_from(["number", "number", "fail"])) if kind == "message" else None
            beside = self.draw(st.booleans())
            target = "done"
            if beside:
                target = self.name()
                self.steps.append(task(target))
            made.append(b.Watch(kind, on, target if beside else next_ or "done", key, meanwhile=beside))
        if fails and self.draw(st.booleans()):
            made.append(b.Watch("error", self.draw(st.sampled_from(["any", "DOWN"])), next_ or "done"))
        return tuple(made)

    def extras(self, next_: str) -> dict[str, Any]:
        if not self.draw(st.integers(0, 2)):
            late = self.draw(
                st.sampled_from([(), (b.Late("PT0H", tell="role leads"), b.Late("PT2H", pass_to="approve"))])
            )
            deadline = b.Deadline("PT4H", self.draw(st.sampled_from([None, 75])), late)
            return {"deadline": deadline, "on_late": self.draw(st.sampled_from([None, None, "done", next_ or "done"]))}
        return {}

    def block(self, depth: int, next_: str, back: str) -> str:
        """A step that leads to `next_`, or once in a while back; its id."""
        kinds = [
            "task",
            "decide",
            "call",
            "job",
            "rules",
            "choose",
            "wait",
            "delay",
            "run",
            "each",
            "send",
            "take back",
        ]
        kinds += ["all", "any of", "loop"]
        kind = self.draw(st.sampled_from(kinds if depth else kinds[:-3]))
        name = self.name()
        extras = self.extras(next_)
        if kind not in ("rules", "choose", "loop", "send"):
            extras["watches"] = self.watches(next_, kind in ("call", "job", "run", "each"))
        if kind in ("task", "call", "job", "run"):
            extras["undo"] = self.draw(st.sampled_from([None, undo(name), undo(name, "fail")]))
        match kind:
            case "task":
                made: b.Step = task(name, next_, expects=self.draw(st.sampled_from([(), ("amount",)])), **extras)
            case "decide":
                made = decide(name, (("yes", next_), ("no", back or next_)), **extras)
            case "call":
                made = b.CallStep(
                    name, HERE, operation="x.y", into="risk.bureau", retry=self.draw(RETRY), next=next_, **extras
                )
            case "job":
                made = b.JobStep(
                    name, HERE, type="w", arguments=(("n", "amount"),), retry=self.draw(RETRY), next=next_, **extras
                )
            case "rules":
                made = b.RulesStep(
                    name, HERE, table=self.draw(st.sampled_from(["t", "broken"])), into="risk.grade", next=next_
                )
            case "choose":
                when = self.draw(st.sampled_from(["amount >= 5", "fail", "true"]))
                made = b.ChooseStep(name, HERE, branches=(b.Branch(when, next_), b.Branch(None, next_)))
            case "wait":
                made = b.WaitStep(name, HERE, message="m", key="number", next=next_, **extras)
            case "delay":
                del extras["watches"]
                events = (b.Watch("message", "m", next_ or "done", "number"), b.Watch("after", "PT1H", "done"))
                made = self.draw(
                    st.sampled_from(
                        [
                            b.WaitStep(name, HERE, delay="PT1H", next=next_),
                            b.WaitStep(name, HERE, until="note", next=next_),
                            b.WaitStep(name, HERE, watches=events),
                            b.WaitStep(name, HERE, condition="amount >= 5", next=next_),
                            b.WaitStep(name, HERE, condition="fail", next=next_),
                            b.WaitStep(name, HERE, watches=(b.Watch("condition", "amount >= 7", "done"), *events)),
                        ]
                    )
                )
            case "run":
                made = b.RunStep(name, HERE, blueprint="child", next=next_, **extras)
            case "each":
                bodies = [
                    b.CallStep(name, HERE, operation="x.y", arguments=(("n", "item"),), retry=self.draw(RETRY)),
                    b.JobStep(name, HERE, type="w", arguments=(("n", "fail"),)),
                    b.RunStep(name, HERE, blueprint="child"),
                ]
                made = b.EachStep(
                    name, HERE, of="items", element="item", body=self.draw(st.sampled_from(bodies)),
                    at_once=self.draw(st.booleans()), until=self.draw(st.sampled_from([None, "fail", "ok"])),
                    into=self.draw(st.sampled_from([None, "scores"])), next=next_, **extras,
                )  # fmt: skip
            case "send":
                made = b.SendStep(
                    name, HERE, message="m", key=self.draw(st.sampled_from(["number", "fail"])), next=next_
                )
            case "take back":
                made = b.UndoStep(name, HERE, next=next_, **extras)
            case "loop":
                inner = self.block(depth - 1, name, "")
                made = decide(name, (("yes", next_), ("no", inner)), **extras)
                self.steps.append(made)
                return inner
            case _:
                wide = self.draw(st.integers(1, 3))
                branches = tuple(self.block(depth - 1, "", "") for _ in range(wide))
                need = self.draw(st.sampled_from([0, 0, *range(1, wide)]))
                if kind == "all":
                    begun_by = self.draw(st.sampled_from([None, None, "role clerks"]))
                    made = b.AllStep(name, HERE, branches=branches, next=next_, need=need, begun_by=begun_by, **extras)
                else:
                    whens = [self.draw(st.sampled_from(["amount >= 5", "fail", "true", "false"])) for _ in branches[1:]]
                    ways = (*map(b.Branch, whens, branches[1:]), b.Branch(None, branches[0]))
                    made = b.AnyOfStep(name, HERE, branches=ways, next=next_, need=min(need, 1), **extras)
        self.steps.append(made)
        return name

    def build(self) -> b.BlueprintVersion:
        first = following = "done"
        for _ in range(self.draw(st.integers(1, 4))):
            first = self.block(2, following, self.draw(st.sampled_from(["", following])))
            following = first
        return version(*self.steps, end(), first=first)


@st.composite
def blueprints(draw: Any) -> b.BlueprintVersion:
    return Builder(draw).build()


class Shadow:
    """An independent reading of the transitions: what is open, by plain book-keeping."""

    OPENS: ClassVar[dict[type[Any], str]] = {
        t.TaskOffered: "task", t.JobCreated: "job", t.JobRetried: "job", t.CallRequested: "call", t.CallRetried: "call",
        t.MessageSubscribed: "message", t.ChildStarted: "child", t.IncidentRaised: "incident", UndoBegun: "call",
    }  # fmt: skip
    CLOSES: ClassVar[dict[type[Any], str]] = {
        t.TaskCompleted: "task", t.TaskCancelled: "task", t.JobCompleted: "job", t.JobCancelled: "job",
        t.CallSucceeded: "call", t.CallCancelled: "call", t.MessageCorrelated: "message",
        t.MessageUnsubscribed: "message", t.ChildEnded: "child", t.ChildCancelled: "child",
        t.IncidentResolved: "incident",
    }  # fmt: skip

    # What may not happen in an instance that stands still: nothing begins, goes out or fires.
    MOVES = (
        t.TaskOffered, t.TaskClaimed, t.TaskCompleted, t.JobCreated, t.JobRetried, t.CallRequested, t.CallRetried,
        t.CallStarted, t.MessageSubscribed, t.MessageCorrelated, t.ChildRequested, t.ChildStarted, t.TimerFired,
        t.RulesEvaluated, t.BranchChosen, t.BranchesOpened, t.InstanceEnded, t.WatchSet, t.DelayStarted,
    )  # fmt: skip

    def __init__(self) -> None:
        self.open: set[tuple[str, Any]] = set()
        self.steps: set[int] = set()
        self.completed: set[int] = set()
        self.stands_still = False
        self.undoable: set[int] = set()

    def read(self, transition: t.Transition) -> None:
        kind = type(transition)
        number = getattr(transition, "activation", 0)
        if isinstance(transition, InstanceSuspended | InstanceResumed):
            self.stands_still = isinstance(transition, InstanceSuspended)
        assert not (self.stands_still and kind in self.MOVES), "it stands still"
        if isinstance(transition, t.StepEntered | t.WatchSet | ElementBegun | UndoBegun):
            self.steps.add(number)
        if isinstance(transition, UndoKept):
            self.undoable.add(number)
        elif isinstance(transition, UndoBegun):
            self.undoable.remove(number)  # once each
            self.open.add(("call", number))
        elif isinstance(transition, t.StepLeft):
            self.steps.remove(number)
            assert not [thing for thing in self.open if thing[1] == number], "left with something open"
        elif isinstance(transition, t.TimerSet):
            assert number in self.steps, "a timer without a live activation"
            self.open.add((f"timer {transition.name}", number))
        elif isinstance(transition, t.TimerCancelled | t.TimerFired):
            self.open.remove((f"timer {transition.name}", number))
        elif kind in self.OPENS:
            assert number in self.steps, "work without a live activation"
            self.open.add((self.OPENS[kind], number))
        elif kind in self.CLOSES:
            self.open.remove((self.CLOSES[kind], number))
        if isinstance(transition, t.TaskCompleted):
            assert number not in self.completed, "completed twice"
            self.completed.add(number)


def conserved(driver: Driver) -> None:
    """One token outside of every branch, and in each branch of a fork one that is live or has arrived."""
    instance = driver.instance
    assert len([a for a in instance.live if a.scope == 0]) == 1
    for activation in instance.live:
        inside = [a.branch for a in instance.live if a.scope == activation.number and a.branch[:1] not in "@+"]
        step = driver.plan.steps[activation.step]
        if activation.state == states.JOINING and isinstance(step, b.UndoStep):
            assert inside == ["~"]
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
            assert len(activation.arrived) < (activation.needed or len(opened.branches))
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
        made: list[Any] = [c.FireTimer(f"{item}/{timer.name}", timer.due) for timer in activation.timers]
        match activation.state:
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
            self.driver.do(command)

    @rule(number=st.integers(1, 30), kind=st.integers(0, 7))
    def act_blindly(self, number: int, kind: int) -> None:
        item = f"pi_toy.{number}"
        before = self.driver.instance
        said = self.driver.do(
            [
                c.ClaimTask(item), c.CompleteTask(item, "yes"), c.CompleteJob(item, ""), c.SucceedCall(item, "", {}),
                Deliver(number), c.FireTimer(f"{item}/deadline", 5), c.ResolveIncident(item, "retry"),
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
        assert timers == {thing for thing in self.shadow.open if thing[0].startswith("timer")}
        incidents = {number for thing, number in self.shadow.open if thing == "incident"}
        assert incidents == {a.number for a in instance.live if a.state == states.HELD}
        assert instance.suspended or not [a for a in instance.live if a.state == states.ENTERED]
        assert self.shadow.undoable == {number for number, _, _ in instance.undo}

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
