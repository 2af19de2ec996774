"""The loans of the committee: what an agent proposes of each, and the votes on it. Some are left as they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from examples.demo.told.house import House
from examples.services.risk_desk import summary
from ledger.clock import SECOND
from orchestrator.commands import ActivateJobs, CompleteJob, CompleteTask, StartInstance

BLUEPRINT = "committee-loan"
CHAIR = "committee-chair"
MEMBERS = ("committee-member-1", "committee-member-2", "committee-member-3", "committee-member-4")
REASONS = {"approve": "The security carries the amount", "decline": "What is owed already is too high for this amount"}
CODES = {"approve": "within-policy", "decline": "obligations-excessive"}
HOURS_BETWEEN = 5  # votes on one loan
_HOUR = 3600 * SECOND
_OPEN = (
    "SELECT task.instance, task.number, task.opened_at FROM task JOIN instance ON instance.log_id = task.log_id"
    " AND instance.id = task.instance WHERE task.log_id = {log} AND task.step = 'committee' AND task.state = 'offered'"
    " AND instance.blueprint = ? ORDER BY task.instance, task.number"
)
_VOTES = "SELECT COUNT(*) FROM task_vote WHERE log_id = {log} AND instance = ? AND number = ?"
_JOBS = "SELECT 1 FROM job WHERE log_id = {log} AND type = 'summarise-risk' AND state = 'created' LIMIT 1"

Vote = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Application:
    """One loan: how many hours before the end it is asked for, and who votes how, in this order."""

    key: str
    before_end: float
    name: str
    born: str
    amount: str
    purpose: str
    votes: tuple[Vote, ...] = ()


def _agree(*members: str) -> tuple[Vote, ...]:
    return tuple((member, "approve") for member in members)


APPLICATIONS = (
    Application("CL-60-00001", 260.0, "Robin Clarke", "1972-05-17", "420000.00", "A workshop", _agree(*MEMBERS[:3])),
    Application(
        "CL-60-00002", 190.0, "Lee Turner", "1966-05-17", "900000.00", "Two houses",
        (*_agree(*MEMBERS[:2]), (CHAIR, "decline")),
    ),
    Application("CL-60-00003", 60.0, "Pat Hughes", "1984-05-17", "380000.00", "A farm", _agree(*MEMBERS[1:3])),
    Application(
        "CL-60-00004", 52.0, "Chris Palmer", "1978-05-17", "650000.00", "A practice",
        ((MEMBERS[3], "approve"), (MEMBERS[1], "decline")),
    ),
    Application("CL-60-00005", 30.0, "Kim Bailey", "1975-05-17", "300000.00", "A house"),
    Application("CL-60-00006", 26.0, "Sam Taylor", "1975-05-17", "280000.00", "A boat yard"),
)  # fmt: skip
"""One is agreed and one vetoed; in two the votes are in motion, one has none, and of one the agent was not sure."""


class Committee:
    """Tells the loans of the committee, a look at a time."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._coming = list(APPLICATIONS)
        self._by_instance: dict[str, Application] = {}

    def look(self) -> None:
        """Ask for the loans whose time has come, propose what is to be proposed, and vote."""
        self._start()
        self._house.make_calls()
        self._summarise()
        self._vote()
        self._house.make_calls()

    def _start(self) -> None:
        house = self._house
        due = [one for one in self._coming if house.ends - one.before_end * _HOUR <= house.clock.wall()]
        self._coming = self._coming[len(due) :]
        portal = house.service("svc:loan-portal")
        begun = house.must((portal, StartInstance(BLUEPRINT, one.key, _data(one), None, "lending")) for one in due)
        self._by_instance |= {result["instance"]: one for one, result in zip(due, begun, strict=True)}

    def _summarise(self) -> None:
        house, desk = self._house, self._house.service("svc:risk-desk")
        if not house.query(_JOBS):
            return
        (taken,) = house.must([(desk, ActivateJobs("summarise-risk", "risk-desk-1", 50, 60, "lending"))])
        house.must((desk, CompleteJob(job["job"], job["lease"], summary(job["arguments"]))) for job in taken["jobs"])

    def _vote(self) -> None:
        self._house.must(self._votes_due())

    def _votes_due(self) -> Iterable[tuple[Any, CompleteTask]]:
        """The next vote on each loan, once those before it are some hours old."""
        for instance, number, opened_at in self._house.query(_OPEN, (BLUEPRINT,)):
            votes = self._by_instance[instance].votes
            ((cast,),) = self._house.query(_VOTES, (instance, number))
            if cast < len(votes) and opened_at + (cast + 1) * HOURS_BETWEEN * _HOUR <= self._house.clock.wall():
                yield self._voted(f"{instance}.{number}", *votes[cast])

    def _voted(self, task: str, member: str, outcome: str) -> tuple[Any, CompleteTask]:
        shown = self._house.shown(task).shown_digest
        said = CompleteTask(task, outcome, reason=REASONS[outcome], reason_code=CODES[outcome], shown_digest=shown)
        return self._house.person(member), said


def _data(one: Application) -> dict[str, Any]:
    return {
        "application_number": one.key,
        "applicant": {
            "name": one.name,
            "email": f"{one.name.lower().replace(' ', '.')}@example.com",
            "date_of_birth": one.born,
        },
        "amount": {"amount": one.amount, "currency": "GBP"},
        "purpose": one.purpose,
    }
