"""What a comparison tells as a table: step, field, before, after, each in words. For a review beside the drawing."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from versioning.diff import BlueprintDiff, DataChange, FieldChange, FlowChange, StepChange
from versioning.diff_words import called


class Row(NamedTuple):
    """One difference. `step` is empty for the head and for data; a side is empty where there is nothing."""

    step: str
    what: Literal["field", "way", "data", "step"]
    field: str
    before: str
    after: str


def diff_table(found: BlueprintDiff) -> tuple[Row, ...]:
    """Every difference once, in the order of `diff_words`: head, names, steps, data."""
    rows = [_field("", change) for change in found.head]
    rows += [Row(new, "step", "the name", old, new) for old, new in found.renamed]
    for step in found.steps:
        rows += _step(step)
    for datum in found.data:
        rows.append(_datum(datum))
    return tuple(rows)


def _step(change: StepChange) -> Iterator[Row]:
    if change.what != "changed":
        yield Row(change.step, "step", f"step {change.what}", change.before_words, change.after_words)
        return
    for field in change.fields:
        yield _field(change.step, field)
    for flow in change.flows:
        yield _flow(change.step, flow)


def _field(step: str, change: FieldChange) -> Row:
    return Row(step, "field", called(change.field), change.before_words, change.after_words)


def _flow(step: str, change: FlowChange) -> Row:
    before, after = change.before_words, change.after_words
    if change.what == "moved":
        before = f"{before}, at place {(change.before_order or 0) + 1}"
        after = f"{after}, at place {(change.after_order or 0) + 1}"
    return Row(step, "way", f"way {change.what}", before, after)


def _datum(change: DataChange) -> Row:
    return Row("", "data", f"{change.path} {change.what}", change.before_words, change.after_words)
