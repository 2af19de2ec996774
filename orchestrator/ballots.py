"""Who may vote on a decision, and how many others could: asked of the registers at the instant of each vote.

A person votes for themselves, once, whatever accounts or delegations they have. What counts is the authority and the
seat they hold when they vote: a vote stays when either ends afterwards.
"""

from typing import TYPE_CHECKING, Any

from governance.above import Height, Kind
from governance.duties import DutyFacts
from governance.quorum import Seat, chair_of, members_of
from ledger.actor import acting, person_acting
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.acted import broken_duty, facts_of
from orchestrator.measure import Amount, amount_of, currency_of
from orchestrator.refusal_texts import why
from orchestrator.stating import FoundTask
from orchestrator.voting import VOTED, CastVote, has_voted
from versioning.blueprint import DecideStep

if TYPE_CHECKING:
    from orchestrator.act import Act


def may_vote(act: "Act", found: FoundTask) -> Refusal | None:
    """Why who acts has no vote on this; their authority is asked apart."""
    uow, person = act.uow, acting(act.uow.actor)
    if has_voted(found.activation, person):
        return VOTED
    if uow.actor.on_behalf_of is not None:
        return Refusal(Reason.NOT_A_MEMBER, why("votes-for-another"))
    role = _role_of(act, found)
    if role and not act.deps.access.holds(uow, uow.actor, found.subject.row.domain, role):
        return Refusal(Reason.NO_RULE, why("role-of-offer", role=as_it_is(role)))
    assert isinstance(found.step, DecideStep)
    assert found.step.quorum is not None
    committee = found.step.quorum.of
    if committee is None:
        return None
    members = act.deps.authorities.seated(uow, members_of(committee))
    if isinstance(members, Refusal):
        return members
    if person not in members:
        return Refusal(Reason.NOT_A_MEMBER, why("not-of-committee", committee=as_it_is(committee)))
    return None


def as_vote(act: "Act", found: FoundTask, command: c.CompleteTask) -> CastVote | Refusal:
    """The vote of who acts, who may vote, with the seat they have."""
    others = _others(act, found)
    if isinstance(others, Refusal):
        return others
    assert isinstance(found.step, DecideStep)
    quorum = found.step.quorum
    assert quorum is not None
    in_chair = False
    if quorum.of is not None and quorum.veto is not None:
        chairs = act.deps.authorities.seated(act.uow, chair_of(quorum.of))
        if isinstance(chairs, Refusal):
            return chairs
        in_chair = acting(act.uow.actor) in chairs
    return CastVote(command, Seat(others, in_chair))


def _others(act: "Act", found: FoundTask) -> int | Refusal:
    """How many others could vote now: not left, able by authority, limit, seat, role and duties, and not yet heard."""
    uow, subject, step = act.uow, found.subject, found.step
    assert isinstance(step, DecideStep)
    assert step.quorum is not None
    measured = act.evaluating(subject)(step.measure, subject.context(step.measure)) if step.measure else None
    row = subject.row
    kind = Kind(row.domain, step.authority, row.blueprint, step.id, step.outcomes, currency_of(measured))
    known = act.deps.authorities.heights(uow, kind)
    if isinstance(known, Refusal):
        return known
    able = {person for person, height in known.items() if _reaches(height, measured)}
    if step.quorum.of is not None:
        members = act.deps.authorities.seated(uow, members_of(step.quorum.of))
        if isinstance(members, Refusal):
            return members
        able &= members
    heard = {acting(uow.actor), *[by for _, by, _ in found.activation.votes]}
    facts, role = facts_of(uow, subject), _role_of(act, found)
    return sum(_is_able(act, (found, role, facts), person) for person in able - heard)


def _is_able(act: "Act", asked: tuple[FoundTask, str, DutyFacts], person: str) -> bool:
    found, role, facts = asked
    assert isinstance(found.step, DecideStep)
    if not act.deps.access.is_here(act.uow, person):  # a grant outlives who has it
        return False
    bound = act.deps.stand_ins.stood_in_for(act.uow, person, act.uow.now) if found.step.duties else ()
    if broken_duty(act.deps, act.uow, found.step.duties, [person, *bound], facts) is not None:
        return False
    actor = person_acting(person)
    return not role or act.deps.access.holds(act.uow, actor, found.subject.row.domain, role)


def _reaches(height: Height, measured: Any) -> bool:
    amount = amount_of(measured)
    measure = amount.amount if isinstance(amount, Amount) else amount
    without, limit, is_inclusive = height
    return bool(without) or measure is None or measure < limit or (is_inclusive and measure == limit)


def _role_of(act: "Act", found: FoundTask) -> str:
    row = act.uow.get(tables.TASK, found.subject.row.id, found.activation.number)
    return "" if row is None else row.role
