"""The organisation the tests act in: two kinds of artefact, four persons, a service, and commands in short."""

from dataclasses import dataclass, field
from typing import Any

from examples.organisation.approving import signed, to_state
from ledger.actor import Actor, ActorKind
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from rbac.refusal_texts import why
from tests.versioning.change.memory import Log
from versioning import fold, service, tables
from versioning.artefact import Artefact, ArtefactKind, CheckFinding
from versioning.change import ChangeRequest, Risk, Verdict, approvals_needed
from versioning.commands import EditChange, ProposeChange, ReleaseChange
from versioning.control import Deps
from versioning.kinds.connector import ConnectorKind
from versioning.kinds.listing import listing_draft


def person(name: str, **more: Any) -> Actor:
    more = {"person": PersonId(f"person:{name}"), "method": "password", **more}
    return Actor(ActorId(f"person:{name}"), ActorKind.PERSON, **more)


ANNA, BEN, CARA, DAN = (person(name) for name in ("anna", "ben", "cara", "dan"))
ROBOT = Actor(ActorId("svc:robot"), ActorKind.SERVICE, method="api-key")
AGENT = Actor(ActorId("agent:writer"), ActorKind.AGENT, method="api-key")


@dataclass
class NoteKind:
    """`name: text`; says `!` to fail the checks. `texts` are what is asked of it, `reading` changes how it reads."""

    kind: str = "note"
    data_class: str = "internal"
    reading: str = ""
    released: list[Any] = field(default_factory=list)

    def read(self, source: str) -> Artefact:
        name, colon, text = source.partition(":")
        if not colon:
            raise BrokenInput("expected `name: text`", "1:1")
        return Artefact(self.kind, name, {"text": text.strip() + self.reading})

    def check(self, uow: UnitOfWork, artefact: Any) -> tuple[CheckFinding, ...]:
        if "!" in artefact.value.get("text", ""):
            return (CheckFinding("note.shouting", "error", "expected a calm note", "1:3"),)
        return (CheckFinding("note.dull", "warning", "nothing in it"),) if artefact.value.get("text") == "" else ()

    def release(self, uow: UnitOfWork, release: Any) -> EntryDraft:
        self.released.append(release)
        return listing_draft("rule_table.released", release, release.name)


@dataclass(frozen=True)
class Permit:
    def as_basis(self) -> dict[str, Any]:
        return {"policy": "digest", "rules": ["r1"], "assignments": [0]}


@dataclass
class OpenAccess:
    """Permits everything but what is named in `denied`, as (actor, action)."""

    denied: set[tuple[str, str]] = field(default_factory=set)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Permit | Refusal:
        self.asked.append((str(actor.id), domain, obj, act))
        return Refusal(Reason.NO_RULE, why("no-rule")) if (str(actor.id), act) in self.denied else Permit()


@dataclass
class World:
    """A log with change control over notes, personal notes and connectors."""

    needed: int = 1

    def __post_init__(self) -> None:
        self.note, self.secret = NoteKind(), NoteKind("secret", "personal")
        self.access = OpenAccess()
        kinds: dict[str, ArtefactKind] = {"note": self.note, "secret": self.secret, "connector": ConnectorKind()}
        deps = Deps(kinds, self.access, "organisation", self._approvals)
        self.log = Log(fold.folds(), service.commands(deps), tables.TABLES)

    def _approvals(self, kind: str, risk: Risk) -> int:
        return max(self.needed, approvals_needed(kind, risk))

    def run(self, actor: Actor, command: Any) -> Done | Refusal:
        return self.log.run(actor, command)

    def change(self, change_id: str) -> ChangeRequest:
        found = service.change_request(self.log.uow(ANNA), change_id)
        assert found is not None
        return found

    def propose(self, actor: Actor, source: str, base: int | None = None, kind: str = "note", **more: Any) -> str:
        done = self.run(actor, ProposeChange(kind, source, base, "a title", "a reason", **more))
        assert isinstance(done, Done), done
        return str(done.result["change_request"])

    def edit(self, actor: Actor, change_id: str, source: str, base: int | None = None) -> Done | Refusal:
        return self.run(actor, EditChange(change_id, source, self.change(change_id).revision, base))

    def review(self, actor: Actor, change_id: str, verdict: Verdict = Verdict.APPROVE) -> Done | Refusal:
        change = self.change(change_id)
        told = {"change_request": change_id, "digest": change.digest, "revision": change.revision}
        return reviewed(self.log, actor, told, verdict)

    def release(self, change_id: str, actor: Actor = CARA) -> Done | Refusal:
        return self.run(actor, ReleaseChange(change_id))

    def put_in_force(self, source: str, base: int | None = None, kind: str = "note") -> str:
        change_id = self.propose(ANNA, source, base, kind)
        assert isinstance(self.review(BEN, change_id), Done)
        assert isinstance(self.release(change_id), Done)
        return change_id


def reviewed(log: Log, actor: Actor, told: Any, verdict: Verdict = Verdict.APPROVE) -> Done | Refusal:
    """State a review of what was told of a change request, sign it by password, give it."""
    statement = to_state(told, verdict, "because")
    stated = log.run(actor, statement)
    if isinstance(stated, Refusal):
        return stated
    return log.run(actor, signed(statement, told["revision"], stated.result["nonce"], (actor.person, log.now)))


def reason(answer: Done | Refusal) -> Reason:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def done(answer: Done | Refusal) -> Done:
    assert isinstance(answer, Done), answer
    return answer
