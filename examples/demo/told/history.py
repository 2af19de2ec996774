"""The history, from the ceremony to now: what happens between two looks at the clock, and what is arranged."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

from examples.demo.told import changes
from examples.demo.told.acting import Deed, Persons, Waiting, deed_of
from examples.demo.told.committee import Committee
from examples.demo.told.contracts import Contracts
from examples.demo.told.house import House
from examples.demo.told.reviews import Reviews
from examples.demo.told.stories import DAYS, LETTERS_FAIL, OUTAGE, STARTERS, Story, stories
from ledger.clock import SECOND, Instant
from orchestrator.commands import (
    ActivateJobs,
    CancelInstance,
    ClaimTask,
    CompleteJob,
    CompleteTask,
    Correlate,
    ReleaseTask,
    ResolveIncident,
    StartInstance,
)

HOUR = 3600 * SECOND
LATE_IN_THE_DAY = 15 * HOUR  # no change is begun any more: people would decide in the evening what comes after it
AT_HOURS = (7.6, 10.4, 13.7, 16.5)  # of a day, UTC: when people look at what waits
SPAN = DAYS * 24 * HOUR
TIGHTENED = 28 * 24.0
TURNED_DOWN = 17 * 24.0
OPENED = 30.0
FAULTS_MAX = 10_000
_OPEN = (
    "SELECT task.instance, task.number, task.step, task.opened_at, task.above, task.state FROM task"
    " WHERE task.log_id = {log} AND task.state IN ('offered', 'claimed') ORDER BY task.instance, task.number"
)
_VISITS = "SELECT COUNT(*) FROM task WHERE log_id = {log} AND instance = ? AND step = ?"
_HELD = "SELECT instance, number FROM incident WHERE log_id = {log} AND state = 'open' ORDER BY instance, number"
_JOBS = "SELECT 1 FROM job WHERE log_id = {log} AND state = 'created' LIMIT 1"
_ASKED = (
    "SELECT instance, number FROM subscription WHERE log_id = {log} AND state = 'open'"
    " AND message = 'documents-received' ORDER BY instance, number"
)


@dataclass(slots=True)
class Told:
    """What has been told so far: stories by instance, when they began to wait, and what is done once."""

    instances: dict[str, Story] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    once: set[str] = field(default_factory=set)


class History:
    """Tells the stories through a house whose outside systems answer at `services`."""

    def __init__(self, house: House, services: str) -> None:
        self._house, self._services = house, services
        self._persons = Persons(house)
        self._beside = (Committee(house), Reviews(house), Contracts(house))  # what is no story of the three processes
        self._told = Told()
        self._coming = stories()

    def tell(self) -> int:
        """From where the clock stands to the end; how many instances there are."""
        house = self._house
        for at in looks(self._before(self._coming[0].before_end), house.ends):
            house.advance(Instant(max(at, house.clock.wall())))
            self._look()
        house.advance(house.ends)
        self._look(is_last=True)
        self._plan("adverse_action", 0)
        return len(self._told.instances)

    def _before(self, hours: float) -> int:
        return int(self._house.ends - hours * HOUR)

    def _is_time(self, what: str, hours: float) -> bool:
        """Once, when its time has come."""
        if what in self._told.once or self._house.clock.wall() < self._before(hours):
            return False
        self._told.once.add(what)
        return True

    def _look(self, is_last: bool = False) -> None:
        self._arrange()
        self._start()
        self._house.make_calls()
        self._answer()
        self._house.wait(2)
        self._work()
        for told in self._beside:
            told.look()
        self._house.make_calls()
        self._archive()
        self._house.make_calls()
        self._cancel()
        if is_last:
            held = [one for one in self._waiting(is_left=True) if one.story.trait == "claimed"]
            self._persons.claim([deed_of(one) for one in held])

    def _arrange(self) -> None:
        house = self._house
        if house.clock.wall() % (24 * HOUR) < LATE_IN_THE_DAY:
            self._change()
        if self._is_time("outage", OUTAGE[0]):
            self._plan("book_loan", FAULTS_MAX)
        if self._is_time("outage over", OUTAGE[1]):
            self._plan("book_loan", 0)
            self._resolve("credit-operator", "Core banking answers again since this morning")
        if self._is_time("letters fail", LETTERS_FAIL):
            self._plan("adverse_action", FAULTS_MAX)

    def _change(self) -> None:
        """Changes are talked over for an hour or two."""
        house = self._house
        if self._is_time("tightened", TIGHTENED):
            changes.tighten_loans(house, self._services)
        if self._is_time("turned down", TURNED_DOWN):
            changes.turn_down(house, self._services)
        if self._is_time("opened", OPENED):
            changes.leave_open(house, self._services)

    def _start(self) -> None:
        house, now = self._house, self._house.clock.wall()
        due = [one for one in self._coming if self._before(one.before_end) <= now]
        self._coming = self._coming[len(due) :]
        asked = [
            (house.person(one.by) if one.trait == "conflict" else house.service(one.by), _start(one)) for one in due
        ]
        for story, result in zip(due, house.must(asked), strict=True):
            self._told.instances[result["instance"]] = story
            self._told.begun[result["instance"]] = now
        again = [one for one in due if one.trait == "conflict"]
        house.ask((house.service(STARTERS[one.process][0]), _start(one)) for one in again)  # BUSINESS_KEY_TAKEN

    def _waiting(self, is_left: bool = False) -> list[Waiting]:
        """The open tasks whose time has come; with `is_left` all that nobody holds."""
        found = []
        for instance, number, step, opened_at, above, state in self._house.query(_OPEN):
            story = self._told.instances.get(instance)
            if story is None or state != "offered":
                continue
            ((visit,),) = self._house.query(_VISITS, (instance, step))
            if is_left or opened_at + story.waits(step, visit) * HOUR <= self._house.clock.wall():
                found.append(self._as_waiting(instance, number, (step, visit, above)))
        return found

    def _as_waiting(self, instance: str, number: int, rest: tuple[str, int, int]) -> Waiting:
        step, visit, above = rest
        story = self._told.instances[instance]
        currency = story.data["amount"]["currency"] if "amount" in story.data else "GBP"
        return Waiting(f"{instance}.{number}", story, step, visit, currency, bool(above))

    def _work(self) -> None:
        deeds = [deed_of(one) for one in self._waiting()]
        self._refusals(deeds)
        self._persons.act(deeds)

    def _refusals(self, deeds: list[Deed]) -> None:
        """What must not go through, once each: too little authority, none at all, and a machine."""
        house = self._house
        for deed in deeds:
            task, story = deed.waiting.task, deed.waiting.story
            if deed.waiting.step != "officer" or deed.outcome != "approve":
                continue
            said = CompleteTask(task, "approve", reason=deed.reason, reason_code="within-policy")
            if story.amount > 25_000 and story.grade <= 4 and self._is_time("above the limit", NOW):
                junior = house.person("credit-officer-2")
                house.ask([(junior, ClaimTask(task)), (junior, said), (junior, ReleaseTask(task))])
            elif self._is_time("no authority", NOW):
                house.ask([(house.person("compliance-officer"), said)])
            elif self._is_time("a machine", NOW):
                house.ask([(house.service("svc:loan-portal"), said)])

    def _answer(self) -> None:
        """Applicants send the documents they were asked for, most of them."""
        house, asked = self._house, []
        for instance, _ in house.query(_ASKED):
            story = self._told.instances[instance]
            if self._told.begun[instance] + 2 * story.waits("documents") * HOUR <= house.clock.wall():
                sent = {"documents": ["proof of identity", "proof of income"]}
                portal = house.service("svc:loan-portal")
                asked.append((portal, Correlate("documents-received", story.key, sent, "lending")))
        house.must(asked)

    def _archive(self) -> None:
        house, worker = self._house, self._house.service("svc:document-archive")
        if not house.query(_JOBS):
            return
        (taken,) = house.must([(worker, ActivateJobs("archive-document", "archive-1", 50, 60, "finance"))])
        house.must((worker, CompleteJob(job["job"], job["lease"], None)) for job in taken["jobs"])

    def _cancel(self) -> None:
        house, asked = self._house, []
        heads = {"loan-origination": "head-of-lending", "invoice-approval": "finance-director"}
        for instance, story in self._told.instances.items():
            due = self._told.begun[instance] + 26 * HOUR <= house.clock.wall()
            if story.trait == "cancelled" and due and instance not in self._told.once:
                self._told.once.add(instance)
                head = house.person(heads.get(story.process, "head-of-retail"))
                asked.append((head, CancelInstance(instance, "Withdrawn by whoever asked for it")))
        house.must(asked)

    def _resolve(self, who: str, reason: str) -> None:
        house = self._house
        actor = house.person(who)
        house.must(
            (actor, ResolveIncident(f"{one}.{number}", "retry", {}, reason)) for one, number in house.query(_HELD)
        )

    def _plan(self, operation: str, times: int) -> None:
        body = json.dumps({"operation": operation, "times": times, "status": 503}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self._services}/faults", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
            pass


def looks(begins: int, ends: int) -> Iterator[int]:
    """The instants between, when people look at what waits."""
    day = begins - begins % (24 * HOUR)
    while day < ends:
        yield from (at for hour in AT_HOURS if begins <= (at := day + int(hour * HOUR)) < ends)
        day += 24 * HOUR


NOW = DAYS * 24.0  # hours before the end: at any time


def _start(story: Story) -> StartInstance:
    return StartInstance(story.process, story.key, story.data, None, STARTERS[story.process][1])
