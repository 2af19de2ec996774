"""Every request that the interface describes, with a body that its schema takes: for tests that ask all of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from api.openapi import document
from api.serving import application

READS, WRITES = ("get",), ("post", "put", "patch", "delete")
OPEN = frozenset(
    ("/v1/sign-in", "/v1/password", "/v1/sign-in/passkey", "/v1/sign-in/passkey/options", "/v1/hooks/{id}")
)  # what anybody may ask
_DEPTH_MAX = 6


class Operation(NamedTuple):
    """One request as it is described; `body` is None where it takes none, `query` the names of its parameters."""

    method: str
    path: str
    body: dict[str, Any] | None
    query: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """It needs no credential, or is one."""
        return self.path in OPEN

    def filled(self, value: str) -> str:
        """The path with this value in the place of every parameter but numbers."""
        told = {"{n}": "1", "{number}": "1", "{index}": "1"}
        return "/".join(told.get(part, value) if part.startswith("{") else part for part in self.path.split("/"))


def operations(*methods: str) -> Iterator[Operation]:
    """Those of these methods, in the order of the document."""
    described = document(application())
    for path, found in described["paths"].items():
        for method in methods:
            if method in found:
                said = found[method]
                content = said.get("requestBody", {}).get("content", {})
                schema = content.get("application/json", {}).get("schema")
                body = None if schema is None else {"schemas": described["components"]["schemas"], "schema": schema}
                query = tuple([one["name"] for one in said.get("parameters", ()) if one["in"] == "query"])
                yield Operation(method.upper(), path, body, query)


def body_of(operation: Operation, text: str) -> Any:
    """The smallest body that the schema takes, with this text wherever it takes any."""
    if operation.body is None:
        return None
    return _example(operation.body["schemas"], operation.body["schema"], text, 0)


def _example(schemas: dict[str, Any], schema: dict[str, Any], text: str, depth: int) -> Any:
    schema, depth = _led_to(schemas, schema, depth)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        required = schema.get("required", [])
        known = schema.get("properties", {})
        names = known if depth < 2 else required
        return {
            name: _example(schemas, known[name], text, depth + 1)
            for name in names
            if depth < _DEPTH_MAX and (name in required or _is_id(known[name]))
        }
    if kind == "array":
        return [_example(schemas, schema.get("items", {}), text, depth + 1)] if depth < _DEPTH_MAX else []
    return {"integer": 1, "number": 1, "boolean": False, "null": None}.get(kind or "", text)


def whole_body_of(operation: Operation, text: str) -> Any:
    """A body with everything that the schema knows, whether it needs it or not."""
    return None if operation.body is None else _whole(operation.body["schemas"], operation.body["schema"], text, 0)


def _whole(schemas: dict[str, Any], schema: dict[str, Any], text: str, depth: int) -> Any:
    schema, depth = _led_to(schemas, schema, depth)
    if "properties" in schema and depth < _DEPTH_MAX:
        return {name: _whole(schemas, one, text, depth + 1) for name, one in schema["properties"].items()}
    if schema.get("type") == "array" and depth < _DEPTH_MAX:
        return [_whole(schemas, schema.get("items", {}), text, depth + 1)]
    return _example(schemas, schema, text, _DEPTH_MAX)


def _led_to(schemas: dict[str, Any], schema: dict[str, Any], depth: int) -> tuple[dict[str, Any], int]:
    """The schema that one stands for, the first where there are several, and how deep that lies."""
    while True:
        ways = [schema[name][0] for name in ("anyOf", "oneOf", "allOf") if name in schema]
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        elif ways:
            schema = ways[0]
        else:
            return schema, depth
        depth += 1


def _is_id(schema: dict[str, Any]) -> bool:
    """A list of names, which a body may leave out and which would be ids."""
    return schema.get("type") == "array" and schema.get("items", {}).get("type") == "string"
