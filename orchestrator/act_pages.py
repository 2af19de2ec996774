"""What may be done with a running instance, and what waits for a second person: for doors, over a view.

The very questions that the commands ask. They promise nothing: what counts is asked again under the head lock.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from ledger.refusal import Reason, Refusal
from ledger.wording import Wording
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.act import NOT_FOUND, Act
from orchestrator.bulk_tables import BULK, BulkItemRow, BulkRow
from orchestrator.governed import KINDS, in_what_stands_still, may_steer, migration_to, needs_reason, seconds_of
from orchestrator.instance import ACTIVE, BESIDE
from orchestrator.migrating import kept_faults, left_fault, steps_at, whole_fault
from orchestrator.moving import targets
from orchestrator.plan import role_name
from orchestrator.ports import Deps
from orchestrator.proposers import may_confirm
from orchestrator.refusal_texts import why
from orchestrator.resolving import RESOLVE
from orchestrator.run import Run
from orchestrator.steering import suspend_fault
from orchestrator.subject import Subject
from orchestrator.tables import ProposalRow
from orchestrator.task_terms import marks
from versioning.act_rules import rule_of

PROPOSALS_MAX = 200  # told at once; more than that wait for nobody to look

_OVER = Refusal(Reason.WRONG_STATE, why("instance-over"))
_RUNS = Refusal(Reason.WRONG_STATE, why("instance-not-suspended"))
_RETIRED = Refusal(Reason.WRONG_STATE, why("blueprint-retired"))
_NO_OTHER = Refusal(Reason.WRONG_STATE, why("no-other-version"))
_BY_PARENT = Refusal(Reason.WRONG_STATE, why("suspended-by-parent"))


class ActRead(NamedTuple):
    """One act on an instance: what it needs, and what stands against who asks; None when nothing does."""

    act: str
    needs_reason: bool
    second: str
    within: str
    barred: Refusal | None


class PlaceRead(NamedTuple):
    """A live step, and the steps that can be entered in its place; `may_end` where it runs beside another step."""

    activation: int
    step: str
    to: tuple[str, ...]
    may_end: bool


class MigratedPlace(NamedTuple):
    """A live step under another version: `why` it cannot be kept there, None where it is; and the steps of that version
    that can be entered in its place. `scope` is the activation it runs in and ends with, 0 where there is none."""

    activation: int
    step: str
    scope: int
    why: Wording | None
    to: tuple[str, ...]


class MigrationRead(NamedTuple):
    """What going on under a version comes to: what bars all of it whatever is moved, and place by place."""

    number: int
    digest: str
    barred: Refusal | None
    places: tuple[MigratedPlace, ...]


class ProposalRead(NamedTuple):
    """A proposal with what stands against who asks to confirm it, and the roles of which who confirms it holds all."""

    row: ProposalRow
    said: dict[str, Any]
    barred: Refusal | None
    roles: tuple[str, ...]


def acts(deps: Deps, rows: UnitOfWork, instance_id: str) -> tuple[ActRead, ...]:
    """Every act on an instance, for who asks."""
    act = Act(rows, deps)
    subject = act.load(instance_id)
    return () if subject is None else tuple([_act(act, subject, name) for name in KINDS if name != RESOLVE])


def _act(act: Act, subject: Subject, name: str) -> ActRead:
    rule = rule_of(subject.plan.version.blueprint.acts, name)
    allowed = may_steer(act, subject, name)
    fault = _state_fault(act, subject, name) or in_what_stands_still(act, subject, name)
    barred = fault or (allowed if isinstance(allowed, Refusal) else None)
    return ActRead(name, needs_reason(rule), role_name(rule.second), rule.within, barred)


def _state_fault(act: Act, subject: Subject, name: str) -> Refusal | None:
    if subject.instance.status != ACTIVE:
        return _OVER
    suspended = subject.instance.suspended
    if name == "suspend":
        return suspend_fault(subject.instance)
    if name == "resume":
        return _RUNS if not suspended else _BY_PARENT if suspended == "parent" else None
    return _versions_fault(act, subject) if name == "migrate" else None


def _versions_fault(act: Act, subject: Subject) -> Refusal | None:
    """Why an instance could go on under no other version, whichever."""
    versions, under = act.deps.versions, subject.plan.version
    newest = versions.current(act.uow, under.blueprint.id)
    if newest is None:
        return _RETIRED
    found = (versions.version(act.uow, under.blueprint.id, number) for number in range(newest.number, 0, -1))
    return None if any(one is not None and one.digest != under.digest for one in found) else _NO_OTHER


def places(deps: Deps, rows: UnitOfWork, instance_id: str) -> tuple[PlaceRead, ...]:
    """Where an instance is, and where it can be moved from there."""
    subject = Act(rows, deps).load(instance_id)
    if subject is None:
        return ()
    blueprint, instance = subject.plan.version.blueprint, subject.instance
    return tuple(
        [
            PlaceRead(one.number, one.step, targets(blueprint, instance, one), one.branch.startswith(BESIDE))
            for one in instance.live
            if one.watch is None
        ]
    )


def migration(deps: Deps, rows: UnitOfWork, instance_id: str, number: int) -> MigrationRead | Refusal:
    """What it would come to that an instance goes on under the version of this number, with nothing moved yet."""
    act = Act(rows, deps)
    subject = act.load(instance_id)
    if subject is None:
        return NOT_FOUND
    asked = migration_to(act, subject, number)
    if isinstance(asked, Refusal):
        return asked
    version = asked.plan.version
    run = Run(subject.instance, asked.plan, act.inputs(subject))
    faults = dict(kept_faults(run, asked))
    barred = whole_fault(run, asked) or left_fault(run, asked, steps_at(run))
    places = [
        MigratedPlace(
            one.number,
            one.step,
            one.scope,
            faults.get(one.number),
            targets(version.blueprint, subject.instance, one),
        )
        for one in subject.instance.live
        if one.watch is None
    ]
    return MigrationRead(version.number, version.digest, barred, tuple(places))


def proposals(deps: Deps, rows: UnitOfWork, instance_id: str) -> tuple[ProposalRead, ...]:
    """What was proposed for an instance, the newest first."""
    act = Act(rows, deps)
    subject = act.load(instance_id)
    if subject is None:
        return ()
    found = sorted(rows.group(tables.ACT_PROPOSAL, instance_id), key=lambda row: row.id, reverse=True)[:PROPOSALS_MAX]
    return tuple([_proposal(act, subject, row) for row in found])


def open_proposals(deps: Deps, rows: UnitOfWork, domains: Sequence[str]) -> tuple[ProposalRead, ...]:
    """What waits for a second person in these domains, what lapses first at the head; nothing does in an instance that
    is over."""
    columns = ", ".join(f"act_proposal.{name}" for name in ProposalRow._fields)
    found = rows.query(
        f"SELECT {columns} FROM act_proposal JOIN instance ON instance.log_id = act_proposal.log_id"
        " AND instance.id = act_proposal.instance WHERE act_proposal.log_id = {log}"
        " AND act_proposal.state = 'proposed' AND act_proposal.expires_at > ? AND instance.status = 'active'"
        f" AND instance.domain IN ({marks(domains)}) ORDER BY act_proposal.expires_at, act_proposal.id LIMIT ?",
        (rows.now, *domains, PROPOSALS_MAX),
    )
    act = Act(rows, deps)
    told = []
    for row in map(ProposalRow._make, found):
        subject = act.load(row.instance)
        assert subject is not None
        told.append(_proposal(act, subject, row))
    return tuple(told)


def _proposal(act: Act, subject: Subject, row: ProposalRow) -> ProposalRead:
    allowed = may_confirm(act, subject, row)
    barred = allowed if isinstance(allowed, Refusal) else None
    said = orjson.loads(row.said)
    roles = dict.fromkeys((row.role, *seconds_of(subject, row.act, said)))
    return ProposalRead(row, said, barred, tuple(roles))


def bulk(rows: UnitOfWork, bulk_id: str) -> BulkRow | None:
    """An act on many instances."""
    return rows.get(BULK, bulk_id)


def asker(row: BulkRow) -> str:
    """Who asked for an act on many."""
    return str(orjson.loads(row.actor)["id"])


def bulk_items(rows: UnitOfWork, bulk_id: str, state: str, after: int, limit: int) -> list[BulkItemRow]:
    """Its items in the order in which they were named; of one state where that is asked for."""
    term, values = (" AND state = ?", (state,)) if state else ("", ())
    found = rows.query(
        f"SELECT {', '.join(BulkItemRow._fields)} FROM bulk_item"
        f" WHERE log_id = {{log}} AND bulk = ? AND place > ?{term}"
        " ORDER BY place LIMIT ?",
        (bulk_id, after, *values, limit),
    )
    return [BulkItemRow(*row) for row in found]
