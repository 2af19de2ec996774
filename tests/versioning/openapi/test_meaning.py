"""What OpenAPI 3.0.3 and 3.1.0 mean by a document is what the connector does, or it is a finding where it stands."""

import json
from typing import Any

import pytest

from ledger.errors import BrokenInput
from tests.versioning.openapi.test_documents import Json, answer, body, document, imported, operation, parameter, rules
from versioning.kinds.connector import read_connector


def edited(**paths: Json) -> str:
    """The document of one operation with other paths beside it."""
    value = json.loads(document({}, "get"))
    value["paths"] |= {f"/{name}": item for name, item in paths.items()}
    return json.dumps(value)


def base_url(text: str, **wanted: Any) -> str:
    value: str = read_connector(imported(text, **wanted).source)["base_url"]
    return value


@pytest.mark.parametrize(
    ("url", "server", "base"),
    [
        ("/v2", "https://own.example.com/", "https://own.example.com/v2"),
        ("v2/", "https://own.example.com", "https://own.example.com/v2"),
        ("../v2", "https://own.example.com", "https://own.example.com/v2"),
        ("https://a.example.com//evil.example.com", "https://own.example.com", "https://own.example.com/evil.example.com"),
        ("https://a.example.com/v2", "https://own.example.com/mine", "https://own.example.com/mine"),
        ("https://{env}.example.com/v2", "https://own.example.com", "https://own.example.com/v2"),
    ],
)  # fmt: skip
def test_the_server_that_is_asked_for_is_the_host(url: str, server: str, base: str) -> None:
    assert base_url(document({}, servers=[{"url": url}]), server=server) == base


@pytest.mark.parametrize(
    "server",
    [
        {"url": "https://{env}.example.com"},
        {"url": "https://{env}.example.com", "variables": {"env": {}}},
        {"url": "https://{env}.example.com", "variables": {"env": {"default": "live", "enum": ["test"]}}},
        {"url": "https://a.example.com?x=1"},
        {"url": "https://a b.example.com"},
        {"url": "https://[a.example.com"},
        {"url": "ftp://a.example.com"},
    ],
)
def test_a_server_that_is_no_address_is_refused_where_it_stands(server: Json) -> None:
    text = document({}, servers=[server])
    with pytest.raises(BrokenInput) as fault:
        imported(text)
    line = text.splitlines()[int(fault.value.location.partition(":")[0]) - 1]
    assert "url" in line or "env" in line or "{" in line
    assert "address" in fault.value.message or "default" in fault.value.message


def test_a_path_that_a_variable_fills_is_said_beside_the_server_that_is_asked_for() -> None:
    server = {"url": "https://a.example.com/{base}", "variables": {"base": {"default": "v2"}}}
    made = imported(document({}, servers=[server]), server="https://own.example.com")
    assert rules(made) == ["server-variable"]


def test_operations_on_another_server_are_left_out_or_imported_by_themselves() -> None:
    elsewhere = [{"url": "https://else.example.com/v2"}]
    same = [{"url": "https://things.example.com/v1/"}]
    text = edited(
        on_path={"servers": elsewhere, "get": {"operationId": "onPath"}},
        on_operation={"get": {"operationId": "onOperation", "servers": elsewhere}},
        nearer={"servers": elsewhere, "get": {"operationId": "nearer", "servers": same}},
    )
    made = imported(text)
    assert made.operations == ("do_thing", "nearer")
    assert [(one.rule, one.severity) for one in made.findings] == [("openapi.server", "error")] * 2
    both = ("onPath", "onOperation")
    assert rules(imported(text, operations=both)) == []
    assert base_url(text, operations=both) == "https://else.example.com/v2"
    assert base_url(text, operations=both, server="https://own.example.com") == "https://own.example.com/v2"


def test_names_are_the_same_whichever_operations_are_chosen() -> None:
    text = edited(
        a={"get": {"operationId": "do_thing"}, "post": {"operationId": "doThing"}},
        b={"get": {}, "put": {"operationId": "1 two/{three}"}},
    )
    made = imported(text)
    assert made.operations == ("do_thing", "do_thing_2", "do_thing_3", "get_b", "n_1_two_three")
    for name in made.operations[1:]:  # the first is the id of the second
        assert imported(text, operations=(name,)).operations == (name,)
    assert imported(text, operations=("doThing",)).operations == ("do_thing", "do_thing_3")
    assert imported(text, operations=("do_thing",)).operations == ("do_thing_2",)


@pytest.mark.parametrize("item", [{"$ref": "other.yaml"}, {"$ref": "#/paths/~1none"}])
def test_a_path_that_cannot_be_read_is_no_success(item: Json) -> None:
    made = imported(edited(a=item))
    assert made.operations == ("do_thing",)
    assert made.findings[-1].severity == "error"


def test_a_reference_is_percent_encoded() -> None:
    """RFC 6901, 6: as in a fragment."""
    value = json.loads(document({"parameters": [{"$ref": "#/paths/~1a%7E1%7Bid%7D/parameters/0"}]}, path="/t/{id}"))
    value["paths"]["/a/{id}"] = {"parameters": [{"in": "path", "name": "id", "required": True, "schema": {}}]}
    assert operation(json.dumps(value))["arguments"] == ["id"]


