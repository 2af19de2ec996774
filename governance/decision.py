"""May this person take this decision, of this size, now? One pure function. Standard library only.

The same function runs in the service, in reports and in a verifier. It judges only the grants that the enforcement
point named, so nobody decides whom that did not name; it never widens, it only refuses. Per grant the first failing
reason in the order of `Reason` counts. Limits hold for amounts of zero and more and are exact: a limit of 100,000.00
`inclusive` lets 100,000.00 pass and refuses 100,000.01; an interval ends the microsecond before its `valid_to`.

Of several grants the first sufficient one is relied upon, those given in person before those of an office, then by
id; when none suffices the reason furthest down the order is reported, with the grant that came so far first. Design:
governance, "Authority"; regulation reference 5.3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from operator import attrgetter
from typing import Any, Protocol

from governance.authority import Register
from governance.duties import DutyFacts, DutyRule, check_duties, duty_words
from governance.grant import DAY, PERSON, Grant, Limit, Per, decimal_text, readable
from governance.refusal_texts import why
from governance.stand import Stand, about_grant, standing
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is, joined

Conditions = Callable[[str, Mapping[str, Any], int], object]
"""Evaluates the source text of a condition over data at the instant of the decision; only `True` itself holds, null
and everything else does not."""

_ORDER = {reason: place for place, reason in enumerate(Reason)}
_NOTHING = Decimal(0)
_HEADROOM = attrgetter("headroom")
_TIGHTNESS = attrgetter("max", "inclusive")
_EXACT = Context(prec=120)  # measures have at most 60 digits (`readable`), so no sum of them is ever rounded


class MoneyLike(Protocol):
    """An amount with a currency, whoever defines it."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What was decided so far under a grant within one window; `total` is in `currency`."""

    grant: str
    currency: str
    days: int
    window_start: int
    total: Decimal

    @property
    def key(self) -> tuple[str, str, int, int]:
        return (self.grant, self.currency, self.days, self.window_start)


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """What someone wants to decide. `person` is None when the actor is no natural person.

    Duties bind whom the person `stands_in_for` as they bind
    the person. `measure` is what limits are measured on; `context` is what conditions may read. `usage` states the
    total of every window `usage_keys` names for a named grant, zero included: a total that is not stated refuses.
    """

    person: str | None
    domain: str
    decision_kind: str
    blueprint: str
    step: str
    outcome: str
    measure: MoneyLike | Decimal | None = None
    on_behalf_of: str | None = None
    stands_in_for: tuple[str, ...] = ()
    duties: tuple[DutyRule, ...] = ()
    facts: DutyFacts = field(default_factory=DutyFacts)
    context: Mapping[str, Any] = field(default_factory=dict)
    usage: tuple[Usage, ...] = ()

    def by(self, person: str, on_behalf_of: str | None, usage: tuple[Usage, ...]) -> "DecisionRequest":
        """The same, of this person and with what was used up."""
        return DecisionRequest(
            person,
            self.domain,
            self.decision_kind,
            self.blueprint,
            self.step,
            self.outcome,
            self.measure,
            on_behalf_of,
            self.stands_in_for,
            self.duties,
            self.facts,
            self.context,
            usage,
        )


@dataclass(frozen=True, slots=True)
class Named:
    """The grants the enforcement point named, from which register, and the digest of the rows it asked."""

    grants: tuple[str, ...]
    register_digest: str
    rows_digest: str = ""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit that counted, and what is left of it after this decision."""

    limit: Limit
    headroom: Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer yes, with everything it rests on. `chain` runs from the grant to its root, `digests` are theirs.

    `usage` are the totals of the windows it counts in, this decision included.
    """

    request: DecisionRequest
    person: str
    grant: Grant
    chain: tuple[Grant, ...]
    digests: tuple[str, ...]
    limits: tuple[LimitUse, ...]
    usage: tuple[Usage, ...]
    conditions: tuple[str, ...]
    register_digest: str
    rows_digest: str

    @property
    def capacity(self) -> str:
        """The role in which the person signs: the office, or the person in their own name."""
        return self.grant.grantee

    @property
    def binding(self) -> LimitUse | None:
        """The limit with the least headroom; None when no limit counted."""
        return min(self.limits, key=_HEADROOM, default=None)

    @property
    def measure(self) -> tuple[Decimal, str] | None:
        """What was measured, as (amount, currency)."""
        amount, currency = _measure(self.request.measure)
        return None if amount is None else (amount, currency)

    @property
    def duties(self) -> tuple[str, ...]:
        """The duties that were checked and kept, in words."""
        return tuple([duty_words(duty) for duty in self.request.duties])


