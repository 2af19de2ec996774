"""Whether the blueprints that a blueprint runs may be run, and whether that ever ends. Pure."""

from collections.abc import Iterator, Mapping

from versioning.blueprint import Blueprint, RunStep, Step, inner_of
from versioning.check_structure import Notes
from versioning.finding import quoted
from versioning.registers import Running
from versioning.starts import RUN_BY


def runs_of(blueprint: Blueprint) -> tuple[str, ...]:
    """The names of the blueprints that its steps run, each once, in the order of the source."""
    return tuple(dict.fromkeys(run.blueprint for _, run in _runs(blueprint)))


def _runs(blueprint: Blueprint) -> Iterator[tuple[Step, RunStep]]:
    """Every run with the step that it is, or that does it for each element of a list."""
    for step in blueprint.steps:
        run = step if isinstance(step, RunStep) else inner_of(step)
        if isinstance(run, RunStep):
            yield step, run


def runs(notes: Notes, blueprint: Blueprint, running: Mapping[str, Running]) -> None:
    """Every blueprint that is run starts by being run, and none of them runs this one in the end."""
    for step, run in _runs(blueprint):
        if run.blueprint == blueprint.id:
            continue
        place = notes.of_step(step, "run" if run is step else "do")
        known = running.get(run.blueprint)
        if known is not None and known.by not in RUN_BY:
            message = f"{quoted(step.id)} runs {quoted(run.blueprint)}, which starts by {known.by} alone"
            notes.error("run.start", place, message, "a blueprint that starts by instance or api")
        cycle = _way_back(blueprint.id, run.blueprint, running)
        if cycle:
            told = ", which runs ".join(map(quoted, cycle))
            message = f"{quoted(blueprint.id)} runs {told}: they may never end"
            notes.error("run.cycle", place, message, "blueprints that do not run each other")


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
