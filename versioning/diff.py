"""What changed from one blueprint to another: steps, where they lead, data, and what stands at its head.

Structural, not by lines: a step keeps its identity by its name, so one that only stands elsewhere in the source is no
change; one that only has another name is told as renamed where that is certain (`versioning.flows.certain_names`), and
from there on by its new name. Everything told has the words of both sides; whoever does all of it to `before` has
`after`, up to the order of steps and of data in the source.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ledger.wording import NOTHING, Wording
from versioning.blueprint import Blueprint, DataField, Step
from versioning.field_words import data_words, field_words, flow_words, head_words
from versioning.flows import NOT_COMPARED, Flow, certain_names, flows_of, renamed
from versioning.words import StepWords
from versioning.words_parts import sentences

HEAD = (
    "id",
    "title",
    "purpose",
    "owner",
    "regimes",
    "currency",
    "calendar",
    "deadline",
    "acts",
    "gives",
    "first",
    "watches",
)
WAY = "start.by "  # what the field of a way to begin starts with, before its name
START = ("by", "message", "schedule", "requires", "key", "reuse")
DATA = ("type", "data_class", "required", "data_subject")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with another value. Values are those of the blueprint; words are empty where there is nothing."""

    field: str
    before: Any
    after: Any
    before_words: Wording
    after_words: Wording


