"""Types met by values: `instance of`, and the conversions the standard makes on the way into a typed place.

DMN 1.5, section 10.3.2.9.4: a value for a list becomes a list of it, a list of one becomes its item, a date becomes a
date and time; what does not conform then becomes null.
"""

from datetime import UTC, time
from typing import Any

from governance.rules.temporal import at
from governance.rules.types import ANY, Type
from governance.rules.values import kind_of


def is_instance(value: Any, kind: Type) -> bool:
    """Whether a value is of a type; null is of no type but its own."""
    if value is None:
        return kind.name == "null"
    return conforms(value, kind)


def conforms(value: Any, kind: Type) -> bool:
    """Whether a value may stand in a place of this type; null may stand anywhere."""
    if value is None or kind.name == "any":
        return True
    found = kind_of(value)
    match kind.name:
        case "integer":
            return found == "number" and value == int(value)
        case "list":
            return found == "list" and all(conforms(item, kind.item or ANY) for item in value)
        case "range":
            ends = kind.item or ANY
            return found == "range" and conforms(value.low, ends) and conforms(value.high, ends)
        case "object":
            if found != "object" or kind.fields is None:
                return found == "object"
            return all(name in value and conforms(value[name], inner) for name, inner in kind.fields)
        case "duration":
            return found in ("days and time duration", "years and months duration")
        case "money":
            return found == "money" and kind.currency in (None, value.currency)
        case "function":
            return found == "function" and (kind.parameters is None or len(kind.parameters) == len(value.parameters))
    return found == kind.name


def converted(value: Any, kind: Type) -> Any:
    """The value as it stands in a place of this type; null where it cannot."""
    if conforms(value, kind):
        return value
    found = kind_of(value)
    if kind.name == "list" and found != "list":
        return (value,) if conforms(value, kind.item or ANY) else None
    if found == "list" and len(value) == 1:
        return value[0] if conforms(value[0], kind) else None  # one conversion, never two
    if kind.name == "date and time" and found == "date":
        return at(value, time(tzinfo=UTC))
    return None
