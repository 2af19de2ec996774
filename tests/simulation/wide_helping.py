"""Who helps in the end of the histories that draw everything: until nothing waits, is held, or is to be confirmed."""

from collections import Counter
from typing import Any

from ledger.refusal import Refusal
from ledger.work import Answer
from orchestrator import commands as c
from orchestrator import handing
from tests.orchestrator.house import ANN, BOB, WORKER, person
from tests.orchestrator.wide_blueprints import ADVISING
from tests.simulation.actors import Actors
from tests.simulation.helping import Helper
from tests.simulation.wide_actors import GOOD_ADVICE

GIVEN_UP_AFTER = 25  # rounds in which one thing was tried, until somebody cancels what it holds
_SUSPENDED = "SELECT id FROM instance WHERE log_id = {log} AND ended_at IS NULL AND suspended = 'itself' ORDER BY id"
_DELEGATED = "SELECT instance, number, delegate FROM task WHERE log_id = {log} AND delegate <> '' AND state = 'claimed'"
_ALIVE = "SELECT id FROM instance WHERE log_id = {log} AND ended_at IS NULL ORDER BY id"
_PROPOSED = "SELECT 1 FROM act_proposal WHERE log_id = {log} AND state = 'proposed'"
_PLANNED = "SELECT 1 FROM schedule WHERE log_id = {log} AND state <> 'ended'"
_ITEMS = "SELECT 1 FROM bulk_item WHERE log_id = {log} AND state = 'waiting'"


class WideHelper(Helper):
    """As the other one; whatever it does that a second person confirms is confirmed."""

    def __init__(self, actors: Actors) -> None:
        super().__init__(actors)
        self.given_up: Counter[str] = Counter()  # why instances were cancelled that nobody could end otherwise
        self._tried: Counter[tuple[str, str, int]] = Counter()

    def is_over(self) -> bool:
        """Whether nothing is left to do, of instances and of what was asked for beside them."""
        look = self._actors.around.look
        return not any(map(look, (_ALIVE, _PROPOSED, _ITEMS, _PLANNED)))

    def round(self, number: int) -> None:
        """What everything else waits for: what stands still, and what is with somebody else."""
        for (instance,) in self._actors.around.look(_SUSPENDED):
            self._confirmed(instance, c.ResumeInstance(instance, "on with it"))
        for instance, place, delegate in self._actors.around.look(_DELEGATED):
            self._actors.ask(person(delegate.partition(":")[2]), handing.ReturnTask(f"{instance}.{place}"))
        super().round(number)
        for (instance,) in self._actors.around.look(_ALIVE) if number > 70 else ():
            self._give_up(instance, "it takes for ever")

    def _confirmed(self, instance: str, command: Any) -> Answer | None:
        """Do an act; where it was proposed, somebody else confirms it."""
        said = self._actors.ask(BOB, command)
        if said is None or isinstance(said.outcome, Refusal) or said.outcome.outcome != "proposed":
            return said
        result = said.outcome.result
        return self._actors.ask(ANN, c.ConfirmAct(instance, result["proposal"], result["digest"]))

    def _give_up(self, instance: str, why: str) -> None:
        self.given_up[why] += 1
        self._confirmed(instance, c.CancelInstance(instance, why))

    def _is_hopeless(self, *what: Any) -> bool:
        self._tried[what] += 1
        return self._tried[what] > GIVEN_UP_AFTER

    def _task(self, number: int, instance: str, place: int, step: str, blueprint: str) -> None:
        super()._task(number, instance, place, step, blueprint)
        if self._is_hopeless("task", instance, place):
            self._give_up(instance, f"nobody can do {step}")
        elif self._tried["task", instance, place] == 5:  # what follows may not fit into an entry
            self._confirmed(instance, c.CorrectData(instance, {"paper": "x"}, "shorter"))
        elif self._tried["task", instance, place] == 8:
            self._actors.ask(BOB, handing.ReassignTask(f"{instance}.{place}", "person:eva", "nobody does it"))

    def _incident(self, number: int, instance: str, place: int, held: int) -> None:
        incident = f"{instance}.{place}"
        self._tried["incident", instance, held] += 1
        match self._tried["incident", instance, held]:
            case 1 | 2:
                self._confirmed(instance, c.ResolveIncident(incident, "retry", {}, "again"))
            case 3:
                small = {"amount": 8, "paper": "x", "note": "1970-01-01"}
                self._confirmed(instance, c.ResolveIncident(incident, "correct", small, "shorter"))
            case 4 | 5:
                self._confirmed(instance, c.ResolveIncident(incident, "skip", {}, "nobody can"))
            case 6:
                self._confirmed(instance, c.ResolveIncident(incident, "other", {}, "nobody can", "done"))
            case 7 | 8:
                self._confirmed(instance, c.ResolveIncident(incident, "skip", {"amount": 8}, "nobody can"))
            case _:  # a choice whose condition fails for good, say
                self._give_up(instance, "an incident that nobody resolves")

    def _job(self, number: int, of: str) -> None:
        said = self._actors.ask(WORKER, c.ActivateJobs(of, "helper", 20))
        if said is None or isinstance(said.outcome, Refusal):
            return
        result: Any = {ADVISING: GOOD_ADVICE, "big": "x"}.get(of, {"n": 1})
        for job in said.outcome.result["jobs"]:
            done = self._actors.ask(WORKER, c.CompleteJob(job["job"], job["lease"], result))
            if done is None and self._is_hopeless("job", job["job"].partition(".")[0], 0):
                self._give_up(job["job"].partition(".")[0], "a job whose result leads to what is too large")

    def _wait(self, number: int, instance: str, message: str, key: str) -> None:
        self._sent[instance] += 1
        if self._sent[instance] > 40:  # an older one that waits again and again takes every message
            self._give_up(instance, "its message goes to another")
        elif number % 2:
            self._actors.ask(WORKER, c.Correlate(message, key.strip('"'), "x"))
