"""The bootstrap ceremony: two named persons put the first persons, policy and roles in force, once and on record.

After it there is no super-user: everything here changes through change requests alone. An organisation is marked demo
here or never: the mark and the accounts that demo links may sign in to stand in the ceremony's entry.
"""

from dataclasses import dataclass
from typing import Any

from ledger import canonical
from ledger.actor import ActorKind
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from rbac import entries
from rbac.artefacts import NAME_MAX, actor_kind, assignment_body, policy_body, policy_findings, seal_name
from rbac.permission import WHOLE, check_slug, check_typed
from rbac.refusal_texts import why
from rbac.roles import AccessPolicy, parse_policy
from rbac.source_texts import tell
from rbac.store import SealedRows
from rbac.tables import CEREMONY

BOOTSTRAP = "bootstrap"
SUBJECT = "ceremony:bootstrap"
DEMO = "demo"
DEMO_ACCOUNTS_MAX = 50


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """`ref` is the organisation's reference of the person, for instance a staff number; it is no name."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class NamedActor:
    """A service or agent: `id` is `svc:...` or `agent:...`."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class FirstRole:
    """`to` is a person's reference or an actor's id of this ceremony."""

    to: str
    role: str
    domain: str = WHOLE


@dataclass(frozen=True, slots=True)
class HoldCeremony:
    """`holders` are the references of the two persons who hold it; both are among `persons`.

    `demo_accounts` marks the organisation as a demo: references of persons, of now or later, whom anybody at the
    machine may act as. None for every organisation that is real.
    """

    holders: tuple[str, str]
    persons: tuple[NamedPerson, ...]
    access_policy: str
    roles: tuple[FirstRole, ...]
    actors: tuple[NamedActor, ...] = ()
    demo_accounts: tuple[str, ...] = ()


def hold_ceremony(uow: UnitOfWork, command: HoldCeremony) -> Done | Refusal:
    """Done `held` with {"persons": [{ref, person}]}; WRONG_STATE when the log has had one; DENIED to anyone but the
    command line of the installation. `BrokenInput` for whatever does not fit together."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return Refusal(Reason.DENIED, why("ceremony-elsewhere"))
    if uow.get(CEREMONY, BOOTSTRAP) is not None:
        return Refusal(Reason.WRONG_STATE, why("ceremony-held"))
    policy = parse_policy(command.access_policy)
    for finding in policy_findings(policy):
        if finding.severity == "error":
            raise BrokenInput(finding.message, finding.location)
    _check(command, policy)
    ids = {person.ref: uow.ids.random("person:") for person in command.persons}
    persons = [_person(uow, place, person, ids[person.ref]) for place, person in enumerate(command.persons)]
    assignments = [_assignment(uow, place, first, ids) for place, first in enumerate(command.roles, 1)]
    result = {"persons": [{"ref": ref, "person": person} for ref, person in ids.items()]}
    payload: dict[str, Any] = {
        "holders": [ids[ref] for ref in command.holders],
        "persons": persons,
        "actors": [
            {"actor": a.id, "kind": actor_kind(a.id), "title": a.title, "status": "active"} for a in command.actors
        ],
        "policy": policy_body(policy, 1),
        "assignments": assignments,
        "result": result,
    }
    schema = 1
    if command.demo_accounts:
        schema = 2
        accounts = sorted(command.demo_accounts)
        # Sealed for what it keeps out rather than in: openings are encrypted under a key that is not in the database,
        # so whoever can edit rows turns no real organisation into a demo.
        payload[DEMO] = uow.seal(SUBJECT, DEMO, accounts, data_class="confidential")
    uow.stage(EntryDraft(entries.CEREMONY_HELD, schema, SUBJECT, payload))
    return Done("held", result)


def demo_accounts(rows: SealedRows) -> frozenset[str]:
    """The accounts that demo links may sign in to; empty in an organisation that is not marked demo, and when what
    the row says does not open."""
    row = rows.get(CEREMONY, BOOTSTRAP)
    if row is None or not row.demo:
        return frozenset()
    try:
        sealed = canonical.decode(row.demo.encode("utf-8"))
        if type(sealed) is not dict or set(sealed) != {"$commitment"}:
            return frozenset()  # in clear: `unseal` would hand back what an edited row says
        accounts = rows.unseal(SUBJECT, DEMO, sealed)
    except (BrokenInput, BrokenState, UnicodeEncodeError):
        return frozenset()
    return frozenset(accounts or ())


def _person(uow: UnitOfWork, place: int, person: NamedPerson, person_id: str) -> dict[str, Any]:
    name = seal_name(uow, person_id, SUBJECT, f"persons.{place}.name", person.name)
    return {"person": person_id, "ref": person.ref, "name": name, "actor": person_id, "status": "active"}


def _assignment(uow: UnitOfWork, place: int, first: FirstRole, ids: dict[str, str]) -> dict[str, Any]:
    actor = ids.get(first.to, first.to)
    assignment = uow.ids.ordered("ra", uow.now)
    return assignment_body(actor, assignment, (f"bootstrap-{place}", first.role, first.domain), (uow.now, None))


def _check(command: HoldCeremony, policy: AccessPolicy) -> None:
    refs = [check_slug(person.ref, tell("a-reference")) for person in command.persons]
    if len(set(refs)) != len(refs):
        raise BrokenInput("expected each person once", "persons")
    for person in command.persons:
        if not 0 < len(person.name) <= NAME_MAX:
            raise BrokenInput(tell("name-of-person", most=NAME_MAX), f"persons.{person.ref}")
    demo = [check_slug(reference, tell("a-reference")) for reference in command.demo_accounts]
    if len(set(demo)) != len(demo) or len(demo) > DEMO_ACCOUNTS_MAX:
        raise BrokenInput(f"expected each demo account once, at most {DEMO_ACCOUNTS_MAX}", "demo_accounts")
    first, second = command.holders
    if first == second or first not in refs or second not in refs:
        raise BrokenInput("expected two different persons of the ceremony as its holders", "holders")
    actors = [check_typed(actor.id, "svc", "agent") for actor in command.actors]
    if len(set(actors)) != len(actors):
        raise BrokenInput("expected each actor once", "actors")
    if len(set(command.roles)) != len(command.roles):
        raise BrokenInput("expected each role assignment once", "roles")
    for role in command.roles:
        if role.to not in refs and role.to not in actors:
            raise BrokenInput("expected a person or actor of the ceremony", "roles")
        if policy.role(role.role) is None or role.domain not in policy.domain_names():
            raise BrokenInput("expected a role and a domain of the access policy", "roles")
