"""What prior authorization, account opening and procurement call: answers to providers, letters, a CRM, contracts."""

from examples.services.effects import Body
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


LISTED_DEAL, ELSEWHERE_DEAL = "LISTED", "ELSEWHERE"  # words in the number of a deal


def company_of(deal: str) -> Body:
    """What the CRM knows of the business of a deal: made from its number, so everyone can foretell it."""
    owner = f"Listed Owner of {deal}" if LISTED_DEAL in deal else f"Owner of {deal}"
    name = f"Company of {deal}"
    return {"name": name, "country": "MM" if ELSEWHERE_DEAL in deal else "GB", "parties": [name, owner]}


def _business() -> dict[str, Operation]:
    deal = ("deal",)
    return {
        "crm-companies": Operation("read_company", deal, (), lambda body, _: company_of(body["deal"])),
        "crm-notes": Operation("note_approval", (*deal, "approval"), (), numbered("note_id", "note")),
        "crm-customers": Operation("mark_customer", (*deal, "account"), (), numbered("customer_id", "customer")),
        "crm-reversals": Operation("unmark_customer", deal, (), numbered("reversal_id", "reversal")),
        "business-accounts": Operation(
            "open_business_account", (*deal, "company"), (), numbered("account_id", "business")
        ),
        "business-account-closures": Operation(
            "close_business_account", ("account",), (), numbered("closure_id", "closure")
        ),
        "online-enrolments": Operation(
            "enrol_online", ("account", "company"), (), numbered("enrolment_id", "enrolment")
        ),
        "online-removals": Operation("remove_online", ("enrolment",), (), numbered("removal_id", "removal")),
    }


def _contracts() -> dict[str, Operation]:
    contract = ("contract",)
    return {
        "contract-documents": Operation(
            "file_document", (*contract, "document"), (), numbered("document_id", "document")
        ),
        "contract-awards": Operation(
            "record_award", (*contract, "contractor"), ("amount",), numbered("award_id", "award")
        ),
        "contract-reports": Operation("report_action", (*contract, "award"), (), numbered("report_id", "report")),
    }


def operations() -> dict[str, Operation]:
    """Path -> operation."""
    return {**_health(), **_business(), **_contracts()}
