"""A connector made of a published OpenAPI document calls a server that is made of the same document."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from api.egress import Called, CallFault, Egress
from tests.api.outgoing.servers import Answer, Asked, json_answer, served
from tests.examples.cases import case_file
from tests.versioning.openapi.test_documents import answer, document
from versioning.kinds.connector import read_connector
from versioning.openapi.connector import Wanted, connector_of


class Loader(yaml.SafeLoader):
    """YAML whose dates stay text, as those of JSON."""


Loader.yaml_implicit_resolvers = {
    first: [one for one in found if not one[0].endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Documented:
    """Answers with the examples of a document, and refuses a request that lacks what the document requires."""

    def __init__(self, text: str) -> None:
        self.document = yaml.load(text, Loader=Loader)

    def __call__(self, asked: Asked) -> Answer:
        url = urlsplit(asked.target)
        for path, item in self.document["paths"].items():
            if not re.fullmatch("/base" + re.sub(r"\\{.*?\\}", "[^/]+", re.escape(path)), url.path):
                continue
            operation = item.get(asked.method.lower())
            if operation is None:
                continue
            missing = [one for one in self._required(item, operation) if not self._has(one, asked, parse_qs(url.query))]
            if missing:
                return json_answer({"missing": missing}, 400)
            return self._answer(operation)
        return json_answer({}, 404)

    def _required(self, item: Any, operation: Any) -> list[Any]:
        found = [*item.get("parameters", []), *operation.get("parameters", [])]
        found = [self._at(one["$ref"]) if "$ref" in one else one for one in found]
        return [one for one in found if one.get("required")]

    def _at(self, pointer: str) -> Any:
        found = self.document
        for part in pointer.removeprefix("#/").split("/"):
            found = found[part]
        return found

    def _has(self, one: Any, asked: Asked, query: Any) -> bool:
        place = {"header": asked.headers, "query": query}.get(one["in"], {one["name"].lower(): 1})
        return (one["name"].lower() if one["in"] != "query" else one["name"]) in place

    def _answer(self, operation: Any) -> Answer:
        status, response = next((s, r) for s, r in operation["responses"].items() if str(s).startswith("2"))
        content = response.get("content")
        if content is None:
            return Answer(int(status), b"")
        shown = content["application/json"]["example"]
        return json_answer(json.loads(shown) if isinstance(shown, str) else shown, int(status))


def calling(name: str, operation: str, arguments: dict[str, Any], folder: Path) -> tuple[Any, list[Asked]]:
    text = case_file(f"openapi/{name}").read_text()
    for secret in ("bank", "xero"):
        (folder / secret).write_text("token")
        (folder / secret).chmod(0o600)
    with served(Documented(text)) as outside:
        wanted = Wanted("xero", f"{outside.base}/base", (operation,))
        connector = read_connector(connector_of(text, wanted).source)
        egress = Egress(outside.allowed, folder)
        (ours,) = connector["operations"]
        called = egress.call(connector, ours, arguments, "pi_1.1")
        egress.close()
    return called, outside.asked


def test_a_list_of_connections(tmp_path: Path) -> None:
    called, asked = calling("xero-identity.yaml", "getConnections", {"auth_event_id": "a"}, tmp_path)
    assert isinstance(called, Called)
    assert called.value[0]["tenant_name"] == "Demo Company (NZ)"
    assert asked[0].target == "/base/Connections?authEventId=a"
    assert asked[0].headers["authorization"] == "Bearer token"


def test_an_effect_without_an_answer(tmp_path: Path) -> None:
    called, asked = calling("xero-identity.yaml", "deleteConnection", {"id": "a/b"}, tmp_path)
    assert called == Called(None)
    assert (asked[0].method, asked[0].target) == ("DELETE", "/base/Connections/a%2Fb")


@pytest.mark.parametrize(("status", "code"), [(204, None), (200, "ANSWER_INVALID")])
def test_an_answer_that_is_there_or_not_as_the_document_says(tmp_path: Path, status: int, code: str | None) -> None:
    shown = answer({"type": "object", "properties": {"a": {"type": "string"}}})
    shown["responses"]["204"] = {"description": "nothing found"}
    with served(Answer(status, b"")) as outside:
        connector = read_connector(connector_of(document(shown), Wanted("things", outside.base)).source)
        egress = Egress(outside.allowed, tmp_path)
        called = egress.call(connector, "do_thing", {}, "pi_1.1")
        egress.close()
    assert (called == Called(None)) is (code is None)
    assert getattr(called, "code", None) == code


def test_what_the_document_requires_is_handed_over(tmp_path: Path) -> None:
    called, asked = calling("xero_assets.yaml", "getAssetSettings", {"xero_tenant_id": "t"}, tmp_path)
    assert isinstance(called, Called), called
    assert asked[0].headers["xero-tenant-id"] == "t"
    assert called.value["asset_number_prefix"] == "FA-"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "xero_tenant_id"),
        ({"xero_tenant_id": "t", "status": "SOLD"}, "status"),
        ({"xero_tenant_id": "t"}, "status"),
    ],
)
def test_what_is_missing_or_wrong_is_seen_before_it_goes_out(tmp_path: Path, arguments: Any, said: str) -> None:
    called, asked = calling("xero_assets.yaml", "getAssets", arguments, tmp_path)
    assert isinstance(called, CallFault)
    assert called.code == "ARGUMENT_INVALID"
    assert said in called.message
    assert asked == []
