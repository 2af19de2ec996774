"""What an operation of a connector takes and yields: types with the names they have on the other side.

    takes:
      status: {in: query, type: string, required: true, one_of: [DRAFT, DISPOSED]}
      page_size: {in: query, name: pageSize, type: integer, class: internal}
      asset_name: {in: body, name: assetName, type: string, required: true}
    answer:
      type: object
      properties:
        asset_id: {name: assetId, type: string, required: true}
        price: {type: number}

The key is the name a blueprint uses, `name` the name on the wire where it is another. `in` says where an argument goes:
`path`, `query`, `header`, `body` (a member of the JSON body) or `whole body`. `joined` gives the character that joins
the items of a list in a query (else the name is repeated). `class` is the strictest class of data the argument may be
given. An object without `properties` is free; `any` is whatever comes.
"""

import re
from typing import Any, Final, get_args

from ledger.errors import BrokenInput
from ledger.wording import as_it_is, listed
from versioning.blueprint import DataClass
from versioning.kinds.located import Located, Members
from versioning.kinds.reading_texts import tell

PLACES: Final = ("path", "query", "header", "body", "whole body")
TYPES: Final = (
    "string", "integer", "number", "boolean", "date", "date and time", "duration", "money", "object", "list", "any",
)  # fmt: skip
CLASSES: Final = get_args(DataClass)
ARGUMENTS_MAX = 100
PROPERTIES_MAX = 200
TYPE_DEPTH_MAX = 6  # objects and lists in one another; what lies deeper is free
CHOICES_MAX = 200
WIRE_NAME_MAX = 120
JOINERS: Final = (",", " ", "|")
FLAT: Final = frozenset(TYPES) - {"money", "object", "any"}  # what a path, a query and a header can carry
# Ours, or of the connection: an argument must not change them.
HEADERS_KEPT: Final = frozenset(
    (
        "accept", "authorization", "connection", "content-length", "content-type", "cookie", "expect", "host",
        "idempotency-key", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
    )
)  # fmt: skip

_FIELD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")  # as a blueprint names what it hands over
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_OF_A_TYPE = ("type", "name", "required", "one_of", "properties", "items")
_OF_AN_ARGUMENT = (*_OF_A_TYPE, "in", "joined", "class")


def is_field(text: str) -> bool:
    """Whether a text is a name that a blueprint can hand over or declare."""
    return _FIELD.match(text) is not None and len(text) <= WIRE_NAME_MAX


def read_arguments(member: Located) -> dict[str, Any]:
    """Canonical `takes`: {name: {in, type, name?, required?, one_of?, joined?, class?, properties?, items?}}."""
    if not isinstance(member.value, dict):
        raise member.error(tell("arguments"))
    if len(member.value) > ARGUMENTS_MAX:
        raise member.error(tell("arguments-counted", most=ARGUMENTS_MAX))
    takes = {name: _argument(name, one) for name, one in member.value.items()}
    wire: dict[tuple[str, str], str] = {}
    for name, one in takes.items():
        place = (one["in"], one.get("name", name).lower() if one["in"] == "header" else one.get("name", name))
        if wire.setdefault(place, name) != name:
            raise member.error(tell("argument-twice", name=as_it_is(place[1]), place=as_it_is(place[0])))
    whole = [one for one in takes.values() if one["in"] == "whole body"]
    if len(whole) > 1 or (whole and any(one["in"] == "body" for one in takes.values())):
        raise member.error(tell("whole-body"))
    return takes


def _argument(name: str, located: Located) -> dict[str, Any]:
    if not is_field(name):
        raise BrokenInput(tell("argument-name", name=as_it_is(name)), located.key_place)
    members = Members(located, tell("what-an-argument"))
    members.known(_OF_AN_ARGUMENT)
    place = members.required("in")
    if place.value not in PLACES:
        raise place.error(tell("one-of", names=listed(PLACES)))
    read = {"in": place.value, **_type(members, name)}
    if place.value in ("path", "query", "header"):
        _check_flat(members, read)
    if place.value == "header" and not is_free_header(read.get("name", name)):
        raise located.error(tell("header-kept"))
    joined = members.optional("joined")
    if joined is not None:
        if joined.value not in JOINERS or place.value != "query" or read["type"] != "list":
            raise joined.error(tell("joiner", bar=as_it_is("|")))
        read["joined"] = joined.value
    data_class = members.optional("class")
    if data_class is not None:
        if data_class.value not in CLASSES:
            raise data_class.error(tell("one-of", names=listed(CLASSES)))
        read["class"] = data_class.value
    return read


