"""What the OpenAPI document says of answers, held strictly: no member that is not described, none missing."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from api.openapi import FILE

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
TYPE = "application/json"


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The path as the document has it, and what it says of the operation; the most literal one that fits."""
    told = _told(method, path)
    assert told, f"no operation for {method} {path}"
    return told, DOCUMENT["paths"][told][method.lower()]


def undescribed(method: str, path: str, status: int, media_type: str) -> str:
    """What is wrong with the media type of an answer, as a line; empty where it is one of those described."""
    told = _told(method, path)
    if not told or status == 304:  # a page, a tile; what has not changed
        return ""
    responses = DOCUMENT["paths"][told][method.lower()]["responses"]
    content = responses.get(str(status), responses["default"])["content"]
    media = media_type.partition(";")[0]
    return "" if media in content or "*/*" in content else f"{method} {told} {status}: {media} of {sorted(content)}"


def _told(method: str, path: str) -> str:
    """The path as the document has it, the most literal one that fits; empty where none does."""
    parts = path.partition("?")[0].split("/")
    fitting = [
        (sum(part.startswith("{") for part in told.split("/")), told)
        for told, operations in DOCUMENT["paths"].items()
        if method.lower() in operations and _fits(told.split("/"), parts)
    ]
    return min(fitting)[1] if fitting else ""


def _fits(told: list[str], parts: list[str]) -> bool:
    return len(told) == len(parts) and all(
        one == other or one.startswith("{") for one, other in zip(told, parts, strict=True)
    )


def differences(method: str, path: str, answer: Any) -> list[str]:
    """Where the answer is not what is described, as lines; empty when it is."""
    told, operation = operation_of(method, path)
    schema = operation["responses"]["200"]["content"][TYPE]["schema"]
    found = validator(json.dumps(schema)).iter_errors(answer)
    return [f"{method} {told} {error.json_path}: {error.message[:300]}" for error in found]


@cache
def validator(schema: str) -> Draft202012Validator:
    """Of a schema of the document, with every described object closed."""
    components = {"schemas": _closed(DOCUMENT["components"]["schemas"])}
    return Draft202012Validator({**_closed(json.loads(schema)), "components": components})


def is_open(schema: dict[str, Any]) -> bool:
    """Whether a schema says that it has members beside those it describes."""
    return bool(schema.get("additionalProperties"))


def _closed(value: Any) -> Any:
    if isinstance(value, list):
        return [_closed(member) for member in value]
    if not isinstance(value, dict):
        return value
    made = {name: _closed(member) for name, member in value.items()}
    if made.get("type") == "object" and "properties" in made and not is_open(made):
        made["additionalProperties"] = False
    return made
