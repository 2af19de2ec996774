"""The service, put together: the application with its routes and, for each log, writer, readers, rooms and door."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from api import console, openapi, verify_page
from api.app import create_app, on_raised
from api.direct import Direct
from api.door import SignInDoor, door_of
from api.erasing import EraserBeside
from api.identity.service import Authenticator
from api.installation import each
from api.log_service import AsyncWriter, Service
from api.metrics import Counts, Measured
from api.page import demo, entrance
from api.recognising import Recogniser
from api.routes import (
    access,
    agents,
    authority,
    blueprints,
    calendars,
    change_drawings,
    change_effects,
    change_requests,
    change_standing,
    change_views,
    comments,
    comparisons,
    connectors,
    data_subjects,
    decisions,
    drafts,
    evidence,
    feeds,
    handing,
    incidents,
    instance_views,
    jobs,
    keys,
    ledger,
    live,
    me,
    notifications,
    passkeys,
    people,
    probes,
    process_instances,
    records,
    schedules,
    searching,
    second_factor,
    sessions,
    sign_in,
    source_checks,
    statements,
    steering,
    substitutions,
    taking,
    tasks,
    tiles,
    tour,
)
from api.schema import check_schema
from api.services import Services
from api.settings import Settings
from api.verifying import Verifications
from api.wiring import open_log, open_rooms
from api.writing import build
from ledger.clock import SystemClock
from ledger.database import SqliteDatabase
from ledger.service import Reader, Writer
from ledger.work import Answer, Request
from ledger.writer_process import WriterProcess

ROUTERS = (
    probes.router,
    sign_in.router,
    me.router,
    second_factor.router,
    passkeys.router,
    searching.router,
    sessions.router,
    records.router,
    ledger.router,
    keys.router,
    tiles.router,
    change_requests.router,
    change_views.router,
    change_drawings.router,
    change_effects.router,
    change_standing.router,
    source_checks.router,
    comparisons.router,
    blueprints.router,
    schedules.router,
    calendars.router,
    connectors.router,
    authority.router,
    people.router,
    access.router,
    agents.router,
    process_instances.router,
    steering.router,
    instance_views.router,
    taking.router,
    tasks.router,
    handing.router,
    comments.router,
    notifications.router,
    drafts.router,
    jobs.router,
    incidents.router,
    decisions.router,
    evidence.router,
    statements.router,
    feeds.router,
    live.router,
    data_subjects.router,
    substitutions.router,
    tour.router,
    console.router,
    verify_page.router,
    entrance.router,
    demo.router,
)


logger = logging.getLogger("muniment")

RESTART_SECONDS = 0.5  # before a writer that ended is started again: one that cannot open its log must not spin

DIRECT = {
    "/v1/records": records.write,
    "/v1/process-instances": process_instances.start,
    "/v1/tasks/{id}/completion": tasks.complete,
    "/v1/tasks/{id}/statement": tasks.statement,
    "/v1/tasks/{id}/claim": tasks.claim,
    "/v1/jobs/activation": jobs.activate,
    "/v1/jobs/{id}/completion": jobs.complete,
}
"""Commands sent by the thousand. Their endpoints take the bare request and answer with a plain `Response`."""


class WriterThread:
    """A writer thread behind the interface of the writer process: for tests and for one process that does it all."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def ready(self) -> None:
        """A thread is ready at once."""

    def submit(self, request: Request) -> "asyncio.Future[Answer]":
        """The durable answer."""
        return asyncio.wrap_future(self._writer.submit(request))

    def close(self) -> None:
        """Answer what waits, then stop."""
        self._writer.close()


class OpeningWriter:
    """A writer that is opening its log: probes are answered meanwhile, commands wait until it is ready.

    One that ends of itself is started again, at most once in `RESTART_SECONDS`. What it had not answered fails with
    `WRITER_GONE`; who asks again with the same command id is told what became of it.
    """

    def __init__(self, writer: WriterProcess, start: Callable[[], WriterProcess]) -> None:
        self._writer = writer
        self._start = start
        self._opening: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_open(self) -> bool:
        """Whether commands are taken without waiting."""
        task = self._opening
        return task is not None and task.done() and not task.cancelled() and task.exception() is None

    async def ready(self) -> None:
        """Begin to wait for the child; do not wait here, so that the service answers probes at once."""
        self._writer.on_gone = self._open_again
        self._opening = asyncio.create_task(self._writer.ready())

    def submit(self, request: Request) -> Awaitable[Answer]:
        """The durable answer."""
        return self._writer.submit(request) if self.is_open else self._later(request)

    async def _later(self, request: Request) -> Answer:
        assert self._opening is not None
        await asyncio.shield(self._opening)
        return await self._writer.submit(request)

    def _open_again(self) -> None:
        if self._is_closed:
            return
        logger.error("the writer ended; starting it again")
        self._opening = asyncio.create_task(self._reopen())
        self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())  # told to who waits

    async def _reopen(self) -> None:
        await asyncio.sleep(RESTART_SECONDS)
        self._writer.close()
        self._writer = self._start()
        self._writer.on_gone = self._open_again
        await self._writer.ready()

    def close(self) -> None:
        """Answer what waits, then stop."""
        self._is_closed = True
        if self._opening is not None:
            self._opening.cancel()
        self._writer.close()


