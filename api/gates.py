"""Where an agent is asked, and what has to let its answer through there: read from the blueprints in force."""

from collections.abc import Mapping
from typing import Any

from api.log_service import Service
from ledger.work import UnitOfWork
from versioning.agent_steps import SHARE, schema_of
from versioning.blueprint import AgentStep, BlueprintVersion
from versioning.graph import step_title

PER_CENT = SHARE // 100


def gates_of(service: Service, rows: UnitOfWork, agent: str, profile: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each step that asks this agent by its name, for a type of task it serves, or as the judge of another."""
    tasks = {one["task"] for one in profile["serves"]}
    told: list[dict[str, Any]] = []
    for name in service.rooms.versions.names(rows, "blueprint"):
        version = service.rooms.blueprints.current(rows, name)
        if version is None:
            continue
        for step in version.blueprint.steps:
            if not isinstance(step, AgentStep):
                continue
            named = (("named", step.agent == agent), ("task", step.agent in tasks), ("judge", step.judge == agent))
            told += [_told(version, step, asked_as) for asked_as, is_so in named if is_so]
    return told


def _told(version: BlueprintVersion, step: AgentStep, asked_as: str) -> dict[str, Any]:
    schema = schema_of(step)
    required = list(schema.get("required", ()))
    return {
        "blueprint": version.blueprint.id,
        "blueprint_title": version.blueprint.title,
        "version": version.number,
        "step": step.id,
        "step_title": step_title(step),
        "asked_as": asked_as,
        "required": required,
        "members": list(dict.fromkeys((*required, *schema.get("properties", {})))),
        "table": step.table,
        "condition": step.accept_when or None,
        "judge": step.judge,
        "sample_per_cent": f"{step.sample // PER_CENT}.{step.sample % PER_CENT:02}" if step.sample else None,
        "review_by": step.review_by,
    }
