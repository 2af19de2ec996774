"""The stops of every tour, as values: `stops.json` beside this file is the data."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "stops.json"
EACH = 6  # stops of a tour


@dataclass(frozen=True, slots=True)
class Done:
    """How a stop is seen to be done. `kind` empty: the console knows it, by the visit to the route; else `times`
    entries of this kind by the person, whose payload has the member `having` where one is named."""

    kind: str = ""
    having: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """One task. `route` is the console's, with `{task}`, `{instance}` or `{change}` for what `find` finds."""

    id: str
    route: str
    find: str
    done: Done


@dataclass(frozen=True, slots=True)
class Tour:
    """The stops of one role, for whoever holds one of the roles `held` of the access policy."""

    role: str
    held: frozenset[str]
    stops: tuple[Stop, ...]


@cache
def tours() -> tuple[Tour, ...]:
    """Every tour."""
    read = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(_tour(one) for one in read["tours"])


def tour_of(held: Iterable[str]) -> Tour | None:
    """The tour for these roles, the first that fits; None for whoever has none."""
    roles = frozenset(held)
    return next((tour for tour in tours() if tour.held & roles), None)


def title_key(tour: Tour, stop: Stop) -> str:
    """The key of the title in the console's messages; that of the words ends in `.words`."""
    return f"tour.{tour.role}.{stop.id}.title"


def words_key(tour: Tour, stop: Stop) -> str:
    """The key of what there is to do."""
    return f"tour.{tour.role}.{stop.id}.words"


def _tour(one: Mapping[str, Any]) -> Tour:
    return Tour(one["role"], frozenset(one["held"]), tuple(_stop(stop) for stop in one["stops"]))


def _stop(one: Mapping[str, Any]) -> Stop:
    said = one["done"]
    done = Done(said["kind"], said.get("with", ""), said.get("times", 1)) if said["by"] == "ledger" else Done()
    return Stop(one["id"], one["route"], one.get("find", ""), done)
