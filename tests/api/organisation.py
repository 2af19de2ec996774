"""The demo organisation, founded and released through its own change requests, and signed-in callers of its service."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from api.door import Tries
from api.founding import done, found
from api.identity import service as identity
from api.identity.passwords import Passwords
from api.serving import WriterThread, application
from api.settings import Settings
from api.wiring import build_writer
from examples.organisation.approving import signed, to_state
from examples.organisation.files import APPROVER, artefact_files, author_of, release_waves
from ledger.actor import Actor, ActorKind
from ledger.clock import Instant, LedgerClock, SystemClock
from ledger.ids import ActorId, PersonId
from ledger.service import Writer
from ledger.work import Done, Request
from rbac.service import FirstRole, HoldCeremony, NamedPerson, person_by_ref
from tests.api.described import undescribed
from versioning.commands import ProposeChange, ReleaseChange

WORD = "correct horse battery staple"
CHEAP = Passwords(passes=1, memory_kib=64)
SERVICES = "http://127.0.0.1:9100"
FIRST = {"process-owner": "process-owner", "register-keeper": "register-keeper", APPROVER: "change-reviewer"}
KIND_OF = {
    "persons": "person",
    "actors": "actor",
    "access-policy.yaml": "access-policy",
    "role-assignments": "role-assignment",
    "instruments": "instrument",
    "offices": "office",
    "grants": "authority-grant",
    "rule-tables": "rule-table",
    "connectors": "connector",
    "reason-code-lists": "reason-code-list",
    "feeds": "feed",
    "calendars": "calendar",
    "agents": "agent",
    "blueprints": "blueprint",
}


class Unlimited(Tries):
    """Lets every try go on: tests sign many people in."""

    def wait_seconds(self, key: str, now: int, limit: int = 0) -> int:
        return 0


def person_actor(person: str) -> Actor:
    return Actor(ActorId(person), ActorKind.PERSON, PersonId(person), method="password")


def make(settings: Settings, extra: dict[str, str] | None = None, demo: tuple[str, ...] = ()) -> None:
    """Found the organisation and release every file of it, and `extra` (path -> source) on top; `demo` marks it."""
    files = {**artefact_files(SERVICES), **(extra or {})}
    ceremony = HoldCeremony(
        holders=("process-owner", APPROVER),
        persons=tuple(NamedPerson(ref, ref.replace("-", " ").title()) for ref in FIRST),
        access_policy=files["access-policy.yaml"],
        roles=tuple(FirstRole(ref, role) for ref, role in FIRST.items()),
        demo_accounts=demo,
    )
    founded = found(settings, ceremony)
    persons = dict(founded.persons)
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    number = 0

    def send(ref: str, command: Any) -> Done:
        nonlocal number
        number += 1
        return done(writer.run(Request(person_actor(persons[ref]), command, f"set-up-{number}")))

    try:
        for wave in release_waves(files):
            for path in wave:
                folder, _, name = path.rpartition("/")
                known = path == "access-policy.yaml" or (folder == "persons" and name.removesuffix(".yaml") in FIRST)
                if known or (folder == "role-assignments" and name.removesuffix(".yaml") in FIRST):
                    continue
                kind = KIND_OF[path.partition("/")[0]]
                change = ProposeChange(kind, files[path], None, f"Add {path}", "first release")
                made = send(author_of(path), change).result
                statement = to_state(made)
                proof = (person_actor(persons[APPROVER]).person, SystemClock().wall())
                nonce = send(APPROVER, statement).result["nonce"]
                send(APPROVER, signed(statement, made["revision"], nonce, proof))
                send(APPROVER, ReleaseChange(made["change_request"]))
    finally:
        writer.close()


class LaterClock(SystemClock):
    """The machine's clock, `ahead` microseconds later; a test may let time pass, a minute at most at once."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead

    def wall(self) -> Instant:
        return Instant(super().wall() + self.ahead)


