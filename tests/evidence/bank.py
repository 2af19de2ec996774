"""A small bank on the real write path: a ceremony, an authority register, a released blueprint, two instances.

The kinds and payloads are those of the rooms; decisions are made by `governance.decision.decide`, and the folds of the
authority register are the room's own. Everything else is staged by hand, so that a test can also tell it wrongly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import create_engine

from api.packs import EvidenceRoom
from governance import tables as governance_tables
from governance.authority import Register
from governance.evidence import commands as evidence_commands
from governance.evidence import folds as evidence_folds
from governance.grant import Grant, Instrument, Limit, Per, Power, digest_of
from governance.service import folds as governance_folds
from governance.signature import (
    SIGNED_SCHEMA,
    VALID_FOR,
    AnyStatement,
    ReviewStatement,
    Signature,
    Statement,
    signature_of,
)
from ledger import commands as ledger_commands
from ledger import completeness, key_life
from ledger.actor import SYSTEM, Actor, ActorKind
from ledger.clock import SECOND, LedgerClock
from ledger.commands import OpenLog
from ledger.database import Database
from ledger.entry import EntryDraft
from ledger.ids import ActorId, IdMaker, PersonId
from ledger.keys import create_keys
from ledger.reading import Reader
from ledger.refusal import Reason, Refusal
from ledger.work import CommandSpec, Done, Request, UnitOfWork
from ledger.workings import Log, Workings
from ledger.writer import Writer
from rbac.refusal_texts import why
from tests.conftest import SetClock

DAY = 86_400 * SECOND
PERSONS = {
    "author": ("person:a", "Process Owner"),
    "reviewer": ("person:b", "Change Reviewer"),
    "officer": ("person:c", "Credit Officer 1"),
    "head": ("person:d", "Head of Lending"),
    "clerk": ("person:e", "Intake Clerk"),
}
BLUEPRINT: dict[str, Any] = {
    "id": "loan",
    "title": "Loan",
    "owner": "lending",
    "first": "grade",
    "steps": [
        {"step": "rules", "id": "grade", "table": "credit-grade", "into": "risk.grade", "next": "officer"},
        {
            "step": "decide",
            "id": "officer",
            "outcomes": ["approve", "decline"],
            "authority": "approve-credit",
            "measure": "amount",
            "shows": ["applicant", "amount"],
            "sign": {"meaning": "I decide this credit within my authority"},
            "duties": [{"kind": "not initiator"}, {"kind": "not author of blueprint"}],
            "next": [["approve", "approved"], ["decline", "declined"]],
        },
        {"step": "end", "id": "approved", "outcome": "approved"},
        {"step": "end", "id": "declined", "outcome": "declined"},
    ],
}
SOURCE = "blueprint: loan\n"


@dataclass(frozen=True, slots=True)
class Play:
    """Stage what a scene says; `scene` is looked up in `Bank.scenes`."""

    scene: str


class Change(NamedTuple):
    """How a scene is told otherwise than it was: a path of keys and what to put there."""

    kind: str
    path: tuple[Any, ...]
    value: Any


def actor_of(who: str) -> Actor:
    """A person of the bank, signed in."""
    return Actor(ActorId(PERSONS[who][0]), ActorKind.PERSON, PersonId(PERSONS[who][0]), "password")


def by_password(statement: AnyStatement, now: int) -> Signature | Refusal:
    """How the officer and the reviewer sign, unless a test says otherwise (`Bank.signing`, `Bank.reviewing`)."""
    return signature_of(statement, "password", now)


class Allowing:
    """An access point that permits, or refuses, everything."""

    def __init__(self, is_open: bool = True) -> None:
        self.is_open = is_open

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Any:
        return self if self.is_open else Refusal(Reason.NO_RULE, why("no-rule"))

    def as_basis(self) -> Mapping[str, Any]:
        return {"policy": "p", "rules": []}


class Bank:
    """The log, its writer and its reader. `changes` tell entries wrongly; `access` guards packs; `signing` signs a
    decision, `reviewing` a review. `blueprint` is the value of the one that is released last, `version` its number."""

    def __init__(self, database: Database, folder: Path, clock: SetClock, changes: tuple[Change, ...] = ()) -> None:
        self.clock = clock
        self.changes = changes
        self.blueprint: Mapping[str, Any] = BLUEPRINT
        self.version = 1
        self.access = Allowing()
        self.signing: Callable[[Statement, int], Signature | Refusal] = by_password
        self.reviewing: Callable[[ReviewStatement, int], Signature | Refusal] = by_password
        self.enrolled: list[EntryDraft] = []  # what stands on record of passkeys before anything is reviewed
        self.passkeys: list[EntryDraft] = []  # what stands on record of passkeys before anything is decided
        self.truth: dict[str, dict[str, Any]] = {}
        self.scenes: dict[str, Callable[[UnitOfWork], list[EntryDraft]]] = {}
        engine = create_engine(database.url)
        governance_tables.metadata.create_all(engine)
        engine.dispose()
        origin = "ledger.example.com/bank"
        log_id = database.create_log("bank", origin)
        self.log = Log(log_id, "bank", origin, create_keys(folder, origin, "correct horse"))
        self._ids = IdMaker(_Seeded().take)
        workings = Workings(self.log, LedgerClock(clock), self._ids, self._commands(), self._folds())
        self.writer = Writer(workings, database.connect)
        self.reader = Reader(self.log, clock, lambda: database.connect(read_only=True))
        self._number = 0

    @property
    def room(self) -> EvidenceRoom:
        """What packs are built with."""
        return EvidenceRoom(
            self.log, self.reader, self.writer.run, self.log.secrets.sign_bytes, self._ids, self.clock.wall
        )

    @property
    def digest(self) -> str:
        """Of the blueprint."""
        return digest_of({"kind": "blueprint", "name": "loan", "source": SOURCE, "value": self.blueprint})

    @property
    def vkey(self) -> str:
        return self.log.secrets.signer.vkey

    def close(self) -> None:
        self.writer.close()
        self.reader.close()

    def play(self, who: Actor, scene: str, drafts: Callable[[UnitOfWork], list[EntryDraft]]) -> None:
        """Carry a scene out as one command."""
        self._number += 1
        self.scenes[scene] = drafts
        self.clock.pass_time(SECOND)
        answer = self.writer.run(Request(who, Play(scene), f"c{self._number}"))
        assert isinstance(answer.outcome, Done), answer

    def _commands(self) -> dict[type, Any]:
        def handle(uow: UnitOfWork, command: Play) -> Done:
            for draft in self.scenes[command.scene](uow):
                uow.stage(self._told(draft))
            return Done("played", {})

        return {
            **ledger_commands.commands(),
            **completeness.commands(),
            **evidence_commands(self.access),
            **key_life.commands(self.access),
            Play: CommandSpec("Play", handle, lambda _: ""),
        }

    def _told(self, draft: EntryDraft) -> EntryDraft:
        for change in self.changes:
            if change.kind == draft.kind:
                target: Any = {"payload": draft.payload, "basis": draft.basis}
                for key in change.path[:-1]:
                    target = target[key]
                target[change.path[-1]] = change.value
        return draft

    def _folds(self) -> dict[tuple[str, int], Any]:
        staged = (
            *("ceremony.held", "change.proposed", "change.reviewed", "change.released", "blueprint.released"),
            *("instance.started", "instance.advanced", "instance.migrated", "task.completed", "noise.made"),
            *(
                "task.claimed",
                "task.delegated",
                "task.released",
                "task.returned",
                "instance.suspended",
                "incident.raised",
            ),
            *("passkey.enrolled", "passkey.removed", "person_attribute.given", "person_attribute.ended"),
        )
        return {
            **dict.fromkeys([(kind, 1) for kind in staged], lambda view, entry: None),
            ("change.reviewed", SIGNED_SCHEMA): lambda view, entry: None,
            **ledger_commands.folds(),
            **completeness.folds(),
            **key_life.folds(),
            **evidence_folds(),
            **governance_folds(),
        }


class _Seeded:
    """Random bytes for ids that are the same in every run."""

    def __init__(self) -> None:
        self._at = 0

    def take(self, count: int) -> bytes:
        self._at += 1
        return self._at.to_bytes(count, "big")


def found(bank: Bank) -> Register:
    """Open the log, hold the ceremony, release the register and the blueprint; the register."""
    signer = bank.log.secrets.signer
    opened = OpenLog("bank", ((signer.key_id, signer.vkey, "commit"),))
    assert bank.writer.run(Request(SYSTEM, opened, "c0")).receipt is not None
    bank.play(SYSTEM, "ceremony", _ceremony)
    register = _register(bank.clock.at + SECOND)
    bank.play(actor_of("author"), "register", lambda uow: _released(register))
    if bank.enrolled:
        bank.play(actor_of("reviewer"), "enrolled", lambda _: bank.enrolled)
    _release(bank)
    return register


def release_again(bank: Bank, value: Mapping[str, Any], name: str = "loan") -> None:
    """Another version of the blueprint is released, or the next of another one's."""
    bank.blueprint, bank.version = value, bank.version + 1
    _release(bank, name)


