"""Expressions in plain words, where there are words that mean exactly the same; otherwise the expression itself.

Only comparisons of one declared datum with one literal, joined by `and` alone or `or` alone, are put into words: with
both, English would leave open which binds first.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal

from governance.rules.literal_words import number_in_words
from ledger.wording import NOTHING, Wording, as_it_is, joined
from versioning.blueprint import DataField
from versioning.data_paths import find
from versioning.parts_texts import part
from versioning.words_parts import flat_words

_PATH = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_COMPARISON = re.compile(rf'({_PATH})\s*(>=|<=|!=|=|<|>)\s*(-?\d+(?:\.\d+)?|"[^"\\]*"|true|false|null)')
_NOT = re.compile(rf"not\(\s*({_PATH})\s*\)")
_JOINT = re.compile(r"\s+(and|or)\s+")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')  # a text that is no more than that
_QUOTED = re.compile(r'"[^"]*"')


def condition_words(source: str, data: Sequence[DataField], currency: str) -> Wording:
    """A condition as the part of a sentence after `when`."""
    # Words inside a string literal are not operators: an expression that has any there is left as it is.
    if any(_JOINT.search(literal) for literal in _QUOTED.findall(source)):
        return _holds(source)
    parts = _JOINT.split(source.strip())
    joints = set(parts[1::2])
    said = [_one(one, data, currency) for one in parts[::2]]
    if len(joints) > 1 or "" in said:
        return _holds(source)
    return joined(said, "list.or", " or ") if "or" in joints else joined(said, "list.and", " and ")


def _holds(source: str) -> Wording:
    return part("holds", source=as_it_is(f"`{source}`"))


def value_words(source: str, data: Sequence[DataField]) -> Wording:
    """What an expression yields, as a noun."""
    source = source.strip()
    if re.fullmatch(_PATH, source) and find(data, source) is not None:
        return path_words(source, data)
    return as_it_is(f"`{source}`")


def text_words(source: str, data: Sequence[DataField]) -> Wording:
    """A text as it stands, or what an expression yields."""
    if _LITERAL.fullmatch(source):
        return part("quoted", text=flat_words(json.loads(source)))
    return value_words(source, data)


def path_words(path: str, data: Sequence[DataField]) -> Wording:
    """A path of data as a noun: `risk.grade` is the risk grade; a boolean is a mark."""
    found = find(data, path)
    named = as_it_is(path.replace(".", " ").replace("_", " "))
    is_mark = found is not None and not found.below and found.field.type == "boolean"
    return part("mark", path=named) if is_mark else part("path", path=named)


def _one(condition: str, data: Sequence[DataField], currency: str) -> Wording:
    negated = _NOT.fullmatch(condition)
    flag = negated[1] if negated else condition
    if re.fullmatch(_PATH, flag):
        found = find(data, flag)
        if found is None or found.below or found.field.type != "boolean":
            return NOTHING
        return part("is-false" if negated else "is-true", path=path_words(flag, data))
    match = _COMPARISON.fullmatch(condition)
    found = None if match is None else find(data, match[1])
    if match is None or found is None or found.below:
        return NOTHING
    value = _literal(match[3], found.field, currency)
    return _compared(match[2], path_words(match[1], data), value, is_text=found.field.type == "string")


def _compared(operator: str, path: Wording, value: Wording, *, is_text: bool) -> Wording:
    if operator == ">=":
        return part("is-or-after" if is_text else "is-or-more", path=path, value=value)
    if operator == "<=":
        return part("is-or-before" if is_text else "is-or-less", path=path, value=value)
    if operator == "!=":
        return part("is-not", path=path, value=value)
    if operator == "=":
        return part("is", path=path, value=value)
    return part("is-above" if operator == ">" else "is-below", path=path, value=value)


def _literal(text: str, field: DataField, currency: str) -> Wording:
    if text in ("true", "false"):
        return part("true" if text == "true" else "false")
    if text == "null":
        return part("no-value")
    if text.startswith('"'):
        return as_it_is(text)
    number = number_in_words(f"{Decimal(text):f}")
    return _money(number, currency) if field.type == "money" else number


def _money(amount: Wording, currency: str) -> Wording:
    return {
        "GBP": part("money-gbp", amount=amount),
        "EUR": part("money-eur", amount=amount),
        "USD": part("money-usd", amount=amount),
        "CHF": part("money-chf", amount=amount),
        "JPY": part("money-jpy", amount=amount),
    }.get(currency) or part("money-other", amount=amount, currency=as_it_is(currency))
