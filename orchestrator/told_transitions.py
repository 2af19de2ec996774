"""Persons who are told something by a step. See `orchestrator.transitions`."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

INITIATOR, IN_STEP = "initiator", "step "  # rules, as the language writes them


class Told(NamedTuple):
    """A person, by which rule of the step they are told, and in whose place where they stand in for somebody."""

    rule: str  # as the language writes it: `role team-lead`
    person: str = ""  # empty where the rule reached nobody
    stands_in_for: str = ""


class PeopleTold(NamedTuple):
    """`to` are the members of `Told`, one for each person and rule. `text` and the values of `shown` (by path) are
    those of that moment; `digest` is that of what was shown as it is recorded, as for tasks; empty for nothing.
    """

    activation: int
    step: str
    to: tuple[dict[str, str], ...]
    text: Any = ""
    shown: dict[str, Any] = {}  # noqa: RUF012 - never changed: a transition is a value
    digest: str = ""


KINDS = {"people.told": PeopleTold}


def as_member(told: Told) -> dict[str, str]:
    """As it stands in a transition: what is empty is absent."""
    return {name: value for name, value in told._asdict().items() if value}


def by_their_part(to: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """Of the persons who are told those who take part in the instance by name: who started it, or acted in a step. Who
    holds an office, or stands in for another, does not."""
    own = [one for one in to if one["rule"] == INITIATOR or one["rule"].startswith(IN_STEP)]
    return frozenset([one["person"] for one in own if "person" in one and "stands_in_for" not in one])


def persons_of(to: tuple[dict[str, str], ...] | list[dict[str, str]]) -> tuple[str, ...]:
    """The persons who are told, each once."""
    return tuple(dict.fromkeys(one["person"] for one in to if "person" in one))
