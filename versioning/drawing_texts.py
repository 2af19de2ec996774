"""What is written on the lines of a drawing, in English by code: when a way is taken."""

from ledger.wording import Texts

drawn = Texts(
    {
        "after": "after {duration}",
        "any-error": "on any error",
        "beside": "{event}, beside it",
        "condition": "{condition}",
        "error": "on error {error}",
        "fails": "when it fails",
        "late": "when late",
        "message": "on message {message}",
        "of-any-step": "{event} of any step",
        "otherwise": "otherwise",
        "passed-over": "when passed over",
        "rejected": "when rejected",
        "time-has-come": "when the time has come",
        "when": "when {condition}",
    },
    "drawn.",
)
