"""The decision told a second time, slowly: every question is asked of every grant, then the first failing one counts.

Shares only the value types with the product. No early exit, no chain walk with state, fractions instead of decimals.
"""

from fractions import Fraction
from typing import Any

from governance.authority import Register
from governance.decision import DecisionRequest
from governance.grant import DAY, Grant, Limit

ORDER = (
    "NO_GRANT",
    "WRONG_POWER",
    "NOT_YET_VALID",
    "EXPIRED",
    "SUSPENDED",
    "REVOKED",
    "CHAIN_BROKEN",
    "CONDITION_FAILED",
    "SELF_DEALING",
    "SOD",
    "MEASURE_MISSING",
    "CURRENCY_UNCONVERTIBLE",
    "LIMIT_CASE",
    "LIMIT_PERIOD",
)


def current(parts: tuple[Any, ...], part_id: str | None, known_at: int) -> Any:
    known = [part for part in parts if part.id == part_id and part.recorded_at <= known_at]
    return max(known, key=lambda part: part.version) if known else None


def behind(register: Register, party: str, at: int) -> set[str]:
    if party.startswith("person:"):
        return {party}
    office = current(register.offices, party, at)
    return {h.person for h in office.holdings if h.held_from <= at and at < h.held_to} if office else set()


def marked(register: Register, grant_id: str, what: str, at: int) -> bool:
    names = {event.name for event in register.statuses if event.grant == grant_id and event.recorded_at <= at}
    hits = []
    for name in names:
        versions = [e for e in register.statuses if e.grant == grant_id and e.name == name and e.recorded_at <= at]
        last = max(versions, key=lambda event: event.version)
        hits.append(last.status.value == what and last.effective_at <= at and at < last.ends_at)
    return any(hits)


def in_force(register: Register, grant: Grant, at: int) -> bool:
    return (
        grant.valid_from <= at
        and at < grant.valid_to
        and not marked(register, grant.id, "suspended", at)
        and not marked(register, grant.id, "revoked", at)
    )


def passes(limits: tuple[Limit, ...], group: Any, currency: str, outcome: str, amount: Fraction) -> bool:
    """Whether an amount fits a group of limits: true without one that counts, false without the currency."""
    counting = [limit for limit in limits if (limit.per, limit.days) == group]
    counting = [limit for limit in counting if limit.outcomes is None or outcome in limit.outcomes]
    mine = [limit for limit in counting if limit.currency == currency]
    if counting and not mine:
        return False
    return all(amount < Fraction(one.max) or (one.inclusive and amount == Fraction(one.max)) for one in mine)


def ancestors(register: Register, grant: Grant, now: int) -> list[Grant] | None:
    """The parents up to the root; None when one is missing or they go round."""
    found: list[Grant] = []
    while (found[-1] if found else grant).parent is not None:
        parent = current(register.grants, (found[-1] if found else grant).parent, now)
        if parent is None or parent.id in {grant.id, *(link.id for link in found)}:
            return None
        found.append(parent)
    return found


def chain_holds(register: Register, grant: Grant, now: int) -> bool:
    parents = ancestors(register, grant, now)
    if parents is None:
        return False
    for link in (grant, *parents):
        if current(register.instruments, link.instrument, now) is None:
            return False
        givers = behind(register, link.grantor, link.recorded_at) if link.grantor else set()
        if link.grantor and (link.grantor == link.grantee or givers & behind(register, link.grantee, link.recorded_at)):
            return False
    for child, parent in zip((grant, *parents), parents, strict=False):
        then = child.recorded_at
        given = current(register.grants, parent.id, then)
        if not child.grantor or given is None or not in_force(register, given, then):
            return False
        if not in_force(register, parent, now) or child.domain != parent.domain:
            return False
        if child.grantor != given.grantee and child.grantor not in behind(register, given.grantee, then):
            return False
        if child.valid_from < parent.valid_from or child.valid_to > parent.valid_to:
            return False
        for power in child.powers:
            if not any(
                wide.decision_kind == power.decision_kind
                and (
                    wide.outcomes is None or (power.outcomes is not None and set(power.outcomes) <= set(wide.outcomes))
                )
                for wide in parent.powers
            ):
                return False
        if not limits_inside(child.limits, parent.limits):
            return False
    return True


