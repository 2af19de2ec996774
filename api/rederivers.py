"""What check 12 is handed: who judges permits and decisions again, and the act that each kind of entry needs.

Rooms know the acts of their own commands; what the entries of all of them answer is told to `rbac` here. A test holds
the table against a log in which every kind stands.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from api.identity.entries import API_KEY_CREATED
from governance.questions.holding import OF_ACCESS, TAKING, VACATED
from governance.rederiving import DecisionsAgain
from ledger.rederiving import Look, Rederiver, Seen
from ledger.refusal import Reason
from orchestrator.resolving import RESOLVE, acts_in
from rbac.permission import WHOLE
from rbac.rederiving import Act, Asked, Lost, PermitsAgain
from rbac.roles import AccessPolicy

DOMAINS_MAX = 100_000  # instances whose domain is kept, about 15 MB; that of an older one is looked up

_OF_INSTANCE: Mapping[str, Act] = {
    "instance.started": ("instance", "start"),
    "instance.cancelled": ("instance", "cancel"),
    "task.claimed": ("task", "claim"),
    "task.released": ("task", "claim"),
    "branch.begun": ("task", "claim"),
    "branch.begun_again": ("task", "claim"),
    "branch.passed_over": ("task", "claim"),
    "task.reassigned": ("task", "reassign"),
    "task.delegated": ("task", "delegate"),
    "vote.cast": ("task", "decide"),
    "comment.added": ("task", "comment"),
    "attachment.added": ("task", "comment"),
    "job.completed": ("job", "complete"),
    "job.failed": ("job", "complete"),
    "incident.assigned": ("incident", "assign"),
    "instance.suspended": ("instance", "suspend"),
    "instance.resumed": ("instance", "resume"),
    "instance.modified": ("instance", "modify"),
    "instance.corrected": ("instance", "correct"),
    "instance.migrated": ("instance", "migrate"),
}
_OF_WHOLE: Mapping[str, Act] = {
    "change.proposed": ("change-request", "propose"),
    "change.submitted": ("change-request", "propose"),
    "change.edited": ("change-request", "propose"),
    "change.withdrawn": ("change-request", "propose"),
    "change.expired": ("change-request", "release"),
    "pack.built": ("evidence-pack", "pack"),
    "key.enrolled": ("key", "issue"),
    "key.rotated": ("key", "issue"),
    "key.certified": ("key", "issue"),
    "key.retired": ("key", "revoke"),
    "key.compromised": ("key", "revoke"),
    "feed.replayed": ("feed", "replay"),
    "substitution.recorded": ("person", "substitute"),
    "substitution.lifted": ("person", "substitute"),
}
_ERASURE_REQUESTED, _HOLD_PLACED, _HOLD_LIFTED = "erasure.requested", "hold.placed", "hold.lifted"
_OF_BRANCHES = ("branch.begun", "branch.begun_again", "branch.passed_over")
_TASK_COMPLETED, _TASK_RETURNED, _CHANGE_REVIEWED = "task.completed", "task.returned", "change.reviewed"
_TASK_RELEASED = "task.released"
_MESSAGE_CORRELATED, _MESSAGE_KEPT = "message.correlated", "message.kept"
_RECORD_WRITTEN = "record.written"
_ACT_PROPOSED, _ACT_REJECTED, _BULK_STARTED = "act.proposed", "act.rejected", "bulk.started"
_INCIDENT_RESOLVED = "incident.resolved"


def rederivers() -> tuple[Rederiver, ...]:
    """Fresh ones, for one reading of a log. Picklable by name: another process may make them."""
    acts = _Acts()
    return (PermitsAgain(acts.asked, _scope, acts.lost), DecisionsAgain())


class _Acts:
    """The act and the domains each permit was asked for."""

    def __init__(self) -> None:
        self._domains: OrderedDict[str, str] = OrderedDict()

    def asked(self, seen: Seen, look: Look, policy: AccessPolicy) -> Asked | None:
        """See `rbac.rederiving.AskedOf`."""
        kind, payload = seen.value["kind"], seen.value["payload"]
        if kind in _OF_WHOLE:
            return Asked(_OF_WHOLE[kind], (WHOLE,))
        is_change = "release" in payload or kind.endswith(".released")  # by a change request, whatever came of it
        if is_change and kind not in _OF_INSTANCE:  # a task is released as well: given back by its holder
            return Asked(("change-request", "release"), (WHOLE,))
        if kind == _CHANGE_REVIEWED:
            action = "review" if payload["verdict"] == "request changes" else "approve"
            return Asked(("change-request", action), (WHOLE,))
        if kind == _HOLD_PLACED:
            return Asked(("hold", "place"), (str(payload["domain"]),))
        if kind == _HOLD_LIFTED:  # in the domain it was placed in
            return Asked(("hold", "release"), (str(_first(seen, look).value["payload"]["domain"]),))
        if kind == _ERASURE_REQUESTED:  # the entry does not say in which domain its instance lies
            return Asked(("data-subject", "erase"), policy.domain_names())
        if kind == _RECORD_WRITTEN:  # the entry does not say for which domain
            return Asked(("record", "write"), policy.domain_names())
        if kind == _MESSAGE_KEPT:
            return Asked(("message", "correlate"), (str(payload["domain"]),))
        if kind == _BULK_STARTED:  # in the domain of one of them at least; each item is judged in its own entry
            name = str(payload["act"])
            return Asked(("incident", name) if name == "resolve" else ("instance", name), policy.domain_names())
        act = _OF_INSTANCE.get(kind)
        further: tuple[Act, ...] = ()
        if kind in (_ACT_PROPOSED, _ACT_REJECTED, _INCIDENT_RESOLVED):
            act, *rest = _steered(kind, payload)
            further = tuple(rest)
        if kind == _TASK_COMPLETED:
            act = ("task", "decide" if payload.get("decision") else "complete")
        if kind == _TASK_RETURNED:  # who proposes must be able to do it; to give it back is as to give a claim back
            proposal = payload.get("proposal")
            act = ("task", "claim" if proposal is None else "decide" if "outcome" in proposal else "complete")
        if act is not None:
            return Asked(act, (self._domain(seen, look),), _roles(seen, look), further)
        if kind == _MESSAGE_CORRELATED:  # a message reaches the instances of its domain, or all
            return Asked(("message", "correlate"), (self._domain(seen, look), WHOLE))
        return None

    def lost(self, seen: Seen, look: Look) -> Iterator[Lost]:
        """See `rbac.rederiving.LostOf`: the permission to claim, and the role the task is offered to."""
        value = seen.value
        if value["kind"] not in (_TASK_RELEASED, _TASK_RETURNED) or value["payload"].get("why") != VACATED:
            return
        for one in value["payload"]["transitions"]:
            if one["t"] in TAKING and one.get("why") == VACATED:
                person = one["by"] if one["t"] == _TASK_RETURNED else value["payload"]["holder"]
                reason = one.get("reason", "")
                has_lost = None if reason == Reason.STALE_POLICY else reason in OF_ACCESS
                role = _offered_to(seen, look, one["activation"])
                yield Lost(str(person), ("task", "claim"), self._domain(seen, look), role, has_lost)

    def _domain(self, seen: Seen, look: Look) -> str:
        """The domain of the entry's instance, which the transition that started it names."""
        subject = str(seen.value["subject"])
        domain = self._domains.get(subject)
        if domain is None:
            domain = str(_started(_first(seen, look).value)["domain"])
            self._domains[subject] = domain
            if len(self._domains) > DOMAINS_MAX:
                self._domains.popitem(last=False)
        return domain


