"""A smaller history that fails as well: fewer processes, faults and acts, tried one after the other."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from tests.simulation.history import History, Seed
from tests.simulation.place import Place
from tests.simulation.wide import WideHistory

TRIES_MAX = 40  # of smaller histories; a second or two


class Failed(AssertionError):
    """A history that did not end as it must. The message is the line that plays it again."""


def made(seed: Seed, place: Place) -> History:
    """The history of a seed."""
    return (WideHistory if seed.wide else History)(seed, place)


def play(seed: Seed, place: Place) -> History:
    """Play a history; `Failed` with the smallest one found that fails, from what that raised."""
    history = made(seed, place)
    try:
        history.play()
    except Exception as error:
        smaller, raised = shrunk(seed, error, lambda one: fails(one, place))
        raise Failed(f"{told(raised)}\n    python -m tests.simulation {smaller}") from raised
    return history


def played(seeds: Iterable[Seed], place: Place) -> Counter[str]:
    """How often each command was answered how, and processes died, in these histories."""
    said: Counter[str] = Counter()
    for seed in seeds:
        history = play(seed, place)
        said.update(history.said)
        said["died"] += history.deaths
    return said


def fails(seed: Seed, place: Place) -> Exception | None:
    """What a history raises; None when it ends well."""
    try:
        made(seed, place).play()
    except Exception as error:
        return error
    return None


def told(error: Exception) -> str:
    """The kind of an error and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def shrunk(seed: Seed, error: Exception, trying: Callable[[Seed], Exception | None]) -> tuple[Seed, Exception]:
    """The smallest seed found for which `trying` still gives an error, and that error."""
    tries = 0
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in _smaller(seed):
            tries += 1
            if tries > TRIES_MAX:
                return seed, error
            raised = trying(candidate)
            if raised is not None:
                seed, error, is_smaller = candidate, raised, True
                break
    return seed, error


def _smaller(seed: Seed) -> Iterator[Seed]:
    if seed.faults != 0:
        yield replace(seed, faults=0)
    if seed.processes > 1:
        yield replace(seed, processes=1)
    for acts in (1, seed.acts // 2, seed.acts - 1):
        if 0 < acts < seed.acts:
            yield replace(seed, acts=acts)
    if seed.faults is None:
        yield replace(seed, faults=1)
