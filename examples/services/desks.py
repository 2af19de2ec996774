"""What prior authorization, account opening and procurement call: answers to providers, letters, a CRM, contracts."""

from examples.services.operation import Operation, numbered

_REQUEST = ("request",)


def _health() -> dict[str, Operation]:
    return {
        "authorization-receipts": Operation(
            "acknowledge", _REQUEST, (), numbered("receipt_id", "receipt", status="received")
        ),
        "authorization-pends": Operation("pend", _REQUEST, (), numbered("response_id", "response", result="pended")),
        "authorization-approvals": Operation(
            "approve", _REQUEST, (), numbered("response_id", "response", result="approved")
        ),
        "authorization-denials": Operation(
            "deny", (*_REQUEST, "reason"), (), numbered("response_id", "response", result="denied")
        ),
        "extension-letters": Operation("extension", _REQUEST, (), numbered("letter_id", "letter", status="sent")),
        "denial-letters": Operation(
            "denial", (*_REQUEST, "criterion", "words"), (), numbered("letter_id", "letter", status="sent")
        ),
    }


def operations() -> dict[str, Operation]:
    """Path -> operation."""
    return _health()
