"""The organisation the benchmarks run in: founded by the ceremony, everything else released through change control.

Nothing is laid into tables behind the write path: what is measured is what a user has.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.founding import done, found
from api.settings import Settings
from api.wiring import build_writer
from examples.organisation.approving import signed, to_state
from ledger.actor import Actor, ActorKind
from ledger.clock import SystemClock
from ledger.ids import ActorId, IdMaker, PersonId
from ledger.service import Writer
from ledger.work import Answer, Request
from ledger.writer import Desk
from orchestrator.commands import ActivateJobs, ClaimTask, CompleteJob, CompleteTask, StartInstance
from orchestrator.shown import shown_digest
from rbac.service import FirstRole, HoldCeremony, NamedActor, NamedPerson
from versioning.commands import ProposeChange, ReleaseChange

FOLDER = Path(__file__).parent / "organisation"
LOG = "bench"
INTAKE = "svc:intake"
WORKER = "svc:worker"
DOMAIN = "cases"
JOB = "execute-case"
STEPS = 8  # recorded commands of one case: a start, three tasks claimed and completed, a job completed

_PERSONS = ("process-owner", "change-reviewer", "register-keeper", "clerk", "officer", "auditor")
_ROLES = (
    ("process-owner", "process-owner", "organisation"),
    ("change-reviewer", "change-reviewer", "organisation"),
    ("register-keeper", "register-keeper", "organisation"),
    ("clerk", "clerk", DOMAIN),
    ("officer", "officer", DOMAIN),
    ("auditor", "auditor", "organisation"),
    (INTAKE, "intake", "organisation"),
    (WORKER, "worker", "organisation"),
)
_RELEASED = (  # in the order in which they refer to each other
    ("instrument", "instrument.yaml", "register-keeper"),
    ("authority-grant", "grant.yaml", "register-keeper"),
    ("blueprint", "five-steps.yaml", "process-owner"),
    ("blueprint", "turns.yaml", "process-owner"),
    ("blueprint", "timed.yaml", "process-owner"),
)


@dataclass(frozen=True, slots=True)
class Office:
    """A founded organisation and who acts in it."""

    settings: Settings
    vkey: str
    clerk: Actor
    officer: Actor
    auditor: Actor
    intake: Actor
    worker: Actor


Sent = tuple[Actor, Any]
Said = dict[str, Any]
Steps = Generator[Sent, Said, None]


def open_office(folder: str, database_url: str = "") -> Office:
    """Found the organisation in an empty folder and release its artefacts."""
    marks = str(Path(folder) / "marks")  # of this run alone: the next one founds another log of the same name
    settings = Settings(data_dir=folder, log=LOG, database_url=database_url, passphrase="benchmarks", mark_dir=marks)
    ceremony = HoldCeremony(
        ("process-owner", "change-reviewer"),
        tuple(NamedPerson(ref, ref) for ref in _PERSONS),
        (FOLDER / "access-policy.yaml").read_text(encoding="utf-8"),
        tuple(FirstRole(*role) for role in _ROLES),
        (NamedActor(ActorId(INTAKE), "Intake"), NamedActor(ActorId(WORKER), "Worker")),
    )
    founded = found(settings, ceremony)
    ids = dict(founded.persons)
    people = {ref: Actor(ActorId(ids[ref]), ActorKind.PERSON, PersonId(ids[ref]), "password") for ref in _PERSONS}
    _release_all(settings, people)
    return Office(
        settings,
        founded.vkey,
        people["clerk"],
        people["officer"],
        people["auditor"],
        Actor(ActorId(INTAKE), ActorKind.SERVICE, None, "api-key"),
        Actor(ActorId(WORKER), ActorKind.SERVICE, None, "api-key"),
    )


def _release_all(settings: Settings, people: dict[str, Actor]) -> None:
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    keys = CommandIds()
    try:
        for kind, name, author in _RELEASED:
            source = (FOLDER / name).read_text(encoding="utf-8")
            propose = ProposeChange(kind, source, None, name, "for measuring")
            change = done(writer.run(keys.request(people[author], propose))).result
            reviewer = people["change-reviewer"]
            statement = to_state(change, reason="as agreed")
            nonce = done(writer.run(keys.request(reviewer, statement))).result["nonce"]
            proof = (reviewer.person, SystemClock().wall())
            done(writer.run(keys.request(reviewer, signed(statement, change["revision"], nonce, proof))))
            done(writer.run(keys.request(reviewer, ReleaseChange(change["change_request"]))))
    finally:
        writer.close()


class CommandIds:
    """Time-ordered command ids, as a well-behaved client makes them."""

    def __init__(self) -> None:
        self._ids = IdMaker()
        self._now = 0

    def request(self, actor: Actor, command: Any) -> Request:
        """The command on its way to the writer."""
        self._now += 1
        return Request(actor, command, self._ids.ordered("cmd", self._now))


def case(office: Office, number: str) -> Steps:
    """One case from start to end: yields (actor, command), is sent each result; `execute` is left to the caller.

    Where a job is to be done it yields (worker, None) and is sent `{"job": ..., "lease": ...}`.
    """
    amount = {"amount": "4210.55", "currency": "GBP"}
    data = {"case_number": number, "amount": amount, "subject": "Replacement of the boiler in the east wing"}
    said: Said = yield office.intake, StartInstance("five-steps", number, data, domain=DOMAIN)
    instance = said["instance"]
    yield office.clerk, ClaimTask(f"{instance}.1")
    yield office.clerk, CompleteTask(f"{instance}.1", data={"note": "Three offers were compared"})
    shown = shown_digest({**data, "note": "Three offers were compared"})
    yield office.officer, ClaimTask(f"{instance}.2")
    yield office.officer, CompleteTask(f"{instance}.2", "approve", shown_digest=shown)
    job = yield office.worker, None
    yield office.worker, CompleteJob(job["job"], job["lease"], {"reference": number})
    yield office.clerk, ClaimTask(f"{instance}.4")
    yield office.clerk, CompleteTask(f"{instance}.4", data={"checked": True})


def activate(limit: int) -> ActivateJobs:
    """Lease what is to be done."""
    return ActivateJobs(JOB, "bench", limit)


def turns(office: Office, number: str, count: int) -> Steps:
    """An instance that goes round and round: yields two commands a turn, `count` turns, and stays open."""
    said: Said = yield office.intake, StartInstance("turns", number, {"case_number": number}, domain=DOMAIN)
    instance = said["instance"]
    activation = 1
    for _ in range(count):
        yield office.clerk, ClaimTask(f"{instance}.{activation}")
        yield office.clerk, CompleteTask(f"{instance}.{activation}", data={"note": "Again", "finished": False})
        activation += 2  # the choice between two turns is an activation too


class Starting:
    """Starts instances that stay where they begin, many in one batch."""

    def __init__(self, opened: Office) -> None:
        self._office = opened
        self._desk = Desk(*build_writer(opened.settings))
        self._ids = CommandIds()

    def cases(self, first: int, count: int) -> None:
        """So many cases that wait to be prepared."""
        amount = {"amount": "4210.55", "currency": "GBP"}
        data = {"amount": amount, "subject": "Replacement of the boiler in the east wing"}
        self.start([("five-steps", f"L-{first + n}", data) for n in range(count)])

    def start(self, wanted: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        """Instances as (blueprint, case number, data beside it), in one batch."""
        commands = [
            StartInstance(blueprint, number, {"case_number": number, **data}, domain=DOMAIN)
            for blueprint, number, data in wanted
        ]
        for result in self._desk.run([self._ids.request(self._office.intake, one) for one in commands]):
            if not isinstance(result, Answer):
                raise result
            done(result)

    def close(self) -> None:
        """End its connection."""
        self._desk.close()
