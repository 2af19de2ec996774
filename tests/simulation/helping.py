"""Who helps in the end: does whatever is left to do, until nothing is."""

from collections import Counter
from typing import Any

from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.simulation.actors import Actors
from tests.simulation.hub import SECOND

ROUNDS_MAX = 120  # far more than any blueprint of ours is deep

PATIENCE = 60  # messages for one instance, until nobody expects that it gets one
PAUSE, LONG = 400, 5_000  # seconds between two rounds

_HERE = "WHERE log_id = {log} AND state"
_OPEN = (
    (
        "task",
        f"SELECT instance, number, step, blueprint FROM task {_HERE} IN ('offered', 'claimed')"
        " ORDER BY instance, number",
    ),
    ("incident", f"SELECT instance, number, activation FROM incident {_HERE} = 'open' ORDER BY instance, number"),
    ("job", f"SELECT DISTINCT type FROM job {_HERE} = 'created' ORDER BY type"),
    ("wait", f"SELECT instance, message, key FROM subscription {_HERE} = 'open' ORDER BY instance, number"),
)
_ALIVE = "SELECT id, blueprint, marking FROM instance WHERE log_id = {log} AND ended_at IS NULL ORDER BY id"


class Stuck(AssertionError):
    """A history whose instances do not end although everybody helps."""


class Helper:
    """One helper of a history."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors
        self.is_done = False
        self._sent: Counter[str] = Counter()
        self._retried: set[tuple[str, int]] = set()

    def help(self) -> None:
        """Until no instance is left. Raises `Stuck`."""
        look, hub = self._actors.around.look, self._actors.around.hub
        for number in range(ROUNDS_MAX):
            if self.is_over():
                self.is_done = True
                return
            self.round(number)
            hub.sleep(PAUSE * SECOND if number % 4 else LONG * SECOND)
        raise Stuck(f"left after {ROUNDS_MAX} rounds: {look(_ALIVE)}")

    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return not self._actors.around.look(_ALIVE)

    def round(self, number: int) -> None:
        """Do once what there is to do."""
        look = self._actors.around.look
        for kind, question in _OPEN:
            for row in look(question):
                getattr(self, f"_{kind}")(number, *row)
        for fork, branches in self._actors.forks():
            for branch in branches:  # those that may not be begun now are turned down
                self._actors.ask(BOB, c.BeginBranch(fork, branch))
        # What waits for a condition over data that nobody sets any more; said again, since a crash may swallow it.
        if number >= PATIENCE and number % 10 == 0:
            for instance, _, _ in look(_ALIVE):
                self._actors.ask(BOB, c.CorrectData(instance, {"amount": 9}, "so that it goes on"))

    def _task(self, number: int, instance: str, place: int, step: str, blueprint: str) -> None:
        task = f"{instance}.{place}"
        for one in self._actors.people:  # whoever holds it, or to whom it is offered now
            said = self._actors.complete(one, task, (blueprint, step), forward=True)
            if said is not None and not isinstance(said.outcome, Refusal):
                return
        for one in self._actors.people:
            self._actors.ask(one, c.ReleaseTask(task))

    def _incident(self, number: int, instance: str, place: int, held: int) -> None:
        how: Any = "skip" if (instance, held) in self._retried else "retry"
        self._retried.add((instance, held))
        said = self._actors.ask(BOB, c.ResolveIncident(f"{instance}.{place}", how, {}, "nobody can"))
        if how == "retry" or said is None or not isinstance(said.outcome, Refusal):
            return
        if said.outcome.reason is Reason.INVALID_DATA:  # a choice stays held until somebody says that this is the end
            self._actors.ask(ANN, c.CancelInstance(instance, "cannot go on"))

    def _job(self, number: int, of: str) -> None:
        said = self._actors.ask(WORKER, c.ActivateJobs(of, "helper", 5))
        if said is None or isinstance(said.outcome, Refusal):
            return
        for job in said.outcome.result["jobs"]:
            self._actors.ask(WORKER, c.CompleteJob(job["job"], job["lease"], {"n": 1}))

    def _wait(self, number: int, instance: str, message: str, key: str) -> None:
        self._sent[instance] += 1
        if self._sent[instance] > PATIENCE:  # an older instance that waits again and again takes every message
            self._actors.ask(ANN, c.CancelInstance(instance, "its message goes to another"))
        elif number % 2:  # in between a time may come first
            self._actors.ask(WORKER, c.Correlate(message, key.strip('"')))
