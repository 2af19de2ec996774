"""What goes out through an imported connector is what OpenAPI and RFC 6570 mean by its document."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.egress import Called, CallFault, Egress
from tests.api.outgoing.servers import Answer, Asked, redirect, served
from versioning.kinds.connector import read_connector
from versioning.openapi.connector import Wanted, connector_of

Json = dict[str, Any]
TEXTS = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}


def called(
    operation: Json, arguments: Json, verb: str = "get", path: str = "/t", answer: Answer | None = None
) -> tuple[Called | CallFault, list[Asked]]:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {path: {verb: {"operationId": "go", **operation}}},
    }
    with served(answer or Answer()) as outside:
        text = json.dumps(document, indent=1)
        connector = read_connector(connector_of(text, Wanted(server=outside.base)).source)
        egress = Egress(outside.allowed, Path("/nowhere"))
        made = egress.call(connector, "go", arguments, "pi_1.1")
        egress.close()
    return made, outside.asked


def in_query(**one: Any) -> Json:
    return {"parameters": [{"in": "query", "name": "q", "schema": TEXTS, **one}]}


@pytest.mark.parametrize(
    ("parameter", "given", "target"),
    [
        ({}, ["a,b", "c d"], "/t?q=a%2Cb&q=c%20d"),
        ({"explode": False}, ["a,b", "c d"], "/t?q=a%2Cb,c%20d"),
        ({"style": "spaceDelimited"}, ["a", "c"], "/t?q=a%20c"),
        ({"style": "pipeDelimited"}, ["a", "c"], "/t?q=a%7Cc"),
        ({"style": "pipeDelimited", "explode": True}, ["a|b", "c"], "/t?q=a%7Cb&q=c"),
        ({"explode": False}, [], "/t"),
        ({"name": "filter[q]", "schema": {"type": "string"}}, "a&b=c/d?é", "/t?filter%5Bq%5D=a%26b%3Dc%2Fd%3F%C3%A9"),
        ({"schema": {"type": "boolean"}}, True, "/t?q=true"),
        ({"schema": {"type": "number"}}, {"$decimal": "1.50"}, "/t?q=1.50"),
        ({"schema": {"type": "string"}}, "", "/t?q="),
    ],
)
def test_a_query_is_as_its_style_says(parameter: Json, given: Any, target: str) -> None:
    name = "filter_q" if "name" in parameter else "q"
    made, asked = called(in_query(**parameter), {name: given})
    assert isinstance(made, Called), made
    assert asked[0].target == target


def test_a_list_in_a_path_keeps_its_commas() -> None:
    made, asked = called(in_query(**{"in": "path", "required": True}), {"q": ["a,b", "c/d"]}, path="/t/{q}.json")
    assert isinstance(made, Called), made
    assert asked[0].target == "/t/a%2Cb,c%2Fd.json"


@pytest.mark.parametrize(
    ("parameter", "given"),
    [
        ({"style": "pipeDelimited"}, ["a|b"]),
        ({"style": "spaceDelimited"}, ["a b", "c"]),
        ({"in": "header", "name": "X-Q"}, ["a,b"]),
        ({"required": True}, []),
        ({"schema": {"type": "array"}}, [{"a": 1}]),
        ({"schema": {"type": "array"}}, [None]),
    ],
)
def test_what_would_be_read_as_something_else_goes_nowhere(parameter: Json, given: Any) -> None:
    made, asked = called(in_query(**parameter), {"x_q" if "name" in parameter else "q": given})
    assert isinstance(made, CallFault)
    assert made.code == "ARGUMENT_INVALID"
    assert asked == []


@pytest.mark.parametrize(
    ("content", "given", "kind", "body"),
    [
        (None, {}, None, b""),
        ({"application/json": {"schema": TEXTS}}, {}, None, b""),
        ({"application/json": {"schema": TEXTS}}, {"body": ["a"]}, "application/json", b'["a"]'),
        ({"application/json": {"schema": OBJECT}}, {}, "application/json", b"{}"),
        ({"application/own+json": {"schema": OBJECT}}, {"a": "b"}, "application/own+json", b'{"a":"b"}'),
    ],
)  # fmt: skip
def test_a_body_is_what_the_document_describes(
    content: Json | None, given: Json, kind: str | None, body: bytes
) -> None:
    made, asked = called({} if content is None else {"requestBody": {"content": content}}, given, "patch")
    assert isinstance(made, Called), made
    assert (asked[0].headers.get("content-type"), asked[0].body) == (kind, body)


def test_json_is_asked_for_by_its_name() -> None:
    content = {"application/vnd.own+json": {"schema": OBJECT}}
    operation = {"responses": {"200": {"content": content}}}
    _, asked = called(operation, {})
    assert asked[0].headers["accept"] == "application/vnd.own+json"


def test_another_server_is_asked_for_the_same_kind() -> None:
    with served(Answer()) as there, served(redirect(f"{there.base}/x")) as here:
        operation = {"method": "GET", "path": "/t", "arguments": [], "takes": {}, "accepts": "application/vnd.own+json",
                     "time_out_ms": 5_000, "response_bytes_max": 1_000, "redirects": 1}  # fmt: skip
        egress = Egress(f"{here.allowed},{there.allowed}", Path("/nowhere"))
        egress.call({"base_url": here.base, "operations": {"go": operation}}, "go", {}, "pi_1.1")
        egress.close()
    assert [one.headers["accept"] for one in (*here.asked, *there.asked)] == ["application/vnd.own+json"] * 2
