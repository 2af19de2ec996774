"""Agents in force, as the engine asks for them: read from their released profiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson

from ledger.canonical import from_b64url
from ledger.work import UnitOfWork
from orchestrator.agent_tables import PROPOSAL
from orchestrator.agents import Asked, Profile, Read
from orchestrator.plan import Plan
from orchestrator.sealing import opened, proposal_path
from versioning.agent_steps import SHARE, data_beside, members_of
from versioning.blueprint import AgentStep

Evaluate = Callable[[str, Mapping[str, Any]], Any]


class Artefact(Protocol):
    """A released version of a governed artefact, as far as it matters here."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def value(self) -> Any: ...


class Artefacts(Protocol):
    """Released versions of governed artefacts (`versioning.service.Versions`)."""

    def current(self, uow: UnitOfWork, kind: str, name: str) -> Artefact | None: ...
    def names(self, uow: UnitOfWork, kind: str) -> tuple[str, ...]: ...


class ReleasedAgents(Protocol):
    """Profiles in force, by name."""

    def named(self, uow: UnitOfWork, name: str) -> Artefact | None:
        """The one of this name."""
        ...

    def every(self, uow: UnitOfWork) -> tuple[Artefact, ...]:
        """All of them, by name."""
        ...


@dataclass(frozen=True, slots=True)
class AgentArtefacts:
    """`ReleasedAgents` over the artefacts in force."""

    artefacts: Artefacts

    def named(self, uow: UnitOfWork, name: str) -> Artefact | None:
        """The one of this name."""
        return self.artefacts.current(uow, "agent", name)

    def every(self, uow: UnitOfWork) -> tuple[Artefact, ...]:
        """All of them, by name."""
        found = [self.artefacts.current(uow, "agent", name) for name in self.artefacts.names(uow, "agent")]
        return tuple([one for one in found if one is not None])


class NoneReleased:
    """There are none."""

    def named(self, uow: UnitOfWork, name: str) -> Artefact | None:  # noqa: ARG002 - the shape of the question
        """Nobody."""
        return None

    def every(self, uow: UnitOfWork) -> tuple[Artefact, ...]:  # noqa: ARG002 - the shape of the question
        """Nobody."""
        return ()


class Instance(Protocol):
    """An instance within a command, as far as it matters here (`orchestrator.subject.Subject`)."""

    uow: UnitOfWork
    row: Any
    plan: Plan


class AgentsOf:
    """`agents.Agents` for one instance in one command. `evaluating` gives what evaluates the expressions of a plan."""

    __slots__ = ("evaluating", "released", "subject")

    def __init__(self, released: ReleasedAgents, subject: Instance, evaluating: Callable[[Plan], Evaluate]) -> None:
        self.released = released
        self.subject = subject
        self.evaluating = evaluating

    def candidates(self, wanted: str, read: Read) -> tuple[Profile, ...]:
        """The agent of this name, else those that serve the task for these data, by order and name."""
        found = self.named(wanted)
        if found is not None:
            return (found,)
        serving = []
        for one in self.released.every(self.subject.uow):
            orders = [
                said["order"] for said in one.value["serves"] if said["task"] == wanted and self._holds(said, read)
            ]
            if orders:
                serving.append((min(orders), one.name, profile_of(one)))
        return tuple([profile for _, _, profile in sorted(serving)])

    def named(self, name: str) -> Profile | None:
        """The agent in force of this name."""
        found = self.released.named(self.subject.uow, name)
        return None if found is None else profile_of(found)

    def asked(self, number: int) -> Asked:
        """Who was asked last, and what it proposed, in clear; without it where it was erased."""
        row = self.subject.uow.get(PROPOSAL, self.subject.row.id, number)
        if row is None:
            return Asked("", "")
        recorded = orjson.loads(row.output) if row.output else None
        output = opened(self.subject.uow, self.subject.row.id, proposal_path(number), recorded)
        return Asked(row.agent, row.profile, output)

    def roll(self, number: int) -> int:
        """A lot of ten thousand from the log's own secret: nobody can foretell it, and it is drawn once."""
        mark = self.subject.uow.fingerprint("agent sample", f"{self.subject.row.id}.{number}")
        return int.from_bytes(from_b64url(mark)[:8]) % SHARE

    def evaluate(self, step: AgentStep, output: dict[str, Any], read: Read) -> Any:
        """`accept when` over the members of the answer and the data they do not hide."""
        plan = _plan_beside(self.subject.plan, step)
        members = {one.name for one in members_of(step, self.subject.plan.version.blueprint.data)}
        names = plan.reads(step.accept_when)
        context = {name: output.get(name) if name in members else read(name) for name in names}
        return self.evaluating(plan)(step.accept_when, context)

    def _holds(self, served: Mapping[str, Any], read: Read) -> bool:
        """Whether an agent serves a task here: what cannot be told, it does not."""
        if "when" not in served:
            return True
        source = served["when"]
        plan = self.subject.plan
        holds = self.evaluating(plan)(source, {name: read(name) for name in plan.reads(source)})
        return holds is True


def profile_of(released: Artefact) -> Profile:
    """What the engine needs of a profile."""
    value = released.value
    return Profile(
        released.name, released.digest, value["sees"], value["model"], value["prompt_digest"], value.get("worker", "")
    )


def _plan_beside(plan: Plan, step: AgentStep) -> Plan:
    """The plan of a blueprint whose data are an answer and what it does not hide; made once for each step."""
    found = plan.beside.get(step.id)
    if found is None:
        version = plan.version
        data = data_beside(step, version.blueprint.data)
        found = Plan(replace(version, blueprint=replace(version.blueprint, data=data)))
        plan.beside[step.id] = found
    return found
