"""The types of a connector's operation as the checks of a blueprint see them."""

from typing import Any, cast

from versioning.blueprint import DataClass, DataField, TypeName
from versioning.registers import Operation

# No blueprint can declare it: it stands in what an operation takes or yields without saying what.
_ANY = cast(TypeName, "any")


def operation_of(spec: dict[str, Any]) -> Operation:
    """What an operation (its canonical value) takes and yields; None where it does not say."""
    takes, answer = spec.get("takes"), spec.get("answer")
    classes: dict[str, DataClass] = {name: one["class"] for name, one in (takes or {}).items() if "class" in one}
    return Operation(
        takes=None if takes is None else tuple(field_of(name, one) for name, one in takes.items()),
        yields=None if answer is None else field_of("result", answer),
        classes=classes,
    )


def field_of(name: str, made: dict[str, Any]) -> DataField:
    """A type as a declared field of this name."""
    kind = _ANY if made["type"] == "any" else cast(TypeName, made["type"])
    items = made.get("items")
    return DataField(
        name,
        kind,
        "internal",
        required=made.get("required", False),
        properties=tuple(field_of(inner, one) for inner, one in made.get("properties", {}).items()),
        items=None if items is None else field_of("item", items),
    )
