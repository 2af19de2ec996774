"""Standard functions on texts (DMN 1.5, section 10.3.4.3). Characters are code points, counted from 1."""

from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules.calling import Arguments, Run
from governance.rules.env import Env
from governance.rules.patterns import Pattern, compiled, found_in, replacement, utf8


def _substring(arguments: Arguments, _env: Env) -> str | None:
    text, start = arguments[0], int(arguments[1])
    if start == 0 or abs(start) > len(text):
        return None
    first = start - 1 if start > 0 else len(text) + start
    if len(arguments) == 2:
        return str(text[first:])
    size = int(arguments[2])
    return str(text[first : first + size]) if size >= 1 else None


def _before(arguments: Arguments, _env: Env) -> str:
    text, match = arguments
    return str(text[: text.find(match)]) if match in text else ""


def _after(arguments: Arguments, _env: Env) -> str:
    text, match = arguments
    return str(text[text.find(match) + len(match) :]) if match in text else ""


def _flags(arguments: Arguments, place: int) -> str | None:
    return arguments[place] if len(arguments) > place else None


def _matches(arguments: Arguments, env: Env) -> bool | None:
    pattern = compiled(arguments[1], _flags(arguments, 2))
    return None if pattern is None else next(found_in(pattern, arguments[0], env.budget), None) is not None


def _pattern_of_something(source: str, flags: str | None, env: Env) -> Pattern | None:
    """A pattern that does not match the empty text: one that does is an error where matches are replaced or cut at."""
    pattern = compiled(source, flags)
    if pattern is None or next(found_in(pattern, "", env.budget), None) is not None:
        return None
    return pattern


def _replace(arguments: Arguments, env: Env) -> str | None:
    text, source, new = arguments[:3]
    pattern = _pattern_of_something(source, _flags(arguments, 3), env)
    put = None if pattern is None else replacement(new, pattern.groups)
    if pattern is None or put is None:
        return None
    encoded = utf8(text)
    pieces, end, size = [], 0, 0
    for spans in found_in(pattern, text, env.budget):
        pieces += [encoded[end : spans[0][0]], put(encoded, spans)]
        end = spans[0][1]
        size += len(pieces[-1])
        if size > 4 * limits.STRING_CHARS_MAX:  # bytes of so many characters at most
            limits.bounded_text(" " * (limits.STRING_CHARS_MAX + 1))
    return limits.bounded_text(b"".join([*pieces, encoded[end:]]).decode())


def _split(arguments: Arguments, env: Env) -> tuple[str, ...] | None:
    text, source = arguments
    pattern = _pattern_of_something(source, None, env)
    if pattern is None:
        return None
    encoded = utf8(text)
    pieces, end = [], 0
    for spans in found_in(pattern, text, env.budget):
        pieces.append(encoded[end : spans[0][0]])
        end = spans[0][1]
        limits.bounded_list(len(pieces) + 1)
    return tuple(piece.decode() for piece in [*pieces, encoded[end:]])


def _join(arguments: Arguments, _env: Env) -> str | None:
    items = [item for item in arguments[0] if item is not None]
    if any(type(item) is not str for item in items):
        return None
    between = (arguments[1] if len(arguments) == 2 else None) or ""
    size = sum(map(len, items)) + len(between) * max(0, len(items) - 1)
    if size > limits.STRING_CHARS_MAX:
        limits.bounded_text(" " * (limits.STRING_CHARS_MAX + 1))
    return between.join(items)


def _upper(arguments: Arguments, _env: Env) -> Any:
    return limits.bounded_text(arguments[0].upper())


def _lower(arguments: Arguments, _env: Env) -> Any:
    return limits.bounded_text(arguments[0].lower())


FUNCTIONS: dict[str, Run] = {
    "substring": _substring,
    "string length": lambda arguments, _: Decimal(len(arguments[0])),
    "upper case": _upper,
    "lower case": _lower,
    "substring before": _before,
    "substring after": _after,
    "contains": lambda arguments, _: arguments[1] in arguments[0],
    "starts with": lambda arguments, _: arguments[0].startswith(arguments[1]),
    "ends with": lambda arguments, _: arguments[0].endswith(arguments[1]),
    "matches": _matches,
    "replace": _replace,
    "split": _split,
    "string join": _join,
}
