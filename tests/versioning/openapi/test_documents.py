"""What a document may hold: what is supported becomes typed, what is not is a finding where it stands."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenInput
from versioning.kinds.connector import read_connector
from versioning.openapi.connector import Imported, Wanted, connector_of
from versioning.openapi.document import read_document

Json = dict[str, Any]


def document(operation: Json, verb: str = "post", path: str = "/things", **more: Any) -> str:
    value = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.example.com/v1"}],
        "paths": {path: {verb: {"operationId": "doThing", **operation}}},
        **more,
    }
    return json.dumps(value, indent=1, ensure_ascii=False)


def body(schema: Json, **operation: Any) -> Json:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, **operation}


def answer(schema: Json, **media: Any) -> Json:
    return {"responses": {"200": {"content": {"application/json": {"schema": schema, **media}}}}}


def parameter(**one: Any) -> Json:
    return {"parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}, **one}]}


def imported(text: str, **wanted: Any) -> Imported:
    return connector_of(text, Wanted(**wanted))


def operation(text: str) -> Json:
    made: Json = read_connector(imported(text).source)["operations"]["do_thing"]
    return made


def rules(made: Imported) -> list[str]:
    return [one.rule.removeprefix("openapi.") for one in made.findings]


def test_a_reference_that_holds_itself_is_cut_and_said() -> None:
    node = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}}
    text = document(answer({"$ref": "#/components/schemas/Node"}), components={"schemas": {"Node": node}})
    assert operation(text)["answer"] == {
        "type": "object",
        "properties": {"name": {"type": "string"}, "next": {"type": "any"}},
    }
    assert rules(imported(text)) == ["cycle"]


def test_references_to_one_another_end() -> None:
    loop = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    text = document(answer({"$ref": "#/components/schemas/A"}), components={"schemas": loop})
    assert "answer" not in operation(text)
    assert "cycle" in rules(imported(text))


def nested(depth: int, inner: Json, *, in_lists: bool = False) -> Json:
    for _ in range(depth):
        inner = {"type": "object", "properties": {"p": inner}}
        inner = {"type": "array", "items": inner} if in_lists else inner
    return inner


@pytest.mark.parametrize("in_lists", [False, True])
@pytest.mark.parametrize("place", [body, answer])
def test_what_lies_deeper_than_a_type_may_is_cut_and_can_be_read(place: Any, in_lists: bool) -> None:
    """Of an object at the last level nothing is said: its members would lie a level deeper."""
    for depth in range(1, 12):
        made = imported(document(place(nested(depth, {"type": "string"}, in_lists=in_lists))))
        read_connector(made.source)
        assert ("deep" in rules(made)) == (depth * (1 + in_lists) > 6)


@pytest.mark.parametrize("key", ["allOf", "oneOf", "anyOf"])
def test_types_that_name_each_other_twice_do_not_stand_for_millions(key: str) -> None:
    """Thirty of them are more than a thousand million ways to the last one."""
    ways = {f"S{n}": {key: [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(30)}
    text = document(answer({"$ref": "#/components/schemas/S0"}), components={"schemas": {**ways, "S30": {}}})
    assert "size" in rules(imported(text))


def test_a_long_way_to_a_type_is_given_up() -> None:
    ways = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}]} for n in range(3_000)}
    text = document(answer({"$ref": "#/components/schemas/S0"}), components={"schemas": {**ways, "S3000": {}}})
    assert rules(imported(text))[0] == "deep"


@pytest.mark.parametrize(
    ("pointer", "rule"),
    [
        ("https://other.example.com/a.yaml", "remote-reference"),
        ("a.yaml#/A", "remote-reference"),
        ("#/no", "reference"),
        ("#Named", "reference"),
    ],
)
def test_a_reference_out_of_the_document_is_not_followed(pointer: str, rule: str) -> None:
    text = document(answer({"type": "object", "properties": {"a": {"$ref": pointer}}}))
    assert operation(text)["answer"]["properties"] == {"a": {"type": "any"}}
    assert rules(imported(text)) == [rule]


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        (document(parameter(style="deepObject")), "style"),
        (document(parameter(schema={"type": "object"})), "parameter"),
        (document(parameter(**{"in": "cookie"})), "parameter"),
        (document(parameter(allowReserved=True)), "style"),
        (document(body({"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}}})), "constraint"),
        (document(body({"type": "string", "contentEncoding": "base64"})), "constraint"),
        (document(answer({"oneOf": [{"type": "string"}, {"type": "integer"}]})), "choice"),
        (document(answer({"type": ["string", "integer"]})), "types"),
        (document(answer({"allOf": [{"type": "string"}, {"type": "integer"}]})), "all-of"),
        (document({"callbacks": {"a": {}}}), "operation"),
        (document({"deprecated": True}), "deprecated"),
        (document({"security": [{"cookie": []}]}), "security"),
        (document(answer({"type": "object", "properties": {"a": {"type": "string"}}}, example={"a": [1]})), "example"),
        (document({"responses": {code: {"content": {"application/json": {}}} for code in ("200", "202")}}), "answers"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_said(given_: str, found: str) -> None:
    made = imported(given_)
    assert rules(made) == [found]
    assert made.operations == ("do_thing",)


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        (document(parameter(style="deepObject", required=True)), ["style", "left-out"]),
        (document({}, path="/things/{id}"), ["path"]),
        (document({"requestBody": {"content": {"multipart/form-data": {}}}}), ["body"]),
        (document(body({"type": "object"}), verb="get"), ["body"]),
        (document({"responses": {"200": {"content": {"application/pdf": {}}}}}), ["answer"]),
        (document({"requestBody": {"$ref": "other.yaml"}}), ["remote-reference", "body"]),
        (document({"parameters": [{"$ref": "other.yaml"}]}), ["remote-reference", "left-out"]),
        (document({"parameters": [{"in": "query", "name": f"q{n}", "schema": {}} for n in range(101)]}), ["left-out"]),
        (document({}, verb="trace"), ["method"]),
    ],
)
def test_an_operation_that_cannot_be_called_is_left_out_and_said(given_: str, found: list[str]) -> None:
    made = imported(given_)
    assert (made.operations, made.source) == ((), "")
    assert rules(made) == [*found, "nothing"]
    assert any(one.severity == "error" for one in made.findings)


def test_arguments_of_every_place() -> None:
    parameters = [
        {"in": "path", "name": "thingId", "required": True, "schema": {"type": "string"}},
        {"in": "query", "name": "tags", "schema": {"type": "array", "items": {"type": "string"}}},
        {"in": "query", "name": "ids", "explode": False, "schema": {"type": "array", "items": {"type": "integer"}}},
        {"in": "header", "name": "X-Unit", "schema": {"type": "string"}},
        {"in": "header", "name": "Authorization", "schema": {"type": "string"}},
    ]
    schema = {
        "type": "object",
        "required": ["tags"],
        "properties": {"tags": {"type": "string"}, "id": {"readOnly": True}},
    }
    text = document(body(schema, parameters=parameters), path="/things/{thingId}")
    read = operation(text)
    assert (read["path"], read["arguments"]) == ("/things/{thing_id}", ["thing_id"])
    assert read["takes"] == {
        "thing_id": {"in": "path", "type": "string", "name": "thingId", "required": True},
        "tags": {"in": "query", "type": "list", "items": {"type": "string"}},
        "ids": {"in": "query", "type": "list", "items": {"type": "integer"}, "joined": ","},
        "x_unit": {"in": "header", "type": "string", "name": "X-Unit"},
        "tags_2": {"in": "body", "type": "string", "name": "tags", "required": True},
    }
    assert rules(imported(text)) == ["header"]


def test_a_required_member_that_may_be_null_may_be_absent() -> None:
    properties = {"a": {"type": ["string", "null"]}, "b": {"type": "string", "nullable": True}, "c": {"type": "string"}}
    text = document(answer({"type": "object", "required": ["a", "b", "c"], "properties": properties}))
    read = operation(text)["answer"]["properties"]
    assert [name for name, one in read.items() if one.get("required")] == ["c"]


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ({"type": "http", "scheme": "basic"}, {"scheme": "basic"}),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"scheme": "api key", "in": "header", "name": "X-Key"}),
        ({"type": "apiKey", "in": "query", "name": "key"}, {"scheme": "api key", "in": "query", "name": "key"}),
        ({"type": "oauth2", "flows": {"clientCredentials": {}}}, {"scheme": "bearer"}),
        (
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://id.example.com/token"}}},
            {"scheme": "client credentials", "token_url": "https://id.example.com/token"},
        ),
    ],
)
def test_a_security_scheme_names_a_credential_and_never_holds_one(scheme: Json, expected: Json) -> None:
    text = document({"security": [{"own": []}]}, components={"securitySchemes": {"own": scheme}})
    value = read_connector(imported(text).source)
    assert (value["credential"], value["authentication"]) == ("things", expected)


def test_a_date_that_its_own_example_contradicts_is_read_as_text() -> None:
    dates = {"a": {"type": "string", "format": "date", "example": "2026-01-02"},
             "b": {"type": "string", "format": "date", "example": "2026-01-02T00:00:00"}}  # fmt: skip
    text = document(answer({"type": "object", "properties": dates}))
    assert operation(text)["answer"]["properties"] == {"a": {"type": "date"}, "b": {"type": "string"}}
    assert rules(imported(text)) == ["example"]


def test_json_is_read_as_yaml_is() -> None:
    text = document(answer({"type": "object", "properties": {"a": {"type": "boolean"}}}))
    same = imported(text).source
    assert imported(json.dumps(json.loads(text), indent="\t")).source == same
    assert imported(yaml.safe_dump(json.loads(text), sort_keys=False)).source == same


def test_a_server_is_named_or_asked_for() -> None:
    text = document({}, servers=[{"url": "/v2"}])
    with pytest.raises(BrokenInput, match="expected the address of a server"):
        imported(text)
    assert (
        read_connector(imported(text, server="https://a.example.com").source)["base_url"] == "https://a.example.com/v2"
    )
    named = document({}, servers=[{"url": "https://{env}.example.com", "variables": {"env": {"default": "live"}}}])
    assert read_connector(imported(named).source)["base_url"] == "https://live.example.com"
    assert rules(imported(named)) == ["server-variable"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "1:1"), ("a", "1:1"), ("openapi: 2.0", "1:10"), ("swagger: '2.0'", "1:10"), ("openapi: [", ""),
        ("openapi: 3.0.0\ninfo: &a {x: *a}", "2:7"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_where_it_is_wrong(text: str, place: str) -> None:
    with pytest.raises(BrokenInput) as fault:
        imported(text)
    assert not place or fault.value.location == place


KEYS = st.sampled_from(
    ["type", "properties", "items", "enum", "allOf", "oneOf", "$ref", "format", "required", "example", "$a"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["object", "array", "string", "number", "date", "#/paths", "#/components/schemas/S"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES, max_size=5), VALUES)
def test_whatever_a_schema_holds_the_connector_can_be_read(schema: Json, example: Any) -> None:
    """Reading it back is part of the import: what it wrote and could not read would raise here."""
    text = document({**body(schema), **answer(schema, example=example)}, components={"schemas": {"S": schema}})
    try:
        read_document(text)
    except BrokenInput:
        return
    imported(text)
