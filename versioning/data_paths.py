"""Paths in the declared data: what lies at one, and the leaves a reading or writing of it touches.

A *leaf* is a declared field without properties of its own; data is read and written in leaves. Below an object
without declared properties every path is free and belongs to that object's leaf.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from versioning.blueprint import DataClass, DataField


class Found(NamedTuple):
    """The declared field at a path, or the leaf around it when `below` (its type is then unknown)."""

    field: DataField
    path: str
    below: bool = False


def find(data: Sequence[DataField], path: str) -> Found | None:
    """What is declared at `path`; None where nothing is."""
    name, _, rest = path.partition(".")
    field = next((field for field in data if field.name == name), None)
    at = name
    while field is not None and rest:
        if field.type != "object":
            return None
        if not field.properties:
            return Found(field, at, below=True)
        name, _, rest = rest.partition(".")
        at = f"{at}.{name}"
        field = next((member for member in field.properties if member.name == name), None)
    return None if field is None else Found(field, at)


def leaves(field: DataField, path: str) -> Iterator[tuple[str, DataField]]:
    """The leaves of a field that lies at `path`."""
    if not field.properties:
        yield path, field
    for member in field.properties:
        yield from leaves(member, f"{path}.{member.name}")


def leaves_at(data: Sequence[DataField], path: str) -> frozenset[str]:
    """The leaves a path touches: those below it, or the one it lies in; none where nothing is declared.

    A path may go on into a leaf (`amount.currency` reads of `amount`); what is written there is checked elsewhere.
    """
    found = find(data, path)
    while found is None and "." in path:
        path = path.rpartition(".")[0]
        found = find(data, path)
        found = None if found is not None and found.field.properties else found
    return frozenset() if found is None else frozenset(leaf for leaf, _ in leaves(found.field, found.path))


def classes_at(data: Sequence[DataField], path: str) -> frozenset[DataClass]:
    """The classes of all that a path touches: of what lies around it, of itself and of all that lies in it."""
    found: set[DataClass] = set()
    fields: Sequence[DataField] = data
    field: DataField | None = None
    for name in path.split("."):
        inner = next((one for one in fields if one.name == name), None)
        if inner is None:
            break  # below an object without properties, or a part of a value such as `amount.currency`
        field, fields = inner, inner.properties
        found.add(field.data_class)
    return frozenset(found if field is None else found | set(_classes(field)))


def _classes(field: DataField) -> Iterator[DataClass]:
    yield field.data_class
    for member in (*field.properties, *(() if field.items is None else (field.items,))):
        yield from _classes(member)


def required_leaves(data: Sequence[DataField]) -> frozenset[str]:
    """The leaves that are there when an instance starts: all of every required field."""
    return frozenset(leaf for field in data if field.required for leaf, _ in leaves(field, field.name))
