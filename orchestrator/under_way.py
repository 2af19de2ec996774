"""Lists that a step is going through: it knows their elements by their places, so those that are over keep theirs.

Otherwise an element would be done twice, or never, and nothing on record would say so. What they hold may be corrected.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator import keeping
from orchestrator.instance import JOINING, PARTS, Activation, element_in
from orchestrator.paths import lay, value_at
from orchestrator.refusal_texts import why
from orchestrator.run import Run
from versioning.blueprint import EachStep

ELEMENT_MOVED = "ELEMENT_MOVED"  # of a step whose result would move elements that are over


def list_fault(run: Run, values: Iterable[tuple[str, Any]]) -> Refusal | None:
    """Why these values, by path, are not laid now: one moves an element that is over. None where none does."""
    after: dict[str, Any] = {}
    for activation, step in _under_way(run):
        root, _, within = step.of.partition(".")
        after = after or _after(run, values)
        if root not in after:
            continue
        over = {element_in(branch) - 1 for branch in activation.arrived}
        if _is_moved(_list(run.value(root), within), _list(after[root], within), over):
            message = why("element-over-moved", path=as_it_is(step.of), step=as_it_is(step.id))
            return Refusal(Reason.INVALID_DATA, message)
    return None


def result_refused(run: Run, activation: Activation, result: Any) -> Refusal | None:
    """Why the result of work is not laid where its step says."""
    fault = run.result_fault(activation, result)
    return _moving(run, activation, result) if fault is None else Refusal(Reason.INVALID_DATA, fault.message)


def unfit(run: Run, activation: Activation, result: Any) -> str:
    """The same as the code of an incident, of work that is done and cannot be turned down; empty where it is laid."""
    if run.result_fault(activation, result) is not None:
        return keeping.UNFIT
    return "" if _moving(run, activation, result) is None else ELEMENT_MOVED


def _moving(run: Run, activation: Activation, result: Any) -> Refusal | None:
    into = getattr(run.plan.steps[activation.step], "into", None)
    if into is None or activation.branch.startswith(PARTS):  # a result of an element stands in the place of no other
        return None
    return list_fault(run, [(into, result)])


def message_fault(run: Run, path: str, data: Any) -> Refusal | None:
    """Why the data of a message are not put at a path now."""
    fault = run.plan.fault_at(path, data)
    return list_fault(run, [(path, data)]) if fault is None else Refusal(Reason.INVALID_DATA, fault.message)


def _under_way(run: Run) -> Iterator[tuple[Activation, EachStep]]:
    for activation in run.instance.live:
        step = run.step_of(activation)
        if activation.state == JOINING and isinstance(step, EachStep):
            yield activation, step


def _after(run: Run, values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The variables that these values would change, as they would be."""
    after: dict[str, Any] = {}
    for path, value in values:
        root, _, rest = path.partition(".")
        after[root] = lay(after.get(root, run.value(root)), rest, value)
    return after


def _is_moved(before: list[Any], after: list[Any], over: set[int]) -> bool:
    """Whether an element that is over comes to stand where one is still to be done, or the other way round."""
    still_before, still_after = _beside(before, over), _beside(after, over)
    for place in over:
        was, now = before[place : place + 1], after[place : place + 1]
        if was != now and (any(one in still_after for one in was) or any(one in still_before for one in now)):
            return True
    return False


def _beside(elements: list[Any], over: set[int]) -> list[Any]:
    return [one for place, one in enumerate(elements) if place not in over]


def _list(root: Any, path: str) -> list[Any]:
    found = value_at(root, path)
    return found if type(found) is list else []
