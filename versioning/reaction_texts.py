"""What findings say of what a step does beside its work: passed over, failing, undone. As `finding_texts`."""

from ledger.wording import Texts

of_reactions = Texts(
    {
        "decision-left-out": "the decision {step} is taken by nobody where its condition to be passed over holds",
        "error-of-all": "`on error` of the blueprint",
        "failure-next-of": "`on failure` of {step}",
        "failure-no-way": "a failure of which nothing is said",
        "failure-two-ways": "a failure that is held and leads on",
        "failure-ways": "one of `hold for` and `next`",
        "skip-leads-nowhere": "{step} may be passed over, and its ways lead to different steps",
        "skip-to": "`skip to` with the step that follows then",
        "skip-to-idle": "{step} says where it leads when it is passed over, and never is",
        "skip-to-of": "`skip to` of {step}",
        "step-fails": "{step} fails",
    }
)
