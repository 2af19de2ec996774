"""Two organisations in one process: the demo organisation twice, founded apart, served side by side."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from api.identity import service as identity
from api.log_service import Service
from api.serving import WriterThread, application
from api.settings import Settings
from api.wiring import build_writer
from ledger.service import Writer
from tests.api.organisation import CHEAP, WORD, House, LaterClock, Unlimited, done

NAMES = ("acme", "globex")


@dataclass
class Organisation(House):
    """One of several: its people name its log when they sign in."""

    def token(self, ref: str) -> str:
        if ref not in self.tokens:
            prepared = identity.prepare_setup_code(self.service.log.name, self.person(ref))
            done(self.run(prepared.command))
            body = {"account": ref, "password": WORD, "code": prepared.token}
            assert self.client.post("/v1/password", json=body).status_code == 200
            signed = self.client.post("/v1/sign-in", json={**body_of(ref), "log": self.service.log.name})
            assert signed.status_code == 200, signed.text
            self.tokens[ref] = signed.json()["token"]
        return self.tokens[ref]

    @property
    def database(self) -> Path:
        return self.settings.folder / "logs" / self.settings.log / "ledger.sqlite"


def body_of(ref: str) -> dict[str, str]:
    return {"account": ref, "password": WORD}


def thread_writer(settings: Settings) -> WriterThread:
    """A writer in this process."""
    workings, connect = build_writer(settings)
    return WriterThread(Writer(workings, connect))


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[TestClient, Mapping[str, Service | None]]]:
    """The service over every log of the settings; what is open of them by name."""
    app = application(settings, thread_writer, runs=False)
    with TestClient(app, raise_server_exceptions=False) as client:
        opened = dict(app.state.services.every())
        for service in opened.values():
            if service is not None:
                service.door.passwords = CHEAP
                service.door.tries = Unlimited()
        yield client, opened


@contextmanager
def both(settings: Settings) -> Iterator[tuple[Organisation, Organisation]]:
    """Both organisations, each with callers of its own."""
    with serving(replace(settings, logs=",".join(NAMES))) as (client, opened):
        one, other = (Organisation(client, replace(settings, log=name), opened[name], LaterClock(0)) for name in NAMES)
        yield one, other


@contextmanager
def locked(database: Path) -> Iterator[sqlite3.Connection]:
    """Another process holds the log's write lock."""
    holder: Any = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield holder
    finally:
        holder.execute("ROLLBACK")
        holder.close()
