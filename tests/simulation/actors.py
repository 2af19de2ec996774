"""Who acts from outside: each does something that somebody might do, sensible or not, again and again."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, NamedTuple

from ledger.actor import Actor
from ledger.errors import Unavailable
from ledger.refusal import Refusal
from ledger.work import Answer, Request
from orchestrator import commands as c
from orchestrator.instance import JOINING, parse_marking
from tests.crash.checks import Acknowledged, recorded
from tests.orchestrator.house import ANN, BOB, WORKER, House, person
from tests.simulation.hub import SECOND, Hub
from tests.simulation.process import Process
from tests.simulation.world import NAME
from versioning.blueprint import AllStep, BlueprintVersion, DecideStep, Step, TaskStep

CHIEF = person("chief")  # to whom decisions are passed on
PEOPLE = (ANN, BOB, CHIEF)
LIMITS: dict[str, int] = {ANN.id: 100, BOB.id: 100, CHIEF.id: 1_000}
_THINKING = (0.02, 0.1, 1, 20, 400, 3_000)  # seconds between two acts of one actor
VAIN = 0.25  # of an act, when there was nothing to do
_UNASKED = 0.1  # of all looks for work that is not there lead to a question all the same
_TRIES_MAX = 6  # of one command, until its sender gives up

_INCIDENTS = "SELECT instance, number FROM incident WHERE log_id = {log} AND state = 'open' ORDER BY instance, number"

_MARKINGS = "SELECT id, blueprint, marking FROM instance WHERE log_id = {log} AND ended_at IS NULL ORDER BY id"
_TASKS = "SELECT instance, number, step, blueprint, state FROM task WHERE log_id = {log} ORDER BY instance, number"

Rows = list[tuple[Any, ...]]


ROLES = ("starters", "clerks", "owners", "leads")


class Company(House):
    """Three persons with every role, one of them above the others, and the blueprints of a history."""

    def __init__(self, *versions: BlueprintVersion) -> None:
        super().__init__({one.id: {*ROLES} for one in PEOPLE}, dict(LIMITS))
        for version in versions:
            self.release(version)

    def step(self, blueprint: str, name: str) -> Step:
        """A step by its id."""
        return next(step for step in self.released[blueprint].blueprint.steps if step.id == name)


class Surroundings(NamedTuple):
    """What actors see and use. `look` reads committed rows, as a list on a screen does."""

    hub: Hub
    house: Company
    processes: tuple[Process, ...]
    look: Callable[[str], Rows]


class Actors:
    """All of them: what they were answered, and what nobody answered."""

    people: tuple[Actor, ...] = PEOPLE

    def __init__(self, around: Surroundings, random: Random, keys: tuple[str, ...]) -> None:
        self.around = around
        self.random = random
        self.keys = keys
        self.acknowledged: list[Acknowledged] = []
        self.unheard: list[Request] = []
        self.left = 0.0  # acts that are still to be done
        self._count = 0

    def begin(self, acts: int) -> None:
        """They do so many acts among them."""
        self.left = acts
        for key in self.keys:
            self.around.hub.spawn("starter", partial(self._start, key))
        for name, act in self.lines():
            self.around.hub.spawn(name, partial(self._go_on, act))

    def lines(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """Who acts beside those who start instances, and how."""
        return (
            ("person", self._person),
            ("person", self._person),
            ("worker", self._worker),
            ("sender", self._send),
            ("other", self._other),
        )

    def ask(self, actor: Actor, command: Any) -> Answer | None:
        """Send until there is an answer, always under the same id; None when the sender gives up."""
        self._count += 1
        return self._until_answered(Request(actor, command, f"c{self._count}"))

    def _until_answered(self, request: Request) -> Answer | None:
        for _ in range(_TRIES_MAX):
            said = self.random.choice(self.around.processes).ask(request)
            if isinstance(said, Answer):
                assert request.command_id is not None
                self.acknowledged.append(Acknowledged(request.actor.id, request.command_id, said))
                if self.random.random() < 0.05 and said.receipt is not None:
                    self._repeat(request, said)
                return said
            if not isinstance(said, Unavailable):
                self.raised(request, said)
                return None
            if self.random.random() < 0.2:
                break
            self.think()
        self.unheard.append(request)
        return None

    def raised(self, request: Request, error: Exception) -> None:
        """A command that could not be carried out at all: here nobody asks for such a thing."""
        raise error

    def _repeat(self, request: Request, first: Answer) -> None:
        """The same command again: the same answer, with the same receipt."""
        self.think()
        again = self.random.choice(self.around.processes).ask(request)
        if isinstance(again, Answer):
            assert again.outcome == recorded(first.outcome), (request, first.outcome, again.outcome)
            assert again.receipt is not None
            assert first.receipt is not None
            assert again.receipt.index == first.receipt.index, request

    def think(self) -> None:
        """Time passes."""
        self.around.hub.sleep(int(self.random.choice(_THINKING) * SECOND))

    def _go_on(self, act: Callable[[], None]) -> None:
        self.think()
        while self.left > 0:
            before = self._count
            act()
            self.left -= 1 if self._count > before else VAIN
            self.think()

    # One act of each

    def _start(self, key: str) -> None:
        self.ask(ANN, c.StartInstance("toy", key, self.data()))

    def data(self) -> dict[str, Any]:
        """What an instance is given."""
        data: dict[str, Any] = {
            "amount": self.random.choice((3, 9)),
            "note": self.random.choice(("1970-01-01", "2026-09-22")),
            "items": [1] * self.random.randrange(4),
        }
        if self.random.random() < 0.5:
            data["secret"] = {"name": NAME}
        return data

    def tasks(self) -> Rows:
        """The tasks that people look through, open or not."""
        return self.around.look(_TASKS)

    def _person(self) -> None:
        tasks = self.tasks()
        open_ = [row for row in tasks if row[4] in ("offered", "claimed")]
        if not open_ and (not tasks or self.random.random() > _UNASKED):
            return
        instance, number, step_id, blueprint, _ = self.random.choice(open_ or tasks)
        actor, task = self.random.choice(self.people), f"{instance}.{number}"
        match self.random.randrange(10):
            case 0:
                self.ask(actor, c.ReleaseTask(task))
            case 1 | 2 | 3:
                self.ask(actor, c.ClaimTask(task))
            case _:
                self.complete(actor, task, (blueprint, step_id))

    def complete(self, actor: Actor, task: str, of: tuple[str, str], *, forward: bool = False) -> Answer | None:
        """Claim and complete a task; `forward` takes the outcome that leads on."""
        step = self.around.house.step(*of)
        if isinstance(step, DecideStep) and step.quorum is not None:
            return self.ask(actor, c.CompleteTask(task, step.outcomes[0 if forward else self.random.randrange(2)]))
        claimed = self.ask(actor, c.ClaimTask(task))
        if not forward:
            self.think()
        elif claimed is None or isinstance(claimed.outcome, Refusal):
            return claimed
        outcome = ""
        if isinstance(step, DecideStep):
            outcome = step.outcomes[0] if forward else self.random.choice(step.outcomes)
        data = {"amount": self.random.choice((2, 8))} if isinstance(step, TaskStep) and step.expects else {}
        return self.ask(actor, c.CompleteTask(task, outcome, data))

    def _worker(self) -> None:
        if not self._is_there("job", "created"):
            return
        said = self.ask(WORKER, c.ActivateJobs("w", "one", self.random.choice((1, 3))))
        if said is None or isinstance(said.outcome, Refusal):
            return
        for job in said.outcome.result["jobs"]:
            assert job["arguments"].get("who") in (None, NAME), "what was sealed came out as something else"
            self.think()  # sometimes beyond its lease
            if self.random.random() < 0.2:
                if self.ask(WORKER, c.ExtendJob(job["job"], job["lease"])) is None:
                    continue  # nobody knows until when it holds
                self.think()
            failing = self.random.choice(("", "", "", "DOWN", "BAD"))
            if failing:
                self.ask(WORKER, c.FailJob(job["job"], job["lease"], failing, retryable=failing == "DOWN"))
            else:
                self.ask(WORKER, c.CompleteJob(job["job"], job["lease"], {"n": 1}))

    def _send(self) -> None:
        if not self._is_there("subscription", "open"):
            return
        keep = self.random.choice(("", "PT30S", "PT2H", "P2D"))
        sender_id = self.random.choice(("", "", "one", "two"))
        self.ask(WORKER, c.Correlate("m", self.random.choice(self.keys), None, "organisation", keep, sender_id))

    def _is_there(self, table: str, state: str) -> bool:
        found = self.around.look(f"SELECT 1 FROM {table} WHERE log_id = {{log}} AND state = '{state}' LIMIT 1")
        return bool(found) or self.random.random() < _UNASKED

    def forks(self) -> list[tuple[str, tuple[str, ...]]]:
        """The live forks whose branches people begin, by id, with the branches they have."""
        found = []
        for instance, blueprint, marking in self.around.look(_MARKINGS):
            for one in parse_marking(marking):
                step = self.around.house.step(blueprint, one.step)
                if one.state == JOINING and isinstance(step, AllStep) and step.begun_by:
                    found.append((f"{instance}.{one.number}", step.branches))
        return found

    def _begin_branch(self) -> None:
        forks = self.forks()
        if forks:
            fork, branches = self.random.choice(forks)
            self.ask(self.random.choice(self.people), c.BeginBranch(fork, self.random.choice(branches)))

    def _other(self) -> None:
        if self.random.random() < 0.3:
            self._start(self.random.choice(self.keys))
        elif self.random.random() < 0.3:
            self._begin_branch()
        elif self.random.random() < 0.8:
            self._resolve()
        else:
            instances = self.around.look("SELECT id FROM instance WHERE log_id = {log} ORDER BY id")
            if instances and self.random.random() < 0.5:
                self.ask(ANN, c.CancelInstance(self.random.choice(instances)[0], "not wanted"))

    def _resolve(self) -> None:
        found = self.around.look(_INCIDENTS)
        if found:
            instance, number = self.random.choice(found)
            how = self.random.choice(("retry", "skip", "correct"))
            data = {"amount": 8} if how == "correct" else {}
            self.ask(BOB, c.ResolveIncident(f"{instance}.{number}", how, data, "agreed"))  # type: ignore[arg-type]
