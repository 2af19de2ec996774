"""What findings say of branches that people begin, begin again and pass over. As `finding_texts`."""

from ledger.wording import Texts

of_orders = Texts(
    {
        "decision-again": (
            "the decision {decision} can be taken again, and is void from then on, by whoever begins {branch} again"
        ),
        "decision-passed-over": "the decision {decision} is taken by nobody where {branch} is passed over",
        "join-that-waits": "a join that waits for more than one branch",
        "order-branch": "a branch of {step}",
        "order-idle": "{step} says what may become of its branches, and nobody begins them",
        "order-no-branch": "{step} has no such branch{near}",
        "repeat-never": "no branch of {step} can be begun again, since its join fires with the first that ends",
    }
)
