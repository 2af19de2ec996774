"""What an `agent` step expects, as declared data: so that expressions may read the members of the answer. Pure.

A member has the type its schema says, else that of the datum it is laid onto, else any.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from versioning.blueprint import AgentStep, DataField, TypeName
from versioning.data_paths import find

ACCEPT, CORRECT, REJECT = "accept", "correct", "reject"
REVIEWS = (ACCEPT, CORRECT, REJECT)  # what a reviewer may do
SHARE = 10_000  # of a sample: the whole

ANYTHING = cast(TypeName, "any")  # no blueprint can declare it
_TYPES: dict[str, str] = {"array": "list"}


@lru_cache(maxsize=1024)
def schema_of(step: AgentStep) -> Mapping[str, Any]:
    """The schema an answer has to satisfy."""
    schema: dict[str, Any] = json.loads(step.expects)
    return schema


def members_of(step: AgentStep, data: Sequence[DataField]) -> tuple[DataField, ...]:
    """The members of the answer as data: those that are described, required, or declared where it is laid."""
    schema = schema_of(step)
    properties = schema.get("properties", {})
    found = find(data, step.into)
    declared = {} if found is None or found.below else {one.name: one for one in found.field.properties}
    names = dict.fromkeys((*properties, *schema.get("required", ()), *declared))
    return tuple([_field(name, properties.get(name, {}), declared.get(name)) for name in names])


def data_beside(step: AgentStep, data: Sequence[DataField]) -> tuple[DataField, ...]:
    """What an expression about the answer may read: its members, and the data they do not hide."""
    members = members_of(step, data)
    names = {one.name for one in members}
    return (*members, *[one for one in data if one.name not in names])


def _field(name: str, schema: Mapping[str, Any], declared: DataField | None) -> DataField:
    kind = schema.get("type")
    if kind is None:
        return DataField(name, ANYTHING) if declared is None else declared
    if declared is not None and declared.type not in ("object", "list", "string"):
        return declared  # a date or an amount of money is text or an object to a schema
    properties = tuple([_field(one, inner, None) for one, inner in schema.get("properties", {}).items()])
    items = _field("item", schema["items"], None) if "items" in schema else None
    return DataField(name, cast(TypeName, _TYPES.get(kind, kind)), properties=properties, items=items)
