"""What the plain words of a blueprint say of what a step does beside its work, in English by code; as `words_texts`."""

from ledger.wording import Texts

react = Texts(
    {
        "begins-beside": "{step} begins beside it",
        "comes-next": "{step} comes next",
        "event": "{when}{into}, {then}",
        "failed-incident": "When it is late an incident is held for the owner",
        "failed-late": "When it is late it has failed",
        "fails-leads": "If it fails, it is left and {step} comes next",
        "fails-resolves": "If it fails, the role {role} resolves the incident",
        "late-leads": "When it is late it is left and {step} comes next",
        "left-for": "it is left and {step} comes next",
        "passed-over": "It is passed over when {condition}",
        "passed-over-to": "It is passed over when {condition}; then comes {step}",
        "undecided": "Nobody decides it when {condition}",
        "undecided-to": "Nobody decides it when {condition}; then comes {step}",
        "undo": "To undo it the service calls {connector} ({operation}){handed}",
        "undo-each": "To undo what was done for an element the service calls {connector} ({operation}){handed}",
        "when-fails": "When it fails",
        "when-fails-with": "When it fails with {error}",
        "when-has-come": "When {value} has come",
        "when-holds": "When {condition}",
        "when-message": "When the message {message} comes that carries {key}",
        "when-open-for": "When it has been open for {duration}{counted}",
        "whole-fails": (
            "When a step fails and says nothing of it itself, all that is open is closed and {step} comes next"
        ),
        "whole-fails-with": (
            "When a step fails with {error} and says nothing of it itself, all that is open is closed and {step} comes "
            "next"
        ),
    },
    "reacting.",
)
