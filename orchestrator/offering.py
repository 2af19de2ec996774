"""Who a decision is offered to once a deadline has passed it on: see `governance.above`.

Asked at the claim, for the inbox and before a page offers its form. Whoever a duty bars from the decision, and whoever
has left or may decide nothing there any more, counts as no holder, neither as one it was offered to nor as one above:
passed to them alone, it could never be decided.
"""

from collections.abc import Collection
from typing import NamedTuple

from governance.above import Height, Kind, offered
from governance.duties import DutyFacts
from ledger.actor import person_acting
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.acted import broken_duty
from orchestrator.deadlines import PASSED_ON, REASSIGNED, Reaction
from orchestrator.instance import Activation
from orchestrator.plan import Plan, role_name
from orchestrator.ports import Deps
from orchestrator.refusal_texts import why
from versioning.blueprint import DecideStep

_NOT_OFFERED = Refusal(Reason.NOT_OFFERED, why("limit-not-above"))


class Passed(NamedTuple):
    """A decision that a deadline has passed on. `moves` are what has offered it to others, in order; `currency` is that
    of its measure."""

    step: DecideStep
    moves: tuple[Reaction, ...]
    blueprint: str
    domain: str
    currency: str
    facts: DutyFacts


def moves_of(plan: Plan, activation: Activation) -> tuple[Reaction, ...]:
    """What of the deadline of this activation has offered it to others: to a role, or to a higher authority."""
    fired = plan.courses[activation.step].fired(activation.fired)
    return tuple([reaction for reaction in fired if reaction.act in (PASSED_ON, REASSIGNED)])


def not_offered(deps: Deps, uow: UnitOfWork, passed: Passed) -> Refusal | None:
    """Why who acts may not take it; None when it is offered to them."""
    step = passed.step
    kind = Kind(passed.domain, step.authority, passed.blueprint, step.id, step.outcomes, passed.currency)
    known = deps.authorities.heights(uow, kind)
    if isinstance(known, Refusal):
        return known
    able = {person: height for person, height in known.items() if _is_able(deps, uow, passed, person)}
    person = uow.actor.person
    if person is None or person not in _offered_now(deps, uow, passed, able):
        return _NOT_OFFERED
    return None


def _offered_now(deps: Deps, uow: UnitOfWork, passed: Passed, able: dict[str, Height]) -> Collection[str]:
    """Who of the holders it is offered to after its moves: above all whom it was offered to before."""
    now = _of_role(deps, uow, passed, able, role_name(passed.step.role))
    before = set(now)
    for move in passed.moves:
        if move.act == PASSED_ON:
            now = offered(able, before, 1)
        else:
            now = _of_role(deps, uow, passed, able, role_name(move.to))
        before.update(now)
    return now


def _is_able(deps: Deps, uow: UnitOfWork, passed: Passed, person: str) -> bool:
    """Whether a holder is here, may take and decide it, and no duty bars them."""
    actor = person_acting(person)
    for act in ("claim", "decide"):
        if isinstance(deps.access.check(uow, actor, passed.domain, "task", act), Refusal):
            return False
    bound = (person, *deps.stand_ins.stood_in_for(uow, person, uow.now)) if passed.step.duties else (person,)
    return broken_duty(deps, uow, passed.step.duties, bound, passed.facts) is None


def _of_role(deps: Deps, uow: UnitOfWork, passed: Passed, able: dict[str, Height], role: str) -> Collection[str]:
    """The holders who have a role; all of them where none is named."""
    if not role:
        return able
    return [one for one in able if deps.access.holds(uow, person_acting(one), passed.domain, role)]


def offered_as(deps: Deps, uow: UnitOfWork, row: tables.TaskRow, person: str) -> str | Refusal:
    """As whom a person is offered a task: themselves, or one they stand in for whom it is offered to.

    Who has left, or has lost the role it is offered to, is offered nothing, and so nobody in their place.
    """
    if not row.skill and not row.unit:
        return person
    for one in (person, *deps.stand_ins.stood_in_for(uow, person, uow.now)):
        has = deps.attributes.of(uow, uow.now, one)
        fits = all(not value or (name, value) in has for name, value in (("skill", row.skill), ("unit", row.unit)))
        if fits and (one == person or _is_asked(deps, uow, row, one)):
            return one
    wanted = _wanted(row)
    return Refusal(Reason.NOT_OFFERED, why("not-offered", wanted=wanted))


def _is_asked(deps: Deps, uow: UnitOfWork, row: tables.TaskRow, person: str) -> bool:
    """Whether a person may take such a task and has the role it is offered to."""
    actor = person_acting(person)
    if isinstance(deps.access.check(uow, actor, row.domain, "task", "claim"), Refusal):
        return False
    return not row.role or deps.access.holds(uow, actor, row.domain, row.role)


def _wanted(row: tables.TaskRow) -> Wording:
    """What an offer asks of a person."""
    skill = why("the-skill", skill=as_it_is(row.skill))
    unit = why("the-unit", unit=as_it_is(row.unit))
    if row.skill and row.unit:
        return why("skill-and-unit", skill=skill, unit=unit)
    return skill if row.skill else unit
