"""A log with change control and records of other systems, on either database, and a runner of its feeds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from api.feeds.beside import FeedsThread
from api.feeds.delivering import Links
from api.feeds.secrets import create, keys_of
from api.feeds.standing import Told, told
from api.founding import done, found
from api.rooms import Rooms
from api.running import feed_links
from api.settings import Settings
from api.wiring import build_writer, open_log, open_rooms
from examples.organisation.approving import signed, to_state
from ledger.actor import Actor, ActorKind
from ledger.clock import SystemClock
from ledger.ids import ActorId, PersonId
from ledger.service import Reader, Writer
from ledger.work import Answer, Request
from orchestrator.records import Record, WriteRecords
from rbac.service import FirstRole, HoldCeremony, NamedPerson
from tests.api.feeds.sink import Sink
from versioning.commands import ProposeChange, ReleaseChange, RetireArtefact

OWNER, REVIEWER = "owner", "reviewer"
POLICY = """\
access policy: small
roles:
  owner:
    title: Proposes, writes and keeps feeds
    reads: [public, internal]
    allow:
      change-request: [propose, read]
      record: [write]
      feed: [read, replay]
      register: [read]
      ledger: [read]
  reviewer:
    title: Approves and releases
    allow: {change-request: [review, approve, release]}
"""
FEED = """\
feed: audit
title: Audit
format: cloudevents
sink: {{webhook: {{url: {address}, secret: audit, time_out: 1 second}}}}
kinds: [record.written]
start: 0
entries_max: 10
retry: {{first: 1 milliseconds, longest: 5 milliseconds, attempts_max: 2}}
"""


@dataclass
class World:
    """The log, its writer and reader, and two persons."""

    settings: Settings
    writer: Writer
    reader: Reader
    rooms: Rooms
    persons: dict[str, str]
    written: list[list[int]] = field(default_factory=list)  # indexes of each command of records
    subjects: dict[int, str] = field(default_factory=dict)
    count: int = 0

    def person(self, ref: str) -> Actor:
        person = self.persons[ref]
        return Actor(ActorId(person), ActorKind.PERSON, PersonId(person), method="password")

    def send(self, command: Any, ref: str = OWNER) -> Answer:
        self.count += 1
        return self.writer.run(Request(self.person(ref), command, f"command-{self.count}"))

    def do(self, command: Any, ref: str = OWNER) -> Any:
        return done(self.send(command, ref)).result

    def put_in_force(self, source: str, base: int | None = None, kind: str = "feed") -> None:
        self._carry(self.do(ProposeChange(kind, source, base, "t", "r")))

    def retire(self, name: str, base: int) -> None:
        self._carry(self.do(RetireArtefact("feed", name, base, "t", "r")))

    def _carry(self, made: Any) -> None:
        statement = to_state(made)
        nonce = self.do(statement, REVIEWER)["nonce"]
        proof = (self.person(REVIEWER).person, SystemClock().wall())
        self.do(signed(statement, made["revision"], nonce, proof), REVIEWER)
        self.do(ReleaseChange(made["change_request"]), REVIEWER)

    def write(self, *keys: str, **data: Any) -> list[int]:
        """One command that writes a record for each key; the indexes of its entries."""
        self.count += 1
        records = tuple(record(f"e{self.count}", key, data) for key in keys)
        answer = self.send(WriteRecords(records))
        done(answer)
        assert answer.receipt is not None
        first = answer.receipt.index
        with self.reader.view() as view:
            rows = view.entries(first, view.head.size)
        indexes = [row.idx for row in rows]
        self.subjects.update({row.idx: orjson.loads(row.bytes)["subject"] for row in rows})
        self.written.append(indexes)
        return indexes

    def told(self, name: str = "audit") -> Told:
        with self.reader.view() as view:
            return {one.cursor.feed: one for one in told(view)}[name]

    @property
    def links(self) -> Links:
        return feed_links(self.settings, self.rooms, self.reader, self.writer.submit)

    def secret(self, sink: Sink, name: str = "audit") -> None:
        """A secret of the feed, known to the sink."""
        create(self.settings.secrets_folder, name)
        sink.keys = list(keys_of(self.settings.secrets_folder, name))

    @contextmanager
    def delivering(self) -> Iterator[FeedsThread]:
        """The feeds run for the length of the block."""
        feeds = FeedsThread(self.links)
        feeds.start()
        try:
            yield feeds
        finally:
            feeds.stop()

    def check(self, accepted: list[list[dict[str, Any]]]) -> None:
        """All that was written arrived, commands whole, each subject in order."""
        commands = [set(command) for command in self.written]
        seen: set[int] = set()
        for message in accepted:
            indexes = [int(event["index"]) for event in message]
            assert indexes == sorted(indexes)
            for command in commands:
                assert not command & set(indexes) or command <= set(indexes), "a command was split"
            for index in indexes:
                earlier = {one for one in self.subjects if one < index and self.subjects[one] == self.subjects[index]}
                assert earlier <= seen, f"{index} came before an earlier entry of its subject"
                seen.add(index)
        assert seen == {index for command in self.written for index in command}


def arrived(world: World, sink: Sink) -> None:
    """Wait until all that was written has been accepted."""
    wanted = {index for command in world.written for index in command}
    sink.wait_for(lambda: wanted <= set(sink.indexes))


def record(event: str, key: str, data: dict[str, Any]) -> Record:
    return Record("crm", key, event, "2026-01-01T00:00:00.000000Z", data=data)


def found_small(settings: Settings) -> dict[str, str]:
    """Found the organisation; its persons by reference. Nothing is left in a write-ahead log: it may be copied."""
    named = tuple(NamedPerson(ref, ref.title()) for ref in (OWNER, REVIEWER))
    roles = tuple(FirstRole(ref, ref) for ref in (OWNER, REVIEWER))
    founded = found(settings, HoldCeremony((OWNER, REVIEWER), named, POLICY, roles))
    if not settings.database_url:
        connection = settings.database().connect()
        connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())
        connection.close()
    return dict(founded.persons)


@contextmanager
def world(settings: Settings, persons: dict[str, str]) -> Iterator[World]:
    """The log of the settings, open."""
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    rooms = open_rooms()
    log, database = open_log(settings)
    reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
    try:
        yield World(settings, writer, reader, rooms, persons)
    finally:
        writer.close()
        reader.close()
