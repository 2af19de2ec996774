"""A step that does something for each element of a list: an activation for each, in the scope of the step's.

Its deadline and its events belong to the step and close what is open of its elements. One after the other, the list is
read anew before each, so that elements which have come meanwhile are done as well, and those that have gone are not.
"""

from typing import Any

from orchestrator import each_transitions as each
from orchestrator import keeping, work_steps
from orchestrator import transitions as t
from orchestrator.instance import ELEMENT, Activation
from orchestrator.paths import root_of, value_at
from orchestrator.run import Entering, PartOver, Run
from versioning.blueprint import CallStep, EachStep, JobStep, RunStep

GONE = "gone"  # by what an element is passed over that is in the list no more when its turn comes
ELEMENTS_MAX = 200  # of one list; each is an activation, and a marking is read and written whole


def begin(run: Run, activation: Activation, step: EachStep) -> None:
    """Begin the first element, or all of them."""
    count = _count(run, step)
    if type(count) is str:
        run.fail(activation, count, "each")
        return
    assert type(count) is int
    run.emit(each.EachOpened(activation.number, count))
    if step.into is not None:
        run.lay(step.into, [])
    if count == 0:
        _end(run, run.live(activation.number), step)
        return
    begun = range(count) if step.at_once else range(1)
    run.todo.extend([Entering(step.id, activation.number, f"{ELEMENT}{place}") for place in begun])


def begin_element(run: Run, activation: Activation) -> None:
    """Do what the step says for one element, which the body knows by its name."""
    step = run.plan.steps[activation.step]
    assert isinstance(step, EachStep)
    if place_of(activation) >= len(_elements(run, step)):
        if keeping.has_happened(run, activation):  # it was to be asked again, and was answered before
            keeping.keep_former(run, activation)
        run.emit(t.StepSkipped(activation.number, GONE))
        run.leave(activation, "")
        return
    if place_of(activation) >= ELEMENTS_MAX:  # it is held alone: those before it are done, and stay so
        run.fail(activation, "TOO_MANY_ELEMENTS", "each")
        return
    run.element = run.element_of(step, place_of(activation) + 1)
    try:
        if isinstance(step.body, CallStep):
            work_steps.begin_call(run, activation, step.body)
        elif isinstance(step.body, JobStep):
            work_steps.begin_job(run, activation, step.body)
        else:
            assert isinstance(step.body, RunStep)
            work_steps.begin_run(run, activation, step.body)
    finally:
        run.element = {}


def over(run: Run, ended: PartOver) -> None:
    """An element is over, with its result; then the next, or the end of the step."""
    part, result, done = ended
    host, step, place = run.live(part.scope), run.plan.steps[part.step], place_of(part)
    assert isinstance(step, EachStep)
    if step.into is not None and (done or place < len(_elements(run, step))):
        items = [*(_at(run, step.into) or ())]
        items += [None] * (place + 1 - len(items))
        items[place] = result
        run.lay(step.into, items)
    if done:
        keeping.keep(run, part)
    run.emit(each.ElementEnded(host.number, place + 1))
    host = run.live(host.number)
    ended_count = len(host.arrived)
    if step.until is not None and run.evaluate(step.until) is True:
        _end(run, host, step, early=True)
        return
    count = host.needed if step.at_once else max(host.needed, len(_elements(run, step)))
    if ended_count >= count:
        _end(run, host, step)
    elif not step.at_once:
        run.todo.append(Entering(step.id, host.number, f"{ELEMENT}{ended_count}"))


def place_of(activation: Activation) -> int:
    """Which element an activation is of, from 0."""
    return int(activation.branch[1:])


def _end(run: Run, host: Activation, step: EachStep, early: bool = False) -> None:
    run.close_inside(host.number, watches=False)
    run.emit(each.EachEnded(host.number, early and len(host.arrived) < host.needed))
    run.leave(run.live(host.number), step.next)


def _count(run: Run, step: EachStep) -> int | str:
    """How many elements there are, or the code of what is wrong with them."""
    elements = _at(run, step.of)
    if elements is None:
        return 0
    if type(elements) is not list:
        return "NOT_A_LIST"
    return "TOO_MANY_ELEMENTS" if len(elements) > ELEMENTS_MAX else len(elements)


def _elements(run: Run, step: EachStep) -> list[Any]:
    elements = _at(run, step.of)
    return elements if type(elements) is list else []


def _at(run: Run, path: str) -> Any:
    root = root_of(path)
    return value_at(run.value(root), path[len(root) + 1 :])
