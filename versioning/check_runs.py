"""Whether the blueprints that a blueprint runs may be run, and whether that ever ends. Pure."""

from collections.abc import Iterator, Mapping

from ledger.wording import Wording, as_it_is
from versioning.blueprint import Blueprint, RunStep, Step, inner_of
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
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
            message = say(
                "runs-other-start", step=quoted(step.id), blueprint=quoted(run.blueprint), by=as_it_is(known.by)
            )
            notes.error("run.start", place, message, say("starts-by-instance-or-api"))
        cycle = _way_back(blueprint.id, run.blueprint, running)
        if cycle:
            told = _chained(cycle)
            message = say("runs-in-circle", blueprint=quoted(blueprint.id), told=told)
            notes.error("run.cycle", place, message, say("no-circle"))


def _chained(cycle: tuple[str, ...]) -> Wording:
    """`a`, which runs `b`, which runs `c`."""
    first, *rest = cycle
    if not rest:
        return quoted(first)
    return say("which-runs", first=quoted(first), rest=_chained(tuple(rest)))


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