def start_writer(settings: Settings) -> OpeningWriter:
    """The writer process, opening its log while the service imports and builds the rest."""

    def start() -> WriterProcess:
        return WriterProcess(build, settings)

    return OpeningWriter(start(), start)


def open_service(settings: Settings, start: Callable[[Settings], AsyncWriter], runs: bool = True) -> Service:
    """The service of the log of the settings; its connections are opened when they are first needed. `start` makes its
    writer, once the log is found and its keys are unlocked.

    With `runs` a runner and a publisher work beside it where the log is an SQLite file; on PostgreSQL their place is
    `muniment work`.
    """

    rooms = open_rooms()
    log, database = open_log(settings)
    reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
    door = door_of(log)
    authenticator = Authenticator(door)
    guard = SignInDoor(door, authenticator)

    def authenticate(view: Any, token: str) -> Any:
        return authenticator.authenticate(view, token, view.now)

    recognise = Recogniser(authenticator, reader, rooms.clock).recognise
    service = Service(
        log,
        reader,
        start(settings),
        rooms,
        authenticate,
        recognise,
        guard,
        Verifications(settings, rooms.clock),
        packs=settings.folder / "packs" / log.name,
        secrets=settings.secrets_folder,
        attachments=settings.attachments,
        log_public=settings.log_public,
    )
    service.on_stop.append(guard.close)
    _witness(service, settings)
    eraser = service.erasures = EraserBeside(service, database.connect)
    service.on_start.append(eraser.start)
    service.on_stop.append(eraser.stop)
    service.on_stop.append(service.verifications.close)
    if runs and isinstance(database, SqliteDatabase):
        from api.publishing import PublisherBeside
        from api.running import RunnerBeside

        publisher = PublisherBeside(service, settings)
        service.on_start.append(publisher.start)
        service.on_stop.append(publisher.stop)  # after the runner: what that writes last is published
        runner = RunnerBeside(service, settings)
        service.on_start.append(runner.start)
        service.on_stop.append(runner.stop)
    return service


def _witness(service: Service, settings: Settings) -> None:
    """Name the log's witnesses; in hard mode receipts wait for them."""
    if not settings.witnesses:
        return
    from api.witnessing import WitnessedWriter, open_witnessing

    witnessing = open_witnessing(settings, service.log, service.reader, service.rooms.clock)
    service.witnessing = witnessing
    if witnessing is not None:
        service.on_stop.append(witnessing.close)
        if witnessing.is_hard:
            service.writer = WitnessedWriter(service.writer, witnessing)


def application(
    settings: Settings | None = None, start: Callable[[Settings], AsyncWriter] = start_writer, runs: bool = True
) -> FastAPI:
    """The application over every log of the settings; without settings only its description can be used. `start` makes
    the writer of a log."""

    def opener(own: Settings) -> Callable[[], Service]:
        def opened() -> Service:
            check_schema(own)
            return open_service(own, start, runs)

        return opened

    def opened() -> Services:
        assert settings is not None
        return Services({own.log: opener(own) for own in each(settings)})

    app = create_app(opened, ROUTERS)
    counts = Counts(SystemClock())
    app.state.counts = counts
    app.state.public_url = "" if settings is None else settings.public_url
    app.add_middleware(Measured, counts=counts)
    app.direct = Direct(DIRECT, counts, on_raised)
    described: dict[str, str] = {}

    async def describe(_: HttpRequest) -> Response:
        if not described:
            described["text"] = openapi.text(app)
        return Response(described["text"], media_type="application/json")

    app.router.routes = [route for route in app.router.routes if getattr(route, "path", "") != app.openapi_url]
    app.add_route("/v1/openapi.json", describe, include_in_schema=False)
    return app
