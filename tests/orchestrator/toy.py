"""Small blueprints, a toy expression evaluator and a driver for the pure machine."""

from collections.abc import Mapping
from types import UnionType
from typing import Any

from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.commands import ClaimTask, CompleteTask, FireTimer
from orchestrator.fold import apply
from orchestrator.instance import Instance
from orchestrator.machine import step
from orchestrator.paths import lay, root_of, value_at
from orchestrator.plan import Plan
from orchestrator.resume import Begin
from orchestrator.run import Failed, Inputs, Ruled
from orchestrator.told_transitions import Told
from versioning import blueprint as b
from versioning.starts import Start

HERE = b.Place(1, 1)
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

FIELDS = (
    b.DataField("number", "string", "internal", required=True),
    b.DataField("amount", "integer", "internal"),
    b.DataField("ok", "boolean", "internal"),
    b.DataField(
        "risk",
        "object",
        "internal",
        properties=(b.DataField("grade", "integer", "internal"), b.DataField("bureau", "object", "internal")),
    ),
    b.DataField("secret", "object", "personal", properties=(b.DataField("name", "string", "personal"),)),
    b.DataField("note", "string", "internal"),
    b.DataField("items", "list", "internal", items=b.DataField("item", "integer", "internal")),
    b.DataField("scores", "list", "internal", items=b.DataField("score", "object", "internal")),
)


def version(*steps: b.Step, first: str | None = None, blueprint: str = "toy", **start: Any) -> b.BlueprintVersion:
    """A released version of these steps; the digest is made of their text, so equal steps are equal versions."""
    value = b.Blueprint(
        blueprint,
        "Toy",
        "Try the machine",
        "role owners",
        "GBP",
        FIELDS,
        Start("api", "role starters", "number", **start),
        first or steps[0].id,
        steps,
    )
    return b.BlueprintVersion(value, 1, f"digest-{hash(value)}", ("person:author",), ("person:approver",), "", 0)


def task(name: str, next_: str = "", **fields: Any) -> b.TaskStep:
    return b.TaskStep(name, HERE, role="role clerks", next=next_, **fields)


def decide(name: str, next_: tuple[tuple[str, str], ...] = (), **fields: Any) -> b.DecideStep:
    fields.setdefault("outcomes", tuple(outcome for outcome, _ in next_) or ("yes", "no"))
    return b.DecideStep(name, HERE, authority="approve", measure="amount", next=next_, **fields)


def end(name: str = "done", outcome: str = "done") -> b.EndStep:
    return b.EndStep(name, HERE, outcome=outcome)


def evaluate(source: str, context: Mapping[str, Any]) -> Any:
    """`fail`, an integer, `true`, a path, or `path >= 5` - enough to steer a blueprint."""
    if source == "fail":
        return Failed("EXPRESSION_FAILED")
    if source in ("true", "false"):
        return source == "true"
    if source.lstrip("-").isdecimal():
        return int(source)
    if ">=" in source:
        path, _, bound = source.partition(">=")
        value = value_at(context, path.strip())
        return None if value is None else value >= int(bound)
    return value_at(context, source)


def rules(table: str, arguments: Mapping[str, Any], into: b.DataField | None) -> Ruled | Failed:
    """A table that yields 7, or fails when it is called `broken`, or yields text when it is called `odd`."""
    if table == "broken":
        return Failed("NO_RULE_MATCHES")
    return Ruled("text" if table == "odd" else 7, "table-digest", (2,))


class Clerks:
    """People of whom the clerks are one, and everybody else nobody."""

    def told_by(self, to: tuple[b.Recipient, ...], completed: tuple[t.TaskCompleted, ...]) -> tuple[Told, ...]:
        return tuple([Told(one.text, "person:p" if one.name == "clerks" else "") for one in to])


class Driver:
    """One instance under the pure machine, with its data and all transitions of all commands so far."""

    def __init__(self, version_: b.BlueprintVersion, data: dict[str, Any] | None = None) -> None:
        self.plan = Plan(version_)
        self.instance = Instance("pi_toy")
        self.data: dict[str, Any] = {}
        self.now = 1_000 * SECOND
        self.batches: list[tuple[t.Transition, ...]] = []
        self.states: list[Instance] = [self.instance]
        started = t.InstanceStarted("toy", version_.digest, 1, "A-1", "mark", "person:a", "organisation")
        self.do(Begin(started, {"number": "A-1"} if data is None else data))

    def judge(self, command: Any, by: str = "person:p") -> tuple[t.Transition, ...] | Refusal:
        """What the machine says, without carrying it out."""
        inputs = Inputs(self.now, by, self.data.get, evaluate, rules, people=Clerks())
        return step(self.instance, self.plan, command, inputs)

    def do(self, command: Any, by: str = "person:p") -> tuple[t.Transition, ...] | Refusal:
        """Carry a command out; a refusal changes nothing."""
        said = self.judge(command, by)
        if isinstance(said, Refusal):
            return said
        said = self.with_children(said)
        self.instance = apply(self.instance, said)
        for transition in said:
            if isinstance(transition, t.VariableSet):
                root = root_of(transition.path)
                rest = transition.path[len(root) + 1 :]
                self.data[root] = lay(self.data.get(root), rest, transition.value)
        self.batches.append(said)
        self.states.append(self.instance)
        return said

    def with_children(self, said: tuple[t.Transition, ...]) -> tuple[t.Transition, ...]:
        """As the service does it: a request is answered by a started child, unless its step was left meanwhile."""
        left = {transition.activation for transition in said if isinstance(transition, t.StepLeft)}
        answered: list[t.Transition] = []
        for transition in said:
            if not isinstance(transition, t.ChildRequested):
                answered.append(transition)
            elif transition.activation not in left:
                answered.append(t.ChildStarted(transition.activation, f"pi_child{transition.activation}"))
        return tuple(answered)

    def at(self, step_id: str) -> int:
        """The number of the one live activation of this step, those that wait for its events aside."""
        (number,) = [a.number for a in self.instance.live if a.step == step_id and a.watch is None]
        return number

    def id(self, step_id: str) -> str:
        return f"pi_toy.{self.at(step_id)}"

    def complete(self, step_id: str, outcome: str = "", **fields: Any) -> tuple[t.Transition, ...] | Refusal:
        """Claim and complete the task of this step."""
        task_id = self.id(step_id)
        activation = self.instance.activation(self.at(step_id))
        if activation is not None and activation.state == states.OFFERED:
            self.do(ClaimTask(task_id))
        return self.do(CompleteTask(task_id, outcome, **fields))

    def fire(self, step_id: str, name: str = "deadline") -> tuple[t.Transition, ...] | Refusal:
        """Let the timer of this step fire, when it is due."""
        activation = self.instance.activation(self.at(step_id))
        timer = None if activation is None else activation.timer(name)
        assert timer is not None
        self.now = max(self.now, timer.due)
        return self.do(FireTimer(f"{self.id(step_id)}/{name}", Instant(timer.due)))

    def all(self, kind: type[Any] | UnionType) -> list[Any]:
        """The transitions of one kind, of all commands so far."""
        return [transition for batch in self.batches for transition in batch if isinstance(transition, kind)]

    def names(self) -> list[str]:
        """The steps that are live, in order."""
        return [a.step for a in self.instance.live]


def found(said: Any, kind: type[Any]) -> list[Any]:
    """The transitions of one kind."""
    assert not isinstance(said, Refusal), said
    return [transition for transition in said if isinstance(transition, kind)]


def reason(said: object) -> Reason:
    """Why a command was turned down."""
    assert isinstance(said, Refusal), said
    return said.reason
