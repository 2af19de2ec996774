"""Whether a person has an authority that stands and reaches a decision, whatever its outcome. Pure, standard library.

Asked before a decision is taken up and of who holds one; a verifier asks it again, with grants named by plain scan.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from governance.above import Kind
from governance.authority import Register
from governance.decision import DecisionRequest, MoneyLike, Named, further, out_of_force, unnamed
from ledger.refusal import Refusal


class Reaching(NamedTuple):
    """Who would decide, which decisions, and what their limits are measured on; a measure of None is not judged."""

    person: str
    kind: Kind
    measure: MoneyLike | Decimal | None = None


NamedFor = Callable[[DecisionRequest], Named]
"""The grants that name the person of a request."""


def unreached(asked: Reaching, named_for: NamedFor, register: Register, now: int) -> Refusal | None:
    """Why no grant in force names the person for any outcome and, where it is given, reaches the measure; None when
    one does."""
    kind = asked.kind
    step = (kind.decision_kind, kind.blueprint, kind.step)
    found: Refusal | None = None
    for outcome in kind.outcomes:
        request = DecisionRequest(asked.person, kind.domain, *step, outcome, asked.measure)
        refusal = out_of_force(request, named_for(request), register, now)
        if refusal is None:
            return None
        found = further(found, refusal)
    return found or unnamed(register, asked.person, kind.domain, now)


def named_by_scan(register: Register) -> NamedFor:
    """The grants that name a person, by plain scan: the enforcement point, which is asked when something is done, finds
    the same."""

    def named_for(request: DecisionRequest) -> Named:
        place = (request.blueprint, request.step)
        found = [
            grant.id
            for grant in register.ever_named(request.person or "")
            if grant.covers(request.domain, request.decision_kind, place, request.outcome)
        ]
        return Named(tuple(found), register.digest)

    return named_for
