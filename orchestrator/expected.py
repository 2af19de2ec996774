"""An agent's answer against the schema of its step, and what a reviewer has changed in it. Pure.

The subset of JSON Schema is that of `versioning.agent_forms`. An answer comes as JSON with decimals as
`{"$decimal": text}`; `settled` makes of it what our data holds. A reviewer's numbers may come in our own form too.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.wording import NOTHING, Wording, as_it_is
from orchestrator.refusal_texts import why
from versioning.blueprint import DataField

OTHERS = "*"  # the path of all members nobody has declared, whose names may be data


def fault_of(schema: Mapping[str, Any], value: Any, path: str = "", *, ours: bool = False) -> Wording:
    """Where a value does not satisfy a schema and what was expected; empty when it does. Never what was found."""
    kind = schema.get("type")
    here = _place(path)
    if kind is not None and not _is(kind, value, ours):
        return answer_of_kind(kind, path)
    if "enum" in schema and value not in schema["enum"]:
        return why("answer-listed", at=here)
    if type(value) is str and not (schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))):
        return why("answer-length", at=here)
    number = _number(value, ours) if kind in ("integer", "number") else None
    if number is not None and not (schema.get("minimum", number) <= number <= schema.get("maximum", number)):
        return why("answer-bounds", at=here)
    if type(value) is list:
        return _list_fault(schema, value, path, ours)
    return NOTHING if type(value) is not dict or _is_decimal(value) else _object_fault(schema, value, path, ours)


def _list_fault(schema: Mapping[str, Any], value: list[Any], path: str, ours: bool) -> Wording:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return why("answer-items", at=_place(path))
    items = schema.get("items")
    if items is not None:
        for place, item in enumerate(value, 1):
            fault = fault_of(items, item, _at(path, str(place)), ours=ours)
            if fault:
                return fault
    return NOTHING


def _object_fault(schema: Mapping[str, Any], value: dict[str, Any], path: str, ours: bool) -> Wording:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if value.get(name) is None:
            return why("answer-value", at=as_it_is(_at(path, name)))
    if schema.get("additionalProperties") is False and not value.keys() <= properties.keys():
        return why("answer-members", at=_place(path))
    for name, inner in properties.items():
        if value.get(name) is not None:
            fault = fault_of(inner, value[name], _at(path, name), ours=ours)
            if fault:
                return fault
    return NOTHING


def answer_of_kind(kind: str, path: str = "") -> Wording:
    """What is said of a value of another kind."""
    return why("answer-kind", kind=as_it_is(kind), at=_place(path))


def _place(path: str) -> Wording:
    return as_it_is(path) if path else why("the-answer")


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is(kind: str, value: Any, ours: bool) -> bool:
    if kind == "integer":
        return type(value) is int
    if kind == "number":
        return _number(value, ours) is not None
    if kind == "object" and _is_decimal(value):
        return False
    return type(value) is {"object": dict, "array": list, "string": str, "boolean": bool}[kind]


def _is_decimal(value: Any) -> bool:
    """Whether it is a number; one member more, and it is an object like any other, whatever its members are called."""
    return type(value) is dict and value.keys() == {"$decimal"}


def _number(value: Any, ours: bool) -> Decimal | None:
    if _is_decimal(value):
        value = value["$decimal"]
    elif type(value) is str and not ours:
        return None
    if type(value) not in (int, str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def settled(schema: Mapping[str, Any], field: DataField | None, value: Any) -> Any:
    """An answer as our data holds it: a decimal is text where a number is described or declared."""
    if _is_decimal(value):
        is_number = schema.get("type") == "number" or (field is not None and field.type == "number")
        return value["$decimal"] if is_number else value
    if type(value) is list:
        items = schema.get("items", {})
        return [settled(items, None if field is None else field.items, item) for item in value]
    if type(value) is not dict:
        return value
    properties, declared = schema.get("properties", {}), _members(field)
    return {name: settled(properties.get(name, {}), declared.get(name), item) for name, item in value.items()}


def changes(schema: Mapping[str, Any], field: DataField | None, before: Any, after: Any) -> tuple[dict[str, Any], ...]:
    """{path, before, after} for each declared member that differs; what nobody declared is one change, at `*`."""
    return tuple(_changes(schema, field, before, after, ""))


def _changes(
    schema: Mapping[str, Any], field: DataField | None, before: Any, after: Any, path: str
) -> list[dict[str, Any]]:
    if before == after:
        return []
    properties, declared = schema.get("properties", {}), _members(field)
    names = list(dict.fromkeys((*properties, *schema.get("required", ()), *declared)))
    if not names or type(before) is not dict or type(after) is not dict:
        return [{"path": path or OTHERS, "before": before, "after": after}]
    found = []
    for name in names:
        inner = (properties.get(name, {}), declared.get(name))
        found += _changes(*inner, before.get(name), after.get(name), _at(path, name))
    had = {name: value for name, value in before.items() if name not in names}
    has = {name: value for name, value in after.items() if name not in names}
    return [*found, *([{"path": _at(path, OTHERS), "before": had, "after": has}] if had != has else [])]


def _members(field: DataField | None) -> dict[str, DataField]:
    return {} if field is None else {one.name: one for one in field.properties}
