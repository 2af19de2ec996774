"""What a comparison tells as a table: step, field, before, after, each in words. For a review beside the drawing."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ledger.wording import Wording, as_it_is
from versioning.diff import BlueprintDiff, DataChange, FieldChange, FlowChange, StepChange
from versioning.diff_texts import differ
from versioning.field_words import called


class Row(NamedTuple):
    """One difference. `step` is empty for the head and for data; a side is empty where there is nothing."""

    step: str
    what: Literal["field", "way", "data", "step"]
    field: Wording
    before: Wording
    after: Wording


def diff_table(found: BlueprintDiff) -> tuple[Row, ...]:
    """Every difference once, in the order of `diff_words`: head, names, steps, data."""
    rows = [_field("", change) for change in found.head]
    name = called("id")
    rows += [Row(new, "step", name, as_it_is(old), as_it_is(new)) for old, new in found.renamed]
    for step in found.steps:
        rows += _step(step)
    for datum in found.data:
        rows.append(_datum(datum))
    return tuple(rows)


_STEPS = {
    "added": differ("row-step-added"),
    "removed": differ("row-step-removed"),
    "replaced": differ("row-step-replaced"),
}
_WAYS = {
    "added": differ("row-way-added"),
    "removed": differ("row-way-removed"),
    "redirected": differ("row-way-redirected"),
    "moved": differ("row-way-moved"),
}


def _step(change: StepChange) -> Iterator[Row]:
    if change.what != "changed":
        yield Row(change.step, "step", _STEPS[change.what], change.before_words, change.after_words)
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
        before = differ("at-place", way=before, place=(change.before_order or 0) + 1)
        after = differ("at-place", way=after, place=(change.after_order or 0) + 1)
    return Row(step, "way", _WAYS[change.what], before, after)


def _datum(change: DataChange) -> Row:
    path = as_it_is(change.path)
    what = {
        "added": differ("row-data-added", path=path),
        "removed": differ("row-data-removed", path=path),
        "changed": differ("row-data-changed", path=path),
    }
    return Row("", "data", what[change.what], change.before_words, change.after_words)
