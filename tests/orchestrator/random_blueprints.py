"""Random sound blueprints: for the properties of the machine, and for histories."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.orchestrator.toy import HERE, decide, end, task, version
from versioning import blueprint as b

RETRIES = (None, b.Retry(2), b.Retry(1, "fixed", "PT30S"))
ARGUMENTS = ((("n", "amount"),), (("n", "amount"), ("who", "secret.name")))
RUN_WITH = (("number", "number"), ("amount", "amount"), ("items", "items"))

# Which of them is not drawn: one more thing to choose would make every blueprint of every seed another.
QUORUMS = (b.Quorum(2, tie="fails"), None, b.Quorum(2))

Pick = Callable[[Sequence[Any]], Any]
"""Chooses one of several: Hypothesis, or a source of random numbers."""


def undo(name: str, argument: str = "amount") -> b.CallStep:
    return b.CallStep(name, HERE, operation="x.undo", arguments=(("n", argument),))


SKIPS = (None, None, None, "ok", "fail")


class Builder:
    """Draws block-structured blueprints: sequences, choices, loops back, and parallel parts inside parallel parts."""

    def __init__(self, pick: Pick) -> None:
        self.pick = pick
        self.steps: list[b.Step] = []
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def watches(self, next_: str, fails: bool = False) -> tuple[b.Watch, ...]:
        """Now and then a message or a time, on which the step is left or something is begun beside it."""
        made = []
        for _ in range(self.pick([0, 0, 0, 1, 2])):
            kind, on = self.pick([("message", "m"), ("after", "PT2H"), ("until", "note")])
            key = self.pick(["number", "number", "fail"]) if kind == "message" else None
            beside = self.pick((False, True))
            target = "done"
            if beside:
                target = self.name()
                self.steps.append(task(target))
            made.append(b.Watch(kind, on, target if beside else next_ or "done", key, meanwhile=beside))
        if fails and self.pick((False, True)):
            made.append(b.Watch("error", self.pick(["any", "DOWN"]), next_ or "done"))
        return tuple(made)

    def errors(self, next_: str) -> tuple[b.Watch, ...]:
        """Now and then a failure leads on."""
        return self.pick([(), (b.Watch("error", "any", next_ or "done"),)])

    def quorum(self) -> b.Quorum | None:
        return QUORUMS[self.count % len(QUORUMS)]

    def skips(self, next_: str, back: str = "") -> dict[str, Any]:
        """Now and then a decision or choice that is passed over; by its number, as with quorums."""
        if self.count % 4 or (back and not next_):
            return {}
        return {"skip_when": SKIPS[self.count % len(SKIPS)], "skip_to": next_ or None}

    def extras(self, next_: str) -> dict[str, Any]:
        if not self.pick(range(3)):
            late = self.pick([(), (b.Late("PT0H", tell="role leads"), b.Late("PT2H", pass_to="approve"))])
            deadline = b.Deadline("PT4H", self.pick([None, 75]), late)
            fails = {} if self.count % 3 else {"on_failure_next": next_ or None}
            return {**fails, "deadline": deadline, "on_late": self.pick([None, None, "done", next_ or "done"])}
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
            "tell",
            "take back",
        ]
        kinds += ["all", "any of", "loop"]
        kind = self.pick(kinds if depth else kinds[:-3])
        name = self.name()
        extras = self.extras(next_)
        if kind not in ("rules", "choose", "loop", "send", "tell"):
            extras["watches"] = self.watches(next_, kind in ("call", "job", "run", "each"))
        if kind in ("task", "call", "job", "run"):
            extras["undo"] = self.pick([None, undo(name), undo(name, "fail")])
        match kind:
            case "task":
                made: b.Step = task(name, next_, expects=self.pick([(), ("amount",)]), **extras)
            case "decide":
                skips = self.skips(next_, back)
                made = decide(name, (("yes", next_), ("no", back or next_)), quorum=self.quorum(), **skips, **extras)
            case "call":
                made = b.CallStep(
                    name,
                    HERE,
                    operation="x.y",
                    arguments=self.pick(ARGUMENTS),
                    into="risk.bureau",
                    retry=self.pick(RETRIES),
                    next=next_,
                    **extras,
                )
            case "job":
                given = self.pick(ARGUMENTS)
                made = b.JobStep(name, HERE, type="w", arguments=given, retry=self.pick(RETRIES), next=next_, **extras)
            case "rules":
                made = b.RulesStep(
                    name,
                    HERE,
                    table=self.pick(["t", "broken"]),
                    into="risk.grade",
                    next=next_,
                    watches=self.errors(next_),
                )
            case "choose":
                when = self.pick(["amount >= 5", "fail", "true"])
                made = b.ChooseStep(
                    name, HERE, branches=(b.Branch(when, next_), b.Branch(None, next_)), **self.skips(next_)
                )
            case "wait":
                made = b.WaitStep(name, HERE, message="m", key="number", next=next_, **extras)
            case "delay":
                del extras["watches"]
                events = (b.Watch("message", "m", next_ or "done", "number"), b.Watch("after", "PT1H", "done"))
                made = self.pick(
                    [
                        b.WaitStep(name, HERE, delay="PT1H", next=next_),
                        b.WaitStep(name, HERE, until="note", next=next_),
                        b.WaitStep(name, HERE, watches=events),
                        b.WaitStep(name, HERE, condition="amount >= 5", next=next_),
                        b.WaitStep(name, HERE, condition="fail", next=next_),
                        b.WaitStep(name, HERE, watches=(b.Watch("condition", "amount >= 7", "done"), *events)),
                    ]
                )
            case "run":
                given = self.pick([(), RUN_WITH])
                made = b.RunStep(name, HERE, blueprint="child", arguments=given, next=next_, **extras)
            case "each":
                bodies = [
                    b.CallStep(name, HERE, operation="x.y", arguments=(("n", "item"),), retry=self.pick(RETRIES)),
                    b.JobStep(name, HERE, type="w", arguments=(("n", "fail"),)),
                    b.RunStep(name, HERE, blueprint="child"),
                ]
                made = b.EachStep(
                    name, HERE, of="items", element="item", body=self.pick(bodies),
                    at_once=self.pick((False, True)), until=self.pick([None, "fail", "ok"]),
                    into=self.pick([None, "scores"]), next=next_, **extras,
                )  # fmt: skip
            case "send":
                made = b.SendStep(
                    name, HERE, message="m", key=self.pick(["number", "fail"]), next=next_, watches=self.errors(next_)
                )
            case "tell":
                to = self.pick([b.Recipient("role", "clerks"), b.Recipient("role", "leads"), b.Recipient("initiator")])
                made = b.TellStep(
                    name,
                    HERE,
                    to=(to,),
                    text=self.pick(["number", "fail"]),
                    shows=("risk",),
                    next=next_,
                    watches=self.errors(next_),
                )
            case "take back":
                made = b.UndoStep(name, HERE, next=next_, **extras)
            case "loop":
                inner = self.block(depth - 1, name, "")
                made = decide(name, (("yes", next_), ("no", inner)), quorum=self.quorum(), **extras)
                self.steps.append(made)
                return inner
            case _:
                wide = self.pick(range(1, 4))
                branches = tuple(self.block(depth - 1, "", "") for _ in range(wide))
                need = self.pick([0, 0, *range(1, wide)])
                if kind == "all":
                    begun_by = self.pick([None, None, "role clerks"])
                    made = b.AllStep(
                        name,
                        HERE,
                        branches=branches,
                        next=next_,
                        need=need,
                        begun_by=begun_by,
                        skip_when=self.pick(SKIPS),
                        **extras,
                    )
                else:
                    whens = [self.pick(["amount >= 5", "fail", "true", "false"]) for _ in branches[1:]]
                    ways = (*map(b.Branch, whens, branches[1:]), b.Branch(None, branches[0]))
                    made = b.AnyOfStep(
                        name, HERE, branches=ways, next=next_, need=min(need, 1), skip_when=self.pick(SKIPS), **extras
                    )
        self.steps.append(made)
        return name

    def build(self, blueprint: str = "toy", **start: Any) -> b.BlueprintVersion:
        first = following = "done"
        for _ in range(self.pick(range(1, 5))):
            first = self.block(2, following, self.pick(["", following]))
            following = first
        return version(*self.steps, end(), first=first, blueprint=blueprint, **start)
