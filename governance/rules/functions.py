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
from governance.rules.signatures import STANDARD, Way
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


def invoke(name: str, arguments: Arguments, env: Env, way: int | None = None) -> Any:
    """The value of a standard function; null for arguments it does not take. `way` when it was called by names."""
    ways = STANDARD[name].ways
    for one in ways if way is None else ways[way : way + 1]:
        given = _fitting(one, arguments)
        if given is not None:
            return RUN[name](given, env)
    return None


def _fitting(way: Way, arguments: Arguments) -> Sequence[Any] | None:
    """The arguments as this way takes them; None when it does not."""
    if not way.fits(len(arguments)):
        return None
    given = arguments
    for number, argument in enumerate(arguments):
        kinds = way.kinds(number)
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