@dataclass(frozen=True, slots=True)
class FlowChange:
    """A way out of a step: added, removed, led to another step, or tried at another place among those that stay.

    `order` is its place from 0, before and after; None on a side where it is not.
    """

    what: Literal["added", "removed", "redirected", "moved"]
    before: Flow | None
    after: Flow | None
    before_order: int | None
    after_order: int | None
    before_words: Wording
    after_words: Wording


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step added or removed whole, replaced by one of another kind, or changed in its fields or in where it leads."""

    what: Literal["added", "removed", "replaced", "changed"]
    step: str
    before: Step | None
    after: Step | None
    fields: tuple[FieldChange, ...]
    flows: tuple[FlowChange, ...]
    before_words: Wording
    after_words: Wording


@dataclass(frozen=True, slots=True)
class DataChange:
    """A datum by its path (`risk.grade`; `[]` for the items of a list), without what lies below it."""

    what: Literal["added", "removed", "changed"]
    path: str
    before: DataField | None
    after: DataField | None
    fields: tuple[FieldChange, ...]
    before_words: Wording
    after_words: Wording


@dataclass(frozen=True, slots=True)
class BlueprintDiff:
    """Everything that changed; `renamed` are (old name, new name). Equal blueprints give an empty one."""

    head: tuple[FieldChange, ...]
    renamed: tuple[tuple[str, str], ...]
    steps: tuple[StepChange, ...]
    data: tuple[DataChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.head or self.renamed or self.steps or self.data)


def diff(before: Blueprint, after: Blueprint) -> BlueprintDiff:
    """What changed. Steps of `after` in their order, then those that are gone in theirs."""
    names = certain_names(before, after)
    before = renamed(before, names)
    one, other = StepWords(before), StepWords(after)
    had = {step.id: step for step in before.steps}
    there = {step.id: step for step in after.steps}
    steps = [_step(had.get(name), there.get(name), one, other) for name in dict.fromkeys((*there, *had))]
    head = [*_fields(before, after, HEAD, (one, other)), *_start(before, after, one, other)]
    found = tuple([change for change in steps if change is not None])
    return BlueprintDiff(tuple(head), tuple(names.items()), found, tuple(_data(before, after)))


def _fields(
    before: Any, after: Any, names: Iterable[str], words: tuple[StepWords, StepWords], inside: str = ""
) -> Iterator[FieldChange]:
    for name in names:
        had, has = getattr(before, name), getattr(after, name)
        if had != has:
            said = head_words if isinstance(before, Blueprint) or inside else field_words
            yield FieldChange(f"{inside}{name}", had, has, said(words[0], name, before), said(words[1], name, after))


def _start(before: Blueprint, after: Blueprint, one: StepWords, other: StepWords) -> Iterator[FieldChange]:
    """What changed of the ways to begin: of the one there is by its fields, of several each by its name, whole."""
    if not before.more_starts and not after.more_starts:
        yield from _fields(before.start, after.start, START, (one, other), "start.")
        return
    had, has = ({start.name: start for start in side.starts} for side in (before, after))
    for name in dict.fromkeys((*has, *had)):
        was, now = had.get(name), has.get(name)
        if was != now:
            said = [
                NOTHING if start is None else sentences(words.start(start))
                for start, words in ((was, one), (now, other))
            ]
            yield FieldChange(f"{WAY}{name}", was, now, *said)


def _step(before: Step | None, after: Step | None, one: StepWords, other: StepWords) -> StepChange | None:
    had = NOTHING if before is None else one.step(before)
    has = NOTHING if after is None else other.step(after)
    if before is None and after is not None:
        return StepChange("added", after.id, None, after, (), (), had, has)
    if before is not None and after is None:
        return StepChange("removed", before.id, before, None, (), (), had, has)
    if before is None or after is None or replace(before, place=after.place) == after:
        return None
    if type(before) is not type(after):
        return StepChange("replaced", after.id, before, after, (), (), had, has)
    names = [field.name for field in fields(after) if field.name not in NOT_COMPARED]
    changed = tuple(_fields(before, after, names, (one, other)))
    return StepChange("changed", after.id, before, after, changed, _flows(before, after, one, other), had, has)


def _flows(before: Step, after: Step, one: StepWords, other: StepWords) -> tuple[FlowChange, ...]:
    had = {flow.key: (number, flow) for number, flow in enumerate(flows_of(before))}
    has = {flow.key: (number, flow) for number, flow in enumerate(flows_of(after))}
    moved = _moved([key for key in had if key in has], [key for key in has if key in had])
    found = []
    for key in dict.fromkeys((*has, *had)):
        (place, flow), (now, follows) = had.get(key, (None, None)), has.get(key, (None, None))
        had_words = NOTHING if flow is None else flow_words(one, flow)
        words = had_words, NOTHING if follows is None else flow_words(other, follows)
        if flow is None or follows is None:
            found.append(FlowChange("removed" if flow else "added", flow, follows, place, now, *words))
            continue
        if flow.target != follows.target:
            found.append(FlowChange("redirected", flow, follows, place, now, *words))
        if key in moved:
            found.append(FlowChange("moved", flow, follows, place, now, *words))
    return tuple(found)


def _moved(before: Sequence[tuple[str, str, int]], after: Sequence[tuple[str, str, int]]) -> set[tuple[str, str, int]]:
    """Of the same keys in two orders, those whose place among them differs."""
    return {key for key, other in zip(after, before, strict=True) if key != other}


def _data(before: Blueprint, after: Blueprint) -> Iterator[DataChange]:
    had, has = dict(flat_data(before.data)), dict(flat_data(after.data))
    for path in dict.fromkeys((*has, *had)):
        one, other = had.get(path), has.get(path)
        if one == other:
            continue
        words = tuple([NOTHING if field is None else data_words(path, field) for field in (one, other)])
        if one is None or other is None:
            yield DataChange("removed" if one else "added", path, one, other, (), *words)
            continue
        changed = [
            FieldChange(name, getattr(one, name), getattr(other, name), *words)
            for name in DATA
            if getattr(one, name) != getattr(other, name)
        ]
        yield DataChange("changed", path, one, other, tuple(changed), *words)


def flat_data(data: Iterable[DataField], inside: str = "") -> Iterator[tuple[str, DataField]]:
    """Every datum by its path, without what lies below it."""
    for field in data:
        path = f"{inside}{field.name}"
        yield path, replace(field, properties=(), items=None)
        yield from flat_data(field.properties, f"{path}.")
        if field.items is not None:
            yield from flat_data((replace(field.items, name="[]"),), path)
