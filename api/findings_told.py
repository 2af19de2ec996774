"""A finding of a check as doors answer it: in English, and what that is made of for other languages."""

from typing import Any

from ledger.wording import wording_value
from versioning.artefact import CheckFinding


def finding_value(finding: CheckFinding) -> dict[str, Any]:
    """{rule, severity, message, wording, location}; `wording` is None where the message has no code."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "wording": wording_value(finding.message),
        "location": finding.location,
    }
