"""Where things stand in a source, and the data a blueprint declares: part of the blueprint (`versioning.blueprint`)."""

from dataclasses import dataclass
from typing import Literal

DataClass = Literal["public", "internal", "confidential", "personal", "special"]
TypeName = Literal[
    "string", "integer", "number", "boolean", "date", "date and time", "duration", "money", "object", "list"
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands in its source: line and column from 1."""

    line: int
    column: int


INNER = Place(0, 0)  # of a step inside another, whose place counts


@dataclass(frozen=True, slots=True)
class DataField:
    """A declared datum. A field without a class is confidential. `properties` for objects, `items` for lists."""

    name: str
    type: TypeName
    data_class: DataClass = "confidential"
    required: bool = False
    data_subject: bool = False  # the natural person this instance's personal data is about
    properties: tuple["DataField", ...] = ()
    items: "DataField | None" = None
