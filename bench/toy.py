"""A room of the benchmarks' own on the real write path: records in bulk, and one at a time.

Both commands write an honest entry of about 1.1 kB: an act with its basis, digests, ids and three transitions.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, MetaData, Text
from sqlalchemy import Table as SqlTable

from ledger import commands as ledger_commands
from ledger import leasing, publication
from ledger.actor import Actor, ActorKind
from ledger.canonical import b64url
from ledger.entry import Entry, EntryDraft
from ledger.ids import ActorId, PersonId
from ledger.rows import Folds, FoldView, Table
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

metadata = MetaData()
SqlTable(
    "bench_record",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)


class RecordRow(NamedTuple):
    """A record as its newest entry left it."""

    id: str
    revision: int
    state: str


RECORD = Table("bench_record", RecordRow, key=1)
TABLES: tuple[Table[Any], ...] = (RECORD,)
TRANSITIONS = 3  # in every entry

PERSON = Actor(
    ActorId("person:01jd3k5m7n9p1r3t5v7x9z1b3d"),
    ActorKind.PERSON,
    PersonId("person:01jd3k5m7n9p1r3t5v7x9z1b3d"),
    "password",
    "si_01jd3k5m7n9p1r3t5v7x9z1b3d",
)

_DIGEST = b64url(bytes(range(32)))


@dataclass(frozen=True, slots=True)
class RecordMany:
    """Write `count` records, each of a subject of its own."""

    count: int


@dataclass(frozen=True, slots=True)
class RecordOne:
    """Write one record; `id` empty makes a new one."""

    id: str = ""


def commands() -> Commands:
    """The ledger's own and the two of this room."""
    return {
        **ledger_commands.commands(),
        **publication.commands(),
        **leasing.commands(),
        RecordMany: CommandSpec("RecordMany", _record_many, lambda _: ""),
        RecordOne: CommandSpec("RecordOne", _record_one, lambda c: c.id, lambda c: [(RECORD, (c.id,))]),
    }


def folds() -> Folds:
    """The ledger's own and the one of this room."""
    return {**ledger_commands.folds(), ("record.written", 1): _fold}


def _record_many(uow: UnitOfWork, command: RecordMany) -> Done:
    for number in range(command.count):
        uow.stage(_draft(uow.ids.ordered("rec", uow.now), number))
    return Done("written", {"count": command.count})


def _record_one(uow: UnitOfWork, command: RecordOne) -> Done:
    made = command.id or uow.ids.ordered("rec", uow.now)
    row = uow.get(RECORD, made)
    uow.stage(_draft(made, 0 if row is None else row.revision + 1))
    return Done("written", {"id": made})


def _draft(subject: str, revision: int) -> EntryDraft:
    """One entry's content, shaped as a decision on a task."""
    task = f"{subject}.{revision % 9}"
    payload: dict[str, Any] = {
        "outcome": "approve",
        "shown": _DIGEST,
        "statement": _DIGEST,
        "reason": {"$commitment": f"{revision}.{_DIGEST}"},
        "transitions": [
            {"t": "task.completed", "task": task, "outcome": "approve"},
            {"t": "variable.set", "name": "decision", "value": "approve"},
            {"t": "step.entered", "step": "notify-applicant", "activation": revision},
        ],
        "result": {"task": task, "state": "completed", "revision": revision},
    }
    basis = {
        "permit": {"rules": ["r17"], "policy": _DIGEST, "assignments": [812, 815]},
        "decision": {"grants": ["ag_01jd3k5m7n9p1r3t5v7x9z1b3d"], "register": _DIGEST, "chain": [802, 807]},
        "blueprint": _DIGEST,
    }
    return EntryDraft("record.written", 1, subject, payload, {"task": task, "blueprint": "loan@4"}, basis)


def _fold(view: FoldView, entry: Entry) -> None:
    revision = 0
    for transition in entry.payload["transitions"]:
        if transition["t"] == "step.entered":
            revision = transition["activation"]
    view.put(RECORD, RecordRow(entry.subject, revision, entry.payload["result"]["state"]))