def _first(seen: Seen, look: Look) -> Seen:
    """The first entry of the entry's subject."""
    while seen.previous is not None:
        seen = look(seen.previous)
    return seen


def _offered_to(seen: Seen, look: Look, activation: int) -> str:
    """The role a task was offered to, before an entry of its instance; "" for none."""
    while seen.previous is not None:
        seen = look(seen.previous)
        for one in reversed(seen.value["payload"].get("transitions", ())):
            if one["t"] == "task.offered" and one["activation"] == activation:
                return str(one.get("role", ""))
    return ""


def _steered(kind: str, payload: Mapping[str, Any]) -> list[Act]:
    """The acts that an entry about a proposed act or a resolved incident has permits for, in their order.

    A resolution that is more than another try is an act on the instance as well. Who confirms one does that act; it is
    not they for whom the incident is held.
    """
    resolve: Act = ("incident", "resolve")
    if kind == _ACT_PROPOSED:
        proposed = payload["proposed"]
        if proposed["act"] != RESOLVE:
            return [("instance", str(proposed["act"]))]
        return [resolve, *[("instance", act) for act in acts_in(RESOLVE, proposed["said"])]]
    if kind == _ACT_REJECTED:
        closes = payload["closes"]
        if closes["act"] != RESOLVE:
            return [("instance", str(closes["act"]))]
        return [resolve] if closes["as"] == "withdrawn" else [("instance", str(act)) for act in closes["acts"]]
    acts: list[Act] = [("instance", str(act)) for act in payload.get("acts", ())]
    return acts if payload.get("closes", {}).get("as") == "confirmed" else [resolve, *acts]


def _roles(seen: Seen, look: Look) -> tuple[str, ...]:
    """The roles that who acted needed besides: that in which they began a branch, began it again or passed it over.

    Entries of before do not say in which role a branch was begun.
    """
    kind, payload = seen.value["kind"], seen.value["payload"]
    if kind == "branch.begun" and "role" not in payload:
        return ()
    return (str(payload["role"]),) if kind in _OF_BRANCHES else _seconds(seen, look)


def _seconds(seen: Seen, look: Look) -> tuple[str, ...]:
    """The roles of which somebody confirmed this act, as its proposal names them; none for every other entry."""
    closes = seen.value["payload"].get("closes", {})
    if closes.get("as") != "confirmed":
        return ()
    while seen.previous is not None:
        seen = look(seen.previous)
        proposed = seen.value["payload"].get("proposed")
        if seen.value["kind"] == _ACT_PROPOSED and proposed["id"] == closes["id"]:
            return (str(proposed["role"]), *[str(role) for role in proposed.get("roles", ())])
    return ("of a proposal",)  # there is none, so nobody holds it


def _started(value: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in value["payload"]["transitions"] if one["t"] == "instance.started")
    return found


def _scope(seen: Seen) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """What an API key is limited to, by the reference under which its acts are recorded."""
    if seen.value["kind"] != API_KEY_CREATED:
        return None
    payload = seen.value["payload"]
    return str(payload["key_id"]), tuple((str(role), str(within)) for role, within in payload["scope"])
