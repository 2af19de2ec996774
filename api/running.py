"""The runner as a process or a thread: what hands it commands, rows and connectors."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace
from typing import Any

from api.egress import CallFault
from api.feeds.beside import FeedsThread, runner_name
from api.feeds.delivering import Links
from api.inboxes import Inboxes
from api.log_service import Service, from_threads
from api.notifications.notifying import Links as NotifierLinks
from api.notifications.notifying import NotifierThread, Ways
from api.outgoing.agents import AgentCalls
from api.outgoing.calling import Outside, Rehearsal, outside
from api.outgoing.mail import Mail
from api.problem_texts import tell
from api.reading_as import reading_as
from api.rooms import Rooms
from api.settings import Settings
from api.wiring import open_rooms
from ledger.actor import SYSTEM
from ledger.clock import Clock, SystemClock
from ledger.errors import MunimentError, Unavailable
from ledger.service import CountSubjects, Reader, count_due, newest_count, opened
from ledger.work import Answer, Request
from orchestrator.agents import PREFIX
from orchestrator.breaker import Limits
from orchestrator.commands import CallEvidence, PlanStarts
from orchestrator.handing import VacateTask
from orchestrator.ports import Deps
from orchestrator.runner import CallAnswer, CallFailure, Hands, Runner
from orchestrator.schedules import Planned, in_force, planned, to_plan
from orchestrator.vacating import FIRST, Place, commands_of, unauthorised, vacated
from versioning import service as versioning
from versioning.commands import ExpireChange, ReleaseChange
from versioning.service import Versions

CHANGES_PER_ROUND = 20  # scheduled releases and expiries are rare
logger = logging.getLogger("muniment")

MILLISECOND = 1_000
LOOK_AGAIN = 60 * 1_000 * MILLISECOND  # microseconds between two looks at what is held
RETRY_SECONDS = 1.0  # pause after the database or the writer could not be reached


@dataclass(frozen=True, slots=True)
class Connectors:
    """Connector operations by `connector.operation`, in the version in force."""

    reader: Reader
    versions: Versions
    outside: Outside
    clock: Clock = field(default_factory=SystemClock)

    def call(self, operation: str, arguments: Mapping[str, Any], idempotency_key: str) -> CallAnswer | CallFailure:
        """The answer as canonical JSON, or why there is none."""
        if operation.startswith(PREFIX):
            agents = AgentCalls(self.versions, self.outside, self.clock)
            with self.reader.view() as view:
                asking = agents.prepared(view, operation, arguments)
            return asking if isinstance(asking, CallFailure) else agents.converse(asking, idempotency_key)
        name, _, act = operation.partition(".")
        with self.reader.view() as view:
            version = self.versions.current(view, "connector", name)
        if version is None:
            return CallFailure("NO_SUCH_CONNECTOR", retryable=False)
        answer = self.outside.call(version.value, act, arguments, idempotency_key)
        evidence = CallEvidence(version.digest, answer.request, answer.answer)
        if isinstance(answer, CallFault):
            return CallFailure(answer.code, answer.can_retry, evidence)
        return CallAnswer(answer.value, evidence)

    def limits(self) -> tuple[Limits, ...]:
        """How the connectors and agents in force may be used."""
        with self.reader.view() as view:
            found = [self.versions.current(view, "connector", name) for name in self.versions.names(view, "connector")]
            agents = [self.versions.current(view, "agent", name) for name in self.versions.names(view, "agent")]
        limits = [limits_of(version.name, version.value) for version in found if version is not None]
        return (*limits, *[limits_of(f"{PREFIX}{one.name}", one.value) for one in agents if one is not None])


def limits_of(name: str, value: Mapping[str, Any]) -> Limits:
    """The limits of a connector (its canonical value), those it does not name as they are by default."""
    said = value.get("limits", {})
    default = Limits(name)
    return Limits(
        name,
        said.get("at_once", default.at_once),
        said.get("per_minute", default.per_minute),
        said.get("failures", default.failures),
        said["within_ms"] * MILLISECOND if "within_ms" in said else default.within,
        said["pause_ms"] * MILLISECOND if "pause_ms" in said else default.pause,
    )


def make_runner(
    submit: Callable[[Request], "Future[Answer]"],
    reader: Reader,
    connectors: Connectors,
    clock: Clock,
    inboxes: Inboxes | None = None,
) -> Runner:
    """A runner over a writer's `submit`; commands sent together share a commit."""

    def send(requests: list[Request]) -> list[Answer | Exception]:
        return [_told(future) for future in [submit(request) for request in requests]]

    def query(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with reader.view() as view:
            return view.query(statement, parameters)

    def changes() -> list[Any]:
        with reader.view() as view:
            lapsed = [ExpireChange(change) for change in versioning.lapsed(view, CHANGES_PER_ROUND)]
            return [*lapsed, *[ReleaseChange(change) for change in versioning.due(view, CHANGES_PER_ROUND)]]

    counting, planning = Counting(reader, clock), Planning(reader, connectors.versions)
    vacancies = Vacancies(reader, open_rooms().engine, clock)
    name = f"{socket.gethostname()}:{os.getpid()}"
    runner = Runner(
        name, send, query, connectors, clock, changes,
        rehearsal=replace(connectors, outside=Rehearsal()),
        limits=connectors.limits, upkeep=counting.due, plans=planning.due, vacancies=vacancies.due,
    )  # fmt: skip
    return runner if inboxes is None else replace(runner, receive=lambda: inboxes.look(submit))


def _told(future: "Future[Answer]") -> Answer | Exception:
    """The answer, or what was raised in its place."""
    try:
        return future.result()
    except CancelledError:
        return Unavailable("CLOSED", tell("stopping"))
    except Exception as error:
        return error


class Planning:
    """Says which starts by schedule are to be planned anew; what is in force it remembers for one register epoch."""

    def __init__(self, reader: Reader, versions: Versions) -> None:
        self._reader = reader
        self._versions = versions
        self._known: tuple[int, tuple[Planned, ...]] = (-1, ())

    def due(self) -> list[PlanStarts]:
        """A command for each blueprint whose schedule is not what is planned by."""
        with self._reader.view() as view:
            if self._known[0] != view.register_epoch:
                self._known = view.register_epoch, in_force(view, self._versions)
            return to_plan(planned(view.query), self._known[1])


class Vacancies:
    """Says which tasks are held by who may no longer do them: when a register has changed, and once a minute, since
    the time of an assignment or grant runs out without an entry, and a correction raises what a limit is held against.

    Decisions are asked about one by one, so a look at many is made in several rounds, each going on where the last
    ended. Where it is lost, the look begins anew.
    """

    def __init__(self, reader: Reader, engine: Deps, clock: Clock) -> None:
        self._reader = reader
        self._engine = engine
        self._clock = clock
        self._looked = (-1, 0)  # register epoch and instant at which the last look began
        self._after: Place | None = None  # how far a look has come that is not over

    def due(self) -> list[VacateTask]:
        """A command for each of them."""
        epoch, at = self._looked
        now = self._clock.wall()
        with self._reader.view() as view:
            if self._after is None:
                if view.register_epoch == epoch and now < at + LOOK_AGAIN:
                    return []
                self._after, self._looked = FIRST, (view.register_epoch, now)
            rows = reading_as(view, SYSTEM)
            found = vacated(self._engine.access, rows) if self._after == FIRST else []
            looked = unauthorised(self._engine, rows, self._after)
            self._after = looked.after
        return commands_of([*found, *looked.found])


class Counting:
    """Says when the subjects of the log are to be counted again; what it saw last it remembers.

    Two runners may find it due in the same moment: then there are two counts side by side, which says the same twice.
    """

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._last = (0, 0, 0)  # as if never counted: the first question looks

    def due(self) -> list[Any]:
        """`CountSubjects`, or nothing."""
        now = self._clock.wall()
        with self._reader.view() as view:
            if not count_due(now, view.head.size, self._last):
                return []
            self._last = newest_count(view) or opened(view)  # a pack may have counted; this process may have just begun
            return [CountSubjects(view.log.name)] if count_due(now, view.head.size, self._last) else []


def feed_links(
    settings: Settings, rooms: Rooms, reader: Reader, submit: Callable[[Request], "Future[Answer]"]
) -> Links:
    """What the feeds of a log are delivered with."""
    name = runner_name(rooms.ids)
    return Links(
        reader, rooms.versions, submit, rooms.clock, rooms.ids, settings.egress_allow, settings.secrets_folder, name
    )


def notifier_links(
    settings: Settings, rooms: Rooms, reader: Reader, submit: Callable[[Request], "Future[Answer]"]
) -> NotifierLinks:
    """What the notifier of a log works with. In test mode nothing goes out: people are told in the console alone."""
    mail = Mail(settings.smtp_url, rooms.clock)
    has_mail = mail.is_set and bool(settings.notify_from) and not settings.is_rehearsing
    hook = "" if settings.is_rehearsing else settings.notify_url
    ways = Ways(
        mail if has_mail else None,
        settings.notify_from,
        hook,
        settings.egress_allow,
        settings.secrets_folder,
        settings.public_url,
    )
    return NotifierLinks(reader, rooms, submit, rooms.clock, ways)


class RunnerThread:
    """A runner beside the service, on a thread of its own. What waits stands in rows, so stopping loses nothing."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="runner")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present round."""
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        run_until(self._runner, self._stopping)


def run_until(runner: Runner, stopping: threading.Event) -> None:
    """What is due and, beside it, what is to be called, until told to stop; calls that are out are waited for."""
    calls = threading.Thread(target=_calling, args=(runner, stopping), daemon=True, name="calls")
    calls.start()
    _kept_on(runner.run, stopping)
    calls.join()


def _calling(runner: Runner, stopping: threading.Event) -> None:
    with Hands() as hands:
        _kept_on(lambda stopped: runner.run_calls(stopped, hands), stopping)


def _kept_on(run: Callable[[Callable[[float], bool]], None], stopping: threading.Event) -> None:
    """Run until told to stop; a database that cannot be reached is waited for, never given up on.

    A bug in one round must not stop the timers of everybody else: it is told by its type, and the next round begins.
    """
    while not stopping.is_set():
        try:
            run(stopping.wait)
        except MunimentError:
            stopping.wait(RETRY_SECONDS)
        except Exception as error:
            logger.error("unexpected %s in the runner", type(error).__name__)
            stopping.wait(RETRY_SECONDS)


class RunnerBeside:
    """The runner inside a serving process: on SQLite one process does it all, and leases keep others apart.

    It runs on a thread and hands its commands to the event loop that owns the writer.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._outside = outside(settings)
        self._thread: RunnerThread | None = None
        self._feeds: FeedsThread | None = None
        self._notifier: NotifierThread | None = None

    def start(self) -> None:
        """Begin; called on the event loop once the service is open."""
        service = self._service

        async def answered(request: Request) -> Answer:
            answer = await service.writer.submit(request)
            service.bell.ring()
            return answer

        submit = from_threads(answered)
        connectors = Connectors(service.reader, service.rooms.versions, self._outside, service.rooms.clock)
        clock = service.rooms.clock
        inboxes = Inboxes(service.reader, service.rooms.versions, self._settings.inbox_folder, clock)
        self._thread = RunnerThread(make_runner(submit, service.reader, connectors, clock, inboxes))
        self._thread.start()
        self._feeds = FeedsThread(feed_links(self._settings, service.rooms, service.reader, submit))
        self._feeds.start()
        self._notifier = NotifierThread(notifier_links(self._settings, service.rooms, service.reader, submit))
        self._notifier.start()

    def stop(self) -> None:
        """End after the present round; called off the event loop, which still has to answer that round."""
        if self._feeds is not None:
            self._feeds.stop()
        if self._notifier is not None:
            self._notifier.stop()
        if self._thread is not None:
            self._thread.stop()
        self._outside.close()