def _check_flat(members: Members, read: dict[str, Any]) -> None:
    kind = members.required("type")
    items = read.get("items", {"type": "string"})["type"]
    if read["type"] not in FLAT or items not in FLAT or items == "list":
        raise kind.error(tell("plain-value-in", place=as_it_is(read["in"])))
    if read["in"] == "path" and not read.get("required"):
        raise kind.error(tell("required-in-path"))


def is_free_header(name: str) -> bool:
    """Whether an argument may set this header."""
    return _HEADER.match(name) is not None and name.lower() not in HEADERS_KEPT


def read_type(located: Located, depth: int = 0) -> dict[str, Any]:
    """Canonical type: {type, name?, required?, one_of?, properties?, items?}; absent where it says nothing."""
    members = Members(located, tell("what-a-type"))
    members.known(_OF_A_TYPE)
    return _type(members, "", depth)


def _type(members: Members, key: str, depth: int = 0) -> dict[str, Any]:
    kind = members.required("type")
    if kind.value not in TYPES:
        raise kind.error(tell("one-of", names=listed(TYPES)))
    if depth > TYPE_DEPTH_MAX:
        raise kind.error(tell("types-nested", most=TYPE_DEPTH_MAX))
    read: dict[str, Any] = {"type": kind.value}
    name = members.optional("name")
    if name is not None:
        read |= {} if _wire_name(name) == key else {"name": name.value}
    required = members.optional("required")
    if required is not None:
        if type(required.value) is not bool:
            raise required.error(tell("true-or-false"))
        read |= {"required": True} if required.value else {}
    choices = members.optional("one_of")
    if choices is not None:
        read["one_of"] = _choices(choices, kind.value)
    properties, items = members.optional("properties"), members.optional("items")
    if properties is not None:
        if kind.value != "object":
            raise properties.error(tell("properties-of-object"))
        read["properties"] = _properties(properties, depth + 1)
    if items is not None:
        if kind.value != "list":
            raise items.error(tell("items-of-list"))
        read["items"] = read_type(items, depth + 1)
    return read


def is_wire_name(text: object) -> bool:
    """Whether a text can be a name on the other side. One that begins with $ would read as one of ours."""
    return isinstance(text, str) and text.isprintable() and 0 < len(text) <= WIRE_NAME_MAX and text[0] != "$"


def _wire_name(name: Located) -> str:
    if not is_wire_name(name.value):
        raise name.error(tell("wire-name", most=WIRE_NAME_MAX))
    wire: str = name.value
    return wire


def _choices(member: Located, kind: str) -> list[str]:
    if kind != "string" or not isinstance(member.value, tuple) or not 0 < len(member.value) <= CHOICES_MAX:
        raise member.error(tell("choices", most=CHOICES_MAX))
    for one in member.value:
        if not isinstance(one.value, str):
            raise one.error(tell("a-text"))
    return [one.value for one in member.value]


def _properties(member: Located, depth: int) -> dict[str, Any]:
    if not isinstance(member.value, dict) or not 0 < len(member.value) <= PROPERTIES_MAX:
        raise member.error(tell("properties-counted", most=PROPERTIES_MAX))
    read, wire = {}, set()
    for name, one in member.value.items():
        if not is_field(name):
            raise BrokenInput(tell("property-name", name=as_it_is(name)), one.key_place)
        members = Members(one, tell("what-a-property"))
        members.known(_OF_A_TYPE)
        read[name] = _type(members, name, depth)
        wire.add(read[name].get("name", name))
    if len(wire) != len(read):
        raise member.error(tell("wire-name-once"))
    return read
