"""One log, open for HTTP, with all that serves it; and how a thread beside the event loop sends it commands."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from api.door import SignInDoor
from api.ringing import Bell, Looks
from api.rooms import Rooms
from api.verifying import Verifications
from ledger.actor import Actor
from ledger.refusal import Refusal
from ledger.service import Log, Reader, View
from ledger.work import Answer, Request

if TYPE_CHECKING:
    from api.erasing import EraserBeside
    from api.witnessing import Witnessing
    from examples.tour.touring import Touring


class AsyncWriter(Protocol):
    """The writer process, or a stand-in over the writer thread."""

    async def ready(self) -> None:
        """Return when commands are taken."""
        ...

    def submit(self, request: Request) -> Awaitable[Answer]:
        """The durable answer."""
        ...

    def close(self) -> None:
        """Answer what waits, then stop."""
        ...


@dataclass(slots=True)
class Service:
    """One log, open for HTTP: what its routes are answered from, and what starts and stops with it."""

    log: Log
    reader: Reader
    writer: AsyncWriter
    rooms: Rooms
    authenticate: Callable[[View, str], Actor | Refusal]
    recognise: Callable[[str], Actor | None]  # a token found good in this register epoch, without a view
    door: SignInDoor
    verifications: Verifications
    packs: Path  # folder of built evidence packs
    secrets: Path  # folder of the secrets of webhooks and credentials
    attachments: tuple[int, frozenset[str]]  # see `api.settings`
    log_public: str  # what `/log/{log}/` shows without a credential, see `api.settings`
    witnessing: "Witnessing | None" = None  # where witnesses are named
    erasures: "EraserBeside" = field(init=False)  # told when there may be something to erase
    bell: Bell = field(default_factory=Bell)  # rung when a command of this process was recorded
    looks: Looks = field(default_factory=Looks)  # of those who wait for it
    tour: "Touring | None" = None  # once somebody asked a demo for a tour
    on_start: list[Callable[[], None]] = field(default_factory=list)
    on_stop: list[Callable[[], None]] = field(default_factory=list)

    async def start(self) -> None:
        """Wait for the writer, then start what runs beside it."""
        await self.writer.ready()
        for action in self.on_start:
            action()

    async def stop(self) -> None:
        """Stop in reverse order; the writer answers what waits."""
        for action in reversed(self.on_stop):
            # On a thread: what stops may wait for an answer that this event loop has yet to deliver.
            await asyncio.to_thread(action)
        self.writer.close()
        self.reader.close()


def from_threads(submit: Callable[[Request], Awaitable[Answer]]) -> Callable[[Request], "Future[Answer]"]:
    """`submit` for other threads: they hand their commands to the running event loop, which owns the writer."""
    loop = asyncio.get_running_loop()

    async def answered(request: Request) -> Answer:
        return await submit(request)

    return lambda request: asyncio.run_coroutine_threadsafe(answered(request), loop)
