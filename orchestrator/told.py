"""What the machine asks about persons who are to be told something. Pure."""

from typing import Protocol

from orchestrator.told_transitions import Told
from orchestrator.transitions import TaskCompleted
from versioning.blueprint import Recipient

TOLD_MAX = 500  # persons told by one step; of more it is an incident, since each is named in the entry
TEXT_CHARACTERS_MAX = 2_000


class People(Protocol):
    """The persons of the organisation, as one instance sees them in one command."""

    def told_by(self, to: tuple[Recipient, ...], completed: tuple[TaskCompleted, ...]) -> tuple[Told, ...]:
        """Whom these rules reach now, in their order; a rule that reaches nobody names nobody. `completed` is what the
        command under way has completed."""
        ...


class NoPeople:
    """There are none."""

    def told_by(self, to: tuple[Recipient, ...], completed: tuple[TaskCompleted, ...]) -> tuple[Told, ...]:  # noqa: ARG002 - the shape of the question
        """Nobody."""
        return tuple([Told(one.text) for one in to])


NO_PEOPLE = NoPeople()
