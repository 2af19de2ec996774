"""The OpenAPI document of the service; `python -m api.openapi` writes the committed one, a test finds drift."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.answers.values import ProblemValue
from api.describing import ANSWER, ANSWER_MEDIA, BODY, BODY_MEDIA, MODELS, PUBLIC
from api.feeds.formats import NDJSON

FILE = Path(__file__).parent / "openapi.json"
_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def document(app: FastAPI) -> dict[str, Any]:
    """The document: what routes say of themselves, models as components, one problem answer for every route."""
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models: set[type[BaseModel]] = {ProblemValue}
    for path, operations in made["paths"].items():
        for operation in operations.values():
            models |= _complete(path, operation)
    ordered = sorted(models, key=lambda model: model.__name__)
    _, found = models_json_schema([(model, "validation") for model in ordered], ref_template=_REF)
    made["components"] = {
        "schemas": {name: _optional(schema) for name, schema in sorted(found["$defs"].items())},
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    }
    return made


def _optional(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be absent is told as that: a default of null would read as if it were always there."""
    for member in schema.get("properties", {}).values():
        if "default" in member and member["default"] is None:
            del member["default"]
    return schema


def text(app: FastAPI) -> str:
    """The document as it is committed."""
    return json.dumps(document(app), indent=1, sort_keys=True) + "\n"


def _complete(path: str, operation: dict[str, Any]) -> set[type[BaseModel]]:
    """Fill one operation in from what its route said; the models it names."""
    answer = operation.pop(ANSWER)
    answers = [_answer(answer)] if answer else []
    bodies: list[type[BaseModel]] = [MODELS[name] for name in operation.pop(BODY)]
    for name in _PARAMETER.findall(path):
        operation.setdefault("parameters", []).append(
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        )
    taken = _content(bodies, operation.pop(BODY_MEDIA))
    if taken:
        operation["requestBody"] = {"required": True, "content": taken}
    operation["responses"] = {
        "200": {"description": "done", "content": _content(answers, operation.pop(ANSWER_MEDIA))},
        "default": {
            "description": "a problem",
            "content": {"application/problem+json": {"schema": _named(ProblemValue)}},
        },
    }
    if not operation.pop(PUBLIC):
        operation["security"] = [{"bearer": []}]
    return {*answers, *bodies}


def _answer(name: str) -> type[BaseModel]:
    """A model that a route handed over, or one of `api/answers/` by `module.Name`."""
    module, _, last = name.rpartition(".")
    if not module:
        return MODELS[name]
    found: type[BaseModel] = getattr(import_module(f"api.answers.{module}"), last)
    return found


def _content(models: list[type[BaseModel]], media: tuple[str, ...]) -> dict[str, Any]:
    """By media type: JSON of one of the models, and what is taken or given as it is."""
    named = [_named(model) for model in models]
    schemas: dict[str, Any] = {one: _as_it_is(one) for one in media}
    if named:
        schemas[_JSON] = named[0] if len(named) == 1 else {"oneOf": named}
    return {one: {"schema": schema} for one, schema in sorted(schemas.items())}


def _as_it_is(media: str) -> dict[str, str]:
    """The schema of what no model describes: any JSON, a text, or bytes."""
    if media.endswith("json") and media != NDJSON:
        return {}
    return (
        {"type": "string"} if media.startswith("text/") or media == NDJSON else {"type": "string", "format": "binary"}
    )


def _named(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def main() -> None:
    """Write the committed document."""
    from api.serving import application

    FILE.write_text(text(application()), encoding="utf-8")


if __name__ == "__main__":
    main()
