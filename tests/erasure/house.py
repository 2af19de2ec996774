"""A small log whose values can be erased: processes over it that come and go, and what they can still open."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from governance import refusal_texts as governance_texts
from ledger import erasure
from ledger.actor import SYSTEM, Actor
from ledger.clock import LedgerClock
from ledger.commands import OpenLog
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.entry import EntryDraft
from ledger.eraser import Eraser
from ledger.erasure import Ground, RequestErasure
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.reading import Reader
from ledger.refusal import Reason, Refusal
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Report
from ledger.work import Answer, Commands, CommandSpec, Done, Request, UnitOfWork
from ledger.workings import Log, Workings
from ledger.writer import Desk
from orchestrator import refusal_texts as orchestrator_texts
from rbac import refusal_texts as rbac_texts
from tests.conftest import SetClock
from tests.ledger import toy

NAME = "acme"
ORIGIN = f"ledger.example.com/{NAME}"
PASSPHRASE = "correct horse"


@dataclass(frozen=True, slots=True)
class Keep:
    """Values by path about one data subject, in one class, in one command; and one that is about nobody."""

    id: str
    data_subject: str
    values: tuple[tuple[str, str], ...]
    data_class: str = "personal"


def _keep(uow: UnitOfWork, command: Keep) -> Done:
    payload: dict[str, Any] = {
        path: uow.seal(command.id, path, value, data_class=command.data_class, data_subject=command.data_subject)
        for path, value in command.values
    }
    payload["note"] = uow.seal(command.id, "note", f"note on {command.id}", data_class="confidential")
    payload["name"], payload["total"] = "n", 1
    uow.stage(EntryDraft("toy.bumped", 1, command.id, payload))
    return Done("kept")


class _Permit:
    def as_basis(self) -> Any:
        return {"rules": ["privacy-officer"]}


class Access:
    """Permits everything to everybody but those it is told to deny."""

    denied: frozenset[str] = frozenset()

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Any:
        assert (domain, obj, act) == ("organisation", "data-subject", "erase")
        return Refusal(Reason.NO_RULE, rbac_texts.why("no-rule")) if actor.id in self.denied else _Permit()


@dataclass
class Fences:
    """The barriers: what is on hold, what runs, what is nowhere."""

    held: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)

    def domain_of(self, uow: UnitOfWork, data_subject: str, instance: str) -> str | None:
        return None if data_subject == "ds_nobody" else "organisation"

    def against(self, uow: UnitOfWork, data_subject: str, instance: str) -> Refusal | None:
        if data_subject in self.running:
            return Refusal(Reason.STILL_RUNNING, orchestrator_texts.why("instance-runs"))
        if data_subject in self.held:
            return Refusal(Reason.ON_HOLD, governance_texts.why("on-hold"), (("hold", "ho_1"),))
        return None


@dataclass
class Process:
    """One process: its own copy of the keys, its own connections."""

    database: Database
    keys: Path
    clock: SetClock
    fences: Fences
    access: Access = field(default_factory=Access)

    def __post_init__(self) -> None:
        log_id, name, origin = self.database.find_log(NAME)
        self.log = Log(log_id, name, origin, load_keys(self.keys / NAME, origin, PASSPHRASE))
        self.workings = Workings(self.log, LedgerClock(self.clock), IdMaker(), self.commands(), self.folds())
        self.desk = Desk(self.workings, self.database.connect)
        self.reader = Reader(self.log, self.clock, lambda: self.database.connect(read_only=True))
        self.eraser = Eraser(self.log, self.database.connect, self.reader, self.run, self.fences)

    def commands(self) -> Commands:
        return {
            **toy.commands(),
            **erasure.commands(self.access, self.fences),
            Keep: CommandSpec("Keep", _keep, lambda command: command.id),
        }

    @staticmethod
    def folds() -> dict[tuple[str, int], Any]:
        return {**toy.folds(), **erasure.folds()}

    def run(self, request: Request) -> Answer:
        (result,) = self.desk.run([request])
        if isinstance(result, Exception):
            raise result
        return result

    def send(self, command: Any, actor: Actor = toy.PERSON, command_id: str | None = None) -> Any:
        """The outcome of a command."""
        return self.run(Request(actor, command, command_id)).outcome

    def erase(self, data_subject: str, **more: Any) -> Any:
        """Ask for an erasure and carry it out."""
        outcome = self.send(RequestErasure(data_subject, Ground.CONSENT_WITHDRAWN, **more))
        if isinstance(outcome, Done):
            self.eraser.carry_out()
        return outcome

    def opened(self, values: Mapping[str, str]) -> dict[str, Any]:
        """By subject of the log: what its value `secret` opens to now, None when it was destroyed."""
        found = {}
        with self.reader.view() as view:
            for subject in values:
                (row, *_) = view.history(subject)
                payload = toy_payload(row.bytes)
                found[subject] = view.unseal(subject, "secret", payload["secret"])
        return found

    def verify(self, *, fresh: bool = True) -> Report:
        """As `muniment verify` does it: keys read anew, every table compared."""
        keys = load_keys(self.keys / NAME, ORIGIN, PASSPHRASE) if fresh else self.log.secrets
        vault = replace(keys.vault, _ciphers={})
        subject = Subject(self.database, NAME, ORIGIN, (toy.COUNTER,), self.folds(), vault)
        return verify_database(subject, Manner((keys.signer.vkey,)))[0]

    def close(self) -> None:
        self.desk.close()
        self.reader.close()


def toy_payload(data: bytes) -> dict[str, Any]:
    import orjson

    payload: dict[str, Any] = orjson.loads(data)["payload"]
    return payload


SECRETS = {f"toy_{n}": f"secret of person {n}, Example Street {n}" for n in range(4)}


def found(database: Database, folder: Path, clock: SetClock, fences: Fences) -> Process:
    """A log with four data subjects, one value of each sealed as personal, and a note on each that is about nobody."""
    workings = toy.open_workings(database, folder / "keys", clock, NAME)
    signer = workings.log.secrets.signer
    process = Process(database, folder / "keys", clock, fences)
    process.run(Request(SYSTEM, OpenLog(NAME, ((signer.key_id, signer.vkey, "commit"),))))
    for n, (subject, secret) in enumerate(SECRETS.items()):
        done = process.send(Keep(subject, f"ds_{n}", (("secret", secret), ("other", f"other {n}"))), command_id=f"c{n}")
        assert isinstance(done, Done), done
    return process


def copy_database(database: Database, folder: Path, server: Any) -> Database:
    """A backup, taken while nobody writes."""
    if isinstance(database, SqliteDatabase):
        import sqlite3

        folder.mkdir(parents=True, exist_ok=True)
        source, target = sqlite3.connect(database.path), sqlite3.connect(folder / "ledger.sqlite")
        source.backup(target)
        source.close()
        target.close()
        return SqliteDatabase(folder / "ledger.sqlite")
    assert isinstance(database, PostgresqlDatabase)
    return PostgresqlDatabase(server.copy_database(database.dsn))


def copy_keys(keys: Path, folder: Path) -> Path:
    """A copy of the key folder, modes and all."""
    shutil.copytree(keys, folder)
    return folder
