"""The kinds this room writes, with the members of each payload. A released pair (kind, schema) never changes.

`release` is {change_request, name, version, digest}, the change request's word on what was approved. `register_digest`
is the digest of the whole authority register after the entry, by which it is known again on every load. Instants are
integers, microseconds. Limits, measures and headroom are of one class, internal: totals are kept from them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from governance.decision import Decision, Usage
from governance.grant import decimal_text

INSTRUMENT_RELEASED = "instrument.released"
OFFICE_RELEASED = "office.released"
AUTHORITY_GRANTED = "authority.granted"
AUTHORITY_SUSPENDED = "authority.suspended"
AUTHORITY_REVOKED = "authority.revoked"
HOLD_PLACED = "hold.placed"
HOLD_LIFTED = "hold.lifted"
SUBSTITUTION_RECORDED = "substitution.recorded"
SUBSTITUTION_LIFTED = "substitution.lifted"


KINDS: Mapping[tuple[str, int], tuple[str, ...]] = MappingProxyType(
    {
        # subject: the instrument, office or grant. `value` prints back from `governance.grant`; `digest` is of it.
        (INSTRUMENT_RELEASED, 1): ("value", "digest", "release", "register_digest"),
        (OFFICE_RELEASED, 1): ("value", "digest", "release", "register_digest"),
        (AUTHORITY_GRANTED, 1): ("value", "digest", "release", "register_digest"),
        # subject: the grant. `reason` is a commitment.
        (AUTHORITY_SUSPENDED, 1): ("value", "digest", "reason", "release", "register_digest"),
        (AUTHORITY_REVOKED, 1): ("value", "digest", "reason", "release", "register_digest"),
        # subject: the hold. `instrument` and `reason` are commitments.
        (HOLD_PLACED, 1): ("about", "domain", "instrument", "reason", "result"),
        (HOLD_LIFTED, 1): ("about", "reason", "result"),
        # subject: the substitution. `reason` is a commitment.
        (SUBSTITUTION_RECORDED, 1): ("absent", "substitute", "valid_from", "valid_until", "reason", "result"),
        (SUBSTITUTION_LIFTED, 1): ("valid_until", "reason", "result"),
    }
)


def decision_payload(decision: Decision) -> dict[str, Any]:
    """What the entry that completes a task holds of a decision; `governance.fold.record_decision` folds it."""
    request, binding = decision.request, decision.binding
    return {
        "person": decision.person,
        "on_behalf_of": request.on_behalf_of,
        "capacity": decision.capacity,
        "grant": decision.grant.id,
        "grant_version": decision.grant.version,
        "domain": request.domain,
        "decision_kind": request.decision_kind,
        "outcome": request.outcome,
        "measure": _measure(decision),
        "limit": None if binding is None else binding.limit.as_value(),
        "headroom": None if binding is None else decimal_text(binding.headroom),
        "conditions": list(decision.conditions),
        "duties": list(decision.duties),
        "usage": [_usage(usage) for usage in decision.usage],
        **({"stands_in_for": list(request.stands_in_for)} if request.stands_in_for else {}),
        **({"units": {person: list(units) for person, units in request.facts.units}} if request.facts.units else {}),
    }


def decision_basis(decision: Decision) -> dict[str, Any]:
    """The decision's part of the entry's `basis`: what a register re-derives it from."""
    binding = decision.binding
    return {
        "grants": [decision.grant.id],
        "chain": [
            [link.id, link.version, digest] for link, digest in zip(decision.chain, decision.digests, strict=True)
        ],
        "register": decision.register_digest,
        "rows": decision.rows_digest,
        "limit": None if binding is None else binding.limit.as_value(),
        "headroom": None if binding is None else decimal_text(binding.headroom),
    }


def _measure(decision: Decision) -> dict[str, str] | None:
    measure = decision.measure
    if measure is None:
        return None
    amount, currency = measure
    return {"amount": decimal_text(amount), "currency": currency}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "grant": usage.grant,
        "currency": usage.currency,
        "days": usage.days,
        "window_start": usage.window_start,
        "total": decimal_text(usage.total),
    }
