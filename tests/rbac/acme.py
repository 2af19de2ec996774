"""A small organisation for tests: its policy, its ceremony, and its people."""

from dataclasses import dataclass
from typing import Any

from ledger.actor import Actor, ActorKind
from ledger.ids import ActorId, PersonId
from ledger.work import Done
from rbac import service, tables
from rbac.ceremony import FirstRole, HoldCeremony, NamedActor, NamedPerson
from tests.rbac.memory import Log

POLICY = """\
access policy: acme
domains:
  retail: {}
  retail-uk: {inside: retail}
  wholesale: {}
roles:
  clerk:
    title: Clerk
    reads: [public, internal]
    allow: {task: [read, claim, complete], instance: [read, start]}
  credit-officer:
    title: Credit officer
    includes: [clerk]
    reads: [confidential, personal]
    allow: {task: [decide]}
    deny: {instance: [cancel]}
    within:
      retail-uk: {allow: {evidence-pack: [pack]}}
  manager:
    title: Process manager
    allow:
      instance: [read, cancel, suspend, resume]
      change-request: [read, propose, approve, release]
      credential: [issue]
      api-key: [create, revoke, read]
  intake:
    title: Intake service
    allow: {instance: [start], message: [correlate], task: [decide]}
"""

CEREMONY = HoldCeremony(
    holders=("p-one", "p-two"),
    persons=(
        NamedPerson("p-one", "Process Manager 1"),
        NamedPerson("p-two", "Process Manager 2"),
        NamedPerson("p-three", "Credit Officer 1"),
    ),
    access_policy=POLICY,
    roles=(
        FirstRole("p-one", "manager"),
        FirstRole("p-two", "manager"),
        FirstRole("p-three", "credit-officer", "retail"),
        FirstRole("svc:intake", "intake"),
    ),
    actors=(NamedActor("svc:intake", "Intake"),),
)


@dataclass(frozen=True)
class Released:
    """The shape of a release as the change request hands it over."""

    name: str
    value: Any
    version: int = 1
    change_request: str = "cr_1"
    digest: str = "d"
    source: str = ""
    authors: tuple[str, ...] = ("person:a",)
    approvers: tuple[str, ...] = ("person:b",)


def new_log() -> Log:
    return Log(service.commands(), service.folds(), [tables.metadata])


def bootstrapped() -> tuple[Log, dict[str, Actor]]:
    """A log after its ceremony, and its actors by reference."""
    log = new_log()
    done = log.run(CEREMONY)
    assert isinstance(done, Done)
    actors = {p["ref"]: person_actor(p["person"]) for p in done.result["persons"]}
    actors["svc:intake"] = Actor(ActorId("svc:intake"), ActorKind.SERVICE, method="api-key")
    return log, actors


def person_actor(person: str, method: str = "password") -> Actor:
    return Actor(ActorId(person), ActorKind.PERSON, PersonId(person), method=method)


def release(log: Log, kind: Any, source: str, version: int = 1) -> None:
    """Propose, check and release a source of one artefact kind, as the change request would."""
    artefact = kind.read(source)
    work = log.work()
    assert [f for f in kind.check(work, artefact) if f.severity == "error"] == []
    work.stage(kind.release(work, Released(artefact.name, artefact.value, version)))
    work.keep()
