"""Random blueprints that run others: within lists, forks and loops, beside a step, and after what can be undone."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.orchestrator.random_blueprints import RUN_WITH, Builder
from tests.orchestrator.toy import HERE, decide, end, task, version
from versioning import blueprint as b

OWN_KEY = "own key"  # as an expression: of each instance that is run another
DOES, UNDOES = "x.y", "x.undo"  # what is called, and what undoes it
JOB = "w"
MESSAGE = "m"
WITH = (("n", "amount"),)
OF_ELEMENT = (("n", "item"),)
OTHER = (("m", "amount"),)
RUN_FOR_ELEMENT = (("number", "item"), ("amount", "amount"), ("items", "items"))
RUN_UNDER_OWN = (("number", OWN_KEY), ("amount", "amount"), ("items", "items"))
RETRIES = (None, b.Retry(1))
ANY_TIME = ("task", "decide", "call", "call", "job", "wait", "each", "send", "take_back", "over")
RUNNING = ("run", "run", "run", "each_run")
AROUND = ("fork", "fork", "choice", "order", "loop")


class NestedBuilder(Builder):
    """Draws a blueprint that runs those named; one that names none runs nothing."""

    def __init__(self, random: Random, runs: tuple[str, ...]) -> None:
        super().__init__(random.choice)
        self.random = random
        self.runs = runs

    def nested(self, blueprint: str, depth: int, length: int) -> b.BlueprintVersion:
        """A version of at most so many blocks in a row, with so many inside each other; one of them runs another, where
        there is any to be run."""
        first, blocks = "done", self.random.randint(1, length)
        runs_at = self.random.randrange(blocks) if self.runs else None
        for number in range(blocks):
            first = self.one(self.pick(RUNNING), first) if number == runs_at else self.block(depth, first, "")
        return version(*self.steps, end(), first=first, blueprint=blueprint, reuse="after end")

    def block(self, depth: int, next_: str, back: str) -> str:
        """A step that leads to `next_`, with what is inside it; the id of the first."""
        kinds = ANY_TIME + (RUNNING if self.runs else ()) + (AROUND if depth else ())
        kind = self.pick(kinds)
        return (
            self.loop(depth, next_) if kind == "loop" else self.one(kind, next_, *((depth,) if kind in AROUND else ()))
        )

    def one(self, kind: str, next_: str, *depth: int) -> str:
        """A block of this kind; the id of its step."""
        name = self.name()
        draw: Callable[..., b.Step] = getattr(self, kind)
        self.steps.append(draw(name, next_, *depth))
        return name

    def _may(self, chance: float) -> bool:
        return self.random.random() < chance

    # What many of them have

    def undone(self, name: str, same: tuple[tuple[str, str], ...] = WITH) -> b.CallStep | None:
        """How it is undone: not at all, with the arguments it was done with, or with others."""
        arguments = self.pick((None, same, OTHER))
        return None if arguments is None else b.CallStep(name, HERE, operation=UNDOES, arguments=arguments)

    def around(self, next_: str, fails: bool = False) -> dict[str, Any]:
        """A deadline now and then, events, and for what fails somewhere to go."""
        fields: dict[str, Any] = {"watches": self.watches(next_, fails)}
        if self._may(0.25):
            fields |= {"deadline": b.Deadline("PT4H"), "on_late": self.pick((None, next_ or "done"))}
        if fails and next_ and self._may(0.2):
            fields["on_failure_next"] = next_
        return fields

    def watches(self, next_: str, fails: bool = False) -> tuple[b.Watch, ...]:
        """Now and then a message, a time or a failure on which the step is left or something is begun beside it."""
        made = []
        if self._may(0.2):
            made.append(self.watch("message", MESSAGE, next_))
        if self._may(0.15):
            made.append(self.watch("after", "PT2H", next_))
        if fails and self._may(0.3):
            made.append(b.Watch("error", "any", next_ or "done"))
        return tuple(made)

    def watch(self, kind: Any, on: str, next_: str) -> b.Watch:
        """One event; what is begun beside the step may run something too."""
        key = "number" if kind == "message" else None
        if self._may(0.5):
            return b.Watch(kind, on, next_ or "done", key)
        return b.Watch(kind, on, self.block(0, "", ""), key, meanwhile=True)

    # A block each

    def task(self, name: str, next_: str) -> b.Step:
        return task(
            name, next_, expects=self.pick(((), ("amount",))), undo=self.undone(name), **self.around(next_)
        )  # fmt: skip

    def decide(self, name: str, next_: str) -> b.Step:
        return decide(name, (("yes", next_), ("no", next_)), undo=self.undone(name), **self.around(next_))

    def call(self, name: str, next_: str) -> b.Step:
        return b.CallStep(
            name, HERE, operation=DOES, arguments=WITH, into="risk.bureau", retry=self.pick(RETRIES),
            undo=self.undone(name), next=next_, **self.around(next_, fails=True),
        )  # fmt: skip

    def job(self, name: str, next_: str) -> b.Step:
        return b.JobStep(
            name, HERE, type=JOB, arguments=WITH, retry=self.pick(RETRIES), undo=self.undone(name), next=next_,
            **self.around(next_, fails=True),
        )  # fmt: skip

    def wait(self, name: str, next_: str) -> b.Step:
        waits = ({"message": MESSAGE, "key": "number"}, {"delay": "PT1H"}, {"condition": "amount >= 5"})
        return b.WaitStep(name, HERE, next=next_, **self.pick(waits), **self.around(next_))

    def each(self, name: str, next_: str) -> b.Step:
        body = b.CallStep(name, HERE, operation=DOES, arguments=OF_ELEMENT)
        return b.EachStep(
            name, HERE, of="items", element="item", body=body, at_once=self._may(0.5),
            into=self.pick((None, "scores")), undo=self.undone(name, OF_ELEMENT), next=next_,
            **self.around(next_),
        )  # fmt: skip

    def each_run(self, name: str, next_: str) -> b.Step:
        given = self.pick((RUN_FOR_ELEMENT, RUN_UNDER_OWN))
        body = b.RunStep(name, HERE, blueprint=self.pick(self.runs), arguments=given, retry=self.pick(RETRIES))
        return b.EachStep(
            name, HERE, of="items", element="item", body=body, at_once=self._may(0.5), undo=self.undone(name),
            next=next_, **self.around(next_),
        )  # fmt: skip

    def run(self, name: str, next_: str) -> b.Step:
        return b.RunStep(
            name, HERE, blueprint=self.pick(self.runs), arguments=self.pick((RUN_WITH, RUN_UNDER_OWN)),
            retry=self.pick(RETRIES), undo=self.undone(name), next=next_, **self.around(next_, fails=True),
        )  # fmt: skip

    def send(self, name: str, next_: str) -> b.Step:
        return b.SendStep(name, HERE, message=MESSAGE, key="number", next=next_)

    def take_back(self, name: str, next_: str) -> b.Step:
        return b.UndoStep(name, HERE, next=next_, **self.around(next_))

    def over(self, name: str, next_: str) -> b.Step:
        """The end of the whole instance, wherever this stands."""
        return end(name, "over") if self._may(0.3) else self.send(name, next_)

    # Blocks around others

    def inside(self, depth: int) -> tuple[str, ...]:
        return tuple([self.block(depth - 1, "", "") for _ in range(self.random.randint(2, 3))])

    def fork(self, name: str, next_: str, depth: int) -> b.Step:
        branches = self.inside(depth)
        need = self.pick((0, 1, 1, 2))
        return b.AllStep(
            name, HERE, branches=branches, next=next_, need=need if need < len(branches) else 0, **self.around(next_)
        )

    def order(self, name: str, next_: str, depth: int) -> b.Step:
        """Branches that people begin."""
        branches = self.inside(depth)
        again, over = self.pick(((), branches)), self.pick(((), branches))
        return b.AllStep(
            name, HERE, branches=branches, next=next_, need=self.pick((0, 1)), begun_by="role clerks",
            may_repeat=again, may_pass_over=over, **self.around(next_),
        )  # fmt: skip

    def choice(self, name: str, next_: str, depth: int) -> b.Step:
        first, *others = self.inside(depth)
        ways = [b.Branch(self.pick(("amount >= 5", "true", "false")), other) for other in others]
        return b.AnyOfStep(
            name, HERE, branches=(*ways, b.Branch(None, first)), next=next_, need=self.pick((0, 1)),
            **self.around(next_),
        )  # fmt: skip

    def loop(self, depth: int, next_: str) -> str:
        name = self.name()
        inner = self.block(depth - 1, name, "")
        self.steps.append(decide(name, (("yes", next_), ("no", inner))))
        return inner


def three_levels(random: Random) -> tuple[b.BlueprintVersion, ...]:
    """One that runs others, one that is run and runs, and one that is run by both; the outermost is the last."""
    return (
        NestedBuilder(random, ()).nested("inner", 1, 2),
        NestedBuilder(random, ("inner",)).nested("child", 1, 2),
        NestedBuilder(random, ("child", "inner")).nested("toy", 2, 3),
    )
