"""Labelled outcomes as a file for `muniment agent calibrate`: JSON lines; the first says what they are made of.

The first line names the profile, the log with its size and chain hash at that moment, and what the reader could not be
told; each other line names the entry of its review. So the digest of the file, which evidence states as `outcomes`,
covers where every label comes from, and whoever has the log can make the same file again.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from api.reading_as import reading_as
from api.rooms import Rooms
from ledger.actor import Actor
from ledger.canonical import b64url
from ledger.clock import Instant, instant_text
from ledger.service import View
from orchestrator.agent_lists import figures
from orchestrator.once_under import version_with
from orchestrator.outcome_lists import LabelledOutcome, OutcomeReader, OutcomesAsked, outcome_list
from orchestrator.plan import Plan, plan_of
from rbac.permission import Action, Object
from versioning.artefact import ArtefactVersion
from versioning.blueprint import AgentStep
from versioning.kinds.calibrated import OUTCOMES, profile_digest

READ = (Object.TASK, Action.READ)  # a review is a task: who may read it may read what came of it
READ_AT_ONCE = 500


class AgentAsked(NamedTuple):
    """A version of an agent, and the digests of all versions that differ from it in what they cite alone."""

    version: ArtefactVersion
    profile: str  # the digest by which evidence names the profile
    alike: tuple[str, ...]


class OutcomesFile(NamedTuple):
    """The file, how many outcomes it `told`, and whether there are more."""

    text: str
    told: int
    is_cut_off: bool

    @property
    def digest(self) -> str:
        """What evidence made of it states as `outcomes`."""
        return b64url(hashlib.sha256(self.text.encode()).digest())


def agent_asked(rooms: Rooms, view: View, name: str, number: int = 0) -> AgentAsked | None:
    """The version of this number, the one in force where none is said; None where there is none.

    Evidence says nothing of what a profile cites, so to cite it makes no other agent: outcomes of both are one.
    """
    versions, rows = rooms.versions, view
    found = versions.version(rows, "agent", name, number) if number else versions.current(rows, "agent", name)
    if found is None or found.retired:
        return None
    profile = profile_digest(found.value)
    known = [versions.by_digest(rows, one.profile) for one in figures(rows, name)]
    alike = [one.digest for one in known if one is not None and profile_digest(one.value) == profile]
    return AgentAsked(found, profile, tuple(dict.fromkeys((found.digest, *alike))))


def outcome_reader(rooms: Rooms, view: View, actor: Actor) -> OutcomeReader:
    """What reads outcomes as this person may; plans and classes are asked for once."""
    rows = reading_as(view, actor)

    @lru_cache
    def plan(blueprint: str, number: int, step: str) -> Plan:
        under = rooms.blueprints.released(rows, blueprint, number)
        return plan_of(version_with(rows, rooms.blueprints, under, step, (AgentStep,)))

    @lru_cache
    def classes(domain: str) -> frozenset[Any]:
        return frozenset(rooms.access.readable(view, view.now, actor, domain))

    return OutcomeReader(rows, plan, classes)


def outcomes_file(
    view: View, agent: AgentAsked, asked: OutcomesAsked, reader: OutcomeReader, count_max: int
) -> OutcomesFile:
    """The newest outcomes that this reader may be told, at most so many, the newest first."""
    lines: list[str] = []
    withheld: Counter[str] = Counter()
    is_cut_off = False
    for one in _every(lambda before: outcome_list(reader, asked, before, READ_AT_ONCE)):
        if one.withheld:
            withheld[one.withheld] += 1
        elif len(lines) < count_max:
            lines.append(_line(one))
        else:
            is_cut_off = True
            break
    made_of = {
        "outcomes": OUTCOMES,
        "agent": agent.version.name,
        "version": agent.version.number,
        "profile": agent.profile,
        "log": view.origin,
        "size": view.head.size,
        "chain": b64url(view.head.chain_hash),
        "domains": list(asked.domains),
        "since": None if asked.since is None else instant_text(Instant(asked.since)),
        "withheld": dict(sorted(withheld.items())),
        "cut_off": is_cut_off,
    }
    text = "\n".join([orjson.dumps(made_of).decode(), *lines])
    return OutcomesFile(f"{text}\n", len(lines), is_cut_off)


def _every(page: Callable[[int | None], Sequence[LabelledOutcome]]) -> Iterator[LabelledOutcome]:
    before = None
    while found := page(before):
        yield from found
        before = found[-1].entry


def _line(one: LabelledOutcome) -> str:
    """One outcome; the confidence is a number with the digits it was recorded with, which no float would keep."""
    rest = {"correct": one.is_right, "verdict": one.verdict, "gate": one.gate, "task": one.task, "entry": one.entry}
    return f'{{"confidence":{one.confidence},{orjson.dumps(rest).decode()[1:]}'