def test_a_header_has_one_name_in_any_case() -> None:
    shared = [{"in": "header", "name": "X-Unit", "schema": {"type": "string"}}]
    value = json.loads(document(parameter(**{"in": "header", "name": "x-unit", "required": True})))
    value["paths"]["/things"]["parameters"] = shared
    assert operation(json.dumps(value))["takes"] == {
        "x_unit": {"in": "header", "name": "x-unit", "type": "string", "required": True}
    }


def test_a_body_with_many_members_is_one_argument() -> None:
    text = document(body({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(101)}}))
    assert rules(imported(text)) == ["body"]
    assert operation(text)["takes"]["body"]["in"] == "whole body"


@pytest.mark.parametrize(
    ("kinds", "sends"),
    [
        (["application/json"], None),
        (["*/*"], None),
        (["application/json; charset=utf-8"], None),
        (["application/xml", "application/merge-patch+json"], "application/merge-patch+json"),
        (["application/merge-patch+json", "application/json"], None),
        (["application/json;odata=verbose"], "application/json;odata=verbose"),
        (["Application/Vnd.Own+JSON; v=2"], "application/vnd.own+json;v=2"),
        (["text/json"], "text/json"),
    ],
)
def test_json_by_another_name_is_called_so(kinds: list[str], sends: str | None) -> None:
    content = {kind: {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}} for kind in kinds}
    read = operation(document({"requestBody": {"content": content}, "responses": {"200": {"content": content}}}))
    assert (read.get("sends"), read.get("accepts")) == (sends, sends)


def test_what_a_part_of_all_of_requires_is_required() -> None:
    parts = [{"$ref": "#/components/schemas/Base"}, {"allOf": [{"required": ["a"]}]}, {"required": ["b"]}]
    base = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string", "nullable": True}}}
    inner = {"type": "object", "properties": {"a": {"type": "string"}}}
    base["properties"]["c"] = inner  # type: ignore[index]
    text = document(body({"allOf": parts}), components={"schemas": {"Base": base}})
    takes = operation(text)["takes"]
    assert [name for name, one in takes.items() if one.get("required")] == ["a"]
    assert "required" not in takes["c"]["properties"]["a"]


def test_a_choice_of_what_is_required_leaves_the_members() -> None:
    choice = [{"required": ["a"]}, {"required": ["b"]}]
    members = {"a": {"type": "string"}, "b": {"type": "string"}}
    text = document(body({"type": "object", "properties": members, "oneOf": choice}))
    assert list(operation(text)["takes"]) == ["a", "b"]
    assert rules(imported(text)) == ["choice"]


@pytest.mark.parametrize(
    ("schema", "made", "found"),
    [
        ({"const": "x"}, {"type": "string", "one_of": ["x"]}, []),
        ({"const": 3}, {"type": "any"}, ["choices"]),
        ({"type": "string", "const": "x", "enum": ["x", "y"]}, {"type": "string", "one_of": ["x"]}, []),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"type": "object"}, ["additional"]),
    ],
)
def test_what_is_not_checked_is_said(schema: Json, made: Json, found: list[str]) -> None:
    text = document(answer({"type": "object", "properties": {"a": schema}}))
    assert operation(text)["answer"]["properties"]["a"] == made
    assert rules(imported(text)) == found


def test_default_is_the_answer_where_no_other_is_one_of_success() -> None:
    shown = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}
    alone = document({"responses": {"default": shown, "404": {}}})
    assert operation(alone)["answer"] == {"type": "object", "properties": {"a": {"type": "string"}}}
    assert rules(imported(alone)) == ["answers"]
    assert "answer" not in operation(document({"responses": {"default": shown, "2XX": {}}}))


@pytest.mark.parametrize(
    ("responses", "empty"),
    [
        ({"204": {}}, [204]),
        ({"202": {}, "204": {"content": {}}}, [202, 204]),
        ({"2XX": {}}, [204]),
        ({}, None),
        ({"404": {}}, None),
    ],
)
def test_an_answer_that_may_be_empty_is_said(responses: Json, empty: list[int] | None) -> None:
    shown = answer({"type": "object", "properties": {"a": {"type": "string"}}})
    shown["responses"].update(responses)
    assert operation(document(shown)).get("empty") == empty
    assert rules(imported(document(shown))) == []


def test_where_any_answer_is_taken_an_empty_one_is_as_well() -> None:
    shown = answer({})
    shown["responses"]["204"] = {}
    assert operation(document(shown)).keys() & {"answer", "empty"} == set()


@pytest.mark.parametrize(
    ("scheme", "kept"),
    [
        ({"type": "apiKey", "in": "cookie", "name": "a"}, None),
        ({"type": "apiKey", "in": "query", "name": "api[key]"}, None),
        ({"type": "mutualTLS"}, None),
        ({"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://"}}}, {"scheme": "bearer"}),
        ({"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a b/t"}}}, {"scheme": "bearer"}),
    ],
)
def test_a_scheme_that_cannot_be_used_is_said(scheme: Json, kept: Json | None) -> None:
    text = document({"security": [{"own": []}]}, components={"securitySchemes": {"own": scheme}})
    assert read_connector(imported(text).source).get("authentication") == kept
    assert rules(imported(text)) in (["security"], ["oauth"])


def test_a_character_in_two_halves_is_one() -> None:
    text = json.dumps(json.loads(document({"summary": "Sail ⛵ 😀 \\ud83d\\ude00"})))
    assert operation(text)["title"] == "Sail ⛵ 😀 \\ud83d\\ude00"
