"""Which acts on an instance a resolution of an incident is, and whether who asks may resolve at all.

A step that is tried again as it is leaves instance and data what they are. Other data are a correction; a step that is
left undone, and another one in its place, are a course the blueprint does not account for. So these need what `correct`
and `modify` need, whichever way they are asked for: the permission, the role and the second person of the blueprint,
and a reason.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import UnitOfWork
from orchestrator.durations import microseconds
from orchestrator.ports import Deps, Permitted
from orchestrator.refusal_texts import why
from versioning.act_rules import WITHIN, ActRule

RESOLVE = "resolve"  # the act, where it is one of those a second person confirms


def acts_of(how: str, *, with_data: bool) -> tuple[str, ...]:
    """The acts on the instance that a resolution is; none where the step is tried again as it is."""
    moves = ("modify",) if how in ("skip", "other") else ()
    return (*moves, "correct") if with_data or how == "correct" else moves


def acts_in(act: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    """The acts on the instance that a proposal is of, by what it says."""
    return acts_of(said["how"], with_data="values" in said) if act == RESOLVE else (act,)


def combined(rules: Iterable[ActRule]) -> ActRule:
    """What a resolution needs beside its permits: the first second person that is named, and the shortest time."""
    seconds = [rule for rule in rules if rule.second]
    if not seconds:
        return ActRule(RESOLVE, reason_required=True)
    within = min((rule.within or WITHIN for rule in seconds), key=microseconds)
    return ActRule(RESOLVE, reason_required=True, second=seconds[0].second, within=within)


def may_resolve(deps: Deps, uow: UnitOfWork, domain: str, role: str) -> Permitted | Refusal:
    """Whether who asks may resolve incidents of this domain that are held for this role."""
    permit = deps.access.check(uow, uow.actor, domain, "incident", "resolve")
    if not isinstance(permit, Refusal) and not deps.access.holds(uow, uow.actor, domain, role):
        return Refusal(Reason.NO_RULE, why("role-of-incident", role=as_it_is(role)))
    return permit
