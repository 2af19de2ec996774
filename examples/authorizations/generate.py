"""PAS-shaped bundles of our own, the same for the same seed: for whoever does not have the published files.

Codes are of public systems: HCPCS Level II (CMS) for what is asked, ICD-10-CM (CDC) for diagnoses, and the FHIR code
systems `processpriority` and `claim-type`. Persons are named by part and are nobody.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
_CODES = "http://terminology.hl7.org/CodeSystem"
_FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for, why, and the field of medicine that judges it (table `service-specialty`)."""

    specialty: str
    service: tuple[str, str]
    diagnosis: tuple[str, str]


NEEDS = (
    Need("respiratory medicine", ("E1390", "Oxygen concentrator"), ("J44.9", "Chronic obstructive pulmonary disease")),
    Need("rehabilitation", ("K0823", "Power wheelchair"), ("G35", "Multiple sclerosis")),
    Need("home health", ("G0299", "Nursing at home"), ("I50.9", "Heart failure")),
    Need("gastroenterology", ("B4185", "Parenteral nutrition"), ("K91.2", "Malabsorption after surgery")),
    Need("general medicine", ("A9276", "Glucose sensor"), ("E11.9", "Type 2 diabetes")),
)
Priority = Literal["normal", "stat", "deferred"]


def bundle(number: int, need: Need = NEEDS[0], priority: Priority = "normal", seed: int = 1) -> dict[str, Any]:
    """A complete request as a FHIR value; change it and see what a reader says."""
    random = Random(f"{seed}:{number}")  # noqa: S311 - reproducible data, nothing secret
    day = _FIRST_DAY + timedelta(days=random.randrange(300))
    born = date(1940, 1, 1) + timedelta(days=random.randrange(24_000))
    resources = (
        _claim(number, day, priority, need),
        {
            "resourceType": "DeviceRequest",
            "id": "order",
            "status": "active",
            "intent": "order",
            "codeCodeableConcept": _coded(HCPCS, *need.service),
            "subject": _to("Patient/patient"),
        },
        {"resourceType": "QuestionnaireResponse", "id": "answers", "status": "completed"},
        {
            "resourceType": "Patient",
            "id": "patient",
            "identifier": [{"system": "http://example.org/members", "value": f"M-{seed}-{number:06d}"}],
            "name": [{"family": str(number), "given": ["Patient"]}],
            "birthDate": born.isoformat(),
        },
        {
            "resourceType": "Practitioner",
            "id": "provider",
            "name": [{"family": str(random.randrange(1, 40)), "given": ["Provider"]}],
        },
        {
            "resourceType": "Condition",
            "id": "condition",
            "code": _coded(ICD, *need.diagnosis),
            "subject": _to("Patient/patient"),
        },
        {
            "resourceType": "Coverage",
            "id": "coverage",
            "status": "active",
            "beneficiary": _to("Patient/patient"),
            "payor": [_to("Organization/plan")],
        },
        {"resourceType": "Organization", "id": "plan", "name": "Demo Health Plan"},
    )
    entries = [
        {"fullUrl": f"http://example.org/fhir/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": f"{day}T09:00:00Z", "entry": entries}


def document(number: int, need: Need = NEEDS[0], priority: Priority = "normal", seed: int = 1) -> bytes:
    """The same as the bytes that come in."""
    return json.dumps(bundle(number, need, priority, seed), indent=1).encode()


def _claim(number: int, day: date, priority: Priority, need: Need) -> dict[str, Any]:
    return {
        "resourceType": "Claim",
        "id": f"claim-{number}",
        "identifier": [{"system": "http://example.org/requests", "value": f"PA-{number:06d}"}],
        "status": "active",
        "type": _coded(f"{_CODES}/claim-type", "professional", "Professional"),
        "use": "preauthorization",
        "patient": _to("Patient/patient"),
        "created": day.isoformat(),
        "insurer": _to("Organization/plan"),
        "provider": _to("Practitioner/provider"),
        "priority": _coded(f"{_CODES}/processpriority", priority, priority.title()),
        "prescription": _to("DeviceRequest/order"),
        "supportingInfo": [
            {
                "sequence": 1,
                "category": _coded(f"{_CODES}/claiminformationcategory", "info", "Information"),
                "valueReference": _to("QuestionnaireResponse/answers"),
            }
        ],
        "diagnosis": [{"sequence": 1, "diagnosisReference": _to("Condition/condition")}],
        "insurance": [{"sequence": 1, "focal": True, "coverage": _to("Coverage/coverage")}],
        "item": [{"sequence": 1, "productOrService": _coded(HCPCS, *need.service)}],
    }


def _coded(system: str, code: str, words: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": words}]}


def _to(reference: str) -> dict[str, str]:
    return {"reference": reference}
