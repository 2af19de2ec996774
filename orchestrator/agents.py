"""What the machine may ask about agents: who is there, what one proposed, which lot was drawn. Pure values."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from versioning.blueprint import AgentStep, DataClass

PREFIX = "agent/"  # of the operation of an agent: no connector is called so
PROPOSE, JUDGE = "propose", "judge"
EXPECTS, PROPOSAL, CLASS, STEP = "Expects", "Proposal", "Class", "Step"  # arguments beside data, whose names are small
CALL, JOB = "call", "job"


Read = Callable[[str], Any]
"""The data of an instance in clear, by name, as the command has left them."""


class Profile(NamedTuple):
    """An agent in force. `worker` is the type of job it is asked by, empty for an endpoint."""

    name: str
    digest: str
    sees: DataClass
    model: str = ""
    prompt: str = ""
    worker: str = ""


class Asked(NamedTuple):
    """Who was asked for the proposal of an activation, and what it answered so far, in clear."""

    agent: str
    profile: str
    output: Any = None


class Agents(Protocol):
    """The agents of the organisation, as one instance sees them in one command."""

    def candidates(self, wanted: str, read: Read) -> tuple[Profile, ...]:
        """The agent of this name, else those that serve a task of this name for these data, in order."""
        ...

    def named(self, name: str) -> Profile | None:
        """The agent in force of this name."""
        ...

    def asked(self, number: int) -> Asked:
        """Who was asked last for the proposal of an activation, and what it proposed."""
        ...

    def roll(self, number: int) -> int:
        """The lot of an activation, of ten thousand: the same however often it is asked."""
        ...

    def evaluate(self, step: AgentStep, output: dict[str, Any], read: Read) -> Any:
        """`accept when` of a step over an answer and the data (`read` by name), or `Failed`."""
        ...


class NoAgents:
    """There are none."""

    def candidates(self, wanted: str, read: Read) -> tuple[Profile, ...]:  # noqa: ARG002 - the shape of the question
        """Nobody."""
        return ()

    def named(self, name: str) -> Profile | None:  # noqa: ARG002 - the shape of the question
        """Nobody."""
        return None

    def asked(self, number: int) -> Asked:  # noqa: ARG002 - the shape of the question
        """Nobody was."""
        return Asked("", "")

    def roll(self, number: int) -> int:  # noqa: ARG002 - the shape of the question
        """The lowest: everything is reviewed."""
        return 0

    def evaluate(self, step: AgentStep, output: dict[str, Any], read: Read) -> Any:  # noqa: ARG002 - as above
        """Nothing holds."""
        return False


NO_AGENTS = NoAgents()


def operation_of(agent: str, judging: bool) -> str:
    """The operation an agent is called by, as calls and breakers know it."""
    return f"{PREFIX}{agent}.{JUDGE if judging else PROPOSE}"


def holder_of(by: str, agent: str, judging: bool) -> str:
    """What an activation says of whom it waits for."""
    return f"{by} {JUDGE if judging else PROPOSE} {agent}"


def held_by(holder: str) -> tuple[str, bool, str]:
    """`by`, whether it judges, and the agent: the inverse of `holder_of`."""
    by, _, rest = holder.partition(" ")
    act, _, agent = rest.partition(" ")
    return by, act == JUDGE, agent
