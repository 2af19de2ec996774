"""What is told of acts on running instances: as values, with classed ones as far as the caller may read them."""

from typing import Any, NamedTuple

from api.actor_names import Names
from api.problems import refusal_value
from ledger.actor import Actor, acting
from ledger.wording import wording_value
from orchestrator import pages
from orchestrator.act_pages import ActRead, MigratedPlace, PlaceRead, ProposalRead
from orchestrator.governed import reason_path_of
from orchestrator.instance import parse_marking
from orchestrator.resolving import RESOLVE
from versioning.blueprint import Blueprint
from versioning.graph import step_title


def told_act(one: ActRead) -> dict[str, Any]:
    """An act and what stands against the caller."""
    return {**one._asdict(), "barred": refusal_value(one.barred)}


def told_place(one: PlaceRead, blueprint: Blueprint) -> dict[str, Any]:
    """A live step and the steps that can be entered in its place, with their titles."""
    targets = [{"step": step, "title": step_title(blueprint.step(step))} for step in one.to]
    return {**one._asdict(), "title": step_title(blueprint.step(one.step)), "to": targets}


def told_migrated(one: MigratedPlace, under: Blueprint, to: Blueprint) -> dict[str, Any]:
    """A live step under another version, with its title in the version it is under and those of the other's steps."""
    return {
        "activation": one.activation,
        "step": one.step,
        "title": step_title(under.step(one.step)),
        "inside": one.scope or None,
        "kept": one.why is None,
        "why": one.why,
        "wording": None if one.why is None else wording_value(one.why),
        "to": [{"step": step, "title": step_title(to.step(step))} for step in one.to],
    }


def _title_in(blueprint: Blueprint, step: str) -> str:
    """Of a step that was to be entered; by its name where the instance is under a version without it since."""
    found = next((one for one in blueprint.steps if one.id == step), None)
    return step if found is None else step_title(found)


class Proposed(NamedTuple):
    """A proposal with what it is for; `reading` opens what of it the caller may read, `key` is the business key.

    `going_on` is the blueprint as what is entered by it has it: that of another version where it would go on under one.
    """

    read: ProposalRead
    reading: pages.ProposedRead
    key: Any
    instance: pages.InstanceRow
    blueprint: Blueprint
    going_on: Blueprint


def told_proposal(one: Proposed, names: Names, actor: Actor) -> dict[str, Any]:
    """A proposal. A step that is not live any more has no title: nothing of it could be done."""
    row, said, barred, roles = one.read
    reading, blueprint = one.reading, one.blueprint
    live = {each.number: step_title(blueprint.step(each.step)) for each in parse_marking(one.instance.marking)}
    return {
        "id": row.id,
        "instance": row.instance,
        "business_key": one.key,
        "blueprint_title": blueprint.title,
        "version": one.instance.number,
        "act": row.act,
        "digest": row.digest,
        "by": names(row.by),
        "roles": [*roles],
        "state": row.state,
        "reason": reading.reason(reason_path_of(row.act, said), row.reason),
        "moves": [
            {
                "activation": number,
                "title": live.get(number, ""),
                "to": to,
                "to_title": _title_in(one.going_on, to),
            }
            for number, to in said.get("moves", ())
        ],
        "number": said.get("number"),
        "resolution": _resolution(one) if row.act == RESOLVE else None,
        "ends": [{"activation": number, "title": live.get(number, "")} for number in said.get("ends", ())],
        "values": [
            {"path": path, "value": reading.proposed(path, value), "before": reading.present(path)}
            for path, value in said.get("values", {}).items()
        ],
        "proposed_at": row.proposed_at,
        "expires_at": row.expires_at,
        "closed_by": names(row.closed_by),
        "closed_at": row.closed_at,
        "is_own": row.by == acting(actor),
        "barred": refusal_value(barred),
    }


def _resolution(one: Proposed) -> dict[str, Any]:
    """The incident that would be resolved, and how; its step has no title once it is not open any more."""
    row, said, *_ = one.read
    held = next((each for each in parse_marking(one.instance.marking) if each.incident == said["incident"]), None)
    to = said.get("to", "")
    return {
        "incident": f"{row.instance}.{said['incident']}",
        "how": said["how"],
        "title": "" if held is None else step_title(one.blueprint.step(held.step)),
        "to": to,
        "to_title": _title_in(one.blueprint, to) if to else "",
    }
