"""Decisions that were left with somebody whose authority for them was over. Standard library only.

The runner looks at what is held when a register has changed and once a minute. Whether it was at work is told by what
it writes: a decision that is still with its holder after `WORKED_MAX` minutes in each of which the system has moved
some instance was passed over. Where it was not at work, nobody could take anything away, and what is held so at the
end of what is read is said to be not judged.

Held against the register from the first entry on that names the register its holder was asked by: before, no writer
took a decision away for want of authority.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from governance.authority import Register
from governance.questions.facts import Record
from governance.questions.following import InstanceSoFar
from governance.questions.holding import GIVING, Setting, lacking
from governance.questions.people import Held
from governance.questions.recorded import Part
from governance.questions.registers import ReleasedBlueprint
from ledger.refusal import Refusal
from ledger.verify.report import Status

LEFT = "left with holder"
WORKED_MAX = 60  # a look goes through 200 decisions and another follows at once: no queue takes so long
MINUTE = 60_000_000

Version = Callable[[str], ReleasedBlueprint | None]
_Place = tuple[str, int, str]
"""Instance, activation and person."""


class LeftWith:
    """Which decisions are held, since when without authority, and for how long the runner has been at work."""

    def __init__(self) -> None:
        self._begun = False
        self._held: dict[str, InstanceSoFar] = {}
        self._changed: set[str] = set()
        self._lost: dict[_Place, int] = {}  # since which minute of work
        self._worked, self._minute, self._looked_at = 0, -1, 0
        self._register: Register | None = None

    def follows(self, record: Record) -> bool:
        """Whether an entry gives somebody a decision, or is of an instance with one in somebody's hands."""
        self._begun = self._begun or "register" in record.basis
        return record.subject in self._held or (self._begun and bool(record.transitions(*GIVING)))

    def instance(self, subject: str) -> InstanceSoFar | None:
        """An instance that is followed."""
        return self._held.get(subject)

    def take(self, record: Record, instance: InstanceSoFar) -> None:
        """Go on by an entry that is followed; the instance is as it stands after it."""
        subject = record.subject
        if any(held.holder for held in instance.tasks.values()):
            self._held[subject] = instance
            self._changed.add(subject)
        elif self._held.pop(subject, None) is not None:
            self._changed.discard(subject)
            self._lost = {place: since for place, since in self._lost.items() if place[0] != subject}

    def look(self, record: Record, register: Register, version: Version) -> Iterator[tuple[str, Part]]:
        """What was passed over when the system wrote this; `("instance.activation", what is wrong)`."""
        minute = record.instant // MINUTE
        if minute <= self._minute:
            return
        self._minute, self._worked = minute, self._worked + 1
        at, before, self._looked_at = record.instant, self._looked_at, record.instant
        if not self._held:
            return
        borders = register.borders
        is_other = register is not self._register or bisect_right(borders, before) != bisect_right(borders, at)
        self._register = register
        for subject in self._held if is_other else self._changed:
            self._ask(subject, Setting(self._held[subject], self._version(subject, version), register), at)
        self._changed.clear()
        for place, since in list(self._lost.items()):
            if self._worked - since >= WORKED_MAX:
                yield from self._passed_over(place, (register, version), at)

    def end(self) -> Iterator[tuple[str, Part]]:
        """What is held without authority when the last entry was read, and was not passed over long enough."""
        for subject, number, person in sorted(self._lost):
            text = f"with {person}, whose authority is over; the runner was not at work for {WORKED_MAX} minutes since"
            yield f"{subject}.{number}", Part(LEFT, Status.NOT_RUN, text)

    def _ask(self, subject: str, setting: Setting, at: int) -> None:
        held = {place for place in self._lost if place[0] == subject}
        lost = set()
        if not setting.instance.is_suspended:
            for number, task in setting.instance.tasks.items():
                lost |= {(subject, number, person) for person in _lacking(setting, task, at)}
        for place in held - lost:
            del self._lost[place]
        for place in lost - held:
            self._lost[place] = self._worked

    def _passed_over(self, place: _Place, known: tuple[Register, Version], at: int) -> Iterator[tuple[str, Part]]:
        subject, number, person = place
        setting = Setting(self._held[subject], self._version(subject, known[1]), known[0])
        del self._lost[place]
        refusal = _lacking(setting, setting.instance.tasks[number], at).get(person)
        if refusal is not None:
            text = (
                f"left with {person}, whose authority was over ({refusal.reason.value}), while the runner was at work"
            )
            yield f"{subject}.{number}", Part(LEFT, Status.FAILED, text)

    def _version(self, subject: str, version: Version) -> ReleasedBlueprint | None:
        under = self._held[subject].under
        return None if under is None else version(under.digest)


def _lacking(setting: Setting, task: Held, at: int) -> dict[str, Refusal]:
    """Who has a decision in their hands without an authority that reaches it, and why."""
    if task.is_stopped or setting.step(task).get("step") != "decide":
        return {}
    found = {}
    for person in filter(None, (task.holder, task.delegate)):
        refusal, _ = lacking(setting, task, person, at)
        if refusal is not None:
            found[person] = refusal
    return found
