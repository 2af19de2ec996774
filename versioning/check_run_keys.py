"""Instances that one blueprint runs under one key while that is taken: the first has it, and the others fail. Pure.

Told of what the source alone says: the same expression in branches that are under way together, or the same for every
element of a list; one after the other as well where the key is never free again, unless something between sets what it
reads. Whether different expressions yield one key is known when they do.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

from versioning.blueprint import AllStep, Blueprint, EachStep, RunStep, Step, inner_of
from versioning.branches import Branches, branches_of
from versioning.check_data import brought_to, written_by
from versioning.check_types import Types
from versioning.data_paths import leaves_at
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.net import BESIDE, Net
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


def run_keys_in_turn(
    notes: Notes, blueprint: Blueprint, running: Mapping[str, Running], net: Net, types: Types
) -> None:
    """No run, and no further try of one, comes to the key of one before it that is never free again."""
    keyed = [one for one in _keyed(blueprint, running) if not running[one.run.blueprint].again]
    ways, told = _Ways(blueprint, net, branches_of(blueprint)), dict[str, str]()
    for first, second in product(keyed, repeat=2):
        if (first.run.blueprint, first.source) != (second.run.blueprint, second.source) or second.step.id in told:
            continue
        if told.get(first.step.id) == second.step.id:
            continue  # of branches that are begun in any order one is told
        typed = types.get((second.step.id, second.at))
        is_tried_again = first is second and second.run.retry is not None  # as a new instance, under the same key
        if typed is None or not (is_tried_again or ways.lead(first.step.id, second.step.id)):
            continue
        own = {second.step.element: second.step.of} if isinstance(second.step, EachStep) else {}
        reads = [own.get(path.partition(".")[0], path) for path in typed.reads]
        if ways.change(first.step.id, second.step.id, reads):
            continue
        told[second.step.id] = first.step.id
        message = say(
            "run-under-key-taken",
            step=quoted(second.step.id), blueprint=quoted(second.run.blueprint), other=quoted(first.step.id),
        )  # fmt: skip
        notes.warning("run.key", notes.of_step(second.step, second.at), message, say("key-of-its-own"))


class _Ways(NamedTuple):
    """What comes after what."""

    blueprint: Blueprint
    net: Net
    branches: Branches

    def lead(self, first: str, second: str) -> bool:
        """Whether a step is come to when another, or it itself, is over. Those open together are told elsewhere."""
        if first == second and self._is_begun_again(second):
            return True
        if self.branches.meet(first, second):
            return False
        return second in _reached(self.net, first, ahead=True) or self.branches.meet(first, second, in_turn=True)

    def change(self, first: str, second: str, reads: Iterable[str]) -> bool:
        """Whether something between the two, or beside them, may set what is read."""
        read = {leaf for path in reads for leaf in leaves_at(self.blueprint.data, path)}
        between = _reached(self.net, first, ahead=True) & _reached(self.net, second, ahead=False)
        for step in self.blueprint.steps:
            beside = any(self.branches.meet(one, step.id, in_turn=True) for one in (first, second))
            if step.id == first or beside or step.id in between - {second}:
                written = [*written_by(step), *brought_to(step)]
                if any(read & leaves_at(self.blueprint.data, one.path) for one in written):
                    return True
        return False

    def _is_begun_again(self, step: str) -> bool:
        """Whether it lies in a branch that people may begin again, or that every message begins."""
        for outer, branch in self.branches.scopes.get(step, ()):
            fork = self.blueprint.step(outer)
            if branch.startswith(BESIDE):
                if fork.watches[int(branch.removeprefix(BESIDE))].kind == "message":
                    return True
            elif isinstance(fork, AllStep) and branch in fork.may_repeat:
                return True
        return False


def _reached(net: Net, step: str, *, ahead: bool) -> frozenset[str]:
    """The steps that a token may come to from a step, or `ahead` aside those it may come from."""
    ways: dict[int, list[int]] = {}
    for one in net.transitions:
        for before, after in product(one.takes, one.gives):
            ways.setdefault(before if ahead else after, []).append(after if ahead else before)
    todo = [number for number, place in enumerate(net.places) if (place.kind, place.step) == ("at", step)]
    seen = set[int]()
    for number in todo:
        for other in ways.get(number, ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return frozenset([net.places[number].step for number in seen if net.places[number].kind == "at"])


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
