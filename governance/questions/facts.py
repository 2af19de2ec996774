"""Entries as the questions read them: index, leaf hash, decoded value. Standard library only.

A reader hands in what it has: the service the entries of a view, the verifier those of a pack. Nothing here trusts
them; what their hashes prove is asked by Q11 and Q16 and by the verifier's own verdicts.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile
from typing import Any, TypeVar, cast

from ledger.clock import parse_instant

COMMITMENT = "$commitment"
GOES_ON = "goes_on"
Told = TypeVar("Told")


@dataclass(frozen=True)
class Record:
    """One entry: `leaf` is its leaf hash in base64url, `entry` its decoded value (`ledger.entry` names the members)."""

    index: int
    leaf: str
    entry: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.entry["kind"])

    @property
    def subject(self) -> str:
        return str(self.entry["subject"])

    @property
    def payload(self) -> Mapping[str, Any]:
        payload: Mapping[str, Any] = self.entry["payload"]
        return payload

    @property
    def at(self) -> str:
        """`recorded_at` as text."""
        return str(self.entry["recorded_at"])

    @property
    def instant(self) -> int:
        """`recorded_at` in microseconds."""
        return parse_instant(self.at)

    @property
    def actor(self) -> Mapping[str, Any]:
        actor: Mapping[str, Any] = self.entry["actor"]
        return actor

    @property
    def basis(self) -> Mapping[str, Any]:
        basis: Mapping[str, Any] = self.entry.get("basis", {})
        return basis

    def transitions(self, *kinds: str) -> list[Mapping[str, Any]]:
        """The transitions of an instance's entry, of these kinds or all."""
        if not kinds:
            return list(self.entry["payload"].get("transitions", ()))
        by_kind = self._by_kind
        if len(kinds) == 1:
            return list(by_kind.get(kinds[0], ()))
        if by_kind.keys().isdisjoint(kinds):
            return []
        return [one for one in self.entry["payload"]["transitions"] if one.get("t") in kinds]

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Its transitions by their kinds: an entry is asked for many kinds, one after the other, and has few."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for one in self.entry["payload"].get("transitions", ()):
            kind = one.get("t")
            if type(kind) is str:
                found.setdefault(kind, []).append(one)
        return found


class Remembering:
    """A value that never changes, and what follows from it alone: computed when it is first asked for."""

    @cached_property
    def _told(self) -> dict[Hashable, object]:
        return {}

    def once(self, about: Hashable, tell: Callable[[], Told]) -> Told:
        """What `tell` makes of this value; `about` names it: the function and what else it was given."""
        if about not in self._told:
            self._told[about] = tell()
        return cast(Told, self._told[about])


class Records(Remembering):
    """Entries in the order of their index, found by subject and by kind."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.all: tuple[Record, ...] = tuple(
            sorted({record.index: record for record in records}.values(), key=lambda record: record.index)
        )

    def __iter__(self) -> Iterator[Record]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def _by_subject(self) -> Mapping[str, tuple[Record, ...]]:
        found: dict[str, list[Record]] = {}
        for record in self.all:
            found.setdefault(record.subject, []).append(record)
        return {subject: tuple(records) for subject, records in found.items()}

    @cached_property
    def _by_index(self) -> Mapping[int, Record]:
        return {record.index: record for record in self.all}

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Record, ...]]:
        found: dict[str, list[Record]] = {}
        for record in self.all:
            found.setdefault(record.kind, []).append(record)
        return {kind: tuple(records) for kind, records in found.items()}

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every subject, sorted."""
        return tuple(sorted(self._by_subject))

    def of(self, subject: str) -> tuple[Record, ...]:
        """The entries of a subject."""
        return self._by_subject.get(subject, ())

    def at(self, index: int) -> Record | None:
        """The entry at an index."""
        return self._by_index.get(index)

    def kind(self, *kinds: str) -> tuple[Record, ...]:
        """The entries of these kinds."""
        found = [self._by_kind.get(kind, ()) for kind in dict.fromkeys(kinds)]
        if len(found) == 1:
            return found[0]
        return tuple(sorted(chain(*found), key=lambda record: record.index))


def goes_on(record: Record, act: Record) -> bool:
    """Whether an entry of an instance goes on from an earlier one, which could not hold all that followed."""
    return GOES_ON in record.payload and record.at == act.at  # one command has one instant


def in_parts(records: Sequence[Record], place: int) -> list[Record]:
    """The entry at this place among those of an instance, with those that go on from it."""
    act = records[place]
    return [act, *takewhile(lambda record: goes_on(record, act), records[place + 1 :])]


def is_commitment(value: Any) -> bool:
    """Whether a commitment stands here in the place of a classed value."""
    return type(value) is dict and COMMITMENT in value


def data_before(records: Records, instance: str, index: int) -> dict[str, Any]:
    """The recorded data of an instance just before an entry; classed values are their commitments.

    As the orchestrator's fold: an object laid onto an object sets the members it has and keeps the others.
    """
    data: dict[str, Any] = {}
    for record in records.of(instance):
        if record.index >= index:
            break
        data = data_after(data, record)
    return data


def data_after(data: dict[str, Any], record: Record) -> dict[str, Any]:
    """The data with what one entry set; what is given stays as it is."""
    for one in record.transitions("variable.set"):
        data = _lay(data, one["path"], one["value"])
    return data


def value_at(data: Any, path: str) -> Any:
    """The value at a dotted path; None where there is nothing, a commitment where one stands on the way."""
    for name in path.split("."):
        if is_commitment(data):
            return data
        if type(data) is not dict:
            return None
        data = data.get(name)
    return data


def _lay(old: Any, path: str, value: Any) -> Any:
    if path:
        name, _, rest = path.partition(".")
        members = dict(old) if _is_plain(old) else {}
        members[name] = _lay(members.get(name), rest, value)
        return members
    if _is_plain(old) and _is_plain(value):
        return {**old, **value}
    return value


def _is_plain(value: Any) -> bool:
    return type(value) is dict and COMMITMENT not in value and "$decimal" not in value