@dataclass
class House:
    """A running service, and callers of it."""

    client: Any  # of the test client, or of a real one
    settings: Settings
    service: Any
    clock: LaterClock
    tokens: dict[str, str] = field(default_factory=dict)
    passwords: set[str] = field(default_factory=set)  # who has one here
    count: int = 0

    @property
    def size(self) -> int:
        """Entries in the log."""
        with self.service.reader.view() as view:
            size: int = view.head.size
            return size

    def person(self, ref: str) -> str:
        with self.service.reader.view() as view:
            row = person_by_ref(view, ref)
            assert row is not None
            return str(row.id)

    @property
    def submit(self) -> Any:
        """What hands a command to the writer from any thread, past what waits for witnesses."""
        return getattr(self.service.writer, "_inner", self.service.writer)._writer.submit

    def run(self, command: Any, actor: Actor = identity.DOOR) -> Any:
        self.count += 1
        writer = getattr(self.service.writer, "_inner", self.service.writer)._writer  # past what waits for witnesses
        return writer.run(Request(actor, command, None if actor is identity.DOOR else f"run-{self.count}"))

    def token(self, ref: str) -> str:
        """A bearer token of the person, who gets a password first."""
        if ref not in self.tokens:
            if ref not in self.passwords:
                prepared = identity.prepare_setup_code(self.service.log.name, self.person(ref))
                done(self.run(prepared.command))
                body = {"account": ref, "password": WORD, "code": prepared.token}
                assert self.client.post("/v1/password", json=body).status_code == 200
                self.passwords.add(ref)
            signed = self.client.post("/v1/sign-in", json={"account": ref, "password": WORD})
            assert signed.status_code == 200, signed.text
            self.tokens[ref] = signed.json()["token"]
        return self.tokens[ref]

    def key(self, actor: str, *roles: str, domain: str = "organisation") -> str:
        """An API key of a service."""
        scope = tuple((role, domain) for role in roles)
        expires = self.service.rooms.clock.wall() + 30 * 24 * 3_600_000_000
        prepared = identity.prepare_api_key(self.service.log.name, actor, "test", scope, expires)
        done(self.run(prepared.command))
        return prepared.token

    def call(self, method: str, path: str, who: str = "", **more: Any) -> Any:
        """One request by a person's reference, or by a token that is one already; the response."""
        self.count += 1
        headers = dict(more.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {who if '_' in who else self.token(who)}"
        headers.setdefault("Idempotency-Key", f"test-{self.count}")
        answer = self.client.request(method, path, headers=headers, **more)
        assert undescribed(method, path, answer.status_code, answer.headers.get("content-type", "")) == ""
        return answer

    def get(self, path: str, who: str = "", **more: Any) -> Any:
        return self.call("GET", path, who, **more)

    def get_after_long(self, path: str, who: str) -> Any:
        """As `get`, by somebody whose token may have run out meanwhile: they sign in again."""
        answer = self.get(path, who)
        if answer.status_code == 401:
            del self.tokens[who]
            answer = self.get(path, who)
        assert answer.status_code == 200, answer.text
        return answer

    def post(self, path: str, who: str = "", json: Any = None, **more: Any) -> Any:
        if json is not None:
            more["json"] = json
        return self.call("POST", path, who, **more)

    def review(self, at: str, who: str, body: dict[str, Any], **more: Any) -> Any:
        """The statement under a review of the change request at this path, and the review, signed by password."""
        said = {name: body[name] for name in ("verdict", "reason", "digest") if name in body}
        stated = self.post(f"{at}/statement", who, said)
        assert stated.status_code == 200, stated.text
        signed = {**body, "statement_nonce": stated.json()["nonce"], "password": WORD}
        return self.post(f"{at}/reviews", who, signed, **more)

    def refused(self, answer: Any, status: int, reason: str) -> dict[str, Any]:
        """The problem of an answer that must be one, with this status and reason."""
        assert (answer.status_code, answer.json().get("reason")) == (status, reason), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        body: dict[str, Any] = answer.json()
        assert body["type"] == f"urn:muniment:problem:{reason}"
        return body


@contextmanager
def running(settings: Settings, ahead: int = 0) -> Iterator[House]:
    """The service over a writer thread, in this process; the writer's day may lie ahead."""
    workings, connect = build_writer(settings)
    clock = LaterClock(ahead)
    workings = replace(workings, clock=LedgerClock(clock))
    app = application(settings, lambda _: WriterThread(Writer(workings, connect)), runs=False)
    with TestClient(app, raise_server_exceptions=False) as client:
        service = app.state.services.only
        service.door.passwords = CHEAP
        service.door.tries = Unlimited()
        service.door.beat = 0.0
        yield House(client, settings, service, clock)


def copied(settings: Settings, folder: Path) -> Settings:
    """The same organisation (on SQLite), apart: a copy of its folder."""
    shutil.copytree(settings.folder, folder)
    return replace(settings, data_dir=str(folder))
