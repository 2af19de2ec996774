"""Refusals in plain words: what a reason code means for the person who reads it, and what they can do. Pure."""

from typing import NamedTuple

from ledger.refusal import Reason, Refusal

_ASK_OTHER = "Someone whose authority covers it has to decide; the task stays open for them."
_READ_AGAIN = "Read the page again as it stands now, then go on."


class Words(NamedTuple):
    """What happened, and what to do."""

    what: str
    do: str


_WORDS: dict[Reason, Words] = {
    Reason.NO_GRANT: Words("You hold no authority in this part of the organisation.", _ASK_OTHER),
    Reason.WRONG_POWER: Words("Your authority is for other decisions than this one.", _ASK_OTHER),
    Reason.NOT_YET_VALID: Words("Your authority is not in force yet.", _ASK_OTHER),
    Reason.EXPIRED: Words("Your authority has run out.", _ASK_OTHER),
    Reason.SUSPENDED: Words("Your authority is suspended.", _ASK_OTHER),
    Reason.REVOKED: Words("Your authority was revoked.", _ASK_OTHER),
    Reason.CHAIN_BROKEN: Words("The authority yours was derived from is no longer in force.", _ASK_OTHER),
    Reason.CONDITION_FAILED: Words("A condition of your authority is not met here.", _ASK_OTHER),
    Reason.SELF_DEALING: Words("You may not decide in a matter of your own.", _ASK_OTHER),
    Reason.SOD: Words("You acted in this matter before, and duties are kept apart.", "Another person has to act."),
    Reason.CURRENCY_UNCONVERTIBLE: Words(
        "Your limit is in another currency, and no rate is declared between the two.",
        "Someone with a limit in this currency has to decide, or a rate has to be declared.",
    ),
    Reason.LIMIT_CASE: Words("The amount is above your limit for one case.", _ASK_OTHER),
    Reason.LIMIT_PERIOD: Words("The amount is above what is left of your limit for this period.", _ASK_OTHER),
    Reason.NO_RULE: Words("No role of yours allows this.", "If it should be yours, ask whoever keeps the roles."),
    Reason.DENIED: Words(
        "A rule of the access policy forbids this.", "If it should be yours, ask who keeps the roles."
    ),
    Reason.NOT_A_PERSON: Words("Only a person who signed in may do this.", "Sign in with an account of your own."),
    Reason.STALE_POLICY: Words(
        "The access policy in force could not be confirmed, so nothing is allowed.", "Tell whoever runs the service."
    ),
    Reason.UNCLASSED_FIELD: Words("A field without a class is shown to nobody.", "Tell whoever owns the blueprint."),
    Reason.NOT_FOUND: Words("There is no such thing here.", "Go back and choose it from the list."),
    Reason.WRONG_STATE: Words("This cannot be done any more: somebody was first, or it ended.", _READ_AGAIN),
    Reason.STALE_REVISION: Words("It changed since you opened it.", _READ_AGAIN),
    Reason.BUSINESS_KEY_TAKEN: Words("There is an instance with this business key already.", "Go on with that one."),
    Reason.CLAIMED_BY_OTHER: Words(
        "Somebody else has taken this task.", "Choose another, or ask them to give it back."
    ),
    Reason.NOT_CLAIMED: Words("Nobody has taken this task yet.", "Take it first, then decide."),
    Reason.NOT_OFFERED: Words(
        "It was late, and was passed on to those with a higher limit.", "Someone it was passed on to has to decide."
    ),
    Reason.ON_HOLD: Words("A hold keeps what lies about this.", "Whoever placed it has to lift it first."),
    Reason.STILL_RUNNING: Words("This is still running.", "It can be erased once it has ended."),
    Reason.LEASE_LOST: Words("The hold on this work has ended.", _READ_AGAIN),
    Reason.SHOWN_CHANGED: Words(
        "What you were shown has changed, so nothing was decided.",
        "Read what is shown now. What you wrote was kept; decide again if it still holds.",
    ),
    Reason.STATEMENT_EXPIRED: Words(
        "The statement was open for too long and has run out.", "A new one is made when you go on."
    ),
    Reason.STATEMENT_USED: Words("This statement was signed already.", "See the timeline for what was recorded."),
    Reason.SIGNATURE_MISSING: Words("This decision has to be signed.", "Read the statement and enter your password."),
    Reason.SIGNATURE_WRONG: Words(
        "The password was not yours, so nothing was signed.", "Enter the password you sign in with."
    ),
    Reason.REASON_MISSING: Words("A reason is required.", "Give the reason, and its code where one is asked for."),
    Reason.UNKNOWN_OUTCOME: Words("No outcome was chosen.", "Choose one of those that are offered."),
    Reason.UNKNOWN_REASON_CODE: Words(
        "The reason code is none of the list in force.", "Choose one of those that are offered."
    ),
    Reason.INVALID_DATA: Words("Something is missing or has another form than expected.", "Correct it and send again."),
    Reason.LEDGER_SEALED: Words(
        "The books of this organisation are closed: they can be read, and nothing is added any more.",
        "Go on in the log that continues them; whoever runs the service knows its address.",
    ),
    Reason.OWN_CHANGE: Words("You may not approve a change of your own.", "Another person has to."),
    Reason.ALREADY_APPROVED: Words("You have approved this already.", "Nothing is left to do."),
    Reason.APPROVAL_STALE: Words("The change was edited after it was approved.", "It has to be approved again."),
    Reason.NOT_APPROVED: Words("The change is not approved yet.", "It has to be approved first."),
    Reason.BASE_MOVED: Words("What the change is based on has moved on.", "It has to be proposed again."),
    Reason.CHECKS_FAILED: Words("The checks found faults.", "Correct what they name."),
    Reason.BAD_CREDENTIALS: Words("Account and password do not belong together.", "Check both and try again."),
    Reason.LOCKED_OUT: Words(
        "Too many wrong passwords were entered, and the account is locked for a while.", "Wait, then try again."
    ),
    Reason.COMMAND_ID_REUSED: Words(
        "This form was sent before with other content, and only the first counts.", _READ_AGAIN
    ),
}


class Told(NamedTuple):
    """A refusal as a page shows it. `receipt` is the index of its entry, None when it left none."""

    reason: str
    what: str
    do: str
    detail: str
    details: tuple[tuple[str, str], ...]
    receipt: int | None


def words(reason: Reason) -> Words:
    """The words of a reason; every reason has some."""
    return _WORDS[reason]


def told(refusal: Refusal, receipt: int | None = None) -> Told:
    """A refusal with its words."""
    said = words(refusal.reason)
    return Told(refusal.reason.value, said.what, said.do, refusal.message, refusal.details, receipt)
