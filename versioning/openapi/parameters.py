"""Parameters and request bodies of an operation as the arguments it takes."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger.wording import as_it_is, listed
from versioning.kinds.http_operations import BODY_METHODS, JSON, is_json
from versioning.kinds.located import Located
from versioning.kinds.typed import ARGUMENTS_MAX, FLAT, HEADERS_KEPT, is_free_header, is_wire_name
from versioning.openapi.document import Notes, follow, items, member, members, snake, text, unused
from versioning.openapi.import_texts import tell
from versioning.openapi.schemas import Schemas, text_is_true

_STYLES: Final = {"query": "form", "path": "simple", "header": "simple"}
_ANY_JSON: Final = frozenset(("*/*", "application/*", "application/*+json"))
_JOINERS: Final = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


class LeftOut(Exception):
    """The operation cannot be called through a connector; the finding says why."""


@dataclass(slots=True)
class Taking:
    """Collects the arguments of one operation."""

    root: Located
    notes: Notes
    takes: dict[str, dict[str, Any]]
    taken: set[str]
    path_names: dict[str, str]  # as the document writes them, to ours

    def parameters(self, shared: Located | None, own: Located | None) -> None:
        """The parameters of a path and those of the operation, which stand for the same name before them."""
        found: dict[tuple[str, str], Located] = {}
        for one in (*items(shared), *items(own)):
            at = follow(self.root, one, self.notes)
            if at is None:
                self.notes.add("left-out", one, tell("parameter-unread"), "error")
                raise LeftOut
            place, name = text(member(at, "in")), text(member(at, "name"))
            found[place, name.lower() if place == "header" else name] = at  # RFC 9110, 5.1: names in any case
        for (place, _), at in found.items():
            self._parameter(place, text(member(at, "name")), at)

    def _parameter(self, place: str, name: str, at: Located) -> None:
        if place == "header" and name.lower() in HEADERS_KEPT:
            is_ours = "key" in name.lower()
            message = tell("header-kept" if is_ours else "header-not-set", name=as_it_is(name))
            self.notes.add("header", at, message)
            return
        made = self._flat(place, name, at)
        if made is None:
            if text_is_true(member(at, "required")) or place == "path":
                self.notes.add("left-out", at, tell("operation-left-out", name=as_it_is(name)), "error")
                raise LeftOut
            return
        ours = unused(snake(name), self.taken)
        if place == "path":
            self.path_names[name] = ours
        needed = text_is_true(member(at, "required")) or place == "path"
        named = {} if ours == name else {"name": name}
        self.takes[ours] = (
            {"in": place, **named, "required": True, **made} if needed else {"in": place, **named, **made}
        )

    def _flat(self, place: str, name: str, at: Located) -> dict[str, Any] | None:
        """What a parameter is, or None where it cannot be handed over."""
        schema = member(at, "schema")
        style = text(member(at, "style")) or _STYLES.get(place, "")
        if not is_wire_name(name) or (place == "header" and not is_free_header(name)):
            self.notes.add("name", at, tell("parameter-name"))
            return None
        if place not in _STYLES or schema is None:
            named = as_it_is(name)
            by_place = tell("parameter-place", name=named, place=as_it_is(place))
            message = by_place if place not in _STYLES else tell("parameter-by-content", name=named)
            self.notes.add("parameter", at, message)
            return None
        made = Schemas(self.root, self.notes, "request").read(schema)
        inner = made.get("items", {"type": "string"})["type"]
        if made["type"] == "any":
            made = {"type": "string"}
        if made["type"] not in FLAT or inner not in FLAT or inner == "list":
            self.notes.add("parameter", at, tell("parameter-not-plain", name=as_it_is(name)))
            return None
        explode = member(at, "explode")
        exploded = style == "form" if explode is None else explode.value is True
        if place != "query":
            if style != "simple":
                self.notes.add("style", at, tell("style-unsupported", style=as_it_is(style), name=as_it_is(name)))
                return None
            return made
        if style not in _JOINERS:
            self.notes.add("style", at, tell("style-unsupported", style=as_it_is(style), name=as_it_is(name)))
            return None
        if text_is_true(member(at, "allowReserved")):
            self.notes.add("style", at, tell("percent-encoded", name=as_it_is(name)))
        return {**made, "joined": _JOINERS[style]} if made["type"] == "list" and not exploded else made

    def body(self, given: Located | None, method: str) -> str:
        """The JSON body: its members as arguments, or all of it as one where it is no object or has too many. Its media
        type; empty where there is no body."""
        if given is None:
            return ""
        at = follow(self.root, given, self.notes)
        content = member(at, "content")
        found = json_of(content)
        if found is None or method not in BODY_METHODS:
            kinds = listed([as_it_is(kind[:60]) for kind, _ in members(content)]) or tell("no-media-type")
            of_method = tell("body-of-method", verb=as_it_is(method))
            message = tell("body-not-json", media=kinds) if found is None else of_method
            self.notes.add("body", given, message, "error")
            raise LeftOut
        made = Schemas(self.root, self.notes, "request").read(found.schema)
        needed = text_is_true(member(at, "required"))
        if "properties" in made and len(self.takes) + len(made["properties"]) <= ARGUMENTS_MAX:
            for name, inner in made["properties"].items():
                ours = unused(name, self.taken)
                named = {} if "name" in inner or ours == name else {"name": name}
                self.takes[ours] = {"in": "body", **named, **inner}
            return found.media
        if "properties" in made:
            self.notes.add("body", found.schema, tell("body-as-one", most=ARGUMENTS_MAX))
        ours = unused("body", self.taken)
        self.takes[ours] = {"in": "whole body", "required": True, **made} if needed else {"in": "whole body", **made}
        return found.media

    def bounded(self, operation: Located) -> None:
        """Not more arguments than a connector's operation may take."""
        if len(self.takes) > ARGUMENTS_MAX:
            self.notes.add("left-out", operation, tell("too-many-arguments", most=ARGUMENTS_MAX), "error")
            raise LeftOut


class Json(NamedTuple):
    """The JSON among media types: all of them, the schema of one, and what it is called."""

    content: Located
    schema: Located
    media: str


def json_of(content: Located | None) -> Json | None:
    """What is called JSON itself, else the first that is JSON by another name; one without a schema is free."""
    found = [
        Json(content, member(media, "schema") or Located({}, media.line, media.column), name)
        for kind, media in members(content)
        if content is not None and (name := _json_name(kind))
    ]
    return next((one for one in found if one.media == JSON), found[0] if found else None)


def _json_name(kind: str) -> str:
    """The name to send and to ask for; empty for what is no JSON."""
    base, parameters = (part.strip() for part in (*kind.split(";", 1), "")[:2])
    if base in _ANY_JSON:
        return JSON
    if not is_json(base.lower()):
        return ""
    named = f"{base.lower()};{parameters}"
    is_said = not parameters or parameters.lower().startswith("charset=")  # JSON is UTF-8 (RFC 8259, 8.1)
    return base.lower() if is_said or not is_json(named) else named
