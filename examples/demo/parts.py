"""Whom somebody at the demo may act as, by a link that was printed."""

PARTS = (
    ("credit-officer-1", "decides loans up to 100,000 GBP"),
    ("credit-officer-3", "decides loans up to 400,000 GBP"),
    ("head-of-lending", "decides loans up to 1,000,000 GBP"),
    ("committee-chair", "votes on loans above the officers, with a veto"),
    ("committee-member-1", "votes on loans above the officers"),
    ("credit-analyst", "reviews what the agent proposes and is not sure of"),
    ("budget-owner-1", "approves invoices up to 10,000 GBP"),
    ("accounts-payable-clerk", "settles mismatches"),
    ("intake-clerk", "starts processes of every kind but invoices and accounts"),
    ("line-manager", "approves purchases up to 5,000 GBP"),
    ("category-manager", "approves vendors up to 50,000 GBP"),
    ("data-owner", "answers for the risk figures, reviews their loads every week"),
    ("process-owner", "proposes changes, by HTTP or `muniment apply`"),
    ("change-reviewer", "approves changes of others, by HTTP"),
    ("incident-handler", "keeps processes going, resolves what is held"),
    ("compliance-officer", "clears sanctions hits, asks questions"),
    ("auditor", "reads and verifies, changes nothing"),
)
"""Those of the processes whose history is told, and of the organisation: account, and what that person is for."""

BESIDE = (
    (
        "Customer onboarding",
        (
            ("onboarding-clerk", "asks for what is missing"),
            ("relationship-manager-1", "accepts customers up to 250,000 GBP"),
        ),
    ),
    (
        "Onboarding of a business",
        (
            ("relationship-manager-2", "accepts the customer, the first of three approvals"),
            ("legal-counsel-1", "approves the terms"),
            ("risk-officer-1", "approves the risk up to a limit"),
            ("head-of-business-banking", "accepts and approves what is above it"),
        ),
    ),
    (
        "Prior authorization",
        (
            ("nurse-reviewer-1", "approves, or asks for more; denies nothing"),
            ("physician-reviewer-1", "denies with a reason in the field of the credential"),
            ("physician-reviewer-2", "the same, of another field"),
        ),
    ),
    (
        "Award of a contract",
        (
            ("contract-counsel", "clears what is legal in it"),
            ("small-business-specialist", "clears it for small business"),
            ("competition-advocate", "clears a sole source"),
            ("contracting-officer-1", "awards within a warrant of 350,000 USD"),
            ("contracting-officer-3", "awards within a higher one"),
        ),
    ),
    (
        "Access of a new employee",
        (
            ("service-manager", "agrees for the people of the service"),
            ("crm-owner", "agrees for the customer system"),
            ("ledger-owner", "agrees for the general ledger"),
        ),
    ),
    (
        "Purchase requisition",
        (
            ("purchasing-controller", "asks why a purchase came in parts"),
            ("head-of-workshop", "approves purchases above the line manager's"),
        ),
    ),
    ("Load of risk data", (("data-steward", "mends the mapping of a desk that fails"),)),
    (
        "Approval of a vendor",
        (
            ("head-of-purchasing", "approves vendors above the category manager's, and exceptions"),
            ("supply-chain-officer", "judges a supply chain"),
        ),
    ),
)
"""Those who act in the processes that are offered to be started: without them one would come to a step at which nobody
is. By process: account, and what that person is for in it."""

ACCOUNTS = (*(account for account, _ in PARTS), *(account for _, people in BESIDE for account, _ in people))
"""Everybody one may act as, in the order in which they are told."""