def limits_inside(child: tuple[Limit, ...], parent: tuple[Limit, ...]) -> bool:
    """Tried out: no amount at or about any limit, in any currency, for any outcome, passes the child's limits only."""
    amounts = {
        Fraction(limit.max) + step for limit in (*child, *parent) for step in (Fraction(-1, 100), 0, Fraction(1, 100))
    }
    for group in {(limit.per, limit.days) for limit in parent}:
        for currency in {limit.currency for limit in (*child, *parent)} | {"XXX"}:
            for outcome in ("approve", "decline", "anything else"):
                for amount in amounts:
                    mine = passes(child, group, currency, outcome, amount)
                    if mine and not passes(parent, group, currency, outcome, amount):
                        return False
    return True


def failing(register: Register, request: DecisionRequest, grant_id: str, now: int, truths: dict[str, bool]) -> set[str]:
    """Every reason for which this grant does not suffice."""
    person = request.person or ""
    grant = current(register.grants, grant_id, now)
    if grant is None:
        return {"NO_GRANT"}
    bad = set()
    offices = [office for office in register.offices if office.id == grant.grantee and office.recorded_at <= now]
    if person != grant.grantee and all(h.person != person for office in offices for h in office.holdings):
        bad.add("NO_GRANT")
    if request.domain != grant.domain or not any(
        power.decision_kind == request.decision_kind and (power.outcomes is None or request.outcome in power.outcomes)
        for power in grant.powers
    ):
        bad.add("WRONG_POWER")
    holds = person in behind(register, grant.grantee, now)
    office = current(register.offices, grant.grantee, now)
    later = office is not None and any(h.person == person and h.held_from > now for h in office.holdings)
    if now < grant.valid_from or (not holds and later):
        bad.add("NOT_YET_VALID")
    if now >= grant.valid_to or not holds:
        bad.add("EXPIRED")
    bad |= {what.upper() for what in ("suspended", "revoked") if marked(register, grant.id, what, now)}
    if not chain_holds(register, grant, now):
        bad.add("CHAIN_BROKEN")
    if any(
        not truths[source] for link in (grant, *(ancestors(register, grant, now) or ())) for source in link.conditions
    ):
        bad.add("CONDITION_FAILED")
    if grant.grantor and person in behind(register, grant.grantor, grant.recorded_at):
        bad.add("SELF_DEALING")
    if request.duties and request.facts.initiator == person:
        bad.add("SOD")
    return bad | over(register, request, grant, now)


def over(register: Register, request: DecisionRequest, grant: Grant, now: int) -> set[str]:
    measure: Any = request.measure
    counting = [limit for limit in grant.limits if limit.outcomes is None or request.outcome in limit.outcomes]
    if measure is None:
        return {"MEASURE_MISSING"} if counting else set()
    bad = set()
    for limit in counting:
        if not any(one.currency == measure.currency and one.group == limit.group for one in counting):
            bad.add("CURRENCY_UNCONVERTIBLE")
        if limit.currency != measure.currency:
            continue
        total, reason = Fraction(measure.amount), "LIMIT_CASE"
        if limit.days:
            first = min((g for g in register.grants if g.id == grant.id), key=lambda g: g.version).valid_from
            start = first + (now - first) // (limit.days * DAY) * (limit.days * DAY)
            key = (grant.id, limit.currency, limit.days, start)
            total, reason = total + sum(Fraction(u.total) for u in request.usage if u.key == key), "LIMIT_PERIOD"
        if total > Fraction(limit.max) or (total == Fraction(limit.max) and not limit.inclusive):
            bad.add(reason)
    return bad


def answer(
    register: Register, request: DecisionRequest, named: tuple[str, ...], now: int, truths: dict[str, bool]
) -> str:
    """The reason code, "" for a permit."""
    firsts = []
    for grant_id in named:
        bad = failing(register, request, grant_id, now, truths)
        firsts.append(min(bad, key=ORDER.index) if bad else "")
    if "" in firsts:
        return ""
    if firsts:
        return max(firsts, key=ORDER.index)
    person = request.person or ""
    held = any(
        grant.domain == request.domain
        and grant.recorded_at <= now
        and (
            grant.grantee == person
            or any(
                h.person == person
                for office in register.offices
                if office.id == grant.grantee and office.recorded_at <= now
                for h in office.holdings
            )
        )
        for grant in register.grants
    )
    return "WRONG_POWER" if held else "NO_GRANT"
