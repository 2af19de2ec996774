"""Who acts in the histories that draw everything: who steers, hands work on, reviews, and sends what is too large."""

from collections.abc import Callable
from copy import copy
from typing import Any, Literal

from ledger.actor import Actor
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.work import Answer, Request
from orchestrator import commands as c
from orchestrator import handing
from orchestrator.instance import parse_marking
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.wide_blueprints import ADVISING
from tests.simulation.actors import Actors, Rows, Surroundings
from tests.simulation.wide_company import ALL
from tests.simulation.wide_world import SIZES
from versioning.agent_steps import ACCEPT, CORRECT, REJECT, REVIEWS
from versioning.blueprint import AgentStep, DecideStep, TaskStep

LETTER = "begin"  # the message that starts an instance
ADVICE = "advice"  # the blueprint that asks agents
ADVISED = 10  # acts about it, beside those of the others
BESIDE = 1_000_000  # from where they are numbered, so that the others have as many as without them
_ALIVE = "SELECT id, blueprint, marking FROM instance WHERE log_id = {log} AND ended_at IS NULL ORDER BY id"
_EVERY = "SELECT id FROM instance WHERE log_id = {log} ORDER BY id"
_PROPOSED = (
    "SELECT instance, id, digest, by FROM act_proposal WHERE log_id = {log} AND state = 'proposed'"
    " ORDER BY instance, id"
)
_HELD = "SELECT instance, number FROM incident WHERE log_id = {log} AND state = 'open' ORDER BY instance, number"
_REVIEWS = (
    "SELECT instance, number FROM task WHERE log_id = {log} AND state = 'offered' AND blueprint = 'advice'"
    " ORDER BY instance, number"
)
_OPEN = (
    "SELECT instance, number FROM task WHERE log_id = {log} AND state IN ('offered', 'claimed')"
    " AND blueprint <> 'advice' ORDER BY instance, number"
)
GOOD_ADVICE: dict[str, Any] = {
    "grade": 2, "summary": "fine", "confidence": {"$decimal": "0.9"}, "findings": [],
}  # fmt: skip
TYPES = ("w", "w", "big", ADVISING)  # of jobs


