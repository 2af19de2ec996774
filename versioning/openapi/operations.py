"""The operations of an OpenAPI document as those of a connector."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ledger.wording import as_it_is
from versioning.kinds.http_operations import JSON, METHODS, is_path
from versioning.kinds.located import Located
from versioning.openapi.document import Notes, follow, member, members, snake, text, unused
from versioning.openapi.examples import taken
from versioning.openapi.import_texts import tell
from versioning.openapi.parameters import Json, LeftOut, Taking, json_of
from versioning.openapi.schemas import Schemas

TITLE_MAX = 120
NO_CONTENT: Final = 204  # what `2XX` is that holds nothing
_VERBS: Final = tuple(method.lower() for method in METHODS)
_OTHER_VERBS: Final = ("options", "trace", "query")
_OF_AN_OPERATION: Final = frozenset(
    (
        "operationId", "summary", "description", "tags", "deprecated", "externalDocs", "parameters", "requestBody",
        "responses", "security", "servers",
    )
)  # fmt: skip
_BRACED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """An operation of the document, before it is read: its id, or what stands for one, and its name."""

    id: str
    name: str  # ours, the same whichever operations are chosen
    method: str
    path: str
    item: Located
    operation: Located


def listed(root: Located, notes: Notes) -> Iterator[Found]:
    """The operations of the document in its order; what else could be called is a finding."""
    names: set[str] = set()
    for path, item in members(member(root, "paths")):
        if path.startswith("x-"):
            continue
        at = follow(root, item, notes)
        if at is None:
            notes.add("path", item, tell("path-unread", path=as_it_is(path[:80])), "error")
            continue
        for verb, operation in members(at):
            if verb in _OTHER_VERBS:
                notes.add("method", operation, tell("method-unsupported", verb=as_it_is(verb.upper())), "error")
            if verb in _VERBS:
                own = text(member(operation, "operationId"))
                if not own:
                    notes.add("no-id", operation, tell("named-by-path"))
                id_ = own or f"{verb} {path}"
                yield Found(id_, unused(snake(id_), names), verb.upper(), path, at, operation)
    for name, item in members(member(root, "webhooks")):
        notes.add("webhook", item, tell("webhook", name=as_it_is(name[:40])))


class Operations:
    """Reads operations one by one."""

    def __init__(self, root: Located, notes: Notes) -> None:
        self._root = root
        self._notes = notes

    def read(self, found: Found) -> dict[str, Any] | None:
        """The source form of an operation; None when it is left out, with a finding."""
        if found.name != snake(found.id):
            self._notes.add("name", found.operation, tell("same-name", name=as_it_is(snake(found.id))))
        try:
            return self._read(found)
        except LeftOut:
            return None

    def _read(self, found: Found) -> dict[str, Any]:
        operation = found.operation
        self._told(found)
        taking = Taking(self._root, self._notes, {}, set(), {})
        taking.parameters(member(found.item, "parameters"), member(operation, "parameters"))
        sends = taking.body(member(operation, "requestBody"), found.method)
        taking.bounded(operation)
        made: dict[str, Any] = {"method": found.method, "path": self._path(found, taking.path_names)}
        title = text(member(operation, "summary")) or text(member(operation, "description"))
        if title.strip():
            made["title"] = " ".join(title.split())[:TITLE_MAX]
        if sends not in ("", JSON):
            made["sends"] = sends
        made["takes"] = taking.takes
        return {**made, **self._answer(found)}

    def _told(self, found: Found) -> None:
        """Findings on what is around parameters, body and answers."""
        for key, one in members(found.operation):
            if key not in _OF_AN_OPERATION and not key.startswith("x-"):
                self._notes.add("operation", one, tell("key-unsupported", key=as_it_is(key)))
        deprecated = member(found.operation, "deprecated")
        if deprecated is not None and deprecated.value is True:
            self._notes.add("deprecated", deprecated, tell("deprecated"))

    def _path(self, found: Found, names: dict[str, str]) -> str:
        missing = [name for name in _BRACED.findall(found.path) if name not in names]
        path = _BRACED.sub(lambda m: "{" + names.get(m[1], "") + "}", found.path)
        if missing or not is_path(path) or len(names) != len(set(_BRACED.findall(found.path))):
            self._notes.add("path", found.operation, tell("path-unfilled", path=as_it_is(found.path[:80])), "error")
            raise LeftOut
        return path

    def _answer(self, found: Found) -> dict[str, Any]:
        """What the operation yields, {accepts?, answer?, example?, empty?}: of the first 2xx that holds JSON, and which
        of the others hold nothing."""
        seen: list[Json] = []
        empty, other = set[int](), None
        for status, response in self._good(found):
            at = follow(self._root, response, self._notes)
            content = member(at, "content")
            made = json_of(content)
            if made is not None:
                seen.append(made)
            elif content is not None and content.value:
                other = response
            elif at is not None:
                empty.add(int(status) if status.isdecimal() else NO_CONTENT)
        if not seen:
            if other is not None:
                self._notes.add("answer", other, tell("answer-not-json"), "error")
                raise LeftOut
            return {}
        if len(seen) > 1:
            self._notes.add("answers", seen[1].schema, tell("several-answers"))
        yields = self._yields(seen[0])
        if empty and "answer" in yields:
            yields["empty"] = sorted(empty)
        return yields if seen[0].media == JSON else {"accepts": seen[0].media, **yields}

    def _good(self, found: Found) -> list[tuple[str, Located]]:
        """The answers of success; `default` is what is not declared, so it is one where no other is (OpenAPI 3.0.3,
        Responses Object)."""
        responses = member(found.operation, "responses")
        good = sorted(one for one in members(responses) if _is_good(one[0]))
        default = member(responses, "default")
        if good or default is None:
            return good
        self._notes.add("answers", default, tell("answer-of-default"))
        return [("default", default)]

    def _yields(self, of: Json) -> dict[str, Any]:
        made = Schemas(self._root, self._notes, "answer").read(of.schema)
        shown = self._example(of.content)
        if shown is None:
            return {} if made == {"type": "any"} else {"answer": made}
        made, example = taken(made, shown, self._notes)
        return {
            **({} if made == {"type": "any"} else {"answer": made}),
            **({} if example is None else {"example": example}),
        }

    def _example(self, content: Located) -> Located | None:
        for _, media in members(content):
            one = member(media, "example")
            if one is not None:
                return one
            for _, named in members(member(media, "examples")):
                at = follow(self._root, named, self._notes)
                return member(at, "value")
        return None


def _is_good(status: str) -> bool:
    return len(status) == 3 and status[0] == "2"
