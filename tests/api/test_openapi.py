"""The committed OpenAPI document is what the routes say, and it is whole."""

import json
from typing import Any

import pytest

from api.openapi import FILE, document, text
from api.serving import application
from tests.api.organisation import House

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_committed_document_has_not_drifted() -> None:
    assert FILE.read_text(encoding="utf-8") == text(application()), "run `make openapi`"


def test_the_service_gives_the_same_document(house: House) -> None:
    assert house.get("/v1/openapi.json").json() == DOCUMENT


def test_every_reference_leads_somewhere_and_no_marker_is_left() -> None:
    whole = json.dumps(DOCUMENT)
    assert "x-muniment" not in whole
    names = set(DOCUMENT["components"]["schemas"])
    assert {ref.rpartition("/")[2] for ref in _refs(DOCUMENT)} <= names


def _refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [value.get("$ref", "")] * ("$ref" in value) + [ref for member in value.values() for ref in _refs(member)]
    return [ref for member in value for ref in _refs(member)] if isinstance(value, list) else []


def test_every_operation_says_who_may_call_it_and_what_it_answers() -> None:
    public = {
        ("/healthz", "get"),
        ("/report.css", "get"),
        ("/readyz", "get"),
        ("/v1/hooks/{id}", "post"),  # its credential is the signature over the body
        ("/v1/sign-in", "post"),
        ("/v1/sign-in/passkey", "post"),
        ("/v1/sign-in/passkey/options", "post"),
        ("/v1/password", "post"),
    }
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert ("security" not in operation) == ((path, method) in public), (path, method)
            assert {"200", "default"} == set(operation["responses"])
            assert operation["summary"]
            assert operation["description"]
            declared = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}


OPERATIONS = [
    (method.upper(), path)
    for path, operations in document(application())["paths"].items()
    for method, operation in operations.items()
    if "security" in operation
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_without_a_credential_every_other_route_answers_401_and_does_nothing(
    house: House, method: str, path: str
) -> None:
    before = house.size
    at = path.replace("{n}", "1").replace("{index}", "1").replace("{", "").replace("}", "")
    answer = house.call(method, at, content=b'{"not": "read"}' if method != "GET" else None)
    body = house.refused(answer, 401, "NO_CREDENTIAL")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "receipt" not in body
    assert house.size == before
    forged = house.call(method, at, headers={"Authorization": "Bearer acme_st_" + "0" * 26 + "_" + "0" * 52})
    house.refused(forged, 401, "BAD_CREDENTIALS")
    assert house.size == before
