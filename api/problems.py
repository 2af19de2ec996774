"""Problems (RFC 9457): the only place that knows which reason has which status.

    {type: "urn:muniment:problem:<REASON>", title, status, reason, detail, location?, details?, receipt?}

`reason` is closed: the codes of `ledger.refusal.Reason` and those below. A refusal that was recorded carries its
receipt. What went wrong inside us is never told: an unexpected error says `INTERNAL` and nothing more.
"""

import logging
from itertools import count
from typing import Any

import orjson
from starlette.responses import Response

from api.problem_texts import tell
from api.told_again import told_again
from ledger.errors import AlteredEntry, BrokenInput, TooLarge, Unavailable
from ledger.refusal import Reason, Refusal
from ledger.wording import ENGLISH, Wording, as_told, wording_value
from ledger.work import Receipt

logger = logging.getLogger("muniment")

MEDIA_TYPE = "application/problem+json"

MALFORMED = "MALFORMED"
TOO_LARGE = "TOO_LARGE"
NO_CREDENTIAL = "NO_CREDENTIAL"
NO_COMMAND_ID = "NO_COMMAND_ID"
NO_ROUTE = "NO_ROUTE"
RATE_LIMITED = "RATE_LIMITED"
NOT_JSON = "NOT_JSON"
NOT_READY = "NOT_READY"
NOT_WITNESSED = "NOT_WITNESSED"
FOREIGN_REQUEST = "FOREIGN_REQUEST"
INTERNAL = "INTERNAL"
ENTRY_ALTERED = "ENTRY_ALTERED"

_STATUS: dict[Reason, int] = {
    Reason.NOT_FOUND: 404,
    Reason.WRONG_STATE: 409,
    Reason.STALE_REVISION: 409,
    Reason.INSTANCE_SUSPENDED: 409,
    Reason.PROPOSAL_STALE: 409,
    Reason.UNSOUND_MARKING: 422,
    Reason.CANNOT_MIGRATE: 422,
    Reason.BUSINESS_KEY_TAKEN: 409,
    Reason.CLAIMED_BY_OTHER: 409,
    Reason.ALREADY_VOTED: 409,
    Reason.NOT_CLAIMED: 409,
    Reason.DELEGATED: 409,
    Reason.SUBSTITUTION_CIRCULAR: 409,
    Reason.LEASE_LOST: 409,
    Reason.LEDGER_SEALED: 409,
    Reason.SHOWN_CHANGED: 409,
    Reason.STATEMENT_EXPIRED: 409,
    Reason.STATEMENT_USED: 409,
    Reason.ALREADY_APPROVED: 409,
    Reason.APPROVAL_STALE: 409,
    Reason.NOT_APPROVED: 409,
    Reason.BASE_MOVED: 409,
    Reason.ON_HOLD: 409,
    Reason.STILL_RUNNING: 409,
    Reason.SIGNATURE_MISSING: 422,
    Reason.SIGNATURE_WRONG: 422,
    Reason.REASON_MISSING: 422,
    Reason.UNKNOWN_OUTCOME: 422,
    Reason.UNKNOWN_REASON_CODE: 422,
    Reason.INVALID_DATA: 422,
    Reason.CHECKS_FAILED: 422,
    Reason.COMMAND_ID_REUSED: 422,
    Reason.MESSAGE_ID_REUSED: 422,
    Reason.BAD_CREDENTIALS: 401,
    Reason.LOCKED_OUT: 401,
}
_TITLE = {401: "not signed in", 403: "not allowed", 404: "not found", 409: "conflict", 422: "cannot be processed"}


