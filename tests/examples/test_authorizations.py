"""Bundles that ask for prior authorization: read whole, or refused at the element that is missing or wrong."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.authorizations.bundle import BYTES_MAX, CANCELLED, read_request
from examples.authorizations.element import ITEMS_MAX, TEXT_CHARS_MAX
from examples.authorizations.generate import NEEDS, bundle, document
from examples.authorizations.intake import take_in
from examples.authorizations.model import Coded
from ledger import canonical
from ledger.errors import BrokenInput, TooLarge
from tests.examples.cases import case_file

Json = Any
CLAIM = "Bundle.entry[0].resource"
PUBLISHED = [
    ("Claim.json", "451fe716-4701-4cdf-b5bb-a6eedbe43bbb"),
    ("ClaimUpdate1.json", "ee7f76f8-5e4e-4733-8f85-3fe3c29cf30f"),
    ("bundle-items.json", "001"),
    ("bundle-prior-auth.json", "minimal"),
    ("bundle-request.json", "111099"),
]
INCOMPLETE = [
    ("DeniedResponse.json", f"{CLAIM}.resourceType"),  # answers, not requests
    ("GrantedResponse.json", f"{CLAIM}.resourceType"),
    ("PendedClaimResponse.json", f"{CLAIM}.resourceType"),
    ("bundle-response.json", f"{CLAIM}.resourceType"),
    ("bundle-dtr.json", f"{CLAIM}.resourceType"),
    ("bundle-minimal.json", "Bundle.type"),
    ("bundle-with-only-claim.json", f"{CLAIM}.patient.reference"),
    ("claim-complete.json", "Bundle.entry[6].resource.status"),  # its Coverage has none
    ("claim-minimal.json", "Bundle.resourceType"),  # a Claim by itself
    ("cds-hook-order-review.json", "Bundle.resourceType"),
]
NEEDED = [  # what is taken out of a complete bundle, and where a reader misses it; no dot: the member itself
    ("entry", "Bundle.entry"),
    ("entry.0.resource", "Bundle.entry[0].resource"),
    *[
        (f"entry.0.resource.{name}", f"{CLAIM}.{name}")
        for name in ("status", "use", "patient", "created", "provider", "priority", "diagnosis", "insurance")
    ],
    ("entry.0.resource.identifier.0.value", f"{CLAIM}.identifier[0].value"),
    ("entry.0.resource.priority.coding.0.code", f"{CLAIM}.priority.coding[0].code"),
    ("entry.0.resource.insurance.0.coverage", f"{CLAIM}.insurance[0].coverage"),
    ("entry.0.resource.insurance.0.focal", f"{CLAIM}.insurance[0]"),
    ("entry.0.resource.item.0.productOrService", f"{CLAIM}.item[0].productOrService"),
    ("entry.0.resource.supportingInfo.0.valueReference", f"{CLAIM}.supportingInfo[0].valueReference"),
    ("entry.2", f"{CLAIM}.supportingInfo[0].valueReference.reference"),
    ("entry.3", f"{CLAIM}.patient.reference"),
    ("entry.3.resource.name", "Bundle.entry[3].resource.name"),
    ("entry.3.resource.name.0.family", "Bundle.entry[3].resource.name[0].family"),
    ("entry.4", f"{CLAIM}.provider.reference"),
    ("entry.4.resource.name", "Bundle.entry[4].resource.name"),
    ("entry.5", f"{CLAIM}.diagnosis[0].diagnosisReference.reference"),
    ("entry.5.resource.code", "Bundle.entry[5].resource.code"),
    ("entry.6", f"{CLAIM}.insurance[0].coverage.reference"),
    ("entry.6.resource.beneficiary", "Bundle.entry[6].resource.beneficiary"),
]


def without(value: Json, path: str) -> Json:
    """The value with what lies at the path taken out."""
    *parents, last = path.split(".")
    at = value
    for name in parents:
        at = at[int(name)] if name.isdecimal() else at[name]
    del at[int(last) if last.isdecimal() else last]
    return value


def read(value: Json) -> Any:
    return read_request(json.dumps(value).encode())


def refused_at(value: Json) -> str:
    with pytest.raises(BrokenInput) as broken:
        read(value)
    return broken.value.location


def changed(change: Callable[[Json], Any]) -> Json:
    value = bundle(1)
    change(value)
    return value


def claim_of(value: Json) -> Json:
    return value["entry"][0]["resource"]


@pytest.mark.cases
@pytest.mark.parametrize(("name", "number"), PUBLISHED)
def test_published_requests_are_read(name: str, number: str) -> None:
    data = take_in(case_file(f"prior-authorization/{name}").read_bytes())
    assert data["request_number"] == number
    assert data["expedited"] is False  # none of them is urgent
    assert data["services_requested"] == len(data["services"]) >= 1
    canonical.encode(data)  # no floats


@pytest.mark.cases
@pytest.mark.parametrize(("name", "place"), INCOMPLETE)
def test_published_bundles_that_are_no_whole_request_are_refused_at_the_element(name: str, place: str) -> None:
    with pytest.raises(BrokenInput) as broken:
        read_request(case_file(f"prior-authorization/{name}").read_bytes())
    assert broken.value.location == place


@pytest.mark.cases
def test_a_published_update_says_what_it_replaces_and_asks_no_more_for_what_it_cancels() -> None:
    update = read_request(case_file("prior-authorization/ClaimUpdate1.json").read_bytes())
    assert update.replaces == "451fe716-4701-4cdf-b5bb-a6eedbe43bbb"
    assert [one.code for one in update.services] == ["B4184"]
    whole = read_request(case_file("prior-authorization/bundle-items.json").read_bytes())
    assert [one.code for one in whole.services] == ["G0154", "B4184"]


@pytest.mark.cases
def test_a_published_request_is_expedited_when_its_priority_is_stat() -> None:
    value = json.loads(case_file("prior-authorization/bundle-prior-auth.json").read_bytes())
    assert not read(value).is_expedited
    claim_of(value)["priority"]["coding"][0]["code"] = "stat"
    assert read(value).is_expedited


@pytest.mark.parametrize(("path", "place"), NEEDED)
def test_what_is_missing_is_named(path: str, place: str) -> None:
    assert refused_at(without(bundle(1), path)) == place


def test_our_own_bundles_are_read_and_the_same_for_the_same_seed() -> None:
    for number, need in enumerate(NEEDS):
        found = read_request(document(number, need, "stat"))
        assert (found.number, found.is_expedited) == (f"PA-{number:06d}", True)
        assert [one.code for one in found.services] == [need.service[0]]
        assert found.diagnoses == (Coded("http://hl7.org/fhir/sid/icd-10-cm", *need.diagnosis),)
        assert document(number, need) == document(number, need)
    first, again = take_in(document(1)), take_in(document(1, seed=2))
    assert first["patient"]["name"] == "Patient 1"
    assert date.fromisoformat(first["patient"]["born_on"]) < date(2020, 1, 1)
    assert first["document_sha256"] != again["document_sha256"]
    assert not read_request(document(1, priority="deferred")).is_expedited


def test_what_is_ordered_counts_where_no_item_says_what_is_asked() -> None:
    ordered = read(without(bundle(1), "entry.0.resource.item"))
    assert ordered.services == read(bundle(1)).services
    neither = without(without(bundle(1), "entry.0.resource.item"), "entry.0.resource.prescription")
    assert refused_at(neither) == f"{CLAIM}.item"


def _second_patient(value: Json) -> None:
    other = {"resourceType": "Patient", "id": "other", "name": [{"family": "Other"}]}
    value["entry"].append({"resource": other})
    value["entry"][6]["resource"]["beneficiary"]["reference"] = "Patient/other"


def _role_of_a_role(value: Json) -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "PractitionerRole/r"}}
    value["entry"].append({"resource": role})
    claim_of(value)["provider"]["reference"] = "PractitionerRole/r"


def _modified(url: str, is_true: Json = True) -> Callable[[Json], None]:
    extension = {"url": url, "valueBoolean": is_true}
    return lambda value: claim_of(value)["item"][0].update(modifierExtension=[extension])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda value: value.update(type="searchset"), "Bundle.type"),
        (lambda value: value.update(entry=[]), "Bundle.entry"),
        (lambda value: value.update(entry={}), "Bundle.entry"),
        (lambda value: value["entry"].append(dict(value["entry"][3])), "Bundle.entry[8]"),
        (lambda value: claim_of(value).update(status="cancelled"), f"{CLAIM}.status"),
        (lambda value: claim_of(value).update(use="claim"), f"{CLAIM}.use"),
        (lambda value: claim_of(value).update(created="2026-02-30"), f"{CLAIM}.created"),
        (lambda value: claim_of(value).update(created="2026"), f"{CLAIM}.created"),
        (lambda value: claim_of(value)["priority"]["coding"][0].update(code="now"), f"{CLAIM}.priority.coding[0].code"),
        (lambda value: claim_of(value)["priority"].update(coding="stat"), f"{CLAIM}.priority.coding"),
        (
            lambda value: claim_of(value)["patient"].update(reference="http://127.0.0.1:1/fhir/Patient/patient"),
            f"{CLAIM}.patient.reference",
        ),
        (lambda value: claim_of(value)["patient"].update(reference="Coverage/coverage"), f"{CLAIM}.patient.reference"),
        (lambda value: claim_of(value)["insurance"][0].update(focal="yes"), f"{CLAIM}.insurance[0].focal"),
        (lambda value: value["entry"][6]["resource"].update(status="cancelled"), "Bundle.entry[6].resource.status"),
        (_second_patient, "Bundle.entry[6].resource.beneficiary"),
        (_role_of_a_role, "Bundle.entry[8].resource.practitioner.reference"),
        (_modified(CANCELLED), f"{CLAIM}.item"),
        (_modified(CANCELLED, "yes"), f"{CLAIM}.item[0].modifierExtension[0].valueBoolean"),
        (_modified("http://example.org/reverses-it"), f"{CLAIM}.item[0].modifierExtension[0].url"),
        (lambda value: claim_of(value).update(id=" "), "Bundle.entry[0].resource.id"),
        (lambda value: claim_of(value)["identifier"][0].update(value="PA\n1"), f"{CLAIM}.identifier[0].value"),
    ],
)
def test_what_is_wrong_is_named(change: Callable[[Json], None], place: str) -> None:
    assert refused_at(changed(change)) == place


def test_an_item_that_is_not_cancelled_is_asked_for() -> None:
    assert read(changed(_modified(CANCELLED, False))).services == read(bundle(1)).services


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{", b'{"resourceType": "Bundle", "resourceType": "Bundle"}', b'{"resourceType": NaN}',
        b'{"resourceType": "\\ud800"}', b"\xff", b"\xef\xbb\xbf{}", b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_strict_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenInput) as broken:
        read_request(data)
    assert broken.value.location


def test_limits() -> None:
    def too_many(value: Json) -> None:
        value["entry"] += [{"resource": {"resourceType": "Basic"}}] * ITEMS_MAX

    def too_long(value: Json) -> None:
        claim_of(value)["identifier"][0]["value"] = "x" * (TEXT_CHARS_MAX + 1)

    for change, place in ((too_many, "Bundle.entry"), (too_long, f"{CLAIM}.identifier[0].value")):
        with pytest.raises(TooLarge) as broken:
            read(changed(change))
        assert broken.value.location == place
    spaces = document(1)
    assert read_request(spaces + b" " * (BYTES_MAX - len(spaces))).number == "PA-000001"
    with pytest.raises(TooLarge):
        read_request(spaces + b" " * (BYTES_MAX - len(spaces) + 1))


def places(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        found += places(member, (*path, name))
    return found


ANYTHING: st.SearchStrategy[Json] = st.sampled_from(
    [None, True, 7, 1.5, "", "x", [], {}, [[]], {"reference": "Patient/patient"}]
)


@given(st.sampled_from(places(bundle(1))[1:]), ANYTHING)
def test_whatever_stands_anywhere_it_is_read_or_refused_with_a_place(path: tuple[Any, ...], put: Json) -> None:
    value = at = bundle(1)
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = put
    place = "Bundle"
    try:
        read(value)
    except BrokenInput as broken:
        place = broken.location
    assert place.startswith("Bundle")
