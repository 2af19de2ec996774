"""Reads a FHIR R4 bundle that asks for prior authorization, and refuses one that is incomplete at the element.

Source: HL7 Da Vinci Prior Authorization Support (PAS): a Bundle of type `collection` whose first entry is the Claim
(`use` = `preauthorization`), with everything it refers to in the same bundle. Nothing is fetched: a reference that
does not resolve inside the bundle is missing. What we ask for beyond the profiles, since nobody could decide without
it: a name of the patient, a diagnosis, and a service that is asked for.
"""

from typing import Any

from api.body import parse_json
from examples.authorizations.element import Element
from examples.authorizations.model import AuthorizationRequest, Coded, Patient
from ledger.errors import BrokenInput, TooLarge

BYTES_MAX = 1024 * 1024
CANCELLED = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-itemCancelled"
REQUESTED = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-requestedService"
_PRIORITIES = {"stat": True, "normal": False, "deferred": False}  # FHIR code system `processpriority` -> expedited
_SERVICE_CODES = {
    "DeviceRequest": "codeCodeableConcept",
    "MedicationRequest": "medicationCodeableConcept",
    "ServiceRequest": "code",
}


class Bundle:
    """The resources of a bundle by how they are referred to: `Patient/1`, or the `fullUrl` of the entry."""

    def __init__(self, root: Element) -> None:
        self._known: dict[str, Element] = {}
        entries = root.some("entry")
        self.claim = entries[0].one("resource")
        self.claim.word("resourceType", "Claim")
        for entry in entries:
            resource = entry.one("resource")
            kind = resource.text("resourceType")
            names = {entry.text_or("fullUrl"), f"{kind}/{resource.text_or('id')}"} - {"", f"{kind}/"}
            for name in names:
                if name in self._known:
                    raise entry.fault("expected a resource with an address of its own, found one twice")
                self._known[name] = resource

    def resolve(self, reference: Element, *kinds: str) -> Element:
        """The resource that is referred to; one of these kinds, and in the bundle."""
        target = reference.one("reference")
        found = self._known.get(reference.text("reference"))
        if found is None:
            raise target.fault("expected a resource of this bundle")
        if kinds and found.text("resourceType") not in kinds:
            raise target.fault(f"expected {' or '.join(kinds)}")
        return found


def read_request(data: bytes) -> AuthorizationRequest:
    """The request of a bundle; `BrokenInput` with the line and column, or the FHIRPath of the element."""
    if len(data) > BYTES_MAX:
        raise TooLarge(f"expected at most {BYTES_MAX} bytes", "Bundle")
    root = Element("Bundle", _parsed(data))
    root.word("resourceType", "Bundle")
    root.word("type", "collection")
    bundle = Bundle(root)
    claim = bundle.claim
    claim.word("status", "active", "draft")
    claim.word("use", "preauthorization")
    patient = bundle.resolve(claim.one("patient"), "Patient")
    _covered(bundle, claim, patient)
    return AuthorizationRequest(
        number=_number(claim),
        replaces=_replaced(claim),
        created_on=claim.day("created"),
        is_expedited=_is_expedited(claim),
        patient=_patient(patient),
        provider=_provider(bundle, claim.one("provider")),
        services=_services(bundle, claim),
        diagnoses=tuple([_diagnosis(bundle, one) for one in claim.some("diagnosis")]),
        documents=tuple([_document(bundle, one) for one in claim.many("supportingInfo")]),
    )


def _parsed(data: bytes) -> Any:
    """The JSON value, read strictly: each name once, no lone surrogates, no NaN, bounded nesting."""
    try:
        return parse_json(data)
    except BrokenInput as broken:
        raise type(broken)(broken.message, broken.location.replace("body", "Bundle")) from broken


def _number(claim: Element) -> str:
    identifiers = claim.many("identifier")
    return identifiers[0].text("value") if identifiers else claim.text("id")


def _replaced(claim: Element) -> str:
    """The Claim that this one takes the place of; the published files name it by the id of `related` itself."""
    for related in claim.many("related"):
        coding = related.one("relationship").some("coding")[0]
        if coding.text("code") in ("replaces", "prior"):
            named = related.maybe("claim")
            return related.text("id") if named is None else named.text("reference").removeprefix("Claim/")
    return ""