class Refused(Exception):
    """Carries a finished problem out of a dependency; `api.app` answers with it."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def dumps(value: Any) -> bytes:
    """JSON bytes of plain values, tuples as lists."""
    return orjson.dumps(value)


def status_of(reason: Reason) -> int:
    """The status of a refusal; what the table does not name is a question of who may: 403."""
    return _STATUS.get(reason, 403)


def of_refusal(refusal: Refusal, receipt: Receipt | None = None, conflict: Any = None) -> Response:
    """The problem of a refused command. `conflict` says who or what was first (`api.conflicts`)."""
    status = status_of(refusal.reason)
    more: dict[str, Any] = {}
    if refusal.details:
        more["details"] = _each_named(refusal.details)
    if receipt is not None:
        more["receipt"] = receipt_value(receipt)
    if conflict is not None:
        more["conflict"] = conflict
    return problem(status, refusal.reason.value, _message(refusal), more)


def refusal_value(refusal: Refusal | None) -> dict[str, Any] | None:
    """A refusal told inside another answer: {reason, detail, details}; None for none."""
    if refusal is None:
        return None
    message = _message(refusal)
    return {
        "reason": refusal.reason.value,
        "detail": message,
        "wording": wording_value(message),
        "details": _each_named(refusal.details),
    }


def _message(refusal: Refusal) -> Wording:
    """What is repeated from its entry has lost its code, and is told again from its sentence."""
    return told_again(refusal.message) if refusal.message.code == ENGLISH else refusal.message


def _each_named(details: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Every pair, none lost: of several with one name (findings of one rule) the later ones are numbered."""
    named: dict[str, str] = {}
    for name, value in details:
        numbered = (f"{name} {number}" for number in count(2))
        named[name if name not in named else next(one for one in numbered if one not in named)] = value
    return named


def of_error(error: Exception, place: str) -> Response:
    """The problem of broken input, or of something that cannot be done now; anything else is ours and stays inside.

    `place` is the method and path, for our own log.
    """
    if isinstance(error, TooLarge):
        return problem(413, TOO_LARGE, as_told(error.message), _location(error))
    if isinstance(error, BrokenInput):
        return problem(400, MALFORMED, as_told(error.message), _location(error))
    if isinstance(error, Unavailable):
        return problem(503, error.reason, as_told(error.message), {}, {"Retry-After": "1"})
    if isinstance(error, AlteredEntry):
        logger.error("altered entry %d at %s", error.index, place)
        detail = tell("entry-altered", index=error.index)
        return problem(500, ENTRY_ALTERED, detail, {"details": {"entry": str(error.index)}})
    log_bug(error, place)
    return of_bug()


def of_bug() -> Response:
    """The problem of whatever is ours to mend; whoever gives it logs the error."""
    return problem(500, INTERNAL, tell("our-fault"), {})


def log_bug(error: Exception, place: str) -> None:
    """The error by its type: its text may hold a value of a customer, and type and place are enough to find it."""
    logger.error("unexpected %s at %s", type(error).__name__, place)
    logger.debug("traceback", exc_info=error)


def problem(
    status: int, reason: str, detail: Wording, more: dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    """A problem response; `more` holds location, details or receipt."""
    wording = wording_value(detail)
    body = {
        "type": f"urn:muniment:problem:{reason}",
        "title": _TITLE.get(status, "problem"),
        "status": status,
        "reason": reason,
        "detail": detail,
        **({} if wording is None else {"wording": wording}),
        **more,
    }
    return Response(dumps(body), status, headers, MEDIA_TYPE)


def no_credential() -> Response:
    """The problem of a request without a credential, or with one that is nobody's."""
    headers = {"WWW-Authenticate": "Bearer"}
    return problem(401, NO_CREDENTIAL, tell("no-credential"), {}, headers)


def not_json() -> Response:
    """The problem of a body that its sender declares to be something else than JSON."""
    return problem(415, NOT_JSON, tell("json-declared"), {"location": "content-type"})


def not_found(what: Wording) -> Response:
    """The problem for an id that names nothing here; `what` with its article, such as `a change request`."""
    return problem(404, Reason.NOT_FOUND.value, tell("none-found", what=what), {})


def receipt_value(receipt: Receipt) -> dict[str, Any]:
    """A receipt as it stands in bodies and files."""
    return {
        "log": receipt.log,
        "index": receipt.index,
        "leaf_hash": receipt.leaf_hash,
        "size": receipt.size,
        "checkpoint": receipt.checkpoint,
    }


def _location(error: BrokenInput) -> dict[str, Any]:
    return {"location": error.location} if error.location else {}
