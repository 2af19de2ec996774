"""What is told of acts on running instances: as values, with classed ones as far as the caller may read them."""

from typing import Any

from api.actor_names import Names
from api.problems import refusal_value
from ledger.actor import Actor
from orchestrator import pages
from orchestrator.act import acting
from orchestrator.act_pages import ActRead, PlaceRead, ProposalRead
from versioning.blueprint import Blueprint
from versioning.graph import step_title


def told_act(one: ActRead) -> dict[str, Any]:
    """An act and what stands against the caller."""
    return {**one._asdict(), "barred": refusal_value(one.barred)}


def told_place(one: PlaceRead, blueprint: Blueprint) -> dict[str, Any]:
    """A live step and the steps that can be entered in its place, with their titles."""
    targets = [{"step": step, "title": step_title(blueprint.step(step))} for step in one.to]
    return {**one._asdict(), "title": step_title(blueprint.step(one.step)), "to": targets}


def told_proposal(one: ProposalRead, reading: pages.ProposedRead, names: Names, actor: Actor) -> dict[str, Any]:
    """A proposal; `reading` opens what of it the caller may read."""
    row, said = one.row, one.said
    return {
        "id": row.id,
        "instance": row.instance,
        "act": row.act,
        "digest": row.digest,
        "by": names(row.by),
        "role": row.role,
        "state": row.state,
        "reason": reading.reason(row.act, row.reason),
        "moves": [{"activation": number, "to": to} for number, to in said.get("moves", ())],
        "ends": said.get("ends", []),
        "values": [
            {"path": path, "value": reading.proposed(path, value), "before": reading.present(path)}
            for path, value in said.get("values", {}).items()
        ],
        "proposed_at": row.proposed_at,
        "expires_at": row.expires_at,
        "closed_by": names(row.closed_by),
        "closed_at": row.closed_at,
        "is_own": row.by == acting(actor),
        "barred": refusal_value(one.barred),
    }
