"""The operations of an OpenAPI document as those of a connector."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ledger.wording import as_it_is
from versioning.kinds.http_operations import BODY_METHODS, METHODS, is_path
from versioning.kinds.located import Located
from versioning.openapi.document import Notes, follow, items, member, members, snake, text, unused
from versioning.openapi.examples import taken
from versioning.openapi.import_texts import tell
from versioning.openapi.parameters import LeftOut, Taking, json_schema
from versioning.openapi.schemas import Schemas

TITLE_MAX = 120
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
    """An operation of the document, before it is read: its id, or what stands for one."""

    id: str
    method: str
    path: str
    item: Located
    operation: Located


def listed(root: Located, notes: Notes) -> Iterator[Found]:
    """The operations of the document in its order; what else could be called is a finding."""
    for path, item in members(member(root, "paths")):
        if path.startswith("x-"):
            continue
        at = follow(root, item, notes)
        if at is None:
            continue
        for verb, operation in members(at):
            if verb in _OTHER_VERBS:
                notes.add("method", operation, tell("method-unsupported", verb=as_it_is(verb.upper())), "error")
            if verb in _VERBS:
                own = text(member(operation, "operationId"))
                if not own:
                    notes.add("no-id", operation, tell("named-by-path"))
                yield Found(own or f"{verb} {path}", verb.upper(), path, at, operation)
    for name, item in members(member(root, "webhooks")):
        notes.add("webhook", item, tell("webhook", name=as_it_is(name[:40])))


class Operations:
    """Reads operations one by one; names are given once."""

    def __init__(self, root: Located, notes: Notes) -> None:
        self._root = root
        self._notes = notes
        self._names: set[str] = set()

    def read(self, found: Found) -> tuple[str, dict[str, Any]] | None:
        """The name and the source form of an operation; None when it is left out, with a finding."""
        name = snake(found.id)
        if name in self._names:
            self._notes.add("name", found.operation, tell("same-name", name=as_it_is(name)))
        try:
            return unused(name, self._names), self._read(found)
        except LeftOut:
            return None

    def _read(self, found: Found) -> dict[str, Any]:
        operation = found.operation
        self._told(found)
        taking = Taking(self._root, self._notes, {}, set(), {})
        taking.parameters(member(found.item, "parameters"), member(operation, "parameters"))
        taking.body(member(operation, "requestBody"), found.method in BODY_METHODS)
        made: dict[str, Any] = {"method": found.method, "path": self._path(found, taking.path_names)}
        title = text(member(operation, "summary")) or text(member(operation, "description"))
        if title.strip():
            made["title"] = " ".join(title.split())[:TITLE_MAX]
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
        for holder in (found.item, found.operation):
            servers = member(holder, "servers")
            if servers is not None and items(servers):
                message = tell("own-server")
                self._notes.add("server", servers, message, "error")
                raise LeftOut

    def _path(self, found: Found, names: dict[str, str]) -> str:
        missing = [name for name in _BRACED.findall(found.path) if name not in names]
        path = _BRACED.sub(lambda m: "{" + names.get(m[1], "") + "}", found.path)
        if missing or not is_path(path) or len(names) != len(set(_BRACED.findall(found.path))):
            self._notes.add("path", found.operation, tell("path-unfilled", path=as_it_is(found.path[:80])), "error")
            raise LeftOut
        return path

    def _answer(self, found: Found) -> dict[str, Any]:
        """What the operation yields, {answer?, example?}: of the first 2xx that holds JSON."""
        good = sorted(one for one in members(member(found.operation, "responses")) if _is_good(one[0]))
        seen: list[tuple[Located, Located]] = []
        other = None
        for _, response in good:
            at = follow(self._root, response, self._notes)
            content = member(at, "content")
            schema = json_schema(content)
            if content is not None and schema is not None:
                seen.append((content, schema))
            elif content is not None and content.value:
                other = response
        if not seen:
            if other is not None:
                self._notes.add("answer", other, tell("answer-not-json"), "error")
                raise LeftOut
            return {}
        if len(seen) > 1:
            self._notes.add("answers", seen[1][1], tell("several-answers"))
        content, schema = seen[0]
        made = Schemas(self._root, self._notes, "answer").read(schema)
        shown = self._example(content)
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
