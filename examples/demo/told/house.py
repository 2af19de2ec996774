"""The demo organisation while its history is told: commands in batches, at the instants of a clock that is told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.egress import Egress
from api.rooms import Rooms
from api.running import Connectors, Planning
from api.settings import Settings
from api.wiring import Told, build_writer, open_rooms
from ledger.actor import SYSTEM, Actor, ActorKind
from ledger.batch import Batch
from ledger.clock import SECOND, Instant
from ledger.ids import ActorId, PersonId
from ledger.refusal import Refusal
from ledger.service import Reader
from ledger.work import Answer, Request
from ledger.workings import watch_of
from orchestrator import store
from orchestrator.commands import (
    ClaimTask,
    CompleteTask,
    FailCall,
    FireTimer,
    LeaseCalls,
    StartByClock,
    StartCall,
    SucceedCall,
)
from orchestrator.runner import CallFailure
from orchestrator.service import Shown
from orchestrator.service import task as task_shown
from rbac.service import person_by_ref

METHOD = "demo-history"  # how everybody acted here: the demo did, and each entry's actor says so
TOGETHER = 100  # commands in one batch
CALLS_TOGETHER = 100
LEASE_SECONDS = 600
MINUTE = 60 * SECOND
MINUTES_TO_FILL_IN = 4


class House:
    """One log, its writer with a told clock, and the calls its instances make. Not shared between threads."""

    def __init__(self, settings: Settings, told: Told, ends: Instant) -> None:
        clock = told.clock
        self.settings, self.clock, self.ends = settings, clock, ends
        workings, connect = build_writer(settings, told)
        self.log = workings.log
        self.ids = workings.ids
        self.rooms: Rooms = open_rooms()
        self._workings, self._connect, self._connection = workings, connect, connect()
        # Not flushed at every commit: nobody is told anything before all is done, and a founding that was broken off
        # is set aside as a whole (`examples.demo.standing`). `close` flushes.
        self._connection.query(self.log.log_id, "PRAGMA synchronous=OFF", ())
        self._watch = watch_of(workings.log)  # the mark outside the database is made when the service is at rest
        self._reader = Reader(self.log, clock, lambda: settings.database().connect(read_only=True))
        self._egress = Egress(settings.egress_allow)
        self._connectors = Connectors(self._reader, self.rooms.versions, self._egress)
        self._planning = Planning(self._reader, self.rooms.versions)
        self._persons: dict[str, Actor] = {}

    def view(self) -> Any:
        """A view of the log as it is now told to be."""
        return self._reader.view()

    def person(self, reference: str) -> Actor:
        """A person as they act here."""
        actor = self._persons.get(reference)
        if actor is None:
            with self.view() as view:
                row = person_by_ref(view, reference)
            assert row is not None, f"no person {reference}"
            actor = Actor(ActorId(row.id), ActorKind.PERSON, PersonId(row.id), method=METHOD)
            self._persons[reference] = actor
        return actor

    def service(self, name: str) -> Actor:
        """A machine as it acts here."""
        return Actor(ActorId(name), ActorKind.SERVICE, method=METHOD)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Committed rows."""
        with self.view() as view:
            found: list[tuple[Any, ...]] = view.query(statement, parameters)
        return found

    def ask(self, asked: Iterable[tuple[Actor, Any]]) -> list[Answer]:
        """Every command's answer, in order; a refusal is an answer, whatever else went wrong is raised."""
        requests = [
            Request(actor, command, None if actor is SYSTEM else self.ids.ordered("c", self.clock.wall()))
            for actor, command in asked
        ]
        answers: list[Answer] = []
        for start in range(0, len(requests), TOGETHER):
            batch = Batch(self._workings, self._connection, self._watch)
            results = batch.run(requests[start : start + TOGETHER])
            self._watch.saw(batch.head)
            for result in results:
                if isinstance(result, Exception):
                    raise result
                answers.append(result)
        return answers

    def must(self, asked: Iterable[tuple[Actor, Any]]) -> list[Mapping[str, Any]]:
        """The results of commands that nothing may stand against."""
        results = []
        for answer in self.ask(asked):
            assert not isinstance(answer.outcome, Refusal), answer.outcome
            results.append(answer.outcome.result)
        return results

    def shown(self, task: str) -> Shown:
        """What an open task shows."""
        with self.view() as view:
            found = task_shown(view, self.rooms.blueprints, task, frozenset())
        assert found is not None
        return found

    def fill_in(self, task: str, reference: str, data: Mapping[str, Any]) -> None:
        """A person takes a form, and completes it some minutes later."""
        person, shown = self.person(reference), self.shown(task)
        self.must([(person, ClaimTask(task))])
        self.wait(MINUTES_TO_FILL_IN)
        self.must([(person, CompleteTask(task, data=data, shown_digest=shown.shown_digest))])

    def wait(self, minutes: int) -> None:
        """Let so much time go by, but not past the end of the history: what starts by the clock starts meanwhile."""
        to = Instant(min(self.ends, self.clock.wall() + minutes * MINUTE))
        while starts := store.due_starts(self.query, to, 1):
            self.clock.tell(Instant(max(starts[0].due, self.clock.wall())))
            self._start_due()
        self.clock.tell(to)

    def advance(self, to: Instant) -> None:
        """Move on to an instant; timers go off and instances start by the clock at theirs, and calls are made when they
        are due."""
        self.must((SYSTEM, command) for command in self._planning.due())
        self.make_calls()
        while (due := self._next_due(to)) is not None:
            self.clock.tell(Instant(max(due, self.clock.wall())))
            timers = store.due_timers(self.query, self.clock.wall(), TOGETHER)
            self.ask((SYSTEM, FireTimer(timer.timer_id, Instant(timer.due))) for timer in timers)
            self._start_due()
            self.make_calls()
        self.clock.tell(Instant(max(to, self.clock.wall())))

    def _start_due(self) -> None:
        starts = store.due_starts(self.query, self.clock.wall(), TOGETHER)
        self.must((SYSTEM, StartByClock(one.blueprint, Instant(one.due), one.local)) for one in starts)

    def _next_due(self, to: Instant) -> int | None:
        """When the next timer goes off or the next instance starts by the clock, up to an instant."""
        timer, starts = store.next_due(self.query), store.due_starts(self.query, to, 1)
        found = [due for due in (timer, *[one.due for one in starts]) if due is not None and due <= to]
        return min(found, default=None)

    def make_calls(self) -> None:
        """Make the calls that wait, one after the other, until none does."""
        if not store.calls_wait(self.query, self.clock.wall()):
            return
        lease = (SYSTEM, LeaseCalls("demo-history", CALLS_TOGETHER, LEASE_SECONDS))
        calls = self.must([lease])[0]["calls"]
        while calls:
            self.must((SYSTEM, StartCall(call["call"], call["lease"])) for call in calls)
            answers = [self._call(call) for call in calls]  # in turn: the systems outside number what comes
            told = [(SYSTEM, _answered(call, answer)) for call, answer in zip(calls, answers, strict=True)]
            calls = self.must([*told, lease])[-1]["calls"]

    def _call(self, call: Mapping[str, Any]) -> Any:
        return self._connectors.call(call["operation"], call["arguments"], call["idempotency_key"])

    def close(self) -> None:
        """End every connection, and bring everything to the disk, into the one file."""
        self._connection.query(self.log.log_id, "PRAGMA synchronous=FULL", ())
        self._reader.close()
        self._connection.close()
        self._egress.close()
        # By a connection of its own: the thread that copies beside the writer has ended by now. SQLite copies nothing
        # while another connection is copying, waits for none, and would leave what was told last in the log beside.
        last = self._connect()
        ((is_busy, _, _),) = last.query(self.log.log_id, "PRAGMA wal_checkpoint(TRUNCATE)", ())
        last.close()
        assert not is_busy, "somebody else has the demo's file open"


def _answered(call: Mapping[str, Any], answer: Any) -> Any:
    if isinstance(answer, CallFailure):
        return FailCall(call["call"], call["lease"], answer.code, answer.retryable, answer.evidence)
    return SucceedCall(call["call"], call["lease"], answer.value, answer.evidence)
