"""What may be put where: types of results against declared data, and paths in it."""

from typing import Any

import pytest

from versioning.blueprint import DataField
from versioning.check_types import field_fault, fits
from versioning.data_fields import TypeName
from versioning.data_paths import find, leaves_at, required_leaves


def field(name: str, kind: TypeName = "string", *properties: DataField, **more: Any) -> DataField:
    return DataField(name, kind, "internal", properties=properties, **more)


RISK = field("risk", "object", field("grade", "integer"), field("bureau", "object"), field("notes", "list"))
DATA = (field("amount", "money", required=True), RISK)


@pytest.mark.parametrize(
    ("wanted", "given", "may"),
    [
        ("number", "integer", True),
        ("integer", "number", True),
        ("money", "money", True),
        ("money", "number", False),
        ("duration", "years and months duration", True),
        ("string", "any", True),
        ("boolean", "string", False),
        ("date", "date and time", False),
    ],
)
def test_types_that_fit(wanted, given, may):
    assert fits(field("x", wanted), given) is may


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (field("", "object"), ""),
        (field("", "object", field("grade", "number")), ""),
        (field("", "object", field("grade", "string")), "`risk.grade` is integer, the result string"),
        (field("", "object", field("rating")), "`risk.rating` is not declared"),
        (field("", "list"), "`risk` is object, the result list"),
    ],
)
def test_a_result_fits_what_is_declared_or_says_why_not(given, said):
    assert field_fault(RISK, given, "risk") == said


def test_the_items_of_a_list_must_fit_as_well():
    wanted = field("names", "list", items=field("", "string"))
    assert field_fault(wanted, field("", "list", items=field("", "date")), "names") != ""
    assert field_fault(wanted, field("", "list", items=field("", "string")), "names") == ""


@pytest.mark.parametrize(
    ("path", "leaves"),
    [
        ("amount", {"amount"}),
        ("amount.currency", {"amount"}),
        ("risk", {"risk.grade", "risk.bureau", "risk.notes"}),
        ("risk.bureau.score.value", {"risk.bureau"}),
        ("risk.rating", set()),
        ("unknown", set()),
    ],
)
def test_the_leaves_a_path_touches(path, leaves):
    assert leaves_at(DATA, path) == leaves


def test_below_an_object_without_properties_every_path_is_free():
    found = find(DATA, "risk.bureau.score")
    assert found is not None
    assert (found.path, found.below) == ("risk.bureau", True)
    assert find(DATA, "amount.currency") is None
    assert required_leaves(DATA) == {"amount"}
