"""Plays random blueprints of three levels through the engine in memory: what people, runners, workers and clocks do.

Each act draws from a source of its own, so that a play with some acts left out does in the others what it did before.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, ClassVar, NamedTuple

from ledger.actor import SYSTEM, Actor
from ledger.clock import Instant
from ledger.refusal import Refusal
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import tables
from orchestrator.instance import Activation
from tests.orchestrator import toy
from tests.orchestrator.house import ANN, WORKER, House
from tests.orchestrator.nested_blueprints import JOB, MESSAGE, OWN_KEY, three_levels
from tests.orchestrator.nested_judging import (
    Book,
    Outside,
    judge_effects,
    judge_families,
    judge_over,
    judge_waiting,
)
from tests.simulation.judging import judge_instances
from versioning import blueprint as b

ACTS = 90
JUDGED_EVERY = 4  # acts; every act of a play that was shortened
DRAWS_MAX = 4  # of acts, until one of them finds something to be done to
BEGUN_MAX = 8  # instances that people start
AMOUNTS = (1, 9)
ANSWERS: tuple[Any, ...] = ({}, {"a": 1}, {"a": 2}, "odd")  # the last does not fit where it goes
WAITS = (1, 60, 3_600)  # seconds

# How often each act is drawn.
DRAWN = {
    "begin": 4, "do_task": 20, "lease": 30, "answer": 40, "work": 20, "fire": 20, "tell": 5, "suspend": 10,
    "resume": 20, "correct": 10, "resolve": 20, "branch": 20, "cancel": 2, "move": 4, "wait": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seed:
    """What a play is made of: the number draws everything, and of the acts those named are done."""

    number: int
    acts: tuple[int, ...] = tuple(range(ACTS))


class Sent(NamedTuple):
    """A command, and how it was answered."""

    act: int
    command: Any
    answer: str


def evaluator() -> Callable[[str, Mapping[str, Any]], Any]:
    """Expressions of toys; an element of a list is text, and every instance that is run may have a key of its own."""
    keys = count(1)

    def evaluate(source: str, context: Mapping[str, Any]) -> Any:
        if source == OWN_KEY:
            return f"K-{next(keys)}"
        value = toy.evaluate(source, context)
        return f"C-{value}" if source == "item" and value is not None else value

    return evaluate


class Play:
    """One play. `sent` is what was done in it; equal seeds do the same."""

    drawn: ClassVar[Mapping[str, int]] = DRAWN

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.random = Random(f"{seed.number} blueprints")
        self.versions = three_levels(self.random)
        self.house = House()
        evaluate = evaluator()
        self.house.expressions = lambda plan, now: evaluate
        for version in self.versions:
            self.house.release(version)
        self.log = self.house.log()
        self.book = Book(self.log)
        self.outside = Outside()
        self.out: list[Mapping[str, Any]] = []  # calls that were leased, with no answer yet
        self.act = 0
        self.sent: list[Sent] = []

    def play(self) -> None:
        """All acts, judged after every few of them, and at the end what happened outside as well."""
        is_shortened = len(self.seed.acts) < ACTS
        for number in self.seed.acts:
            self.act, self.random = number, Random(f"{self.seed.number} {number}")
            self.do_one()
            if is_shortened or number % JUDGED_EVERY == JUDGED_EVERY - 1:
                self.judge()
        self.judge()
        self.judge_all()

    def do_one(self) -> None:
        """One act; where there is nothing that it could be done to, another."""
        before = len(self.sent)
        if not any(row.status == states.ACTIVE for row in self.book.rows(tables.INSTANCE)):
            self.begin()
        for _ in range(DRAWS_MAX):
            if len(self.sent) > before:
                return
            (drawn,) = self.random.choices(list(self.drawn), list(self.drawn.values()))
            getattr(self, drawn)()

    def judge(self) -> None:
        """Rows are the fold of the entries; families keep together; what is over is so, and the rest can go on."""
        assert self.log.replay() == self.log.folded(), "rows are not the fold of the entries"
        known = self.book.known()
        judge_families(known)
        judge_over(self.book, known)
        judge_waiting(self.book, known)

    def judge_all(self) -> None:
        """Every instance by the book, from its first entry on, and every effect."""
        judge_effects(self.book, self.outside, self.plan)
        if self.log.entries:
            judge_instances(self.book, all_over=False)

    # What is there

    def plan(self, digest: str) -> b.BlueprintVersion:
        """The version with this digest."""
        return self.house.by_digests[digest]

    def rows(self, table: Any, *in_states: str) -> list[Any]:
        """The rows of a table in one of these states."""
        return [row for row in self.book.rows(table) if row.state in in_states]

    def instances(self) -> list[tables.InstanceRow]:
        """Those under way; seldom all there are, so that what is over is disturbed as well."""
        known = self.book.rows(tables.INSTANCE)
        return known if self.may(0.05) else [row for row in known if row.status == states.ACTIVE]

    def step_of(self, row: Any) -> b.Step:
        """The step a row of work stands at."""
        version = self.book.table(tables.INSTANCE)[(row.instance,)].version
        return self.plan(version).blueprint.step(row.step)

    def live(self) -> Iterator[tuple[tables.InstanceRow, Activation, b.Step]]:
        """Every live step of every instance."""
        for row, instance in self.book.known().values():
            for one in instance.live:
                yield row, one, self.plan(row.version).blueprint.step(one.step)

    def one_of(self, among: list[Any]) -> list[Any]:
        """One of them, where there is any."""
        return [self.random.choice(among)] if among else []

    def may(self, chance: float) -> bool:
        return self.random.random() < chance

    def send(self, command: Any, actor: Actor = ANN) -> Done | Refusal:
        """Do it, and note it down before, so that it is told where it raises."""
        self.sent.append(Sent(self.act, command, "raised"))
        said = self.log.send(actor, command)
        answer = said.outcome if isinstance(said, Done) else str(said.reason)
        self.sent[-1] = self.sent[-1]._replace(answer=answer)
        return said

    # What people do

    def begin(self) -> None:
        """Start one more, now and then under a key that is taken."""
        if len([row for row in self.book.rows(tables.INSTANCE) if not row.parent]) < BEGUN_MAX:
            data = {"amount": self.random.choice(AMOUNTS), "items": [1, 2, 3][: self.random.randint(0, 3)]}
            self.send(c.StartInstance("toy", self.random.choice(("A-1", "A-2", "A-3")), data))

    def do_task(self) -> None:
        for row in self.one_of(self.rows(tables.TASK, "offered", "claimed")):
            step, task_id = self.step_of(row), f"{row.instance}.{row.number}"
            self.send(c.ClaimTask(task_id))
            if isinstance(step, b.DecideStep):
                self.send(c.CompleteTask(task_id, self.random.choice(step.outcomes)))
            else:
                expects = isinstance(step, b.TaskStep) and step.expects
                self.send(c.CompleteTask(task_id, data={"amount": self.random.choice(AMOUNTS)} if expects else {}))

    def suspend(self) -> None:
        for row in self.one_of(self.instances()):
            self.send(c.SuspendInstance(row.id, "r"))

    def resume(self) -> None:
        for row in self.one_of([row for row in self.book.rows(tables.INSTANCE) if row.suspended]):
            self.send(c.ResumeInstance(row.id, "r"))

    def cancel(self) -> None:
        for row in self.one_of(self.instances()):
            self.send(c.CancelInstance(row.id, "r"))

    def correct(self) -> None:
        """Other data: what was done before is undone with those it was done with."""
        items = [1, 2, 3, 4][: self.random.randint(0, 4)]
        data = self.random.choice(({"amount": self.random.choice(AMOUNTS)}, {"items": items}))
        for row in self.one_of(self.instances()):
            self.send(c.CorrectData(row.id, data, "r"))

    def move(self) -> None:
        """One live step is moved to any other of its blueprint, or ended."""
        for row, one, _ in self.one_of(list(self.live())):
            to = self.random.choice(self.plan(row.version).blueprint.steps).id
            moves, ends = (((one.number, to),), ()) if self.may(0.8) else ((), (one.number,))
            self.send(c.ModifyInstance(row.id, moves, ends, "r"))

    def resolve(self) -> None:
        for row in self.one_of(self.rows(tables.INCIDENT, "open")):
            how: Any = self.random.choice(("retry", "correct", "skip", "skip", "other"))
            version = self.book.table(tables.INSTANCE)[(row.instance,)].version
            to = self.random.choice(self.plan(version).blueprint.steps).id if how == "other" else ""
            data = {"amount": self.random.choice(AMOUNTS)} if how == "correct" else {}
            self.send(c.ResolveIncident(f"{row.instance}.{row.number}", how, data, "r", to))

    def branch(self) -> None:
        """Of branches that people begin one is begun, begun again or passed over."""
        forks = [
            (f"{row.id}.{one.number}", step.branches)
            for row, one, step in self.live()
            if isinstance(step, b.AllStep) and step.begun_by and one.state == states.JOINING
        ]
        for fork, branches in self.one_of(forks):
            branch = self.random.choice(branches)
            again, over = c.RepeatBranch(fork, branch, "r"), c.PassOverBranch(fork, branch, "r")
            self.send(self.random.choice((c.BeginBranch(fork, branch), c.BeginBranch(fork, branch), again, over)))

    # What runners, workers, clocks and others do

    def lease(self) -> None:
        """Calls go out; of some it is never recorded that they did."""
        if not self.rows(tables.CALL, "requested"):
            return
        said = self.send(c.LeaseCalls("r", self.random.randint(1, 4)), SYSTEM)
        for call in said.result["calls"] if isinstance(said, Done) else ():
            self.outside.ask(call)
            if self.may(0.9):
                self.send(c.StartCall(call["call"], call["lease"]), SYSTEM)
            self.out.append(call)

    def answer(self) -> None:
        """One of the calls that went out comes back, whatever became of its step; some come back twice."""
        if self.out:
            call = self.out.pop(self.random.randrange(len(self.out)))
            if self.may(0.7):
                answer = self.random.choice(ANSWERS)
                if isinstance(self.send(c.SucceedCall(call["call"], call["lease"], answer), SYSTEM), Done):
                    self.outside.happen(call)
            else:
                self.send(c.FailCall(call["call"], call["lease"], "DOWN", self.may(0.5)), SYSTEM)
            if self.may(0.1):
                self.out.append(call)

    def work(self) -> None:
        if not self.rows(tables.JOB, "created"):
            return
        said = self.send(c.ActivateJobs(JOB, "w", 3), WORKER)
        for job in said.result["jobs"] if isinstance(said, Done) else ():
            if self.may(0.7):
                self.send(c.CompleteJob(job["job"], job["lease"], None), WORKER)
            elif self.may(0.7):
                self.send(c.FailJob(job["job"], job["lease"], "DOWN", self.may(0.5)), WORKER)

    def fire(self) -> None:
        """A timer that is due, most often the next."""
        running = sorted(self.rows(tables.TIMER, "set"), key=lambda row: row.due_at)
        if running:
            row = running[0] if self.may(0.7) else self.random.choice(running)
            self.log.now = max(self.log.now, row.due_at)
            self.send(c.FireTimer(f"{row.instance}.{row.number}/{row.name}", Instant(row.due_at)), SYSTEM)

    def tell(self) -> None:
        """A message for somebody who waits for one, or for whoever may wait later."""
        keys = [json.loads(row.key) for row in self.rows(tables.SUBSCRIPTION, "open")]
        if keys or self.may(0.1):
            key = self.random.choice((*keys, "A-1", "C-1"))
            self.send(c.Correlate(MESSAGE, key, None, keep_for=self.random.choice(("", "P1D"))))

    def wait(self) -> None:
        self.log.now += self.random.choice(WAITS) * toy.SECOND
