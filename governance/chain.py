"""Whether a grant stands in an unbroken chain of grants at an instant. Pure, standard library only.

A chain is the grant, its parent, and so on to the root, which rests on its instrument alone. Every grant passed on must
lie inside the one it came from - powers, domain, limits, interval - and whoever passed it on must have held that one
then and be someone else than who received it. What a parent loses its children lose from that instant: chains are
judged at the instant of the decision, never stored. Regulation reference 5.3, invariants.

A parent's conditions bind its children too, so `decide` asks those of the whole chain. A parent's total within a period
bounds each child's total, not their sum: it limits what one grantee decides.
"""

from typing import NamedTuple

from governance.authority import Register
from governance.grant import Grant, Limit
from governance.refusal_texts import why
from ledger.wording import NOTHING, Wording

DEPTH_MAX = 16  # board, committee, division, department, team, person: real chains are shorter


class Broken(NamedTuple):
    """The first link that does not hold: the grant where it broke, and why."""

    grant: str
    why: Wording


def chain(register: Register, grant: Grant, now: int) -> tuple[Grant, ...] | Broken:
    """The grants from this one up to its root, or where the chain breaks. The first grant's own force is not asked."""
    links = [grant]
    while True:
        child = links[-1]
        if fault := _root_fault(register, child, now):
            return Broken(child.id, fault)
        if child.parent is None:
            return tuple(links)
        if any(link.id == child.parent for link in links):
            return Broken(child.id, why("chain-circle"))
        if len(links) == DEPTH_MAX:
            return Broken(child.id, why("chain-too-long", most=DEPTH_MAX))
        parent = register.grant(child.parent, now)
        if parent is None:
            return Broken(child.id, why("chain-no-parent"))
        if not register.in_force(parent, now):
            return Broken(parent.id, why("chain-not-in-force"))
        if fault := link_fault(register, child, parent):
            return Broken(child.id, fault)
        links.append(parent)


def link_fault(register: Register, child: Grant, parent: Grant) -> Wording:
    """Why a child does not follow from its parent, "" when it does. Both are versions the register holds for ever."""
    key = (child.id, child.version, parent.id, parent.version)
    fault = register.memo.get(key)
    if fault is None:
        fault = register.memo[key] = _link_fault(register, child, parent)
    return fault


def _link_fault(register: Register, child: Grant, parent: Grant) -> Wording:
    if fault := outside(child, parent):
        return fault
    then = child.recorded_at
    given = register.grant(parent.id, then)  # the parent as it stood when the child was given
    if given is None or not register.in_force(given, then):
        return why("chain-parent-not-in-force")
    held = child.grantor == given.grantee or register.holds(child.grantor, given.grantee, then)
    return NOTHING if held else why("chain-grantor")


def outside(child: Grant, parent: Grant) -> Wording:
    """Where a child reaches beyond its parent: domain, interval, powers, limits; "" when nowhere."""
    if child.domain != parent.domain:
        return why("chain-domain")
    if child.valid_from < parent.valid_from or child.valid_to > parent.valid_to:
        return why("chain-interval")
    if not all(any(power.inside(wider) for wider in parent.powers) for power in child.powers):
        return why("chain-power")
    groups = {limit.group for limit in parent.limits}
    if not all(_group_inside(child.limits, parent.limits, group) for group in sorted(groups)):
        return why("chain-limit")
    return NOTHING


def _group_inside(child: tuple[Limit, ...], parent: tuple[Limit, ...], group: tuple[str, int]) -> bool:
    """Every measure a child's group lets pass, its parent's lets pass too.

    The child needs limits of the same group, each in a currency of the parent's, no higher, and for at least the
    outcomes the parent's limits count for. A currency the child leaves out it cannot decide in, which is narrower.
    """
    mine = [limit for limit in child if limit.group == group]
    theirs = {limit.currency: limit for limit in parent if limit.group == group}
    return bool(mine) and all(
        limit.currency in theirs and _tighter(limit, theirs[limit.currency]) and _counts_for_all(limit, theirs)
        for limit in mine
    )


def _tighter(limit: Limit, other: Limit) -> bool:
    return limit.max < other.max or (limit.max == other.max and (other.inclusive or not limit.inclusive))


def _counts_for_all(limit: Limit, others: dict[str, Limit]) -> bool:
    if limit.outcomes is None:
        return True
    mine = set(limit.outcomes)
    return all(other.outcomes is not None and set(other.outcomes) <= mine for other in others.values())


def _root_fault(register: Register, grant: Grant, now: int) -> Wording:
    """What is wrong with a grant taken alone: its instrument, its parties."""
    if register.instrument(grant.instrument, now) is None:
        return why("chain-instrument")
    if not grant.grantor:
        return NOTHING if grant.parent is None else why("chain-without-grantor")
    then = grant.recorded_at
    if grant.grantor == grant.grantee or register.persons(grant.grantor, then) & register.persons(grant.grantee, then):
        return why("chain-own-gift")
    return NOTHING
