"""A step entered in the place of another, by a person's act and not by the blueprint.

Only a step that the blueprint has in that very place (outside any branch, or in the same branch of the same fork): so
tokens are neither doubled nor lost, as many branches arrive as a join waits for, and the marking is one that the net of
a sound blueprint goes on from to its end.
"""

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator import steered
from orchestrator.instance import PARTS, Activation, Instance
from orchestrator.refusal_texts import why
from orchestrator.run import Entering, Run
from orchestrator.turned_down import wrong_state
from versioning.blueprint import Blueprint
from versioning.branches import branches_of, scope_words
from versioning.net import Scope

MOVES_MAX = 50  # activations that one act ends


def not_endable(run: Run, number: int, ended: set[int]) -> Refusal | None:
    """Why an activation cannot be ended by an act that ends these."""
    activation = run.instance.activation(number)
    if activation is None or activation.watch is not None:
        return wrong_state(why("no-open-step", number=number))
    scope = activation.scope
    while scope:
        if scope in ended:
            message = why("activations-nested", number=number, scope=scope)
            return Refusal(Reason.INVALID_DATA, message)
        scope = run.live(scope).scope
    return None


def cannot_move(run: Run, activation: Activation, to: str) -> Refusal | None:
    """Why a step cannot be entered in the place of an activation; None when it can."""
    if activation.branch.startswith(PARTS):
        return Refusal(Reason.UNSOUND_MARKING, why("part-of-step"))
    place = scope_of(run.instance, activation)
    own = branches_of(run.plan.version.blueprint).scopes.get(to)
    if own is None:
        return Refusal(Reason.INVALID_DATA, why("no-such-step"))
    if own != place:
        message = why("step-elsewhere", place=scope_words(place), step=as_it_is(to), own=scope_words(own))
        return Refusal(Reason.UNSOUND_MARKING, message)
    return None


def targets(blueprint: Blueprint, instance: Instance, activation: Activation) -> tuple[str, ...]:
    """The steps that can be entered in the place of an activation, in the order of the source."""
    if activation.branch.startswith(PARTS):
        return ()
    place, scopes = scope_of(instance, activation), branches_of(blueprint).scopes
    return tuple([step.id for step in blueprint.steps if scopes.get(step.id) == place])


def scope_of(instance: Instance, activation: Activation) -> Scope:
    """The forks and branches an activation runs in, outermost first, as `versioning.branches` has them of steps."""
    scope: list[tuple[str, str]] = []
    while activation.scope:
        around = instance.activation(activation.scope)
        assert around is not None
        scope.append((around.step, activation.branch))
        activation = around
    return tuple(reversed(scope))


def inside(instance: Instance, number: int) -> tuple[Activation, ...]:
    """The live steps that end with an activation: those of its branches and elements, and what runs beside it."""
    around, found = {number}, []
    for one in instance.live:  # what lies in another has begun after it
        if one.scope in around:
            around.add(one.number)
            found += [] if one.watch is not None else [one]
    return tuple(found)


def move(run: Run, number: int, to: str) -> None:
    """End an activation and enter a step in its place."""
    activation = run.live(number)
    run.emit(steered.StepMoved(number, to))
    run.close(activation, to)
    run.todo.append(Entering(to, activation.scope, activation.branch))
