"""In whose hands decisions were: rightly given and taken, and not left with who had no authority. Standard library.

One reading of entries in their order, of a whole log (`governance.rederiving`) or of a pack (`packed_hands`).
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from governance.authority import Register
from governance.questions.facts import Record, Records
from governance.questions.following import InstanceSoFar
from governance.questions.holding import Setting, hands_parts, taken_in
from governance.questions.left_with import LeftWith
from governance.questions.recorded import Part
from governance.questions.registers import (
    AUTHORITY_KINDS,
    RegisterSoFar,
    ReleasedBlueprint,
    blueprints,
)


class InHand(NamedTuple):
    """What came of judging in whose hands a task was; `task` is its id."""

    task: str
    part: Part


class Known(Protocol):
    """What the entries before one say."""

    @property
    def register(self) -> Register:
        """The authority register."""
        ...

    def before(self, record: Record) -> InstanceSoFar:
        """The instance of an entry, just before it."""
        ...

    def version(self, digest: str) -> ReleasedBlueprint | None:
        """The released version with this digest."""
        ...


class Hands:
    """In whose hands tasks are, as the entries so far make it."""

    def __init__(self) -> None:
        self._left = LeftWith()

    def instance(self, subject: str) -> InstanceSoFar | None:
        """An instance that is followed, as it stands."""
        return self._left.instance(subject)

    def take(self, record: Record, known: Known) -> Iterator[InHand]:
        """Go on by one entry of an instance."""
        is_judged = "register" in record.basis or bool(taken_in(record))
        if self._left.follows(record) or is_judged:
            instance = known.before(record)
            if is_judged:
                under = instance.under
                version = None if under is None else known.version(under.digest)
                for number, part in hands_parts(Setting(instance, version, known.register), record):
                    yield InHand(f"{record.subject}.{number}", part)
            instance.take(record)
            self._left.take(record, instance)
        if record.actor.get("kind") == "system":
            for task, part in self._left.look(record, known.register, known.version):
                yield InHand(task, part)

    def end(self) -> Iterator[InHand]:
        """What could be judged only when the last entry was seen."""
        for task, part in self._left.end():
            yield InHand(task, part)


class _OfPack:
    """See `Known`: the entries of a pack, read from the first to the last."""

    def __init__(self, records: Records) -> None:
        self._so_far = RegisterSoFar()
        self._versions = {version.digest: version for version in reversed(tuple(blueprints(records)))}
        self._instances: dict[str, InstanceSoFar] = {}

    @property
    def register(self) -> Register:
        return self._so_far.register

    def take(self, record: Record) -> None:
        """Go on by an entry of the register."""
        self._so_far.take(record.kind, record.payload)

    def before(self, record: Record) -> InstanceSoFar:
        return self._instances.setdefault(record.subject, InstanceSoFar())

    def went_on(self, record: Record) -> None:
        """Go on by an entry of an instance, where nobody has."""
        instance = self.before(record)
        if instance.last != record.index:
            instance.take(record)

    def version(self, digest: str) -> ReleasedBlueprint | None:
        return self._versions.get(digest)


def packed_hands(records: Records) -> Iterator[InHand]:
    """What came of judging in whose hands the tasks of a pack were."""
    hands, known = Hands(), _OfPack(records)
    for record in records:
        if record.kind in AUTHORITY_KINDS:
            known.take(record)
        elif "transitions" in record.payload:
            yield from hands.take(record, known)
            known.went_on(record)
    yield from hands.end()
