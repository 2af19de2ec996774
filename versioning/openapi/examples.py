"""Examples of an OpenAPI document: what an operation answers in test mode, in our names, held against its type.

An example is what the other system was seen to send. Where a date in it is none, the type is read as text; where it
does not fit otherwise it is left out. Both are findings.
"""

import json
import re
from datetime import date, datetime
from typing import Any

from ledger.wording import Wording, as_it_is
from versioning.kinds.located import Located
from versioning.openapi.document import Notes, items
from versioning.openapi.import_texts import tell

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?\Z")
_DURATION = re.compile(r"P(?=.)[0-9YMWDTHS.]+\Z")


class Misfit(Exception):
    """An example that does not fit its type."""

    def __init__(self, told: Wording) -> None:
        super().__init__(told)
        self.told = told


def contradicts(kind: str, value: Any) -> bool:
    """Whether a value that was shown is text and yet no date, moment or duration, though it should be."""
    return kind in ("date", "date and time", "duration") and not fits_text(kind, value)


def fits_text(kind: str, value: Any) -> bool:
    """Whether a value is a text of a kind that is written as text."""
    if not isinstance(value, str):
        return False
    try:
        if kind == "date":
            return date.fromisoformat(value).isoformat() == value
        if kind == "date and time":
            return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
    return kind != "duration" or _DURATION.match(value) is not None


def taken(made: dict[str, Any], shown: Located, notes: Notes) -> tuple[dict[str, Any], Any]:
    """The type, loosened where the example shows that it must be, and the example in our names; None where it does
    not fit."""
    at = shown
    if isinstance(shown.value, str) and made["type"] in ("object", "list"):
        try:
            at = _located(json.loads(shown.value), shown)
        except (ValueError, RecursionError):
            at = shown
    try:
        return _taken(made, at, notes)
    except Misfit as misfit:
        notes.add("example", shown, tell("example-misfit", misfit=misfit.told))
        return made, None


def _taken(made: dict[str, Any], at: Located, notes: Notes) -> tuple[dict[str, Any], Any]:
    kind, value = made["type"], at.value
    if kind == "object" and "properties" in made:
        return _object(made, at, notes)
    if kind == "list":
        inner, shown = made.get("items"), []
        if not isinstance(value, tuple):
            raise Misfit(tell("list-wanted"))
        for item in items(at)[:1]:  # one shows what they are
            inner_, one = _taken(inner or {"type": "any"}, item, notes)
            inner = inner_ if inner is not None else None
            shown.append(one)
        return (made if inner is None else {**made, "items": inner}), shown
    if kind in ("any", "object"):
        if kind == "object" and not isinstance(value, dict):
            raise Misfit(tell("object-wanted"))
        return made, _free(at)
    return _scalar(made, at, notes)


def _object(made: dict[str, Any], at: Located, notes: Notes) -> tuple[dict[str, Any], Any]:
    if not isinstance(at.value, dict):
        raise Misfit(tell("object-wanted"))
    properties, shown = dict(made["properties"]), {}
    for name, inner in made["properties"].items():
        item = at.value.get(inner.get("name", name))
        if item is not None and item.value is not None:
            properties[name], shown[name] = _taken(inner, item, notes)
        elif inner.get("required"):
            raise Misfit(tell("member-missing", name=as_it_is(inner.get("name", name))))
    return {**made, "properties": properties}, shown


def _scalar(made: dict[str, Any], at: Located, notes: Notes) -> tuple[dict[str, Any], Any]:
    kind, value = made["type"], at.value
    if contradicts(kind, value) and isinstance(value, str):
        notes.add("example", at, tell("example-as-text", kind=as_it_is(kind)))
        return {**made, "type": "string"}, value
    if kind in ("integer", "number") and type(value) in (int, str) and _NUMBER.match(str(value)):
        if kind == "integer" and type(value) is not int:
            raise Misfit(tell("whole-number-wanted"))
        return made, value
    if kind == "boolean" and type(value) is bool:
        return made, value
    if kind == "string":
        text = value if isinstance(value, str) else json.dumps(value) if type(value) in (int, bool) else None
        if text is not None and text in made.get("one_of", [text]):
            return made, text
    if isinstance(value, str) and fits_text(kind, value) and kind not in ("integer", "number", "boolean", "string"):
        return made, value
    raise Misfit(tell("found-no-choice" if "one_of" in made else "found-no-kind", kind=as_it_is(kind)))


def _free(at: Located) -> Any:
    if isinstance(at.value, dict):
        return {key: _free(one) for key, one in at.value.items() if key.isascii() and not key.startswith("$")}
    return [_free(one) for one in at.value[:1]] if isinstance(at.value, tuple) else at.value


def _located(value: Any, at: Located) -> Located:
    if isinstance(value, dict):
        value = {key: _located(one, at) for key, one in value.items()}
    elif isinstance(value, list):
        value = tuple(_located(one, at) for one in value)
    elif isinstance(value, float):
        value = repr(value)
    return Located(value, at.line, at.column)
