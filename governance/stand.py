"""How the grants that name a person stand at an instant: all that neither the data of a case nor totals can change.

Pure, standard library only. It follows from the register and from when it is asked, of whom and for which decision, so
it is worked out once and kept with the register: a register that changes is another value, with nothing kept, and an
instant at which anything of it begins, ends or becomes known is another place (`Register.place`).
"""

from typing import NamedTuple, Protocol

from governance.authority import Register
from governance.chain import Broken, chain
from governance.grant import OFFICE, Grant, Limit, Status
from governance.refusal_texts import why
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is

KEPT_MAX = 4096  # answers with a register: of some thousand persons, each for the few decisions they take


class Deciding(Protocol):
    """Who would decide what, as `governance.decision.DecisionRequest` has it: nothing else is looked at here."""

    @property
    def person(self) -> str | None: ...
    @property
    def domain(self) -> str: ...
    @property
    def decision_kind(self) -> str: ...
    @property
    def blueprint(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def outcome(self) -> str: ...


class Stand(NamedTuple):
    """A grant that names a person for a decision, and stands."""

    grant: Grant
    links: tuple[Grant, ...]  # from it to its root
    digests: tuple[str, ...]  # of the links
    conditions: tuple[str, ...]  # of all of them, each once
    limits: tuple[Limit, ...]  # those that count for the outcome
    is_own_gift: bool  # of the person to themselves


def standing(asked: Deciding, named: tuple[str, ...], register: Register, now: int) -> tuple[Stand | Refusal, ...]:
    """Of each grant that was named, how it stands at this instant, or why it does not: those given in person before
    those of an office, then by id."""
    key = (
        register.place(now),
        named,
        asked.person,
        asked.domain,
        asked.decision_kind,
        asked.blueprint,
        asked.step,
        asked.outcome,
    )
    known: tuple[Stand | Refusal, ...] | None = register.standing.get(key)
    if known is None:
        known = _standing(asked, named, register, now)
        if len(register.standing) >= KEPT_MAX:
            register.standing.clear()
        register.standing[key] = known
    return known


def about_grant(reason: Reason, message: Wording, grant: str, details: tuple[tuple[str, str], ...] = ()) -> Refusal:
    """A refusal that names the grant which does not suffice."""
    return Refusal(reason, message, (("grant", grant), *details))


def _standing(asked: Deciding, named: tuple[str, ...], register: Register, now: int) -> tuple[Stand | Refusal, ...]:
    found = [(grant_id, register.grant(grant_id, now)) for grant_id in sorted(set(named))]
    found.sort(key=lambda pair: pair[1] is not None and pair[1].grantee.startswith(OFFICE))
    return tuple([_stand(asked, grant_id, grant, (register, now)) for grant_id, grant in found])


def _stand(asked: Deciding, grant_id: str, grant: Grant | None, setting: tuple[Register, int]) -> Stand | Refusal:
    register, now = setting
    person = asked.person or ""
    if grant is None or not register.ever_held(person, grant.grantee, now):
        return about_grant(Reason.NO_GRANT, why("named-grant-missing"), grant_id)
    if refusal := _out_of_force(asked, grant, register, now):
        return refusal
    links = chain(register, grant, now)
    if isinstance(links, Broken):
        message = why("chain-broken", grant=as_it_is(links.grant), why=links.why)
        return about_grant(Reason.CHAIN_BROKEN, message, grant.id, (("broken_at", links.grant),))
    return Stand(
        grant,
        links,
        digests=tuple([register.grant_digest(link) for link in links]),
        conditions=tuple(dict.fromkeys([source for link in links for source in link.conditions])),
        limits=tuple([limit for limit in grant.limits if limit.counts(asked.outcome)]),
        is_own_gift=register.holds(person, grant.grantor, grant.recorded_at),
    )


def _out_of_force(asked: Deciding, grant: Grant, register: Register, now: int) -> Refusal | None:
    """Power, interval, office, status: what needs nothing but the grant itself."""
    person = asked.person or ""
    holds = register.holds(person, grant.grantee, now)
    if not grant.covers(asked.domain, asked.decision_kind, (asked.blueprint, asked.step), asked.outcome):
        return about_grant(Reason.WRONG_POWER, why("power-for-others"), grant.id)
    if now < grant.valid_from:
        return about_grant(Reason.NOT_YET_VALID, why("grant-not-begun"), grant.id)
    if not holds and register.holds_later(person, grant.grantee, now):
        return about_grant(Reason.NOT_YET_VALID, why("office-begins-later"), grant.id)
    if now >= grant.valid_to:
        return about_grant(Reason.EXPIRED, why("grant-ended"), grant.id)
    if not holds:
        return about_grant(Reason.EXPIRED, why("office-no-longer-held"), grant.id)
    if register.has_status(grant.id, Status.SUSPENDED, now):
        return about_grant(Reason.SUSPENDED, why("grant-suspended"), grant.id)
    if register.has_status(grant.id, Status.REVOKED, now):
        return about_grant(Reason.REVOKED, why("grant-revoked"), grant.id)
    return None
