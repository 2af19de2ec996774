"""Whether the blueprints that a blueprint runs may be run, and whether that ever ends. Pure."""

from collections.abc import Mapping

from versioning.blueprint import Blueprint, RunStep
from versioning.check_structure import Notes
from versioning.finding import quoted
from versioning.registers import Running
from versioning.starts import RUN_BY


def runs_of(blueprint: Blueprint) -> tuple[str, ...]:
    """The names of the blueprints that its steps run, each once, in the order of the source."""
    return tuple(dict.fromkeys(step.blueprint for step in blueprint.steps if isinstance(step, RunStep)))


def runs(notes: Notes, blueprint: Blueprint, running: Mapping[str, Running]) -> None:
    """Every blueprint that is run starts by being run, and none of them runs this one in the end."""
    for step in blueprint.steps:
        if not isinstance(step, RunStep) or step.blueprint == blueprint.id:
            continue
        known = running.get(step.blueprint)
        if known is not None and known.by not in RUN_BY:
            message = f"{quoted(step.id)} runs {quoted(step.blueprint)}, which starts by {known.by} alone"
            notes.error("run.start", notes.of_step(step, "run"), message, "a blueprint that starts by instance or api")
        cycle = _way_back(blueprint.id, step.blueprint, running)
        if cycle:
            told = ", which runs ".join(map(quoted, cycle))
            message = f"{quoted(blueprint.id)} runs {told}: they may never end"
            notes.error("run.cycle", notes.of_step(step, "run"), message, "blueprints that do not run each other")


def _way_back(home: str, first: str, running: Mapping[str, Running]) -> tuple[str, ...]:
    """The shortest way from `first` to `home` by what runs what; empty where there is none."""
    ways: list[tuple[str, ...]] = [(first,)]
    seen = {first}
    for way in ways:
        known = running.get(way[-1])
        for name in () if known is None else known.runs:
            if name == home:
                return (*way, home)
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
