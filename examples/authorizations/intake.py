"""What the intake of authorization requests hands to the process: the request that was read, as plain data."""

import hashlib
from typing import Any

from examples.authorizations.bundle import read_request
from examples.authorizations.model import AuthorizationRequest


def take_in(document: bytes) -> dict[str, Any]:
    """The start data of one received bundle; `BrokenInput` with the place of what is missing or wrong."""
    return start_data(read_request(document), hashlib.sha256(document).hexdigest())


def start_data(request: AuthorizationRequest, digest: str) -> dict[str, Any]:
    """The data of a `prior-authorization` instance; its business key is the number of the request."""
    patient = {"name": request.patient.name, "member_number": request.patient.member_number}
    if request.patient.born_on is not None:
        patient["born_on"] = request.patient.born_on.isoformat()
    data: dict[str, Any] = {
        "request_number": request.number,
        "document_sha256": digest,
        "expedited": request.is_expedited,
        "patient": patient,
        "provider": request.provider,
        "lead_service": request.services[0].code,
        "services": [one.as_text() for one in request.services],
        "services_requested": len(request.services),
        "diagnoses": [one.as_text() for one in request.diagnoses],
        "record": {"documents": list(request.documents), "note": ""},
    }
    return {**data, "replaces": request.replaces} if request.replaces else data
