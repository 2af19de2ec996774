"""Tasks that changed hands, in words of a compliance record. Pure, standard library only."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from governance.questions.facts import Record

HANDED = ("task.claimed", "task.assigned", "task.delegated", "task.returned", "task.released")
_LEAST_LOADED = "least loaded"


def handed_words(record: Record, one: Mapping[str, Any], person: Callable[[str], str]) -> Iterator[str]:
    """What is said of a transition; nothing of a claim for oneself, nor of a task that was simply given back."""
    kind, task = one["t"], f"the task of activation {one['activation']}"
    by = person(str(record.actor.get("person") or record.actor["id"]))
    absent = one.get("stands_in_for")
    if kind in ("task.returned", "task.released") and one.get("why"):
        yield _taken(record, one, person)
    elif kind == "task.returned":
        yield f"{by} returned `{one['step']}` {'with a proposal' if one.get('proposes') else 'undone'}"
    elif kind == "task.delegated":
        yield f"{by} delegated {task} to {person(one['to'])}"
    elif absent:  # claimed, or assigned to who stands in
        yield f"{by} took {task} in the place of {person(absent)}"
    elif kind == "task.assigned" and one["why"] == _LEAST_LOADED:
        held, among = one.get("holding", 0), one.get("among", 0)
        yield f"{task} was given to {person(one['to'])}, who held the fewest ({held}) of {among} it was offered to"
    elif kind == "task.assigned":
        yield f"{by} {one['why']} {task} to {person(one['to'])}"


def _taken(record: Record, one: Mapping[str, Any], person: Callable[[str], str]) -> str:
    """Taken from its holder, or from its delegate, with the reason where it is on record."""
    who = person(record.payload["holder"]) if one["t"] == "task.released" else f"its delegate {person(one['by'])}"
    lost = f": {one['reason']}" if one.get("reason") else ""
    return f"the task of activation {one['activation']} was taken from {who}, who could no longer do it{lost}"


def values_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the transition."""
    return {name: value for name, value in one.items() if name != "t"}