def _is_expedited(claim: Element) -> bool:
    coding = claim.one("priority").some("coding")[0]
    return _PRIORITIES[coding.word("code", *_PRIORITIES)]


def _patient(patient: Element) -> Patient:
    name = patient.some("name")[0]
    given = [_plain(one) for one in name.many("given")]
    numbers = [one.text("value") for one in patient.many("identifier")]
    born_on = patient.day("birthDate") if patient.maybe("birthDate") else None
    return Patient(" ".join([*given, name.text("family")]), born_on, numbers[0] if numbers else "")


def _plain(element: Element) -> str:
    """The text of an item of a list of texts."""
    return Element(element.path.rpartition("[")[0], {"item": element.value}).text("item")


def _provider(bundle: Bundle, reference: Element) -> str:
    found = bundle.resolve(reference, "Practitioner", "PractitionerRole", "Organization")
    kind = found.text("resourceType")
    if kind == "PractitionerRole":
        found = bundle.resolve(found.one("practitioner"), "Practitioner")
    if kind == "Organization":
        return found.text("name")
    name = found.some("name")[0]
    parts = [_plain(one) for part in ("prefix", "given") for one in name.many(part)]
    return " ".join([*parts, name.text("family")])


def _covered(bundle: Bundle, claim: Element, patient: Element) -> None:
    """The coverage asked is in force and is that of the patient."""
    insurances = claim.some("insurance")
    focal = next((one for one in insurances if one.is_true("focal")), None)
    if focal is None:
        raise insurances[0].fault("expected the insurance that is asked (`focal`)")
    coverage = bundle.resolve(focal.one("coverage"), "Coverage")
    coverage.word("status", "active")
    beneficiary = coverage.one("beneficiary")
    if bundle.resolve(beneficiary, "Patient").path != patient.path:
        raise beneficiary.fault("expected the patient of the Claim")


def _services(bundle: Bundle, claim: Element) -> tuple[Coded, ...]:
    """What is asked for: the items that are not cancelled, or what the prescription orders."""
    items = claim.many("item")
    asked = tuple([_coded(item.one("productOrService")) for item in items if not _is_cancelled(item)])
    if items and not asked:
        raise BrokenInput("expected an item that is not cancelled", f"{claim.path}.item")
    if asked:
        return asked
    prescription = claim.maybe("prescription")
    if prescription is None:
        raise BrokenInput("expected an item or a prescription, found none", f"{claim.path}.item")
    order = bundle.resolve(_order(prescription), *_SERVICE_CODES)
    return (_coded(order.one(_SERVICE_CODES[order.text("resourceType")])),)


def _order(prescription: Element) -> Element:
    """Where the prescription refers to: itself, or by the extension of PAS for what FHIR does not let it refer to."""
    if prescription.maybe("reference") is not None:
        return prescription
    for extension in prescription.many("extension"):
        if extension.text("url") == REQUESTED:
            return extension.one("valueReference")
    return prescription


def _is_cancelled(item: Element) -> bool:
    found = item.many("modifierExtension")
    for extension in found:
        if extension.text("url") != CANCELLED:  # what modifies the meaning and is not known may not be read past
            raise extension.one("url").fault("expected no modifier extension but that of a cancelled item")
    return any(extension.is_true("valueBoolean") for extension in found)


def _coded(concept: Element) -> Coded:
    coding = concept.some("coding")[0]
    return Coded(coding.text_or("system"), coding.text("code"), coding.text_or("display"))


def _diagnosis(bundle: Bundle, diagnosis: Element) -> Coded:
    concept = diagnosis.maybe("diagnosisCodeableConcept")
    if concept is not None:
        return _coded(concept)
    condition = bundle.resolve(diagnosis.one("diagnosisReference"), "Condition")
    return _coded(condition.one("code"))


def _document(bundle: Bundle, info: Element) -> str:
    reference = info.one("valueReference")
    bundle.resolve(reference)
    return reference.text("reference")
