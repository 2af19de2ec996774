"""Whether a step is the same in two versions of a blueprint, but for where it leads and what it is called. Pure.

What is under way in a step was begun as one version has it; another version may take it over where both say the same
of all that the step still does. Where it leads to is no part of that: it is asked when the step is left.
"""

from dataclasses import fields, is_dataclass
from typing import Any

from versioning.blueprint import EachStep, Step, StepBase, Watch

_LEADS = frozenset(("next", "on_failure_next", "rejected"))  # names of steps
_BEFORE = frozenset(("place", "title", "skip_when", "skip_to"))  # what nothing under way depends on


def is_same(one: Step, other: Step) -> bool:
    """Whether what is under way in the one can go on in the other."""
    return bool(_bare(one) == _bare(other))


def waits_alike(one: Step, other: Step) -> bool:
    """Whether a step that has been entered and has not begun can begin as the other: of one kind, by the same deadline,
    watched for the same events."""
    return type(one) is type(other) and all(
        _bare(getattr(one, name)) == _bare(getattr(other, name)) for name in ("deadline", "watches")
    ) and (one.on_late is None) == (other.on_late is None)  # fmt: skip


def undone_alike(one: Step, other: Step) -> bool:
    """Whether what the one has done is undone by the other in the same way."""
    if type(one) is not type(other) or _bare(one.undo) != _bare(other.undo):
        return False
    return not isinstance(one, EachStep) or (one.of, one.element) == (other.of, other.element)  # type: ignore[union-attr]


def _bare(part: Any) -> Any:
    """Without what does not count: the same for two parts that do the same."""
    if isinstance(part, tuple):
        return tuple([_bare(one) for one in part])
    if not is_dataclass(part):
        return part
    leads = _LEADS if isinstance(part, StepBase | Watch) else frozenset()
    told = [part.__class__.__name__]
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name == "on_late":  # it is one of the reactions of a deadline, which are counted as they fire
            value = value is not None
        if field.name not in _BEFORE and field.name not in leads:
            told.append(_bare(value))
    return tuple(told)
