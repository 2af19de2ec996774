"""Labelled outcomes for doors: what reviews said of an agent's proposals, beside how sure it was. Keyset pages.

A proposal that was accepted as it was is one that was right; one that was corrected or rejected is not. A reader gets
the confidence where they may read the class of the datum it is laid into, though the answer as a whole, which may
repeat what was shown, is sealed more strictly; the label and what stopped the proposal are no data.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from ledger.canonical import SAFE_INTEGER
from ledger.work import UnitOfWork
from orchestrator.agent_tables import AGENT_OUTCOME, AgentOutcomeRow
from orchestrator.confidence import CONFIDENCE, confidence_in
from orchestrator.pages import NOT_READABLE
from orchestrator.plan import Plan
from orchestrator.sealing import opened, proposal_path
from orchestrator.task_terms import marks
from versioning.agent_steps import ACCEPT
from versioning.blueprint import AgentStep, DataClass

ERASED = "ERASED"
NOT_TOLD = "NO_CONFIDENCE"  # the answer states nothing that is a share from 0 to 1


class OutcomesAsked(NamedTuple):
    """Which outcomes: of these versions of an agent, in these domains, reviewed from `since` on."""

    agent: str
    profiles: Sequence[str]
    domains: Sequence[str]
    since: int | None = None


class LabelledOutcome(NamedTuple):
    """One review, by the index of its entry. `confidence` is decimal text, empty where `withheld` says why."""

    entry: int
    task: str
    domain: str
    profile: str
    gate: str
    verdict: str
    is_right: bool
    confidence: str
    withheld: str
    reviewed_at: int


class OutcomeReader(NamedTuple):
    """Who reads: the view, the plan in which a step of an instance under a version is read, and the classes they may
    read in a domain."""

    rows: UnitOfWork
    plan: Callable[[str, int, str], Plan]
    classes: Callable[[str], frozenset[DataClass]]


def outcome_list(reader: OutcomeReader, asked: OutcomesAsked, before: int | None, limit: int) -> list[LabelledOutcome]:
    """One page before the entry `before`, the newest review first."""
    columns = ", ".join(f"agent_outcome.{name}" for name in AGENT_OUTCOME.columns)
    last = SAFE_INTEGER if before is None else before
    found = reader.rows.query(
        f"SELECT instance.domain, instance.blueprint, instance.number, {columns} FROM agent_outcome"
        " JOIN instance ON instance.log_id = agent_outcome.log_id AND instance.id = agent_outcome.instance"
        " WHERE agent_outcome.log_id = {log} AND agent_outcome.agent = ? AND agent_outcome.entry < ?"
        f" AND agent_outcome.reviewed_at >= ? AND agent_outcome.profile IN ({marks(asked.profiles)})"
        f" AND instance.domain IN ({marks(asked.domains)}) ORDER BY agent_outcome.entry DESC LIMIT ?",
        (asked.agent, last, asked.since or 0, *asked.profiles, *asked.domains, limit),
    )
    return [
        _labelled(reader, domain, reader.plan(blueprint, number, one.step), one)
        for domain, blueprint, number, *row in found
        for one in (AgentOutcomeRow(*row),)
    ]


def _labelled(reader: OutcomeReader, domain: str, plan: Plan, row: AgentOutcomeRow) -> LabelledOutcome:
    confidence, withheld = _confidence(reader, domain, plan, row)
    return LabelledOutcome(
        row.entry,
        f"{row.instance}.{row.number}",
        domain,
        row.profile,
        row.gate,
        row.verdict,
        row.verdict == ACCEPT,
        confidence,
        withheld,
        row.reviewed_at,
    )


def _confidence(reader: OutcomeReader, domain: str, plan: Plan, row: AgentOutcomeRow) -> tuple[str, str]:
    """How sure the agent was, or why that is not told."""
    step = plan.version.blueprint.step(row.step)
    assert isinstance(step, AgentStep)
    if plan.class_of(f"{step.into}.{CONFIDENCE}") not in reader.classes(domain):
        return "", NOT_READABLE
    found = row.confidence
    if found.startswith("{"):  # a commitment of the whole answer
        output = opened(reader.rows, row.instance, proposal_path(row.number), orjson.loads(found))
        if output is None:
            return "", ERASED
        found = confidence_in(output)
    return found, "" if found else NOT_TOLD
