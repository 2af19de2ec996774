"""A comparison in words, as lines: one for each thing that changed."""

from ledger.wording import Wording, as_it_is
from versioning.diff import BlueprintDiff, FieldChange, FlowChange, StepChange
from versioning.diff_texts import differ
from versioning.field_words import called
from versioning.words_parts import unstopped


def diff_words(found: BlueprintDiff) -> tuple[Wording, ...]:
    """Everything that changed, one line each: head, names, steps, data. No line where nothing changed."""
    lines = [differ("blueprint-field", **_sides(change)) for change in found.head]
    lines += [differ("renamed", before=as_it_is(old), after=as_it_is(new)) for old, new in found.renamed]
    for step in found.steps:
        lines += _step_lines(step)
    for datum in found.data:
        if datum.what == "changed":
            lines.append(differ("data-changed", before=datum.before_words, after=datum.after_words))
        else:
            words = datum.before_words or datum.after_words
            lines.append(differ("data-added" if datum.what == "added" else "data-removed", words=words))
    return tuple(lines)


def _step_lines(change: StepChange) -> list[Wording]:
    step = as_it_is(change.step)
    if change.what == "replaced":
        return [differ("step-replaced", step=step, before=change.before_words, after=change.after_words)]
    if change.what != "changed":
        words = change.before_words or change.after_words
        return [differ("step-added" if change.what == "added" else "step-removed", step=step, words=words)]
    return [
        *(differ("step-field", step=step, **_sides(field)) for field in change.fields),
        *(_flow_line(step, flow) for flow in change.flows),
    ]


def _sides(change: FieldChange) -> dict[str, Wording]:
    before, after = unstopped(change.before_words), unstopped(change.after_words)
    return {"field": called(change.field), "before": before or differ("nothing"), "after": after or differ("nothing")}


def _flow_line(step: Wording, change: FlowChange) -> Wording:
    if change.what == "added":
        return differ("way-added", step=step, way=change.after_words)
    if change.what == "removed":
        return differ("way-removed", step=step, way=change.before_words)
    if change.what == "redirected":
        return differ("way-redirected", step=step, before=change.before_words, after=change.after_words)
    before, after = (change.before_order or 0) + 1, (change.after_order or 0) + 1
    return differ("way-moved", step=step, way=change.after_words, before=before, after=after)
