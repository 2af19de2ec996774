"""May this person take this decision, of this size, now? One pure function. Standard library only.

The same function runs in the service, in reports and in a verifier. It judges only the grants that the enforcement
point named, so nobody decides whom that did not name; it never widens, it only refuses. Per grant the first failing
reason in the order of `Reason` counts. Limits hold for amounts of zero and more and are exact: a limit of 100,000.00
`inclusive` lets 100,000.00 pass and refuses 100,000.01; an interval ends the microsecond before its `valid_to`.

Of several grants the first sufficient one is relied upon, those given in person before those of an office, then by
id; when none suffices the reason furthest down the order is reported, with the grant that came so far first. Design:
governance, "Authority"; regulation reference 5.3.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any, Protocol

from governance.authority import Register
from governance.chain import Broken, chain
from governance.duties import DutyFacts, DutyRule, check_duties, duty_words
from governance.grant import DAY, OFFICE, PERSON, Grant, Limit, Per, Status, decimal_text, readable
from governance.refusal_texts import why
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is, joined

Conditions = Callable[[str, Mapping[str, Any], int], object]
"""Evaluates the source text of a condition over data at the instant of the decision; only `True` itself holds, null
and everything else does not."""

_ORDER = {reason: place for place, reason in enumerate(Reason)}
_NOTHING = Decimal(0)
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
        return min(self.limits, key=lambda use: use.headroom, default=None)

    @property
    def measure(self) -> tuple[Decimal, str] | None:
        """What was measured, as (amount, currency)."""
        amount, currency = _measure(self.request.measure)
        return None if amount is None else (amount, currency)

    @property
    def duties(self) -> tuple[str, ...]:
        """The duties that were checked and kept, in words."""
        return tuple(duty_words(duty) for duty in self.request.duties)


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
    for grant_id, grant in _in_order(named, register, now):
        judged = _judge(request, grant_id, grant, (named, register, now, conditions))
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
    for grant_id, grant in _in_order(named, register, now):
        links = _links(request, grant_id, grant, (register, now))
        judged = links if isinstance(links, Refusal) else _out_of_reach(request, links[0])
        if judged is None:
            return None
        furthest = further(furthest, judged)
    return furthest


def _out_of_reach(request: DecisionRequest, grant: Grant) -> Refusal | None:
    """The limit that this measure alone goes beyond, of one case or of a whole period."""
    if _measure(request.measure)[0] is None:
        return None
    fitting = _fitting(request, grant)
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
        (grant.id, limit.currency, limit.days, now - (now - anchor) % (limit.days * DAY))
        for limit in grant.limits
        if limit.per is Per.PERIOD and limit.counts(outcome)
    )


_Setting = tuple[Named, Register, int, Conditions]


def _in_order(named: Named, register: Register, now: int) -> Iterator[tuple[str, Grant | None]]:
    found = [(grant_id, register.grant(grant_id, now)) for grant_id in sorted(set(named.grants))]
    yield from sorted(found, key=lambda pair: pair[1] is not None and pair[1].grantee.startswith(OFFICE))


def _judge(request: DecisionRequest, grant_id: str, grant: Grant | None, setting: _Setting) -> Decision | Refusal:
    """One grant: the reasons in their order, the first that fails."""
    named, register, now, conditions = setting
    person = request.person
    assert person is not None
    links = _links(request, grant_id, grant, (register, now))
    if isinstance(links, Refusal):
        return links
    assert grant is not None
    sources = tuple(dict.fromkeys(source for link in links for source in link.conditions))
    for source in sources:
        if not _holds(source, request.context, now, conditions):
            return _refusal(Reason.CONDITION_FAILED, why("condition-not-true", source=as_it_is(source)), grant.id)
    if register.holds(person, grant.grantor, grant.recorded_at):
        return _refusal(Reason.SELF_DEALING, why("own-grant"), grant.id)
    persons = (person, *filter(None, (request.on_behalf_of,)), *request.stands_in_for)
    if refusal := check_duties(request.duties, persons, request.facts):
        return _refusal(refusal.reason, refusal.message, grant.id, refusal.details)
    limits = _within_limits(request, grant, register, now)
    if isinstance(limits, Refusal):
        return limits
    uses, usage = limits
    return Decision(
        request=request,
        person=person,
        grant=grant,
        chain=links,
        digests=tuple(register.grant_digest(link) for link in links),
        limits=uses,
        usage=usage,
        conditions=sources,
        register_digest=named.register_digest,
        rows_digest=named.rows_digest,
    )


def _links(
    request: DecisionRequest, grant_id: str, grant: Grant | None, setting: tuple[Register, int]
) -> tuple[Grant, ...] | Refusal:
    """The chain of a grant that stands at this instant, from it to its root; or why it does not."""
    register, now = setting
    if grant is None or not register.ever_held(request.person or "", grant.grantee, now):
        return _refusal(Reason.NO_GRANT, why("named-grant-missing"), grant_id)
    if refusal := _standing(request, grant, register, now):
        return refusal
    links = chain(register, grant, now)
    if isinstance(links, Broken):
        message = why("chain-broken", grant=as_it_is(links.grant), why=links.why)
        return _refusal(Reason.CHAIN_BROKEN, message, grant.id, (("broken_at", links.grant),))
    return links


def _standing(request: DecisionRequest, grant: Grant, register: Register, now: int) -> Refusal | None:
    """Power, interval, office, status: what needs nothing but the grant itself."""
    person = request.person or ""
    holds = register.holds(person, grant.grantee, now)
    if not grant.covers(request.domain, request.decision_kind, (request.blueprint, request.step), request.outcome):
        return _refusal(Reason.WRONG_POWER, why("power-for-others"), grant.id)
    if now < grant.valid_from:
        return _refusal(Reason.NOT_YET_VALID, why("grant-not-begun"), grant.id)
    if not holds and register.holds_later(person, grant.grantee, now):
        return _refusal(Reason.NOT_YET_VALID, why("office-begins-later"), grant.id)
    if now >= grant.valid_to:
        return _refusal(Reason.EXPIRED, why("grant-ended"), grant.id)
    if not holds:
        return _refusal(Reason.EXPIRED, why("office-no-longer-held"), grant.id)
    if register.has_status(grant.id, Status.SUSPENDED, now):
        return _refusal(Reason.SUSPENDED, why("grant-suspended"), grant.id)
    if register.has_status(grant.id, Status.REVOKED, now):
        return _refusal(Reason.REVOKED, why("grant-revoked"), grant.id)
    return None


def _holds(source: str, context: Mapping[str, Any], now: int, conditions: Conditions) -> bool:
    try:
        return conditions(source, context, now) is True
    except BrokenInput:
        return False  # a condition that cannot be evaluated does not hold


def _within_limits(
    request: DecisionRequest, grant: Grant, register: Register, now: int
) -> tuple[tuple[LimitUse, ...], tuple[Usage, ...]] | Refusal:
    """Of one case and of each period, with what was used within it."""
    fitting = _fitting(request, grant)
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
            return _refusal(Reason.LIMIT_PERIOD, why("usage-unknown"), grant.id)
        total = _EXACT.add(total, amount)
        limit = min(counted, key=lambda one: (one.max, one.inclusive))
        if amount < 0 or not limit.allows(total):
            return _over(Reason.LIMIT_PERIOD, limit, total, grant)
        uses.append(LimitUse(limit, _EXACT.subtract(limit.max, total)))
        usage.append(Usage(*key, total))
    return tuple(uses), tuple(usage)


def _fitting(request: DecisionRequest, grant: Grant) -> tuple[Decimal, Sequence[Limit]] | Refusal:
    """The amount, and the limits it is held against: every group that counts must have one in the measure's currency.

    Without limits that count the amount says nothing.
    """
    amount, currency = _measure(request.measure)
    if amount is not None and not readable(amount):
        return _refusal(Reason.LIMIT_CASE, why("measure-too-long"), grant.id)
    counting = [limit for limit in grant.limits if limit.counts(request.outcome)]
    if not counting:
        return _NOTHING, ()
    known = _currencies(counting)
    if amount is None:
        return _refusal(Reason.MEASURE_MISSING, why("measure-missing", known=known), grant.id)
    fitting = [limit for limit in counting if limit.currency == currency]
    if {limit.group for limit in fitting} != {limit.group for limit in counting}:
        message = why("measure-in-other-currency", known=known)
        return _refusal(Reason.CURRENCY_UNCONVERTIBLE, message, grant.id)
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
    return _refusal(reason, message, grant.id, (("limit", bound), ("measure", measure)))


def _refusal(reason: Reason, message: Wording, grant: str, details: tuple[tuple[str, str], ...] = ()) -> Refusal:
    return Refusal(reason, message, (("grant", grant), *details))
