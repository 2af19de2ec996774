"""A command turned down: a value with a closed reason code, recorded in the ledger.

Exceptions are for broken input and bugs (`ledger.errors`). A refusal is an answer.
"""

from dataclasses import dataclass
from enum import StrEnum

from ledger.wording import Wording


class Reason(StrEnum):
    """Why a command was turned down. Closed: a new code is a change of the interface.

    The authority codes stand in the order in which they are judged (first failing one is reported).
    """

    # authority, in order of evaluation
    NO_GRANT = "NO_GRANT"
    WRONG_POWER = "WRONG_POWER"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    CHAIN_BROKEN = "CHAIN_BROKEN"
    CONDITION_FAILED = "CONDITION_FAILED"
    SELF_DEALING = "SELF_DEALING"
    SOD = "SOD"
    MEASURE_MISSING = "MEASURE_MISSING"
    CURRENCY_UNCONVERTIBLE = "CURRENCY_UNCONVERTIBLE"
    LIMIT_CASE = "LIMIT_CASE"
    LIMIT_PERIOD = "LIMIT_PERIOD"
    # access
    NO_RULE = "NO_RULE"
    DENIED = "DENIED"
    NOT_A_PERSON = "NOT_A_PERSON"
    STALE_POLICY = "STALE_POLICY"
    UNCLASSED_FIELD = "UNCLASSED_FIELD"
    # state of the thing the command is about
    NOT_FOUND = "NOT_FOUND"
    WRONG_STATE = "WRONG_STATE"
    STALE_REVISION = "STALE_REVISION"
    INSTANCE_SUSPENDED = "INSTANCE_SUSPENDED"
    UNSOUND_MARKING = "UNSOUND_MARKING"
    CANNOT_MIGRATE = "CANNOT_MIGRATE"
    OWN_PROPOSAL = "OWN_PROPOSAL"
    PROPOSAL_STALE = "PROPOSAL_STALE"
    BUSINESS_KEY_TAKEN = "BUSINESS_KEY_TAKEN"
    CLAIMED_BY_OTHER = "CLAIMED_BY_OTHER"
    NOT_CLAIMED = "NOT_CLAIMED"
    NOT_OFFERED = "NOT_OFFERED"
    DELEGATED = "DELEGATED"
    ALREADY_VOTED = "ALREADY_VOTED"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    SUBSTITUTION_CIRCULAR = "SUBSTITUTION_CIRCULAR"
    LEASE_LOST = "LEASE_LOST"
    SHOWN_CHANGED = "SHOWN_CHANGED"
    STATEMENT_EXPIRED = "STATEMENT_EXPIRED"
    STATEMENT_USED = "STATEMENT_USED"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    REASON_MISSING = "REASON_MISSING"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    UNKNOWN_REASON_CODE = "UNKNOWN_REASON_CODE"
    INVALID_DATA = "INVALID_DATA"
    # erasure
    ON_HOLD = "ON_HOLD"
    STILL_RUNNING = "STILL_RUNNING"
    # state of the log itself
    LEDGER_SEALED = "LEDGER_SEALED"
    # change control
    OWN_CHANGE = "OWN_CHANGE"
    ALREADY_APPROVED = "ALREADY_APPROVED"
    APPROVAL_STALE = "APPROVAL_STALE"
    NOT_APPROVED = "NOT_APPROVED"
    BASE_MOVED = "BASE_MOVED"
    CHECKS_FAILED = "CHECKS_FAILED"
    # identity and commands
    BAD_CREDENTIALS = "BAD_CREDENTIALS"
    LOCKED_OUT = "LOCKED_OUT"
    COMMAND_ID_REUSED = "COMMAND_ID_REUSED"
    MESSAGE_ID_REUSED = "MESSAGE_ID_REUSED"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`message` says expected and found, lower case, no stop, and holds no client text beyond typed ids. It comes
    out of the `refusal_texts` of a room, so that it has words in every language of the console.

    `details` are (name, value) pairs for the problem body, for instance the limit and the measure.
    """

    reason: Reason
    message: Wording
    details: tuple[tuple[str, str], ...] = ()
