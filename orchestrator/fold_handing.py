"""The fold of what a delegate proposes: `payload.proposal` of `task.returned` is {by, outcome} or {by, data}."""

from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.rows import FoldView
from orchestrator.people_tables import PROPOSAL, ProposalRow


def record_proposal(view: FoldView, entry: Entry) -> None:
    """The newest proposal of the task stands; earlier ones stay in the entries."""
    payload = entry.payload
    proposal = payload["proposal"]
    view.put(
        PROPOSAL,
        ProposalRow(
            instance=entry.subject,
            number=payload["task"],
            by=proposal["by"],
            outcome=proposal.get("outcome", ""),
            data=text_trusted(proposal.get("data", {})),
            reason=text_trusted(payload.get("reason")),
            revision=payload["result"]["revision"],
            proposed_at=entry.recorded,
        ),
    )
