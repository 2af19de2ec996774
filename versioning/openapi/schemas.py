"""A schema of an OpenAPI document as a type of a connector (`versioning.kinds.typed`).

What a type cannot say is a finding at its place and left open (`any`, or unchecked), never dropped without a word.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from ledger.wording import as_it_is, listed
from versioning.kinds.located import Located
from versioning.kinds.typed import CHOICES_MAX, PROPERTIES_MAX, TYPE_DEPTH_MAX, is_wire_name
from versioning.openapi.document import (
    FOLLOWED_MAX,
    REFERRED_MAX,
    Notes,
    follow,
    items,
    member,
    members,
    reference,
    snake,
    text,
    unused,
)
from versioning.openapi.examples import contradicts
from versioning.openapi.import_texts import tell

Direction = Literal["request", "answer"]

_ANY: Final[dict[str, Any]] = {"type": "any"}
_SCALARS: Final = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS: Final = {"date": "date", "date-time": "date and time", "duration": "duration"}
_WIDTHS: Final = frozenset(("int32", "int64", "float", "double"))
_SAID: Final = frozenset(  # read, or saying nothing about the value
    (
        "$ref", "type", "format", "properties", "required", "items", "enum", "const", "nullable", "allOf", "oneOf",
        "anyOf", "additionalProperties", "readOnly", "writeOnly", "title", "description", "example", "examples",
        "deprecated", "externalDocs", "xml", "$comment",
    )
)  # fmt: skip


class Way(NamedTuple):
    """How a schema was come to: the references being read, so that a cycle is seen, the levels above it, and the names
    of members that are required beside it."""

    trail: tuple[str, ...] = ()
    depth: int = 0
    needed: frozenset[str] = frozenset()

    def inside(self) -> "Way":
        """To what lies in it."""
        return Way(self.trail, self.depth + 1)


START: Final = Way()


@dataclass(frozen=True, slots=True)
class Schemas:
    """Reads the schemas of one document for one direction."""

    root: Located
    notes: Notes
    direction: Direction

    def read(self, schema: Located, way: Way = START) -> dict[str, Any]:
        """The type of a schema, `way` on from the one that was asked for."""
        pointer = reference(schema)
        if pointer:
            return self._referred(schema, pointer, way)
        if not isinstance(schema.value, dict):
            return dict(_ANY)
        if way.depth > TYPE_DEPTH_MAX:
            self.notes.add("deep", schema, tell("nested-deeper", most=TYPE_DEPTH_MAX))
            return dict(_ANY)
        for key, one in members(schema):
            if key not in _SAID and not key.startswith("x-"):
                told = tell("default-not-filled" if key == "default" else "not-checked", key=as_it_is(key))
                self.notes.add("constraint", one, told)
        if member(schema, "allOf"):
            return self._all(schema, way)
        for key in ("oneOf", "anyOf"):
            if member(schema, key):
                return self._choice(schema, key, way)
        return self._plain(schema, way)

    def _needed(self, schema: Located, depth: int = 0) -> frozenset[str]:
        """The names that an `allOf` requires, in whichever of its parts they are described."""
        names = {text(one) for one in items(member(schema, "required"))}
        for part in items(member(schema, "allOf")) if depth < FOLLOWED_MAX and self.notes.may_refer() else ():
            found = follow(self.root, part, self.notes)
            names |= frozenset() if found is None else self._needed(found, depth + 1)
        return frozenset(names)

    def may_be_null(self, schema: Located) -> bool:
        """Whether null is a value of the schema: then a required member may be absent, as ours have no null."""
        found = follow(self.root, schema, self.notes) or schema
        kinds = [text(one) or one.value for one in items(member(found, "type"))]
        nullable = member(found, "nullable")
        choices = [*items(member(found, "oneOf")), *items(member(found, "anyOf"))]
        return None in kinds or "null" in kinds or text_is_true(nullable) or any(_is_null(one) for one in choices)

    def _referred(self, schema: Located, pointer: str, way: Way) -> dict[str, Any]:
        beside = [key for key, _ in members(schema) if key not in ("$ref", "description", "summary")]
        if beside:
            self.notes.add("beside-reference", schema, tell("beside-reference", key=as_it_is(beside[0])))
        if pointer in way.trail:
            self.notes.add("cycle", schema, tell("holds-itself", pointer=as_it_is(pointer)))
            return dict(_ANY)
        if len(way.trail) >= FOLLOWED_MAX:
            self.notes.add("deep", schema, tell("nested-deeper", most=FOLLOWED_MAX))
            return dict(_ANY)
        if not self.notes.may_refer():
            self.notes.add("size", self.root, tell("references-counted", most=REFERRED_MAX))
            return dict(_ANY)
        found = follow(self.root, schema, self.notes)
        return dict(_ANY) if found is None else self.read(found, way._replace(trail=(*way.trail, pointer)))

    def _all(self, schema: Located, way: Way) -> dict[str, Any]:
        needed = way.needed | self._needed(schema)
        way = way._replace(needed=needed)
        parts = [self.read(one, way) for one in items(member(schema, "allOf"))]
        own = self._plain(schema, way)
        parts = [part for part in (*parts, own) if part != _ANY]
        if len(parts) == 1:
            return parts[0]
        if not parts or any(part["type"] != "object" for part in parts):
            self.notes.add("all-of", schema, tell("all-of-others"))
            return dict(_ANY)
        properties: dict[str, Any] = {}
        for part in parts:
            for name, one in part.get("properties", {}).items():
                if properties.setdefault(name, one) != one:
                    self.notes.add("all-of", schema, tell("two-types", name=as_it_is(name)))
        return {"type": "object", "properties": properties} if properties else {"type": "object"}

    def _choice(self, schema: Located, key: str, way: Way) -> dict[str, Any]:
        choices = [one for one in items(member(schema, key)) if not _is_null(one)]
        types = [self.read(one, way) for one in choices]
        own = self._plain(schema, way)
        if types and all(one == types[0] for one in types) and _ANY in (own, types[0]):
            if types[0] == _ANY:  # they say nothing of the type, such as which members have to be there
                self.notes.add("choice", schema, tell("choice-not-checked", key=as_it_is(key)))
            return own if types[0] == _ANY else types[0]
        self.notes.add("choice", schema, tell("choice-of-types", key=as_it_is(key)))
        return dict(_ANY)

    def _plain(self, schema: Located, way: Way) -> dict[str, Any]:
        kinds = [one for one in self._kinds(schema) if one not in ("null", "None")]
        if len(kinds) > 1:
            self.notes.add("types", schema, tell("one-of-types", kinds=listed(kinds)))
            return dict(_ANY)
        kind = kinds[0] if kinds else self._implied(schema)
        if kind == "object":
            return self._object(schema, way)
        if kind == "array":
            inner = member(schema, "items")
            items_ = _ANY if inner is None else self.read(inner, way.inside())
            return {"type": "list"} if items_ == _ANY else {"type": "list", "items": items_}
        if kind in _SCALARS:
            return self._scalar(schema, _SCALARS[kind])
        if kind:
            self.notes.add("type", schema, tell("unknown-type", kind=as_it_is(kind[:40])))
        return dict(_ANY)

    def _kinds(self, schema: Located) -> list[str]:
        kind = member(schema, "type")
        return [str(one.value) for one in items(kind)] if items(kind) else [text(kind)] if text(kind) else []

    def _implied(self, schema: Located) -> str:
        if member(schema, "properties") or member(schema, "additionalProperties"):
            return "object"
        if member(schema, "items"):
            return "array"
        choices = _choices(schema)
        if not choices or all(type(one.value) is str for one in choices):
            return "string" if choices else ""
        self.notes.add("choices", schema, tell("choices-not-checked"))
        return ""

    def _scalar(self, schema: Located, kind: str) -> dict[str, Any]:
        form = text(member(schema, "format"))
        if kind == "string" and form in _FORMATS:
            kind = _FORMATS[form]
        elif form and form not in _WIDTHS:
            self.notes.add("format", schema, tell("format-not-checked", form=as_it_is(form[:40])))
        choices = _choices(schema)
        if not choices:
            return self._shown(schema, {"type": kind})
        if kind != "string" or len(choices) > CHOICES_MAX:
            self.notes.add("choices", schema, tell("choices-not-checked"))
            return {"type": kind}
        # What is written without quotes was read as a number or a truth: in a string it is text.
        return {"type": "string", "one_of": [_text(one) for one in choices]}

    def _shown(self, schema: Located, made: dict[str, Any]) -> dict[str, Any]:
        """A date whose own example is none is read as text: the example is what the system sends."""
        shown = member(schema, "example") or next(iter(items(member(schema, "examples"))), None)
        if shown is None or not contradicts(made["type"], shown.value):
            return made
        self.notes.add("example", shown, tell("example-as-text", kind=as_it_is(made["type"])))
        return {**made, "type": "string"}

    def _object(self, schema: Located, way: Way) -> dict[str, Any]:
        if way.depth == TYPE_DEPTH_MAX and member(schema, "properties"):  # its members would lie deeper than a type may
            self.notes.add("deep", schema, tell("nested-deeper", most=TYPE_DEPTH_MAX))
            return {"type": "object"}
        properties: dict[str, Any] = {}
        taken: set[str] = set()
        needed = way.needed | {text(one) for one in items(member(schema, "required"))}
        skipped = "readOnly" if self.direction == "request" else "writeOnly"
        more = member(schema, "additionalProperties")
        for wire, inner in members(member(schema, "properties")):
            found = follow(self.root, inner, self.notes) or inner
            if text_is_true(member(found, skipped)):
                continue
            if not is_wire_name(wire):
                self.notes.add("name", inner, tell("property-name"))
                continue
            if len(properties) >= PROPERTIES_MAX:
                self.notes.add("properties", inner, tell("too-many-properties", most=PROPERTIES_MAX))
                break
            name = unused(snake(wire), taken)
            made = self.read(inner, way.inside())
            named = {} if name == wire else {"name": wire}
            required = {"required": True} if wire in needed and not self.may_be_null(inner) else {}
            properties[name] = {"type": made["type"], **named, **required, **made}
        if more is not None and more.value is not False and properties:
            self.notes.add("additional", more, tell("members-left-out"))
        elif more is not None and more.value and more.value is not True:
            self.notes.add("additional", more, tell("values-not-checked"))
        return {"type": "object", "properties": properties} if properties else {"type": "object"}


def text_is_true(of: Located | None) -> bool:
    """Whether a member is there and true."""
    return of is not None and of.value is True


def _choices(schema: Located) -> list[Located]:
    """The values a schema names, without null."""
    const = member(schema, "const")
    named = items(member(schema, "enum")) if const is None else (const,)
    return [one for one in named if one.value is not None]


def _is_null(schema: Located) -> bool:
    return text(member(schema, "type")) == "null"


def _text(one: Located) -> str:
    if type(one.value) is bool:
        return "true" if one.value else "false"
    return str(one.value)
