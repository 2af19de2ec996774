"""Agents in force and what became of what they proposed."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.agent_outcomes import READ as READ_REVIEWS
from api.agent_outcomes import AgentAsked, agent_asked, outcome_reader, outcomes_file
from api.allowing import allowed_domains, domains_of, not_found
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import Media, described
from api.feeds.formats import NDJSON
from api.gates import gates_of
from api.paging import choice, instant, number, page, path, wanted
from api.problem_texts import tell
from api.reading_as import reading_as
from api.running import limits_of
from ledger.actor import Actor
from ledger.clock import SECOND
from ledger.service import View
from ledger.work import Rows
from orchestrator.agent_lists import figures
from orchestrator.agent_tables import AgentFigureRow
from orchestrator.agents import PREFIX
from orchestrator.breaker import Standing
from orchestrator.connector_lists import standings
from orchestrator.outcome_lists import LabelledOutcome, OutcomesAsked, outcome_list
from rbac.permission import Action, Object
from versioning import pages
from versioning.pages import ListingRow

router = APIRouter(prefix="/v1/agents", tags=["agents"])

READ = (Object.REGISTER, Action.READ)
MS = SECOND // 1_000
FILE_OUTCOMES_MAX = 10_000  # of one file over HTTP; the command line takes as many as a calibration


@router.get("", **described("agents.AgentsAnswer", query=("limit", "cursor")))
async def agents(request: Request) -> Response:
    """Agents by name, with the version in force, its breaker, and the figures of all versions together."""
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows = reading_as(view, actor)
        found = pages.listing(rows, "agent", place.after[0] if place.after else "", place.limit + 1)
        known, now = standings(rows), view.now
        counted = {row.name: _told(figures(rows, row.name)) for row in found}

    def told(row: ListingRow) -> dict[str, Any]:
        state = known.get(f"{PREFIX}{row.name}", Standing(row.name)).state(now)
        return {**row._asdict(), "retired": bool(row.retired), "breaker": state, "figures": counted[row.name]}

    return json_answer(page(found, place.limit, lambda row: (row.name,), told))


@router.get("/{id}", **described("agents.AgentAnswer"))
async def agent(request: Request) -> Response:
    """One agent: its profile in force, the gates of each step that asks it, what its calibration says, and the figures
    of each of its versions."""
    name, versions = path(request, "id"), service_of(request).rooms.versions
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows = reading_as(view, actor)
        version = versions.current(rows, "agent", name)
        counted = figures(rows, name)
        numbers = {one.profile: _number(rows, versions, one.profile) for one in counted}
        state = standings(rows).get(f"{PREFIX}{name}", Standing(name)).state(view.now)
        if version is None:
            raise not_found(tell("an-agent"))
        may_read = bool(domains_of(request, view, actor, (Object.BLUEPRINT, Action.READ)))
        gates = gates_of(service_of(request), rows, name, version.value) if may_read else None
    value, limits = version.value, limits_of(name, version.value)
    kept = ("title", "model", "prompt", "prompt_digest", "tools", "sees", "serves")
    return json_answer(
        {
            "name": name,
            "version": version.number,
            "digest": version.digest,
            **{key: value[key] for key in kept},
            "model_version": value["version"],
            "endpoint": value.get("endpoint"),
            "worker": value.get("worker"),
            "credential": value.get("credential"),
            "parameters": value.get("parameters", {}),
            "calibration": value.get("calibration"),
            "evidence": _evidence(value),
            "gates": gates,
            "time_out_ms": value.get("time_out_ms"),
            "limits": {"at_once": limits.at_once, "per_minute": limits.per_minute or None},
            "breaker": state,
            "figures": _told(counted),
            "versions": [{"digest": one.profile, "version": numbers[one.profile], **_told((one,))} for one in counted],
        }
    )


@router.get(
    "/{id}/outcomes",
    **described(
        Media((NDJSON,), "agents.AgentOutcomesAnswer"), query=("version", "since", "format", "limit", "cursor")
    ),
)
async def labelled(request: Request) -> Response:
    """Labelled outcomes: what people made of the agent's proposals and how sure it was, the newest review first.

    Of the domains in which the caller may read tasks; of the version in force or of the `version` of this number, with
    those that differ from it in nothing but the evidence they cite; reviewed from `since` on. Instances in test mode
    count for nothing. `format=jsonl` gives the newest 10,000 of them that the caller may be told as the file that
    `muniment agent calibrate` takes; `ETag` is its digest, and `Muniment-Cut-Off` says `true` when there are more.
    """
    if choice(request, "format", ("json", "jsonl"), "json") == "jsonl":
        return await asyncio.to_thread(_outcomes_file, request)
    return json_answer(await asyncio.to_thread(_outcomes_page, request))


def _outcomes_page(request: Request) -> dict[str, Any]:
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        agent, asked = _outcomes_asked(request, view, actor)
        reader = outcome_reader(service_of(request).rooms, view, actor)
        found = outcome_list(reader, asked, place.after[0] if place.after else None, place.limit + 1)
        told = page(found, place.limit, lambda one: (one.entry,), _outcome)
        version = {"agent": agent.version.name, "version": agent.version.number, "profile": agent.profile}
        return {**version, **told, "as_of": view.now}


def _outcomes_file(request: Request) -> Response:
    with viewing(request) as (view, actor):
        agent, asked = _outcomes_asked(request, view, actor)
        reader = outcome_reader(service_of(request).rooms, view, actor)
        found = outcomes_file(view, agent, asked, reader, FILE_OUTCOMES_MAX)
    name = f"{agent.version.name}-{agent.version.number}-outcomes-{view.head.size}.jsonl"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{found.digest}"',
        "Muniment-Cut-Off": "true" if found.is_cut_off else "false",
    }
    return Response(found.text, 200, headers, NDJSON)


def _outcomes_asked(request: Request, view: View, actor: Actor) -> tuple[AgentAsked, OutcomesAsked]:
    name = path(request, "id")
    domains = allowed_domains(request, view, actor, READ_REVIEWS)
    agent = agent_asked(service_of(request).rooms, view, name, number(request, "version", 0))
    if agent is None:
        raise not_found(tell("an-agent"))
    return agent, OutcomesAsked(name, agent.alike, domains, instant(request, "since"))


def _outcome(one: LabelledOutcome) -> dict[str, Any]:
    told = {**one._asdict(), "correct": one.is_right, "confidence": one.confidence or None}
    told["withheld"] = one.withheld or None
    for name in ("is_right", "profile"):
        told.pop(name)
    return told


def _evidence(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the evidence says that stands in the profile; None where only its digest does, or none."""
    evidence = value.get("evidence")
    if evidence is None:
        return None
    return {name: evidence[name] for name in ("digest", "outcomes", "level", "wished", "all", "threshold")}


def _number(rows: Rows, versions: Any, profile: str) -> int | None:
    """The number of a version by its digest; None where it is not known."""
    found = versions.by_digest(rows, profile)
    return None if found is None else found.number


def _told(counted: tuple[AgentFigureRow, ...]) -> dict[str, Any]:
    """The sums, and the two shares that people ask for; null where nothing was reviewed."""
    names = AgentFigureRow._fields[2:]
    sums = {name: sum(getattr(one, name) for one in counted) for name in names}
    reviewed = sums["accepted"] + sums["corrected"] + sums["rejected"]
    overridden = sums["corrected"] + sums["rejected"]
    spent, timed = sums.pop("spent"), sums.pop("timed")
    return {
        **sums,
        "reviewed": reviewed,
        "agreement_per_mille": sums["accepted"] * 1_000 // reviewed if reviewed else None,
        "override_per_mille": overridden * 1_000 // reviewed if reviewed else None,
        "time_on_task_ms": spent // timed // MS if timed else None,
        "timed": timed,
    }
