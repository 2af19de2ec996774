"""What every driver does: start an instance, fill in a form, do a job, and keep what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from examples.demo.deciding import decide, task_of, wait_for_end
from examples.demo.door import Door, Expected, expect_refusal, until
from examples.demo.organisation import Organisation
from muniment.worker import Failed

Job = dict[str, Any]
Choice = Literal["begin", "begin again", "pass over"]
CHOICES: dict[Choice, tuple[str, str]] = {
    "begin": ("to_begin", ""),
    "begin again": ("to_repeat", "/repetition"),
    "pass over": ("to_pass_over", "/passing-over"),
}
"""What people do with branches: the list of a step that offers it, and the door where it is asked for."""


@dataclass(slots=True)
class Driven:
    """What came of an example: its instances, the tasks decided, outcomes with their number, refusals asked for."""

    instances: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    refusals: list[Expected] = field(default_factory=list)


@dataclass(slots=True)
class Acting:
    """The organisation in one domain and process; `starter` is the service or person that starts its instances."""

    organisation: Organisation
    blueprint: str
    domain: str
    starter: str
    driven: Driven = field(default_factory=Driven)

    def start(self, key: str, data: dict[str, Any]) -> str:
        """A new instance; its id."""
        body = {"blueprint": self.blueprint, "business_key": key, "data": data, "domain": self.domain}
        instance: str = self.door.post("/v1/process-instances", body)["instance"]
        self.driven.instances.append(instance)
        return instance

    @property
    def door(self) -> Door:
        """The service as whoever starts instances sees it."""
        is_service = self.starter.startswith("svc:")
        return self.organisation.service(self.starter) if is_service else self.organisation.person(self.starter)

    def fill_in(self, who: str, instance: str, step: str, data: dict[str, Any]) -> str:
        """The person claims the form and fills it in; its id."""
        person = self.organisation.person(who)
        task: str = task_of(person, instance, step)["id"]
        person.post(f"/v1/tasks/{task}/claim")
        shown = person.get(f"/v1/tasks/{task}")["shown_digest"]
        person.post(f"/v1/tasks/{task}/completion", {"data": data, "shown_digest": shown})
        return task

    def choose(self, who: str, branch: tuple[str, str], act: Choice = "begin", reason: str = "") -> None:
        """The person does this with a branch, named by its instance and its first step, as they are offered it."""
        instance, step = branch
        offered, door = CHOICES[act]
        person, at = self.organisation.person(who), f"/v1/process-instances/{instance}"
        [fork] = [one["number"] for one in person.get(at)["steps"] if step in one[offered]]
        said = {"reason": reason} if reason else {}
        person.post(f"{at}/branches{door}", {"activation": fork, "branch": step, **said})

    def decide(self, who: str, instance: str, step: str, outcome: str, reason: str) -> None:
        """The person takes the decision, and signs it where it is to be signed."""
        task = task_of(self.organisation.person(who), instance, step)["id"]
        decide(self.organisation, who, task, outcome, reason)
        self.driven.decided.append(task)

    def refused(self, what: str, code: str, act: Callable[[], Any]) -> None:
        """Do what must be refused for this reason, and keep that it was."""
        self.driven.refusals.append(expect_refusal(what, code, act))

    def tell(self, name: str, key: str, data: Any = None) -> None:
        """A message to the instance that waits for it."""
        self.door.post("/v1/messages", {"name": name, "key": key, "data": data, "domain": self.domain})

    def child(self, blueprint: str, instance: str) -> str:
        """The instance of this blueprint that the instance runs, once it does."""

        def look() -> str:
            listed = self.door.get(f"/v1/process-instances?blueprint={blueprint}&limit=50")["items"]
            return next((one["id"] for one in listed if one["parent"] == instance), "")

        found: str = until(f"{blueprint} of {instance}", look)
        return found

    def comes_to(self, instance: str, step: str) -> None:
        """Wait until the instance is at this step."""
        at = f"/v1/process-instances/{instance}"
        until(f"{step} of {instance}", lambda: step in {one["step"] for one in self.door.get(at)["steps"]})

    def ends(self, instance: str) -> str:
        """How the instance ended, once it has; it is counted."""
        ended = wait_for_end(self.door, instance)
        self.driven.outcomes[ended] = self.driven.outcomes.get(ended, 0) + 1
        return ended


@dataclass(slots=True)
class Worker:
    """A worker over the HTTP job protocol: takes jobs of its types, and answers each with a result or a code."""

    door: Door
    domain: str
    does: dict[str, Callable[[Job], Any]]
    done: list[tuple[str, Any]] = field(default_factory=list)

    def round(self) -> int:
        """Take what is open of each type and do it; how many jobs there were."""
        return sum(self._of(kind) for kind in self.does)

    def take(self, kind: str, limit: int = 100) -> list[Job]:
        """Leases on open jobs of a type."""
        asked = {"type": kind, "worker": "worker-1", "limit": limit, "domain": self.domain}
        jobs: list[Job] = self.door.post("/v1/jobs/activation", asked)["jobs"]
        return jobs

    def answer(self, kind: str, job: Job) -> None:
        """Do a job that was taken, and say what came of it."""
        at = f"/v1/jobs/{job['job']}"
        try:
            result = self.does[kind](job["arguments"])
        except Failed as failed:
            said = {"lease": job["lease"], "code": failed.code, "retryable": failed.retryable}
            self.door.post(f"{at}/failure", said)
            self.done.append((kind, failed.code))
            return
        self.door.post(f"{at}/completion", {"lease": job["lease"], "result": result})
        self.done.append((kind, result))

    def _of(self, kind: str) -> int:
        jobs = self.take(kind)
        for job in jobs:
            self.answer(kind, job)
        return len(jobs)
