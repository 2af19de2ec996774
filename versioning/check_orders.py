"""Whether branches that people may begin again or pass over are theirs to begin, and which decisions that leaves out.
Pure."""

from collections.abc import Iterable, Iterator

from ledger.wording import as_it_is
from versioning.blueprint import AllStep, Blueprint, DecideStep
from versioning.branches import branches_of
from versioning.finding import quoted
from versioning.net import Scope
from versioning.notes import Notes
from versioning.order_texts import of_orders
from versioning.reader import near


def orders(notes: Notes, blueprint: Blueprint) -> None:
    """What people may do with branches is said of steps whose branches they begin, and of branches that these have."""
    for step in blueprint.steps:
        if isinstance(step, AllStep):
            _named(notes, step, "may repeat", step.may_repeat)
            _named(notes, step, "may pass over", step.may_pass_over)
            if step.may_repeat and step.need == 1:
                message = of_orders("repeat-never", step=quoted(step.id))
                notes.error("order.repeat", notes.of_step(step, "may repeat"), message, of_orders("join-that-waits"))


def _named(notes: Notes, step: AllStep, key: str, named: Iterable[str]) -> None:
    if named and step.begun_by is None:
        message = of_orders("order-idle", step=quoted(step.id))
        notes.error("order.idle", notes.of_step(step, key), message, as_it_is("`in any order`"), quoted(key))
    for number, one in enumerate(named):
        if one not in step.branches:
            place = notes.of_step(step, f"{key}.{number}")
            message = of_orders("order-no-branch", step=quoted(step.id), near=near(one, step.branches))
            notes.error("order.branch", place, message, of_orders("order-branch", step=quoted(step.id)), quoted(one))


def decided_by_order(notes: Notes, blueprint: Blueprint) -> None:
    """Who reviews the blueprint is told which decisions people may leave out, or take a second time."""
    scopes = branches_of(blueprint).scopes
    for step in blueprint.steps:
        if not isinstance(step, AllStep):
            continue
        for one in _decisions_in(blueprint, step, scopes.items()):
            head = next(branch for fork, branch in scopes[one] if fork == step.id)
            names = {"decision": quoted(one), "branch": quoted(head)}
            if head in step.may_pass_over:
                place = notes.of_step(step, "may pass over")
                notes.warning("decision.left-out", place, of_orders("decision-passed-over", **names))
            if head in step.may_repeat:
                place = notes.of_step(step, "may repeat")
                notes.warning("decision.again", place, of_orders("decision-again", **names))


def _decisions_in(blueprint: Blueprint, fork: AllStep, scopes: Iterable[tuple[str, Scope]]) -> Iterator[str]:
    """The decisions in the branches of a fork, at any depth."""
    inside = {name for name, scope in scopes if any(outer == fork.id for outer, _ in scope)}
    yield from [one.id for one in blueprint.steps if isinstance(one, DecideStep) and one.id in inside]
