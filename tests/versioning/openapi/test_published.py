"""Every published OpenAPI document is read whole: so many operations, so many findings, each at its place."""

from collections import Counter

import pytest

from tests.examples.cases import case_file
from versioning.kinds.connector import read_connector
from versioning.openapi.connector import Imported, Wanted, connector_of

PUBLISHED = {
    "xero-identity.yaml": (2, {"format": 5, "example": 1, "oauth": 1}),
    "xero-webhooks.yaml": (0, {"webhook": 4, "nothing": 1}),
    "xero_assets.yaml": (6, {"format": 17, "example": 5, "header": 1, "oauth": 1}),
    "xero_bankfeeds.yaml": (
        7, {"constraint": 12, "format": 6, "example": 2, "choices": 1, "header": 1, "oauth": 1}
    ),
}  # fmt: skip


def imported(name: str, *operations: str) -> Imported:
    return connector_of(case_file(f"openapi/{name}").read_text(), Wanted(operations=operations))


@pytest.mark.parametrize("name", PUBLISHED)
def test_all_of_it(name: str) -> None:
    made = imported(name)
    count, rules = PUBLISHED[name]
    assert len(made.operations) == count
    assert Counter(one.rule.removeprefix("openapi.") for one in made.findings) == rules
    lines = case_file(f"openapi/{name}").read_text().splitlines()
    for one in made.findings:
        line, column = map(int, one.location.split(":"))
        assert lines[line - 1][column - 1 :].strip(), one
    if count:
        value = read_connector(made.source)
        assert tuple(value["operations"]) == made.operations


def test_types_and_names_of_one_operation() -> None:
    value = read_connector(imported("xero_assets.yaml", "createAsset").source)
    assert value["authentication"] == {"scheme": "bearer"}
    assert list(value["operations"]) == ["create_asset"]
    operation = value["operations"]["create_asset"]
    assert (operation["method"], operation["path"]) == ("POST", "/Assets")
    assert operation["takes"]["xero_tenant_id"] == {
        "in": "header", "type": "string", "name": "xero-tenant-id", "required": True
    }  # fmt: skip
    assert operation["takes"]["asset_name"] == {"in": "body", "type": "string", "name": "assetName", "required": True}
    assert operation["takes"]["purchase_price"] == {"in": "body", "type": "number", "name": "purchasePrice"}
    assert operation["answer"]["properties"]["asset_status"]["one_of"] == ["Draft", "Registered", "Disposed"]
    assert operation["example"]["asset_name"] == "Computer74863"


def test_an_operation_that_is_not_there_is_said() -> None:
    with pytest.raises(Exception, match=r"such as getAssets, .*, found `nothing`"):
        imported("xero_assets.yaml", "nothing")
