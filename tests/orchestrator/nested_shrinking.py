"""A shorter play that fails as well, told so that it can be read and played again."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields
from typing import Any

from tests.orchestrator.nested_playing import Play, Seed
from versioning import blueprint as b

TRIES_MAX = 150  # of shorter plays; a few seconds


class Failed(AssertionError):
    """A play that did not end as it must. The message tells the seed, the blueprints and what was done."""


def played(numbers: Iterable[int]) -> Counter[str]:
    """How often each command was answered how in these plays; `Failed` with the shortest one found that fails."""
    said: Counter[str] = Counter()
    for number in numbers:
        play = Play(Seed(number))
        try:
            play.play()
        except Exception as error:
            raise told(shortened(play.seed, fails), error) from error
        said.update([f"{type(one.command).__name__} {one.answer}" for one in play.sent])
    return said


def fails(seed: Seed) -> Exception | None:
    """What a play raises; None when it ends well."""
    try:
        Play(seed).play()
    except Exception as error:
        return error
    return None


def shortened(seed: Seed, trying: Callable[[Seed], Exception | None]) -> Seed:
    """With fewer acts: halves are left out, then quarters, and at last each alone, while it fails all the same."""
    size, tries = len(seed.acts) // 2, 0
    while size:
        first = 0
        while first < len(seed.acts) and tries < TRIES_MAX:
            tries += 1
            fewer = Seed(seed.number, seed.acts[:first] + seed.acts[first + size :])
            if trying(fewer) is None:
                first += size
            else:
                seed = fewer
        size //= 2
    return seed


def told(seed: Seed, first: Exception) -> Failed:
    """A failure that tells the play: the blueprints, every command with its answer, and what then was wrong."""
    play, error = Play(seed), first
    try:
        play.play()
    except Exception as raised:
        error = raised
    lines = [f"{type(error).__name__}: {error}", f"play it again: Play({seed}).play()"]
    for version in play.versions:
        lines.append(f"{version.blueprint.id}, from {version.blueprint.first}:")
        lines += [f"    {brief(step)}" for step in version.blueprint.steps]
    lines.append("played:")
    lines += [f"    {one.act:2} {brief(one.command)} -> {one.answer}" for one in play.sent]
    return Failed("\n".join(lines))


def brief(value: Any) -> str:
    """A value with those of its fields that are not what they are anyway."""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return f"({', '.join(map(brief, value))})"
    if not hasattr(value, "__dataclass_fields__"):
        return repr(value)
    said = [(one.name, getattr(value, one.name)) for one in fields(value) if _is_said(one, getattr(value, one.name))]
    return f"{type(value).__name__}({', '.join([f'{name}={brief(part)}' for name, part in said])})"


def _is_said(field: Field[Any], value: Any) -> bool:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return value != default and not isinstance(value, b.Place)