def retire(bank: Bank) -> None:
    """The blueprint is retired, by a version that ends it."""
    bank.version += 1
    bank.play(actor_of("reviewer"), f"retired {bank.version}", lambda uow: _released_blueprint(bank, "loan", True))


def _release(bank: Bank, name: str = "loan") -> None:
    bank.play(actor_of("author"), f"proposed {bank.version}", lambda uow: _proposed(bank, name))
    bank.play(actor_of("reviewer"), f"reviewed {bank.version}", lambda uow: _reviewed(uow, bank, name))
    bank.play(actor_of("reviewer"), f"released {bank.version}", lambda uow: _released_blueprint(bank, name))


def _ceremony(uow: UnitOfWork) -> list[EntryDraft]:
    subject = "ceremony:bootstrap"
    persons = [
        {
            "person": person,
            "ref": ref,
            "name": uow.seal(subject, f"persons.{n}.name", name, data_class="personal", data_subject=person),
        }
        for n, (ref, (person, name)) in enumerate(PERSONS.items())
    ]
    return [EntryDraft("ceremony.held", 1, subject, {"persons": persons, "result": {}})]


def _register(now: int) -> Register:
    paper = Instrument(
        "in_1", 1, "minute", "board_resolution", "Lending authorities", "2026/3", "board", "2026-03-01", "", now
    )
    power = Power("approve-credit", None, None, ("approve", "decline"))
    whole = (now - DAY, now + 400 * DAY)
    root = Grant(
        "ag_1",
        1,
        "head",
        "in_1",
        PERSONS["head"][0],
        "",
        None,
        "lending",
        (power,),
        _limits("500000.00"),
        (),
        *whole,
        now,
    )
    child = Grant(
        "ag_2", 1, "officer", "in_1", PERSONS["officer"][0], PERSONS["head"][0], "ag_1", "lending", (power,),
        _limits("100000.00"), ("risk.grade <= 7",), *whole, now,
    )  # fmt: skip
    return Register((paper,), (root, child))


