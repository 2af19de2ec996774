"""An instance as its entries make it, one after the other: what judging it again rests on. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.questions.facts import Record, data_after
from governance.questions.people import Held, take_tasks
from governance.questions.rederive import add_actors
from governance.questions.under_version import Under, under_after
from governance.questions.votes import take_votes

_OVER = ("instance.ended", "instance.cancelled")
_OF_INSTANCE = ("instance.started", "instance.suspended", "instance.resumed", *_OVER)


@dataclass(slots=True)
class InstanceSoFar:
    """An instance as its entries up to the one at `last` make it."""

    last: int | None = None
    begun: Mapping[str, Any] | None = None
    under: Under | None = None
    actors: dict[str, dict[str, None]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    votes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    tasks: dict[int, Held] = field(default_factory=dict)
    is_suspended: bool = False

    def take(self, record: Record) -> None:
        """Go on by one entry."""
        add_actors(self.actors, record)
        take_votes(self.votes, record)
        take_tasks(self.tasks, record)
        for one in record.transitions(*_OF_INSTANCE):
            if one["t"] == "instance.started":
                self.begun = self.begun or one
            elif one["t"] in _OVER:
                self.tasks.clear()
            else:
                self.is_suspended = one["t"] == "instance.suspended"
        self.under = under_after(self.under, record)
        self.data = data_after(self.data, record)
        self.last = record.index
