"""Expressions in plain words, where there are words that mean exactly the same; otherwise the expression itself.

Only comparisons of one declared datum with one literal, joined by `and` alone or `or` alone, are put into words: with
both, English would leave open which binds first.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal

from versioning.blueprint import DataField
from versioning.data_paths import find
from versioning.words_parts import flat_words

_CURRENCIES = {"GBP": "pounds", "EUR": "euros", "USD": "US dollars", "CHF": "Swiss francs", "JPY": "yen"}
_PATH = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_COMPARISON = re.compile(rf'({_PATH})\s*(>=|<=|!=|=|<|>)\s*(-?\d+(?:\.\d+)?|"[^"\\]*"|true|false|null)')
_NOT = re.compile(rf"not\(\s*({_PATH})\s*\)")
_JOINT = re.compile(r"\s+(and|or)\s+")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')  # a text that is no more than that
_QUOTED = re.compile(r'"[^"]*"')


def condition_words(source: str, data: Sequence[DataField], currency: str) -> str:
    """A condition as the part of a sentence after `when`."""
    # Words inside a string literal are not operators: an expression that has any there is left as it is.
    if any(_JOINT.search(literal) for literal in _QUOTED.findall(source)):
        return f"`{source}` holds"
    parts = _JOINT.split(source.strip())
    joints = set(parts[1::2])
    said = [_one(part, data, currency) for part in parts[::2]]
    if len(joints) > 1 or "" in said:
        return f"`{source}` holds"
    return f" {next(iter(joints), '')} ".join(said)


def value_words(source: str, data: Sequence[DataField]) -> str:
    """What an expression yields, as a noun."""
    source = source.strip()
    return path_words(source, data) if re.fullmatch(_PATH, source) and find(data, source) is not None else f"`{source}`"


def text_words(source: str, data: Sequence[DataField]) -> str:
    """A text as it stands, or what an expression yields."""
    return f'"{flat_words(json.loads(source))}"' if _LITERAL.fullmatch(source) else value_words(source, data)


def path_words(path: str, data: Sequence[DataField]) -> str:
    """A path of data as a noun: `risk.grade` is the risk grade; a boolean is a mark."""
    found = find(data, path)
    mark = "mark " if found is not None and not found.below and found.field.type == "boolean" else ""
    return f"the {mark}{path.replace('.', ' ').replace('_', ' ')}"


def _one(part: str, data: Sequence[DataField], currency: str) -> str:
    negated = _NOT.fullmatch(part)
    flag = negated[1] if negated else part
    if re.fullmatch(_PATH, flag):
        found = find(data, flag)
        if found is None or found.below or found.field.type != "boolean":
            return ""
        return f"{path_words(flag, data)} is {'false' if negated else 'true'}"
    match = _COMPARISON.fullmatch(part)
    found = None if match is None else find(data, match[1])
    if match is None or found is None or found.below:
        return ""
    value = _literal(match[3], found.field, currency)
    return f"{path_words(match[1], data)} {_operator(match[2], value, found.field.type)}"


def _operator(operator: str, literal: str, kind: str) -> str:
    if operator == ">=":
        return f"is {literal} or more" if kind != "string" else f"is {literal} or after it"
    if operator == "<=":
        return f"is {literal} or less" if kind != "string" else f"is {literal} or before it"
    return f"{ {'=': 'is', '!=': 'is not', '>': 'is above', '<': 'is below'}[operator] } {literal}"


def _literal(text: str, field: DataField, currency: str) -> str:
    if text in ("true", "false"):
        return text
    if text == "null":
        return "without a value"
    if text.startswith('"'):
        return text
    number = f"{Decimal(text):,}"
    return f"{number} {_CURRENCIES.get(currency, currency)}" if field.type == "money" else number
