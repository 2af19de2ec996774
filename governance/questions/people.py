"""The units of persons, who stands in for whom, and who has left, as the entries before a decision tell it.

Standard library only.

A whole log holds every entry there is: what follows from it is what the service must have found. A pack holds those
its builder put there: what they say counts, what they say nothing of is taken as recorded, and that none was left out
cannot be told.
"""

from collections.abc import Mapping
from typing import NamedTuple

from governance.questions.facts import Record
from governance.substitution import Standing, stood_in_for

ATTRIBUTE_GIVEN = "person_attribute.given"
ATTRIBUTE_ENDED = "person_attribute.ended"
SUBSTITUTION_RECORDED = "substitution.recorded"
SUBSTITUTION_LIFTED = "substitution.lifted"
PERSON_REGISTERED = "person.registered"
PERSON_CHANGED = "person.changed"
PEOPLE_KINDS = (
    ATTRIBUTE_GIVEN, ATTRIBUTE_ENDED, SUBSTITUTION_RECORDED, SUBSTITUTION_LIFTED, PERSON_REGISTERED, PERSON_CHANGED,
)  # fmt: skip
_UNIT = "unit"
_LEFT = "left"


class _Given(NamedTuple):
    """A unit that a person is of over [start, until)."""

    unit: str
    start: int
    until: int | None


class People:
    """What entries so far say of persons. `is_whole`: they are all there are."""

    def __init__(self, *, is_whole: bool) -> None:
        self.is_whole = is_whole
        self._given: dict[str, dict[str, _Given]] = {}  # by person and name
        self._standing: dict[str, Standing] = {}
        self._left: set[str] = set()

    def take(self, record: Record) -> None:
        """Go on by one entry."""
        payload = record.payload
        if record.kind == ATTRIBUTE_GIVEN and payload["attribute"] == _UNIT:
            given = _Given(str(payload["value"]), payload["valid_from"], payload["valid_until"])
            self._given.setdefault(str(payload["person"]), {})[str(payload["name"])] = given
        elif record.kind == ATTRIBUTE_ENDED:
            given_to = self._given.get(str(payload["person"]), {})
            ended = given_to.get(str(payload["name"]))
            if ended is not None:  # what ends may have been a skill
                given_to[str(payload["name"])] = ended._replace(until=payload["valid_until"])
        elif record.kind == SUBSTITUTION_RECORDED:
            start, until = payload["valid_from"], payload["valid_until"]
            found = Standing(str(payload["absent"]), str(payload["substitute"]), start, until)
            self._standing[record.subject] = found
        elif record.kind == SUBSTITUTION_LIFTED and record.subject in self._standing:
            lifted = self._standing[record.subject]
            self._standing[record.subject] = lifted._replace(until=payload["valid_until"])
        elif record.kind in (PERSON_REGISTERED, PERSON_CHANGED):
            person = str(payload["person"])
            (self._left.add if payload["status"] == _LEFT else self._left.discard)(person)

    def units(self, person: str, now: int) -> tuple[str, ...] | None:
        """The units of a person at an instant, in the order of their names; None where no entry tells of any."""
        given = self._given.get(person)
        if given is None:
            return () if self.is_whole else None
        return tuple([one.unit for _, one in sorted(given.items()) if _counts(one, now)])

    def has_left(self, person: str) -> bool:
        """Whether entries tell that a person has left and has not come back."""
        return person in self._left

    def stood_in_for(self, person: str, now: int) -> tuple[str, ...]:
        """Whom a person stands in for at an instant, as far as entries tell."""
        return stood_in_for(self._standing.values(), person, now)


def _counts(one: _Given, now: int) -> bool:
    return one.start <= now and (one.until is None or now < one.until)


class Held(NamedTuple):
    """A task: the role it is offered to, who holds it, and in whose place they took it ("" for nobody's); who has it
    from them, and the step. `is_stopped`: an incident holds it."""

    role: str = ""
    holder: str = ""
    absent: str = ""
    delegate: str = ""
    step: str = ""
    is_stopped: bool = False

    def by(self, holder: str, absent: str = "") -> "Held":
        """The task in these hands alone."""
        return self._replace(holder=holder, absent=absent, delegate="", is_stopped=False)


Tasks = Mapping[int, Held]
"""Activation -> its task."""

_FOLLOWED = (
    "step.entered", "task.offered", "task.claimed", "task.assigned", "task.released", "task.delegated", "task.returned",
    "incident.raised",
)  # fmt: skip
_OVER = ("task.completed", "task.cancelled", "step.left")


def take_tasks(found: dict[int, Held], record: Record) -> None:
    """Go on by one entry: who holds which task, and in whose place. As the fold of tasks keeps it."""
    for one in record.transitions(*_FOLLOWED, *_OVER):
        kind, number = one["t"], int(one["activation"])
        held = found.get(number, Held())
        if kind in _OVER:
            found.pop(number, None)
        elif kind == "step.entered":
            found[number] = Held(step=str(one["step"]))
        elif kind == "task.offered":
            found[number] = Held(str(one.get("role", "")), step=held.step)
        elif kind == "task.released":
            found[number] = held.by("")
        elif kind == "task.delegated":
            found[number] = held._replace(delegate=str(one["to"]), is_stopped=False)
        elif kind == "task.returned":
            found[number] = held.by(held.holder, held.absent)
        elif kind == "incident.raised":
            found[number] = held._replace(is_stopped=True)
        else:
            holder = str(one["by"] if kind == "task.claimed" else one["to"])
            found[number] = held.by(holder, str(one.get("stands_in_for", "")))


def stand_ins(people: People, held: Held, person: str, now: int) -> tuple[str, ...]:
    """Whom a person stands in for where they complete a task: whose they took it for, and whoever is away now."""
    taken = held.absent if held.holder == person else ""
    return tuple(dict.fromkeys((*filter(None, (taken,)), *people.stood_in_for(person, now))))
