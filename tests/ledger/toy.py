"""A toy room on the real write path: counters that are set, bumped, sealed and refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, MetaData, Text
from sqlalchemy import Table as SqlTable

from ledger import commands as ledger_commands
from ledger import leasing, publication
from ledger.actor import Actor, ActorKind
from ledger.clock import Clock, LedgerClock
from ledger.database import Database
from ledger.entry import Entry, EntryDraft
from ledger.ids import ActorId, IdMaker, PersonId
from ledger.keys import create_keys
from ledger.refusal import Reason, Refusal
from ledger.rows import FoldView, Table
from ledger.wording import Texts
from ledger.work import Commands, CommandSpec, Done, UnitOfWork
from ledger.workings import Log, Workings

why = Texts({"over-limit": "expected a total within the limit"}, "toy.")

metadata = MetaData()
SqlTable(
    "toy_counter",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    info={"class": "folded"},
)


class CounterRow(NamedTuple):
    id: str
    name: str
    total: int


COUNTER = Table("toy_counter", CounterRow, key=2, group=1)


@dataclass(frozen=True, slots=True)
class Bump:
    id: str
    name: str = "n"
    by: int = 1
    limit: int | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class BumpBoth:
    """Two subjects in one command: two entries, parts 1 and 2."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Fail:
    after_staging: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """Answers with the sum over all counters, by a query that no key answers."""


@dataclass(frozen=True, slots=True)
class Create:
    name: str = "n"


@dataclass(frozen=True, slots=True)
class Unseal:
    id: str
    sealed: Any


def _bump(uow: UnitOfWork, command: Bump) -> Done | Refusal:
    row = uow.get(COUNTER, command.id, command.name)
    total = (0 if row is None else row.total) + command.by
    if command.limit is not None and total > command.limit:
        return Refusal(Reason.LIMIT_PERIOD, why("over-limit"), (("limit", str(command.limit)),))
    payload: dict[str, Any] = {"name": command.name, "total": total, "result": {"total": total}}
    if command.secret is not None:
        payload["secret"] = uow.seal(command.id, "secret", command.secret, data_class="personal", data_subject="ds_1")
        payload["result"]["secret"] = payload["secret"]
    uow.stage(EntryDraft("toy.bumped", 1, command.id, payload))
    return Done("bumped", payload["result"])


def _bump_both(uow: UnitOfWork, command: BumpBoth) -> Done:
    totals = [0 if row is None else row.total for row in (uow.get(COUNTER, i, "n") for i in _both(command))]
    for name, total in zip(_both(command), totals, strict=True):
        uow.stage(EntryDraft("toy.bumped", 1, name, {"name": "n", "total": total + 1}))
    return Done("bumped")


def _both(command: BumpBoth) -> tuple[str, str]:
    return command.one, command.other


def _fail(uow: UnitOfWork, command: Fail) -> Done:
    if command.after_staging:
        uow.stage(EntryDraft("toy.bumped", 1, "toy_fail", {"name": "n", "total": 7}))
    raise ZeroDivisionError("a bug in a handler")


def _total(uow: UnitOfWork, _: Total) -> Done:
    ((total,),) = uow.query("SELECT coalesce(sum(total), 0) FROM toy_counter WHERE log_id = {log}")
    return Done("counted", {"total": int(total)})


def _create(uow: UnitOfWork, command: Create) -> Done:
    made = uow.ids.ordered("toy", uow.now)
    uow.stage(EntryDraft("toy.bumped", 1, made, {"name": command.name, "total": 0, "result": {"id": made}}))
    return Done("created", {"id": made})


def _unseal(uow: UnitOfWork, command: Unseal) -> Done:
    return Done("opened", {"value": uow.unseal(command.id, "secret", command.sealed)})


def _fold(view: FoldView, entry: Entry) -> None:
    view.put(COUNTER, CounterRow(entry.subject, entry.payload["name"], entry.payload["total"]))


def commands() -> Commands:
    return {
        **ledger_commands.commands(),
        **publication.commands(),
        **leasing.commands(),
        Bump: CommandSpec("Bump", _bump, lambda c: c.id, lambda c: [(COUNTER, (c.id,))]),
        BumpBoth: CommandSpec("BumpBoth", _bump_both, lambda c: c.one),
        Fail: CommandSpec("Fail", _fail, lambda c: ""),
        Total: CommandSpec("Total", _total, lambda c: ""),
        Create: CommandSpec("Create", _create, lambda c: ""),
        Unseal: CommandSpec("Unseal", _unseal, lambda c: c.id),
    }


def folds() -> dict[tuple[str, int], Any]:
    return {**ledger_commands.folds(), ("toy.bumped", 1): _fold}


def create_tables(database: Database) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(database.url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("GRANT SELECT, INSERT, UPDATE ON toy_counter TO muniment_service"))
    engine.dispose()


def open_workings(database: Database, folder: Path, clock: Clock, name: str = "acme") -> Workings:
    """A new log with its keys and its first entry still to be written."""
    create_tables(database)
    log_id = database.create_log(name, f"ledger.example.com/{name}")
    secrets = create_keys(folder / name, f"ledger.example.com/{name}", "correct horse")
    log = Log(log_id, name, f"ledger.example.com/{name}", secrets)
    return Workings(log, LedgerClock(clock), IdMaker(), commands(), folds())


PERSON = Actor(ActorId("person:a1"), ActorKind.PERSON, PersonId("person:a1"), "password")
