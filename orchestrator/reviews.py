"""The review of an agent's proposal as a task: what is put before the reviewer, and what they may do."""

from typing import Any, NamedTuple

import orjson

from ledger.work import Rows, UnitOfWork
from orchestrator.agent_tables import PROPOSAL, ProposalRow
from orchestrator.agents import PROPOSAL as PROPOSED
from orchestrator.plan import Plan, strictest
from orchestrator.sealing import opened, proposal_path
from orchestrator.shown import view
from orchestrator.stating import FoundTask
from versioning.agent_steps import schema_of
from versioning.blueprint import AgentStep, DataClass


class Proposed(NamedTuple):
    """A proposal under review: who made it, what stopped it, what it is (a commitment for who may not read it), where
    it goes and what is expected there."""

    agent: str
    profile: str
    gate: str
    code: str
    fault: str
    output: Any
    into: str
    expects: dict[str, Any]


def view_of_task(rows: Rows, found: FoundTask) -> dict[str, Any]:
    """What a task puts before a person, as recorded: the paths it shows, and of a review the proposal."""
    shown = view(found.step.shows, found.subject.recorded)
    if isinstance(found.step, AgentStep):
        shown[PROPOSED] = recorded_proposal(rows, found.subject.row.id, found.activation.number)
    return shown


def recorded_proposal(rows: Rows, instance: str, number: int) -> Any:
    """The newest proposal of an activation as it stands in its row; None where there is none to read."""
    row = rows.get(PROPOSAL, instance, number)
    return orjson.loads(row.output) if row is not None and row.output else None


def proposed(
    uow: UnitOfWork, plan: Plan, place: tuple[str, int], step: AgentStep, readable: frozenset[DataClass]
) -> Proposed:
    """The proposal of an activation for a reader of these classes."""
    instance, number = place
    row = uow.get(PROPOSAL, instance, number) or ProposalRow(
        instance, number, step.id, "", "", "", "", "", "", "", 0, 0, None
    )
    output = orjson.loads(row.output) if row.output else None
    if strictest([plan.class_of(path) for path in (*step.shows, step.into)]) in readable:
        output = opened(uow, instance, proposal_path(number), output)
    expects = dict(schema_of(step))
    return Proposed(row.agent, row.profile, row.gate, row.code, row.fault, output, step.into, expects)
