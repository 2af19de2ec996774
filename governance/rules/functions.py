"""The standard functions, called: which way fits, what is converted on the way in, and who computes it.

Arguments are converted as DMN 1.5 says in section 10.3.2.9.4: `[x]` where a single value is asked for, `x` where a list
is. What fits no way is null.
"""

from collections.abc import Sequence
from typing import Any

from governance.rules import (
    context_functions,
    conversion_functions,
    list_functions,
    number_functions,
    range_functions,
    text_functions,
    time_functions,
)
from governance.rules.calling import Arguments, Run
from governance.rules.env import Env
from governance.rules.limits import LIST_ITEMS_MAX
from governance.rules.signatures import STANDARD, Kinds, Way
from governance.rules.values import kind_of

RUN: dict[str, Run] = {
    **conversion_functions.FUNCTIONS,
    **text_functions.FUNCTIONS,
    **list_functions.FUNCTIONS,
    **number_functions.FUNCTIONS,
    **time_functions.FUNCTIONS,
    **range_functions.FUNCTIONS,
    **context_functions.FUNCTIONS,
}


Known = tuple[int, int, tuple[Kinds, ...]]


def _known(way: Way) -> Known:
    """How few and how many arguments a way takes, and of which kinds; `more` is as long as a list may be."""
    most = LIST_ITEMS_MAX if way.more else len(way.takes)
    return way.required, most, way.takes


_CALLS = {name: (RUN[name], tuple(map(_known, signature.ways))) for name, signature in STANDARD.items()}


def invoke(name: str, arguments: Arguments, env: Env, way: int | None = None) -> Any:
    """The value of a standard function; null for arguments it does not take. `way` when it was called by names."""
    run, ways = _CALLS[name]
    count = len(arguments)
    for least, most, takes in ways if way is None else ways[way : way + 1]:
        if least <= count <= most:
            given = _fitting(takes, arguments)
            if given is not None:
                return run(given, env)
    return None


def _fitting(takes: tuple[Kinds, ...], arguments: Arguments) -> Sequence[Any] | None:
    """The arguments as a way takes them; None when it does not."""
    given = arguments
    last = len(takes) - 1
    for number, argument in enumerate(arguments):
        kinds = takes[number if number < last else last]
        if kinds[0] == "any" or kind_of(argument) in kinds:
            continue
        if given is arguments:
            given = list(arguments)
        if type(argument) in (tuple, list) and len(argument) == 1 and kind_of(argument[0]) in kinds:
            given[number] = argument[0]  # type: ignore[index] # a list from here on
        elif "list" in kinds and argument is not None:
            given[number] = (argument,)  # type: ignore[index]
        else:
            return None
    return given
