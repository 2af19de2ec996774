"""How routes describe themselves in the OpenAPI document, beside reading their requests by hand.

Hot routes take the bare request: no model is built from parameters and none from answers. What the document says of
them stands in the route's decorator and is put together by `api.openapi`, which finds the models by their names here.
"""

from typing import Any, NamedTuple

from pydantic import BaseModel

from ledger.errors import Misuse

BODY = "x-muniment-body"
ANSWER = "x-muniment-answer"
ANSWER_MEDIA = "x-muniment-answer-media"
BODY_MEDIA = "x-muniment-body-media"
PUBLIC = "x-muniment-public"

MODELS: dict[str, type[BaseModel]] = {}
"""Every model a route handed over, by its name. The document is made of names, so no two of them share one."""

_INTEGERS = frozenset(
    (
        "limit",
        "start",
        "end",
        "before",
        "index",
        "size",
        "old",
        "new",
        "proof",
        "entry",
        "after",
        "wait_seconds",
        "base",
    )
)  # fmt: skip


class Media(NamedTuple):
    """A body or an answer that is taken as it is, by its media types; of an answer the caller may have the choice of
    JSON, by a model."""

    types: tuple[str, ...]
    or_json: type[BaseModel] | str = ""


def described(
    gives: type[BaseModel] | str | Media,
    takes: tuple[type[BaseModel], ...] | Media = (),
    query: tuple[str, ...] = (),
    public: bool = False,
    command: bool = False,
) -> dict[str, Any]:
    """Keyword arguments of a route's decorator: bodies it takes, answer it gives, query parameters by name.

    The answer is a model, or `module.Name` of one in `api/answers/`, which is imported for the document alone: a
    hundred models would cost every start a quarter second. `Media` says what is answered in other forms.

    `public` routes need no credential; a `command` takes the header `Idempotency-Key`.
    """
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "required": False, "schema": {"type": _type(name)}} for name in query
    ]
    if command:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "the command's id; required of services and agents",
                "schema": {"type": "string", "maxLength": 80},
            }
        )
    answer, media = (gives.or_json, gives.types) if isinstance(gives, Media) else (gives, ())
    bodies, taken = ((), takes.types) if isinstance(takes, Media) else (takes, ())
    for model in bodies if isinstance(answer, str) else (answer, *bodies):
        if MODELS.setdefault(model.__name__, model) is not model:
            raise Misuse(f"expected one model called {model.__name__}, found two")
    extra: dict[str, Any] = {
        ANSWER: answer if isinstance(answer, str) else answer.__name__,
        ANSWER_MEDIA: media,
        BODY: [body.__name__ for body in bodies],
        BODY_MEDIA: taken,
        PUBLIC: public,
    }
    if parameters:
        extra["parameters"] = parameters
    return {"openapi_extra": extra, "response_model": None}


def _type(name: str) -> str:
    return "integer" if name in _INTEGERS else "string"
