"""Who proposed an act and who confirms it: both may do it at the instant of the confirmation.

An act that two persons answer for is done by both. Whose right to it has ended since they proposed it - a role, a
permission, their account - answers for nothing any more. The proposal stays open until its time is over, since a right
may come back: nobody is held up by it, who might confirm it may reject it, and anybody who may can propose the same.
"""

import orjson

from ledger.refusal import Reason, Refusal
from orchestrator import tables
from orchestrator.act import Act
from orchestrator.as_person import asked_of
from orchestrator.governed import may_steer, second_permits, stands_against
from orchestrator.ports import Permitted
from orchestrator.refusal_texts import why
from orchestrator.resolving import RESOLVE, acts_in, may_resolve
from orchestrator.subject import Subject


def may_confirm(act: Act, subject: Subject, row: tables.ProposalRow) -> tuple[Permitted, ...] | Refusal:
    """The permits to confirm a proposal, or why who acts may not."""
    against = stands_against(act, subject, row)
    permits = against or second_permits(act, subject, row)
    if isinstance(permits, Refusal):
        return permits  # what they lack themselves is told first
    return _proposer_barred(act, subject, row) or permits


def _proposer_barred(act: Act, subject: Subject, row: tables.ProposalRow) -> Refusal | None:
    """Why who proposed it could not do or propose it now; None where they could."""
    asked, said = asked_of(act, row.by), orjson.loads(row.said)
    if row.act == RESOLVE:
        incident = act.uow.get(tables.INCIDENT, row.instance, said["incident"])
        assert incident is not None
        permit = may_resolve(act.deps, asked.uow, subject.row.domain, incident.role)
        if isinstance(permit, Refusal):
            return _stale(permit)
    for name in acts_in(row.act, said):
        allowed = may_steer(asked, subject, name)
        if isinstance(allowed, Refusal):
            return _stale(allowed)
    return None


def _stale(refusal: Refusal) -> Refusal:
    return Refusal(Reason.PROPOSAL_STALE, why("proposer-may-no-longer", why=refusal.message))
