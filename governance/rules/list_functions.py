"""Standard functions on lists and booleans (DMN 1.5, sections 10.3.4.2 and 10.3.4.4).

Places are counted from 1, from the end when negative.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules.binders import called
from governance.rules.calling import Arguments, Run, index_in, items_of, whole
from governance.rules.env import Env
from governance.rules.errors import Unanswerable
from governance.rules.operations import as_boolean, conjunction, equal, ordered
from governance.rules.values import NUMBER_TYPES, Function, kind_of

List = tuple[Any, ...]


def _extreme(sign: int) -> Run:
    def run(arguments: Arguments, env: Env) -> Any:
        items = items_of(arguments)
        if not items or any(item is None for item in items):
            return None
        env.budget.spend(len(items))
        best = items[0]
        if ordered(best, best, env.currency) is None:
            return None
        for item in items[1:]:
            pair = ordered(item, best, env.currency)
            if pair is None:
                return None
            if pair[0] != pair[1] and (pair[0] < pair[1]) == (sign < 0):
                best = item
        return best

    return run


def _all(arguments: Arguments, _env: Env) -> bool | None:
    return conjunction(_booleans(items_of(arguments), decides=False))


def _any(arguments: Arguments, _env: Env) -> bool | None:
    values = _booleans(items_of(arguments), decides=True)
    if True in values:
        return True
    return None if None in values else False


def _booleans(items: Arguments, decides: bool) -> list[bool | None]:
    """Anything that is no boolean makes the whole null; beside an item that decides it, the standard is not clear."""
    values = [as_boolean(item) for item in items]
    if decides in values and any(item is not None and value is None for item, value in zip(items, values, strict=True)):
        raise Unanswerable("expected booleans only")
    return values


def _contains(arguments: Arguments, env: Env) -> bool:
    return any(True for _ in _places(arguments[0], arguments[1], env))


def _index_of(arguments: Arguments, env: Env) -> List:
    return tuple(Decimal(place + 1) for place in _places(arguments[0], arguments[1], env))


def _places(items: Arguments, value: Any, env: Env) -> Iterable[int]:
    for place, item in enumerate(items):
        env.budget.spend(limits.cost_of(item))
        if _same(item, value, env):
            yield place


def _same(one: Any, other: Any, env: Env) -> bool:
    """Whether two items of lists are equal; a list never equals what is none."""
    if (type(one) in (tuple, list)) != (type(other) in (tuple, list)):
        return False
    return equal(one, other, env.currency) is True


def _sublist(arguments: Arguments, _env: Env) -> List | None:
    items = arguments[0]
    first = index_in(items, whole(arguments[1], "a place in a list"))
    if first is None:
        return None
    if len(arguments) == 2:
        return tuple(items[first:])
    size = whole(arguments[2], "the length of a list")
    if first + size > len(items):
        raise Unanswerable("expected a part that lies within its list")
    return tuple(items[first : first + size]) if size >= 1 else None


def _append(arguments: Arguments, env: Env) -> List:
    return _bounded([*arguments[0], *arguments[1:]], env)


def _concatenate(arguments: Arguments, env: Env) -> List:
    limits.bounded_list(sum(len(argument) for argument in arguments))
    return _bounded([item for argument in arguments for item in argument], env)


def _bounded(items: list[Any], env: Env) -> List:
    limits.bounded_list(len(items))
    env.budget.spend(1 + len(items) // 16)
    return tuple(items)


def _insert_before(arguments: Arguments, env: Env) -> List | None:
    items, position, new = arguments
    place = index_in(items, whole(position, "a place in a list"))
    return None if place is None else _bounded([*items[:place], new, *items[place:]], env)


def _remove(arguments: Arguments, env: Env) -> List | None:
    items, position = arguments
    place = index_in(items, whole(position, "a place in a list"))
    return None if place is None else _bounded([*items[:place], *items[place + 1 :]], env)


def _replace(arguments: Arguments, env: Env) -> List | None:
    items, where, new = arguments
    if type(where) is Function:
        return _replace_where(items, where, new, env)
    place = index_in(items, int(where)) if where == int(where) else None
    return None if place is None else _bounded([*items[:place], new, *items[place + 1 :]], env)


def _replace_where(items: Arguments, match: Function, new: Any, env: Env) -> List | None:
    if len(match.parameters) != 2:
        return None
    replaced = []
    for item in items:
        env.budget.spend(2)
        found = called(match, [item, new], (), env.budget)
        if type(found) is not bool:
            return None
        replaced.append(new if found else item)
    return tuple(replaced)


def _reverse(arguments: Arguments, env: Env) -> List:
    return _bounded(list(reversed(arguments[0])), env)


def _distinct(arguments: Arguments, env: Env) -> List:
    return _without_doubles(arguments[0], env)


def _union(arguments: Arguments, env: Env) -> List:
    return _without_doubles(_concatenate(arguments, env), env)


def _without_doubles(items: Arguments, env: Env) -> List:
    """The first of each of those that are equal. Plain values are looked up, all others compared with every one."""
    env.budget.spend(1 + len(items))
    plain: set[tuple[str, Any]] = set()
    others: list[Any] = []
    kept: list[Any] = []
    for item in items:
        if item is None or type(item) in NUMBER_TYPES or type(item) in (str, bool):
            key = (kind_of(item), item)
            known = key in plain
            plain.add(key)
            against: list[Any] = [] if known else others
        else:
            known, against = False, kept
        for other in against:
            env.budget.spend(1)
            known = known or _same(item, other, env)
        if not known:
            kept.append(item)
            if against is kept:
                others.append(item)
    return tuple(kept)


def _flatten(arguments: Arguments, env: Env) -> List:
    flat: list[Any] = []
    waiting = [iter(arguments[0])]
    while waiting:
        env.budget.spend(1)
        item = next(waiting[-1], waiting)
        if item is waiting:
            waiting.pop()
        elif type(item) in (tuple, list):
            waiting.append(iter(item))
        else:
            flat.append(item)
            limits.bounded_list(len(flat))
    return tuple(flat)


class _NoOrder(Exception):
    """A function that is to say which item precedes said neither yes nor no."""


def _sort(arguments: Arguments, env: Env) -> List | None:
    """In the order the function gives; where neither of two precedes the other, in the order they had. A function
    that contradicts itself gives some order of the items, always the same."""
    items, precedes = arguments
    if len(precedes.parameters) != 2:
        return None

    def compare(one: Any, other: Any) -> int:
        env.budget.spend(2)
        found = called(precedes, [one, other], (), env.budget)
        if type(found) is not bool:
            raise _NoOrder
        return -1 if found else 0

    try:
        return _merged(list(items), compare)
    except _NoOrder:
        return None


def _merged(items: list[Any], compare: Any) -> List:
    """Merge sort, by hand: each comparison asks whether the later one precedes, so that equal ones stay in order."""
    width = 1
    while width < len(items):
        merged: list[Any] = []
        for start in range(0, len(items), 2 * width):
            left, right = items[start : start + width], items[start + width : start + 2 * width]
            one = other = 0
            while one < len(left) and other < len(right):
                if compare(right[other], left[one]) < 0:
                    merged.append(right[other])
                    other += 1
                else:
                    merged.append(left[one])
                    one += 1
            merged += left[one:] + right[other:]
        items = merged
        width *= 2
    return tuple(items)


def _not(arguments: Arguments, _env: Env) -> bool | None:
    value = as_boolean(arguments[0])
    return None if value is None else not value


FUNCTIONS: dict[str, Run] = {
    "not": _not,
    "min": _extreme(-1),
    "max": _extreme(1),
    "all": _all,
    "any": _any,
    "count": lambda arguments, _: Decimal(len(arguments[0])),
    "list contains": _contains,
    "list replace": _replace,
    "sublist": _sublist,
    "append": _append,
    "concatenate": _concatenate,
    "insert before": _insert_before,
    "remove": _remove,
    "reverse": _reverse,
    "index of": _index_of,
    "union": _union,
    "distinct values": _distinct,
    "flatten": _flatten,
    "sort": _sort,
}
