"""Who a decision is offered to once a deadline has passed it on: see `governance.above`.

Asked at the claim, for the inbox and before a page offers its form. Whoever a duty bars from the decision counts as no
holder, neither as one it was offered to nor as one above: passed to them alone, it could never be decided.
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
from orchestrator.deadlines import PASSED_ON
from orchestrator.instance import Activation
from orchestrator.plan import Plan, role_name
from orchestrator.ports import Deps
from orchestrator.refusal_texts import why
from versioning.blueprint import DecideStep

_NOT_OFFERED = Refusal(Reason.NOT_OFFERED, why("limit-not-above"))


class Passed(NamedTuple):
    """A decision that a deadline has passed on. `currency` is that of its measure."""

    step: DecideStep
    passes: int
    blueprint: str
    domain: str
    currency: str
    facts: DutyFacts


def passes_of(plan: Plan, activation: Activation) -> int:
    """How often the deadline of this activation has passed it on."""
    fired = plan.courses[activation.step].fired(activation.fired)
    return sum(reaction.act == PASSED_ON for reaction in fired)


def not_offered(deps: Deps, uow: UnitOfWork, passed: Passed) -> Refusal | None:
    """Why who acts may not take it; None when it is offered to them."""
    step = passed.step
    kind = Kind(passed.domain, step.authority, passed.blueprint, step.id, step.outcomes, passed.currency)
    known = deps.authorities.heights(uow, kind)
    if isinstance(known, Refusal):
        return known
    able = {person: height for person, height in known.items() if _kept(deps, uow, passed, person)}
    person = uow.actor.person
    if person is None or person not in offered(able, _first(deps, uow, passed, able), passed.passes):
        return _NOT_OFFERED
    return None


def _kept(deps: Deps, uow: UnitOfWork, passed: Passed, person: str) -> bool:
    bound = (person, *deps.stand_ins.stood_in_for(uow, person, uow.now)) if passed.step.duties else (person,)
    return broken_duty(deps, uow, passed.step.duties, bound, passed.facts) is None


def _first(deps: Deps, uow: UnitOfWork, passed: Passed, able: dict[str, Height]) -> Collection[str]:
    """Those it was offered to when the step was reached: holders with the step's role, if it names one."""
    role = role_name(passed.step.role)
    if not role:
        return able
    return [one for one in able if deps.access.holds(uow, person_acting(one), passed.domain, role)]


def offered_as(deps: Deps, uow: UnitOfWork, row: tables.TaskRow, person: str) -> str | Refusal:
    """As whom a person is offered a task: themselves, or one they stand in for who has what the offer says."""
    if not row.skill and not row.unit:
        return person
    for one in (person, *deps.stand_ins.stood_in_for(uow, person, uow.now)):
        has = deps.attributes.of(uow, uow.now, one)
        if all(not value or (name, value) in has for name, value in (("skill", row.skill), ("unit", row.unit))):
            return one
    wanted = _wanted(row)
    return Refusal(Reason.NOT_OFFERED, why("not-offered", wanted=wanted))


def _wanted(row: tables.TaskRow) -> Wording:
    """What an offer asks of a person."""
    skill = why("the-skill", skill=as_it_is(row.skill))
    unit = why("the-unit", unit=as_it_is(row.unit))
    if row.skill and row.unit:
        return why("skill-and-unit", skill=skill, unit=unit)
    return skill if row.skill else unit