def decide(
    request: DecisionRequest, named: Named, register: Register, now: int, conditions: Conditions
) -> Decision | Refusal:
    """The decision, or the refusal with its reason. `now` is the instant of the batch, which `recorded_at` will say."""
    if request.person is None or not request.person.startswith(PERSON):
        return Refusal(Reason.NOT_A_PERSON, why("actor-without-authority"))
    if named.register_digest != register.digest:
        return Refusal(Reason.STALE_POLICY, why("other-register"))
    if not named.grants:
        return unnamed(register, request.person, request.domain, now)
    furthest: Refusal | None = None
    for stand in standing(request, named.grants, register, now):
        judged = _judge(request, stand, (named, register, now, conditions))
        if isinstance(judged, Decision):
            return judged
        furthest = further(furthest, judged)
    assert furthest is not None
    return furthest


def out_of_force(request: DecisionRequest, named: Named, register: Register, now: int) -> Refusal | None:
    """Why no grant that names the person stands at this instant and reaches the measure of the request; None if one
    does. Whatever its conditions, and what is used up within a period, which comes back by itself.

    For who wants to take a decision up, and who holds one: what they could never take for want of authority, they would
    only hold up. A measure that is not known is not judged.
    """
    person = request.person or ""
    if not named.grants:
        return unnamed(register, person, request.domain, now)
    furthest: Refusal | None = None
    for stand in standing(request, named.grants, register, now):
        judged = stand if isinstance(stand, Refusal) else _out_of_reach(request, stand)
        if judged is None:
            return None
        furthest = further(furthest, judged)
    return furthest


def _out_of_reach(request: DecisionRequest, stand: Stand) -> Refusal | None:
    """The limit that this measure alone goes beyond, of one case or of a whole period."""
    if request.measure is None:
        return None
    grant, fitting = stand.grant, _fitting(request, stand)
    if isinstance(fitting, Refusal):
        return fitting
    amount, limits = fitting
    for limit in limits:
        if amount < 0 or not limit.allows(amount):
            return _over(Reason.LIMIT_CASE if limit.per is Per.CASE else Reason.LIMIT_PERIOD, limit, amount, grant)
    return None


def further(furthest: Refusal | None, judged: Refusal) -> Refusal:
    """The reason furthest down the order; of two alike the first."""
    return judged if furthest is None or _ORDER[judged.reason] > _ORDER[furthest.reason] else furthest


def unnamed(register: Register, person: str, domain: str, now: int) -> Refusal:
    """Why a person whom no grant names may not decide: they hold grants for other decisions, or none here."""
    if register.ever_granted(person, domain, now):
        return Refusal(Reason.WRONG_POWER, why("grants-for-others"))
    return Refusal(Reason.NO_GRANT, why("no-grant"))


def usage_keys(register: Register, grant: Grant, outcome: str, now: int) -> tuple[tuple[str, str, int, int], ...]:
    """(grant, currency, days, window start) of each window a decision under the grant may count in.

    Windows are laid end to end from the start of the grant's first version, so amendments do not open a fresh one.
    """
    anchor = register.first_start(grant)
    return tuple(
        [
            (grant.id, limit.currency, limit.days, now - (now - anchor) % (limit.days * DAY))
            for limit in grant.limits
            if limit.per is Per.PERIOD and limit.counts(outcome)
        ]
    )


_Setting = tuple[Named, Register, int, Conditions]


def _judge(request: DecisionRequest, stand: Stand | Refusal, setting: _Setting) -> Decision | Refusal:
    """One grant: the reasons in their order, the first that fails."""
    if isinstance(stand, Refusal):
        return stand
    named, register, now, conditions = setting
    person, grant = request.person, stand.grant
    assert person is not None
    for source in stand.conditions:
        if not _holds(source, request.context, now, conditions):
            return about_grant(Reason.CONDITION_FAILED, why("condition-not-true", source=as_it_is(source)), grant.id)
    if stand.is_own_gift:
        return about_grant(Reason.SELF_DEALING, why("own-grant"), grant.id)
    persons = (person, *filter(None, (request.on_behalf_of,)), *request.stands_in_for)
    if refusal := check_duties(request.duties, persons, request.facts):
        return about_grant(refusal.reason, refusal.message, grant.id, refusal.details)
    limits = _within_limits(request, stand, register, now)
    if isinstance(limits, Refusal):
        return limits
    return Decision(
        request,
        person,
        grant,
        stand.links,
        stand.digests,
        *limits,
        stand.conditions,
        named.register_digest,
        named.rows_digest,
    )


