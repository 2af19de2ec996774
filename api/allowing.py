"""May this caller read this: the access check at the door of every read, and what stands in place of what they may not.

Commands are checked by their handlers under the head lock; here only reads are. A refused read has no effect and is
not recorded.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from api import problems
from api.context import service_of
from ledger.actor import Actor
from ledger.certificates import told_erased
from ledger.refusal import Refusal
from ledger.service import View
from ledger.wording import Wording
from orchestrator import about
from rbac.permission import WHOLE, Action, Ask, DataClass, Object
from rbac.service import Permit


def allow(request: Request, view: View, actor: Actor, act: tuple[Object, Action], domain: str = WHOLE) -> Permit:
    """The permit for `act` = (object, action) in a domain; a problem without one."""
    answer = service_of(request).rooms.access.read_check(view, view.now, actor, Ask(domain, *act))
    if isinstance(answer, Refusal):
        raise problems.Refused(problems.of_refusal(answer))
    assert isinstance(answer, Permit)
    return answer


def allowed_domains(request: Request, view: View, actor: Actor, act: tuple[Object, Action]) -> tuple[str, ...]:
    """The domains in which the caller may do `act`, for lists; a problem when there is none."""
    found = domains_of(request, view, actor, act)
    if not found:
        allow(request, view, actor, act)
    return found


def domains_of(request: Request, view: View, actor: Actor, act: tuple[Object, Action]) -> tuple[str, ...]:
    """The same, none where there is none: for what only stands beside what is asked."""
    access = service_of(request).rooms.access
    snapshot = access.snapshot(view)
    names = () if isinstance(snapshot, Refusal) else snapshot.policy.domain_names()
    return tuple(
        name for name in names if isinstance(access.read_check(view, view.now, actor, Ask(name, *act)), Permit)
    )


def readable(request: Request, view: View, actor: Actor, domain: str = WHOLE) -> frozenset[Any]:
    """The field classes (`DataClass`, spelled as rooms spell their literals) the caller may read in a domain."""
    classes: frozenset[DataClass] = service_of(request).rooms.access.readable(view, view.now, actor, domain)
    return classes


def opened(view: View, place: tuple[str, str], sealed: Any, may: bool) -> Any:
    """A sealed value for this caller: in clear where they may read its class, else its commitment with the reason.

    `place` is (subject, path) as it was sealed. A destroyed opening leaves the commitment, with that as the reason.
    """
    if type(sealed) is not dict or "$commitment" not in sealed:
        return sealed
    if not may:
        return {"$commitment": sealed["$commitment"], "reason": "CLASS_NOT_READABLE"}
    value = view.unseal(*place, sealed)
    if value is not None:
        return value
    belongs = about.of_instance(view, place[0])
    return {"$commitment": sealed["$commitment"], **told_erased(view, belongs.data_subject if belongs else place[0])}


def not_found(what: Wording) -> problems.Refused:
    """The problem for an id that names nothing here."""
    return problems.Refused(problems.not_found(what))


def allow_any(request: Request, view: View, actor: Actor, acts: Sequence[tuple[Object, Action]]) -> None:
    """Permitted to do one of these anywhere in the organisation; else the problem of the first."""
    access = service_of(request).rooms.access
    for act in acts:
        if isinstance(access.read_check(view, view.now, actor, Ask(WHOLE, *act)), Permit):
            return
    allow(request, view, actor, acts[0])
