"""Whose limit is above whose: who a decision is offered to when a late one is passed on. Pure, standard library only.

`pass to: authority K above` offers a task to the holders of K whose limit exceeds that of the highest holder it was
offered to. The limit of a holder is the largest amount that one decision of theirs may have: of a grant the least of
its limits in the currency of the measure, per case or per period, and of several grants the largest. A grant without
limits has none to exceed; a grant with limits in other currencies alone covers no such decision.

Where nobody is above, the highest themselves keep the offer: a matter that is offered to nobody would stand still.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from governance.authority import Register
from governance.chain import Broken, chain

Height = tuple[int, Decimal, bool]
"""(1 without a limit else 0, the limit, whether it includes the amount itself): comparable, the higher the greater."""

WITHOUT_LIMIT: Height = (1, Decimal(0), True)


class Kind(NamedTuple):
    """Which decisions are meant: `outcomes` are those of the step, `currency` that of its measure ("" for a number)."""

    domain: str
    decision_kind: str
    blueprint: str
    step: str
    outcomes: tuple[str, ...]
    currency: str


def heights(register: Register, kind: Kind, now: int) -> dict[str, Height]:
    """Every person who holds an authority in force for these decisions, with their limit."""
    found: dict[str, Height] = {}
    step = (kind.blueprint, kind.step)
    for grant in register.newest_grants():
        if not any(grant.covers(kind.domain, kind.decision_kind, step, outcome) for outcome in kind.outcomes):
            continue
        limits: list[Height] = [(0, one.max, one.inclusive) for one in grant.limits if one.currency == kind.currency]
        if (grant.limits and not limits) or not register.in_force(grant, now):
            continue
        if isinstance(chain(register, grant, now), Broken):
            continue
        height = min(limits, default=WITHOUT_LIMIT)
        for person in register.persons(grant.grantee, now):
            found[person] = max(height, found.get(person, height))
    return found


def offered(known: Mapping[str, Height], first: Collection[str], passes: int) -> frozenset[str]:
    """Who a decision is offered to after so many passes, when it was offered to `first` to begin with."""
    if not known:
        return frozenset()
    highest = max(known.values())
    now = frozenset(person for person in first if person in known)
    for _ in range(passes):
        # Offered to nobody so far, as no holder has the role: then every holder is above.
        bound = max((known[person] for person in now), default=None)
        above = frozenset(person for person, height in known.items() if bound is None or height > bound)
        now = above or frozenset(person for person, height in known.items() if height == highest)
    return now