def _holds(source: str, context: Mapping[str, Any], now: int, conditions: Conditions) -> bool:
    try:
        return conditions(source, context, now) is True
    except BrokenInput:
        return False  # a condition that cannot be evaluated does not hold


def _within_limits(
    request: DecisionRequest, stand: Stand, register: Register, now: int
) -> tuple[tuple[LimitUse, ...], tuple[Usage, ...]] | Refusal:
    """Of one case and of each period, with what was used within it."""
    grant, fitting = stand.grant, _fitting(request, stand)
    if isinstance(fitting, Refusal):
        return fitting
    amount, limits = fitting
    uses = []
    for limit in limits:
        if limit.per is Per.CASE:
            if amount < 0 or not limit.allows(amount):
                return _over(Reason.LIMIT_CASE, limit, amount, grant)
            uses.append(LimitUse(limit, _EXACT.subtract(limit.max, amount)))
    usage = []
    totals = {use.key: use.total for use in request.usage}
    for key in usage_keys(register, grant, request.outcome, now):
        total = totals.get(key)
        counted = [one for one in limits if one.per is Per.PERIOD and (one.currency, one.days) == key[1:3]]
        if not counted:
            continue  # a window in another currency
        if total is None:
            return about_grant(Reason.LIMIT_PERIOD, why("usage-unknown"), grant.id)
        total = _EXACT.add(total, amount)
        limit = min(counted, key=_TIGHTNESS)
        if amount < 0 or not limit.allows(total):
            return _over(Reason.LIMIT_PERIOD, limit, total, grant)
        uses.append(LimitUse(limit, _EXACT.subtract(limit.max, total)))
        usage.append(Usage(*key, total))
    return tuple(uses), tuple(usage)


def _fitting(request: DecisionRequest, stand: Stand) -> tuple[Decimal, Sequence[Limit]] | Refusal:
    """The amount, and the limits it is held against: every group that counts must have one in the measure's currency.

    Without limits that count the amount says nothing.
    """
    amount, currency = _measure(request.measure)
    if amount is not None and not readable(amount):
        return about_grant(Reason.LIMIT_CASE, why("measure-too-long"), stand.grant.id)
    counting = stand.limits
    if not counting:
        return _NOTHING, ()
    if amount is None:
        message = why("measure-missing", known=_currencies(counting))
        return about_grant(Reason.MEASURE_MISSING, message, stand.grant.id)
    fitting = [limit for limit in counting if limit.currency == currency]
    if len(fitting) < len(counting) and {limit.group for limit in fitting} != {limit.group for limit in counting}:
        message = why("measure-in-other-currency", known=_currencies(counting))
        return about_grant(Reason.CURRENCY_UNCONVERTIBLE, message, stand.grant.id)
    return amount, fitting


def _currencies(limits: Sequence[Limit]) -> Wording:
    """The currencies that limits are stated in."""
    found = sorted({limit.currency or "a plain number" for limit in limits})
    return joined([as_it_is(one) if one != "a plain number" else why("plain-number") for one in found])


def _measure(measure: MoneyLike | Decimal | None) -> tuple[Decimal | None, str]:
    if measure is None or isinstance(measure, Decimal):
        return measure, ""
    return measure.amount, measure.currency


def _over(reason: Reason, limit: Limit, found: Decimal, grant: Grant) -> Refusal:
    bound = f"{decimal_text(limit.max)} {limit.currency}".rstrip()
    measure = f"{decimal_text(found)} {limit.currency}".rstrip()
    named = {"bound": as_it_is(bound), "measure": as_it_is(measure)}
    if limit.per is Per.PERIOD:
        message = why("over-period" if limit.inclusive else "at-period", **named, days=limit.days)
    else:
        message = why("over-limit" if limit.inclusive else "at-limit", **named)
    return about_grant(reason, message, grant.id, (("limit", bound), ("measure", measure)))
