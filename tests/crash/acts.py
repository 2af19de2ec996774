"""What the people and services of the organisation do, at random but seeded: the traffic of a kill campaign."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from api.identity.commands import DOOR, SignIn
from examples.load import loan_application, received_invoice
from governance.signature import Signed
from ledger.actor import Actor
from ledger.clock import SECOND, Instant, instant_text
from ledger.reading import Reader
from ledger.work import Answer, Done
from orchestrator import commands as c
from orchestrator.records import Record, WriteRecords
from tests.crash.organisation import SIGNS_IN, Organisation, service

Send = Callable[[Actor, Any], Awaitable[Answer | None]]
"""Sends a command under a new command id until it is answered; None when it was broken input."""

_DECIDERS = {
    "officer": ("credit-officer-1", "credit-officer-2", "credit-officer-3", "head-of-lending"),
    "officer-high": ("credit-officer-3", "head-of-lending", "credit-officer-1"),
    "compliance": ("compliance-officer", "credit-officer-1"),
    "approval": ("budget-owner-1", "budget-owner-2", "finance-director"),
    "approval-of-exception": ("budget-owner-1", "finance-director", "budget-owner-2"),
    "exception": ("accounts-payable-clerk", "budget-owner-1"),
}
_CODES = {"officer": "within-policy", "officer-high": "within-policy"}  # of steps that name a list of codes
_OUTCOMES = {
    "officer": ("approve", "approve", "decline", "send back"),
    "officer-high": ("approve", "decline"),
    "compliance": ("clear", "stop"),
    "approval": ("approve", "approve", "approve", "refuse"),
    "approval-of-exception": ("approve", "refuse"),
}


@dataclass(frozen=True, slots=True)
class World:
    """What all who act share."""

    organisation: Organisation
    reader: Reader
    now: Callable[[], Instant]
    numbers: Any  # counts what is started, over all who act

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """A question about what is committed."""
        with self.reader.view() as view:
            return view.query(statement, values)


def world(organisation: Organisation, reader: Reader, now: Callable[[], Instant]) -> World:
    """A world in which nothing has happened yet."""
    return World(organisation, reader, now, count(1))


class Acting:
    """One who acts in all roles, one act after the other."""

    def __init__(self, world: World, random: Random, send: Send) -> None:
        self._world = world
        self._random = random
        self._send = send
        self._acts: tuple[tuple[int, Callable[[], Awaitable[None]]], ...] = (
            (8, self.start_loan),
            (6, self.start_invoice),
            (14, self.work_on_a_task),
            (6, self.work_on_jobs),
            (4, self.tell_of_documents),
            (4, self.write_records),
            (4, self.sign_in),
            (2, self.cancel),
            (3, self.resolve_an_incident),
            (3, self.ask_for_too_much),
        )

    async def act(self) -> None:
        """Do one thing."""
        weights = [weight for weight, _ in self._acts]
        _, chosen = self._random.choices(self._acts, weights)[0]
        await chosen()

    async def start_loan(self) -> None:
        """A loan application; some come twice under one business key."""
        again = self._random.random() < 0.2
        number = next(self._world.numbers) - (3 if again else 0)
        made = loan_application(max(1, number))
        command = c.StartInstance("loan-origination", made.business_key, made.data, domain="lending")
        await self._send(service("loan-portal"), command)

    async def start_invoice(self) -> None:
        """A received invoice."""
        made = received_invoice(next(self._world.numbers))
        command = c.StartInstance("invoice-approval", made.business_key, made.data, domain="finance")
        await self._send(service("invoice-intake"), command)

    async def work_on_a_task(self) -> None:
        """Claim, fill in or decide one of the newest open tasks; not always as one who may."""
        found = self._some(
            "SELECT instance, number, step FROM task WHERE log_id = {log} AND state IN ('offered', 'claimed') "
            "ORDER BY instance DESC, number LIMIT 20"
        )
        if found is None:
            return
        instance, number, step = found
        task = f"{instance}.{number}"
        who = self._world.organisation.person(self._random.choice(_DECIDERS[step]))
        if self._random.random() < 0.9:
            await self._send(who, c.ClaimTask(task))
        if step == "exception":
            action = self._random.choice(("accept", "refuse"))
            await self._send(who, c.CompleteTask(task, data={"resolution": {"action": action, "note": "as agreed"}}))
        else:
            await self._decide(who, task, self._random.choice(_OUTCOMES[step]), _CODES.get(step, ""))

    async def _decide(self, who: Actor, task: str, outcome: str, code: str) -> None:
        reason = "for good reasons"
        stated = await self._send(who, c.StateStatement(task, outcome, reason, code))
        nonce = digest = ""
        if stated is not None and isinstance(stated.outcome, Done):
            nonce = stated.outcome.result["nonce"]
            digest = stated.outcome.result["statement"]["shown_digest"]
        assert who.person is not None
        proof = Signed("password", who.person, self._world.now())
        command = c.CompleteTask(task, outcome, {}, reason, code, nonce, digest, proof)
        await self._send(who, command)
        if self._random.random() < 0.2:
            await self._send(who, command)  # the second completion of a task is refused

    async def work_on_jobs(self) -> None:
        """Take archive jobs, finish most of them."""
        worker = service("document-archive")
        name = f"worker-{self._random.randrange(9)}"
        taken = await self._send(worker, c.ActivateJobs("archive-document", name, 3, 60))
        jobs = taken.outcome.result["jobs"] if taken is not None and isinstance(taken.outcome, Done) else ()
        for job in jobs:
            if self._random.random() < 0.2:
                await self._send(worker, c.FailJob(job["job"], job["lease"], "DISK_FULL"))
            else:
                await self._send(worker, c.CompleteJob(job["job"], job["lease"]))

    async def tell_of_documents(self) -> None:
        """A message for one of the newest applications, whether it waits for one or not."""
        highest = max(1, self._world.ask("SELECT COUNT(*) FROM instance WHERE log_id = {log}")[0][0])
        key = loan_application(self._random.randint(1, highest)).business_key
        command = c.Correlate("documents-received", key, {"documents": ["proof of identity", "bank statement"]})
        await self._send(service("loan-portal"), command)

    async def write_records(self) -> None:
        """What happened elsewhere, several entries in one command."""
        at = instant_text(self._world.now())
        records = tuple(
            Record("hiring", f"case-{self._random.randrange(40)}", "screened", at, data={"score": n})
            for n in range(self._random.randint(1, 12))
        )
        await self._send(service("loan-portal"), WriteRecords(records, "lending"))

    async def sign_in(self) -> None:
        """With the right password or a wrong one."""
        reference = self._random.choice(SIGNS_IN)
        organisation = self._world.organisation
        person, entry = organisation.persons[reference], organisation.credentials[reference]
        session = f"session-{self._random.getrandbits(60)}"
        await self._send(DOOR, SignIn(person, self._random.random() < 0.7, entry, session, "of a token"))

    async def cancel(self) -> None:
        """Cancel a loan, as one who may or one who may not."""
        found = self._some(
            "SELECT id FROM instance WHERE log_id = {log} AND status = 'running' AND blueprint = 'loan-origination' "
            "ORDER BY id DESC LIMIT 10"
        )
        if found is not None:
            who = self._random.choice(("head-of-lending", "auditor"))
            await self._send(self._world.organisation.person(who), c.CancelInstance(found[0], "withdrawn"))

    async def resolve_an_incident(self) -> None:
        """Try again what is held."""
        found = self._some(
            "SELECT instance, number FROM incident WHERE log_id = {log} AND state = 'open' "
            "ORDER BY instance DESC, number LIMIT 10"
        )
        if found is not None:
            person = self._world.organisation.person("incident-handler")
            await self._send(person, c.ResolveIncident(f"{found[0]}.{found[1]}", "retry"))

    async def ask_for_too_much(self) -> None:
        """The same refused act several times: the first is recorded at once, the rest are its repeats."""
        auditor = self._world.organisation.person("auditor")
        data = loan_application(1).data
        for n in range(self._random.randint(1, 4)):
            await self._send(auditor, c.StartInstance("loan-origination", f"X-{n}", data, domain="lending"))

    def _some(self, statement: str) -> tuple[Any, ...] | None:
        found = self._world.ask(statement)
        return self._random.choice(found) if found else None


WAIT = 130 * SECOND  # longer than any lease
DAYS = 40 * 3600 * SECOND  # two of these are longer than the deadlines of the organisation's tasks