class WideActors(Actors):
    """All of them. `broken` are commands that could not be carried out at all."""

    people = ALL

    def __init__(self, around: Surroundings, random: Any, keys: tuple[str, ...]) -> None:
        super().__init__(around, random, keys)
        self.broken: list[Request] = []

    def begin(self, acts: int) -> None:
        """Beside what the others do somebody has agents asked, and reviews what they answer."""
        super().begin(acts)
        adviser = copy(self)
        adviser._count = BESIDE
        self.around.hub.spawn("adviser", lambda: adviser._advise(min(acts, ADVISED)))

    def lines(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """Who acts, and how."""
        more = (
            ("steerer", self._steer), ("steerer", self._steer), ("handler", self._hand), ("resolver", self._resolve),
            ("second", self._second), ("writer", self._letter),
        )  # fmt: skip
        return (*super().lines(), *more)

    def tasks(self) -> Rows:
        """Those that nobody reviews for an agent beside the others: so these find as much to do as ever."""
        return [row for row in super().tasks() if row[3] != ADVICE]

    def raised(self, request: Request, error: Exception) -> None:
        """What is too large, or cannot be said, is no command; anything else is a bug."""
        if not isinstance(error, BrokenInput):
            raise error
        self.broken.append(request)

    def data(self) -> dict[str, Any]:
        """What an instance is given."""
        data = super().data()
        data["note"] = self.random.choice(("1970-01-01", "2026-09-22", "2027-03-28", "2400-01-01"))
        data["bureau"] = {"score": self.random.choice((500, 800)), "defaults": self.random.randrange(2)}
        if self.random.random() < 0.3:
            data["paper"] = "x" * self.random.choice(SIZES)
        return data

    def _start(self, key: str) -> None:
        actor = self.random.choice(self.people)
        self.ask(actor, c.StartInstance("toy", key, self.data()))

    def _begin_branch(self) -> None:
        """Begin a branch or pass one over, and sometimes begin again whatever may be."""
        forks = self.forks()
        if not forks:
            return
        fork, branches = self.random.choice(forks)
        actor, branch = self.random.choice(self.people), self.random.choice(branches)
        if self.random.random() < 0.3:
            self.ask(actor, c.PassOverBranch(fork, branch, "not needed"))
        else:
            self.ask(actor, c.BeginBranch(fork, branch))
        for one in branches:
            self.ask(self.random.choice(self.people), c.RepeatBranch(fork, one, "once more"))

    # Work

    def complete(self, actor: Actor, task: str, of: tuple[str, str], *, forward: bool = False) -> Answer | None:
        """As the others do it, where the task shows something with the digest of what is shown."""
        step = self.around.house.step(*of)
        if isinstance(step, AgentStep):
            return self._review(actor, task, (ACCEPT,) if forward else REVIEWS)
        if isinstance(step, TaskStep) and step.expects == ("paper",):
            self.ask(actor, c.ClaimTask(task))
            paper = "x" if forward else "x" * self.random.choice(SIZES)
            return self.ask(actor, c.CompleteTask(task, "", {"paper": paper}))
        said = super().complete(actor, task, of, forward=forward)
        if isinstance(step, DecideStep) and step.shows:
            digest = _shown(said)
            outcome = step.outcomes[0] if forward else self.random.choice(step.outcomes)
            return said if not digest else self.ask(actor, c.CompleteTask(task, outcome, shown_digest=digest))
        return said

    def _advise(self, acts: int) -> None:
        for _ in range(acts):
            found = self.around.look(_REVIEWS)
            actor = self.random.choice(self.people)
            if found:
                instance, number = self.random.choice(found)
                self._review(actor, f"{instance}.{number}", (CORRECT, REJECT))
            else:
                self.ask(actor, c.StartInstance(ADVICE, self.random.choice(self.keys), self.data()))
            self.think()

    def _review(self, actor: Actor, task: str, among: tuple[str, ...]) -> Answer | None:
        """Accept what an agent proposed, or what is better than that; where nothing else will do, better it is."""
        self.ask(actor, c.ClaimTask(task))
        outcome = self.random.choice(among)
        data = GOOD_ADVICE if outcome == CORRECT else {}
        said = self.ask(actor, c.CompleteTask(task, outcome, data, "seen"))
        digest = _shown(said)
        if digest:
            said = self.ask(actor, c.CompleteTask(task, outcome, data, "seen", shown_digest=digest))
            if among == (ACCEPT,) and said is not None and isinstance(said.outcome, Refusal):
                corrected = c.CompleteTask(task, CORRECT, GOOD_ADVICE, "seen", shown_digest=digest)
                said = self.ask(actor, corrected)
        return said

    def _worker(self) -> None:
        if self.random.random() < 0.5:
            super()._worker()
            return
        of = self.random.choice(TYPES)
        said = self.ask(WORKER, c.ActivateJobs(of, "two", 2))
        if said is None or isinstance(said.outcome, Refusal):
            return
        for job in said.outcome.result["jobs"]:
            self.think()
            match self.random.randrange(5):
                case 0:
                    self.ask(WORKER, c.ReleaseJob(job["job"], job["lease"]))
                case 1:
                    self.ask(WORKER, c.FailJob(job["job"], job["lease"], "DOWN", retry_after=30))
                case _:
                    self.ask(WORKER, c.CompleteJob(job["job"], job["lease"], self._work(of)))

    def _work(self, of: str) -> Any:
        if of == "big":
            return "x" * self.random.choice(SIZES)
        if of != ADVISING:
            return {"n": 1}
        doubtful = {**GOOD_ADVICE, "confidence": {"$decimal": "0.2"}}
        return self.random.choice((GOOD_ADVICE, doubtful, {**GOOD_ADVICE, "grade": 8}, {"grade": "good"}, "prose"))

    def _hand(self) -> None:
        """Give a task to somebody else: for good, for a while, or back."""
        found = self.around.look(_OPEN)
        if not found:
            return
        instance, number = self.random.choice(found)
        task, actor, to = f"{instance}.{number}", self.random.choice(self.people), self.random.choice(self.people)
        match self.random.randrange(4):
            case 0:
                self.ask(actor, handing.ReassignTask(task, to.id, self.random.choice(("", "away"))))
            case 1:
                self.ask(actor, c.ClaimTask(task))
                self.ask(actor, handing.DelegateTask(task, to.id))
            case 2:
                proposes = self.random.choice(("", "yes"))
                self.ask(actor, handing.ReturnTask(task, proposes))
            case _:
                self.ask(actor, c.ReleaseTask(task))

    # Acts

    def _steer(self) -> None:
        found = self.around.look(_ALIVE)
        if not found:
            return
        instance, blueprint, marking = self.random.choice(found)
        actor, reason = self.random.choice(self.people), self.random.choice(("", "agreed", "agreed"))
        match self.random.randrange(8):
            case 0:
                self.ask(actor, c.SuspendInstance(instance, reason))
                if self.random.random() < 0.7:
                    self.think()
                    self.ask(actor, c.ResumeInstance(instance, reason))
            case 1:
                self.ask(actor, c.ResumeInstance(instance, reason))
            case 2:
                self.ask(actor, c.CancelInstance(instance, reason))
            case 3:
                self._bulk(actor, reason)
            case 4 | 5:
                self._correct(actor, instance)
            case _:
                self._modify(actor, (instance, blueprint, marking))

    def _correct(self, actor: Actor, instance: str) -> None:
        values = self.random.choice(
            ({"amount": 2}, {"amount": 8}, {"amount": "many"}, {"number": "B-1"}, {"paper": "x" * 19_000},
             {"items": [1, 2]}, {"secret.name": "Jo Doe"}, {"nothing": 1}, {"ok": True})
        )  # fmt: skip
        self.ask(actor, c.CorrectData(instance, values, "as it is"))

    def _modify(self, actor: Actor, of: tuple[str, str, str]) -> None:
        instance, blueprint, marking = of
        live = parse_marking(marking)
        if not live:
            return
        steps = [step.id for step in self.around.house.released[blueprint].blueprint.steps]
        one = self.random.choice(live)
        if one.branch.startswith("+") and self.random.random() < 0.7:
            self.ask(actor, c.ModifyInstance(instance, ends=(one.number,), reason="not needed"))
            return
        moves = tuple([(each.number, self.random.choice(steps)) for each in {one, self.random.choice(live)}])
        self.ask(actor, c.ModifyInstance(instance, moves[: self.random.choice((1, 1, 2))], reason="another course"))

    def _bulk(self, actor: Actor, reason: str) -> None:
        act: Any = self.random.choice(("suspend", "resume", "cancel", "resolve"))
        if act == "resolve":
            items = [f"{instance}.{number}" for instance, number in self.around.look(_HELD)]
        else:
            items = [instance for (instance,) in self.around.look(_EVERY)]
        how: Literal["", "retry", "skip"] = self.random.choice(("retry", "skip")) if act == "resolve" else ""
        if items:
            self.ask(actor, c.StartBulk(act, tuple(items[:4]), reason, how))

    def _second(self) -> None:
        """Somebody looks at what another person wants to do to an instance."""
        found = self.around.look(_PROPOSED)
        if not found:
            return
        instance, proposal, digest, _ = self.random.choice(found)
        actor = self.random.choice(self.people)
        match self.random.randrange(6):
            case 0:
                self.ask(actor, c.RejectAct(instance, proposal, "no"))
            case 1:
                self.ask(actor, c.ConfirmAct(instance, proposal, "another"))
            case _:
                self.ask(actor, c.ConfirmAct(instance, proposal, digest))

    def _resolve(self) -> None:
        found = self.around.look(_HELD)
        if not found:
            return
        instance, number = self.random.choice(found)
        incident = f"{instance}.{number}"
        how: Any = self.random.choice(("retry", "skip", "correct", "other", "other"))
        data = {"amount": 8} if how == "correct" or self.random.random() < 0.2 else {}
        to = self.random.choice(("done", "s1", "s2", "s3", "nowhere")) if how == "other" else ""
        if self.random.random() < 0.2:
            person = self.random.choice(("", *[one.id for one in self.people]))
            self.ask(BOB, c.AssignIncident(incident, person))
        said = self.ask(self.random.choice((ANN, BOB)), c.ResolveIncident(incident, how, data, "agreed", to))
        if said is not None and not isinstance(said.outcome, Refusal) and said.outcome.outcome == "proposed":
            self._second()

    def _letter(self) -> None:
        """Messages that start an instance, of few keys: the second of a key finds it taken."""
        key = self.random.choice((*self.keys, "A-3"))
        data = {**self.data(), "number": self.random.choice((key, key, "A-4"))}
        keep, sender_id = self.random.choice(("", "P1D")), self.random.choice(("", "one", "two"))
        self.ask(WORKER, c.Correlate(LETTER, key, data, "organisation", keep, sender_id))


def _shown(said: Answer | None) -> str:
    """The digest of what is shown, as a refusal tells it that found another."""
    if said is None or not isinstance(said.outcome, Refusal) or said.outcome.reason is not Reason.SHOWN_CHANGED:
        return ""
    return dict(said.outcome.details).get("shown_digest", "")
