"""Instances that one blueprint runs under one key at a time: the key of the first is taken, and the others fail. Pure.

Told of what the source alone says: the same expression in branches that are under way together, or the same for every
element of a list. Whether different expressions yield one key is known when they do.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from versioning.blueprint import Blueprint, EachStep, RunStep, Step, inner_of
from versioning.branches import branches_of
from versioning.check_types import Types
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.registers import Running


class _Run(NamedTuple):
    """A run under a key: the step, itself or for each element, and the key's expression with where it stands in it."""

    step: Step
    run: RunStep
    source: str
    at: str


def run_keys(notes: Notes, blueprint: Blueprint, running: Mapping[str, Running], types: Types) -> None:
    """No two runs that are under way together, and no two elements of a list, have one key."""
    keyed = list(_keyed(blueprint, running))
    for one in keyed:
        if isinstance(one.step, EachStep) and _is_one_for_all(one.step, one, running[one.run.blueprint], types):
            message = say("run-of-each-under-one-key", step=quoted(one.step.id), blueprint=quoted(one.run.blueprint))
            notes.warning("run.key", notes.of_step(one.step, one.at), message, say("key-of-the-element"))
    branches = branches_of(blueprint)
    told = set()
    for first, second in combinations(keyed, 2):
        if (first.run.blueprint, first.source) != (second.run.blueprint, second.source) or second.step.id in told:
            continue
        if branches.meet(first.step.id, second.step.id):
            told.add(second.step.id)
            message = say(
                "runs-under-one-key",
                step=quoted(second.step.id), blueprint=quoted(second.run.blueprint), other=quoted(first.step.id),
            )  # fmt: skip
            notes.warning("run.key", notes.of_step(second.step, second.at), message, say("key-of-its-own"))


def _keyed(blueprint: Blueprint, running: Mapping[str, Running]) -> Iterator[_Run]:
    for step in blueprint.steps:
        run = step if isinstance(step, RunStep) else inner_of(step)
        known = running.get(run.blueprint) if isinstance(run, RunStep) else None
        if not isinstance(run, RunStep) or known is None or not known.key:
            continue
        root = known.key.partition(".")[0]
        source = dict(run.arguments).get(root)
        if source is not None:
            yield _Run(step, run, source.strip(), f"{'' if run is step else 'do.'}with.{root}")


def _is_one_for_all(step: EachStep, one: _Run, known: Running, types: Types) -> bool:
    """Whether its elements have one key that is not free again before the next begins."""
    typed = types.get((step.id, one.at))
    if typed is None or any(path.partition(".")[0] == step.element for path in typed.reads):
        return False
    return step.at_once or not known.again