def _limits(highest: str) -> tuple[Limit, ...]:
    return (Limit(Per.CASE, "GBP", Decimal(highest)), Limit(Per.PERIOD, "GBP", Decimal("1000000.00"), True, 30))


def _released(register: Register) -> list[EntryDraft]:
    drafts = []
    parts: list[tuple[str, Instrument | Grant]] = [("instrument.released", register.instruments[0])]
    parts += [("authority.granted", grant) for grant in register.grants]
    for kind, part in parts:
        value = part.as_value()
        release = {"change_request": "cr_0", "name": part.name, "version": 1, "digest": "d"}
        payload = {"value": value, "digest": digest_of(value), "release": release, "register_digest": register.digest}
        drafts.append(EntryDraft(kind, 1, part.id, payload))
    return drafts


def _proposed(bank: Bank, name: str) -> list[EntryDraft]:
    payload = {
        "kind": "blueprint", "name": name, "source": SOURCE, "digest": bank.digest, "edit": 1,
        "author": PERSONS["author"][0], "authors": [PERSONS["author"][0]], "approvals_needed": 1, "result": {},
        "base_version": bank.version - 1,
    }  # fmt: skip
    return [EntryDraft("change.proposed", 1, f"cr_{bank.version}", payload)]


def _reviewed(uow: UnitOfWork, bank: Bank, name: str) -> list[EntryDraft]:
    request = f"cr_{bank.version}"
    person, reason = PERSONS["reviewer"][0], uow.seal(request, "reason", "fits the policy", data_class="confidential")
    committed = reason["$commitment"].rpartition(".")[2]
    statement = ReviewStatement(
        person, person, "approve", "approval", committed, request, "blueprint", name, bank.digest, 1, bank.version - 1,
        uow.now, uow.now + VALID_FOR, "n0nce",
    )  # fmt: skip
    signature = bank.reviewing(statement, uow.now)
    assert isinstance(signature, Signature)
    payload = {
        "number": 1, "verdict": "approve", "digest": bank.digest, "edit": 1, "person": person, "on_behalf_of": "",
        "approvals": 1, "approvals_needed": 1, "result": {}, "reason": reason,
        "statement": statement.as_value(), "signature": signature.as_value(),
    }  # fmt: skip
    return [EntryDraft("change.reviewed", SIGNED_SCHEMA, request, payload)]


def _released_blueprint(bank: Bank, name: str, retires: bool = False) -> list[EntryDraft]:
    about = {"kind": "blueprint", "name": name, "version": bank.version, "digest": "none" if retires else bank.digest}
    payload = {
        **about, "base_version": bank.version - 1, "edit": 1, "authors": [PERSONS["author"][0]],
        "approvers": [PERSONS["reviewer"][0]], "approvals": [1], "retires": retires, "value": bank.blueprint,
        "result": {},
    }  # fmt: skip
    listed = {**about, "title": "Loan", "owner": "lending", "retired": retires, "decisions": [], "result": {}}
    request = f"cr_{bank.version}"
    refs = {"change_request": request}
    return [
        EntryDraft("change.released", 1, request, payload),
        EntryDraft("blueprint.released", 1, f"blueprint:{name}", listed, refs=refs),
    ]
