"""Conditions of grants, as far as they are plain comparisons joined by `and`. Standard library only.

    condition   = comparison { "and" comparison }
    comparison  = path ( "<=" | "<" | ">=" | ">" | "=" | "!=" ) ( number | string | "true" | "false" )

That is a small part of the rule language, read here a second time so that a verifier needs no parser of ours; whatever
lies outside it, or rests on a value that is not disclosed, is *not run*. A property test holds this reading against
`governance.rules`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from governance.questions.facts import is_commitment, value_at

_COMPARISON = re.compile(
    r"\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\s*(<=|>=|!=|<|>|=)\s*"
    r"(-?\d{1,30}(?:\.\d{1,30})?|\"[^\"\\]*\"|true|false)\s*",
    re.ASCII,
)
_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "true",
        "false",
        "null",
    ]
)


def holds(source: str, data: Mapping[str, Any]) -> bool | None:
    """Whether the condition is true of the data; None when it cannot be said here."""
    verdict = True
    for text in re.split(r"\band\b", source):
        found = _COMPARISON.fullmatch(text)
        if found is None or _RESERVED & set(found.group(1).split(".")):
            return None
        compared = _compare(value_at(data, found.group(1)), found.group(2), found.group(3))
        if compared is None:
            return None
        verdict = verdict and compared
    return verdict


def _compare(value: Any, operator: str, text: str) -> bool | None:
    if is_commitment(value) or value is None:
        return None
    if text in ("true", "false"):
        return (
            None if type(value) is not bool or operator not in ("=", "!=") else _equal(value, operator, text == "true")
        )
    if text.startswith('"'):
        if type(value) is not str or operator not in ("=", "!="):
            return None
        return _equal(value, operator, text[1:-1])
    if type(value) is dict and value.keys() == {"$decimal"}:
        value = Decimal(value["$decimal"])
    if type(value) not in (int, Decimal):
        return None
    number, bound = Decimal(value), Decimal(text)
    if operator in ("=", "!="):
        return _equal(number, operator, bound)
    results = {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}
    return results[operator]


def _equal(value: object, operator: str, other: object) -> bool:
    return (value == other) is (operator == "=")
