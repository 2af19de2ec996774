"""Fields of a form task: what kind of control each declared field gets, and the data a posted form makes. Pure.

What the declared type says is said again by the control, so that a wrong value is found before it is sent; what counts
is checked by the engine.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.body import parse_json
from api.page.showing import label
from ledger.errors import BrokenInput
from orchestrator.pages import Expected

PREFIX = "data."
_HINTS = {
    "integer": "A whole number",
    "number": "A number, such as 12.50",
    "date": "",
    "date and time": "Date, time and zone, such as 2026-11-22T14:00:00Z",
    "duration": "A duration, such as P2D for two days or PT4H for four hours",
    "lines": "One entry on each line",
    "json": "A value written as JSON",
}


class Control(NamedTuple):
    """One field to fill in. `value` and `currency` are what was entered before; `name` is the field's in the form."""

    path: str
    name: str
    kind: str
    title: str
    hint: str
    required: bool
    value: str
    currency: str


def controls(expected: Sequence[Expected], draft: Mapping[str, str], currency: str) -> tuple[Control, ...]:
    """The controls of a form, with what was entered before."""
    made = []
    for path, field in expected:
        name = f"{PREFIX}{path}"
        kind = _kind(field)
        made.append(
            Control(
                path=path,
                name=name,
                kind=kind,
                title=label(path),
                hint=_HINTS.get(kind, ""),
                required=field is not None and field.required,
                value=draft.get(name, ""),
                currency=draft.get(f"{name}.currency", currency),
            )
        )
    return tuple(made)


def data_of(expected: Sequence[Expected], form: Mapping[str, str]) -> dict[str, Any]:
    """The data of a posted form, nested by path; what is left empty is null. `BrokenInput` names the field."""
    data: dict[str, Any] = {}
    for path, field in expected:
        name = f"{PREFIX}{path}"
        *way, last = path.split(".")
        inner = data
        for part in way:
            inner = inner.setdefault(part, {})
        inner[last] = _value(_kind(field), name, form)
    return data


def _kind(field: Any) -> str:
    if field is None or field.type == "object":
        return "json"
    if field.type == "list":
        return "lines" if field.items is not None and field.items.type == "string" else "json"
    return str(field.type)


def _value(kind: str, name: str, form: Mapping[str, str]) -> Any:
    text = form.get(name, "")
    stripped = text.strip()
    if not stripped:
        return None
    if kind == "string":
        return text
    if kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "boolean":
        return {"yes": True, "no": False}.get(stripped)
    if kind == "money":
        return {
            "amount": stripped.replace(",", "").replace(" ", ""),
            "currency": form.get(f"{name}.currency", "").strip().upper(),
        }
    if kind == "integer":
        return _integer(stripped, name)
    if kind == "json":
        return _json(text, name)
    return stripped


def _integer(text: str, name: str) -> Any:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 16:
        raise BrokenInput("expected a whole number", name.removeprefix(PREFIX))
    return int(text)


def _json(text: str, name: str) -> Any:
    try:
        return parse_json(text.encode())
    except (BrokenInput, json.JSONDecodeError) as error:
        raise BrokenInput("expected a value written as JSON", name.removeprefix(PREFIX)) from error
