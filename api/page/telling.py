"""Entries of an instance as a timeline: who did what, when, by which authority, and what followed.

Values of data are never told here, only that they were recorded and where. A person's name is opened for a reader who
may read personal data in the instance's domain; everybody else sees the first part of the random id.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from api.page.showing import grouped, moment, visible
from governance.service import Register
from ledger.canonical import b64url
from ledger.clock import parse_instant
from ledger.entry import Entry
from ledger.service import View
from orchestrator.telling import followed
from rbac.pages import person as person_read

_PERSON = re.compile(r"person:[0-9a-z]{26}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_ID_SHOWN = 8  # characters of a random id that tell persons on one page apart
_OWN_WORDS = {
    "instance.started": "started the instance",
    "instance.advanced": "moved the instance on",
    "instance.cancelled": "cancelled the instance",
    "task.claimed": "took the task at step `{name}`",
    "task.released": "gave back the task at step `{name}`",
    "task.completed": "completed the task at step `{name}`",
    "job.completed": "completed the job `{name}`",
    "job.failed": "reported that the job `{name}` failed",
    "call.started": "sent out the call `{name}`",
    "call.succeeded": "recorded the answer of the call `{name}`",
    "call.failed": "recorded that the call `{name}` failed",
    "timer.fired": "fired a timer",
    "message.correlated": "delivered a message",
    "incident.resolved": "resolved an incident",
}
_REFUSED = {
    "StartInstance": "starting an instance",
    "CancelInstance": "cancelling the instance",
    "ClaimTask": "taking a task",
    "ReleaseTask": "giving a task back",
    "StateStatement": "stating a decision",
    "CompleteTask": "completing a task",
    "CompleteJob": "completing a job",
    "Correlate": "delivering a message",
    "ResolveIncident": "resolving an incident",
}
# What repeats the act, or only keeps the books.
_SILENT = frozenset(
    (
        "task.claimed", "task.released", "task.completed", "job.completed", "call.started", "call.succeeded",
        "message.correlated", "timer.set", "timer.cancelled", "step.left", "join.arrived",
    )
)  # fmt: skip


class Item(NamedTuple):
    """One entry of the timeline. `authority` and `followed` are sentences; `refusal` is a reason code.

    `reason` is what the person gave as theirs: a value or a commitment, as this reader may see it; None without one.
    """

    number: int
    leaf_hash: str
    recorded_at: int
    kind: str
    who: str
    act: str
    authority: tuple[str, ...]
    followed: tuple[str, ...]
    refusal: str
    reason: Any = None


class People:
    """Who is who, for one reader of one instance."""

    def __init__(self, view: View, reader: str, may_read_names: bool) -> None:
        self._view = view
        self._reader = reader
        self._may = may_read_names
        self._known: dict[str, str] = {}

    def label(self, actor: str) -> str:
        """An actor by its id, as this reader may see it, and that it is the reader."""
        return f"{self.name(actor)} (you)" if actor == self._reader else self.name(actor)

    def name(self, actor: str) -> str:
        """An actor by its id, as this reader may see it."""
        if actor not in self._known:
            self._known[actor] = self._label(actor)
        return self._known[actor]

    def named(self, text: str) -> str:
        """A sentence with every person's id in it replaced."""
        return _PERSON.sub(lambda match: self.label(match.group()), text)

    def _label(self, actor: str) -> str:
        kind, _, rest = actor.partition(":")
        if kind != "person":
            return {"system": "Muniment", "svc": f"Service {rest}", "agent": f"Agent {rest}"}.get(kind, visible(actor))
        name = self._unsealed(actor) if self._may else None
        return name or f"Person {rest[:_ID_SHOWN]}"

    def _unsealed(self, person: str) -> str | None:
        found = person_read(self._view, person)
        if found is None:
            return None
        name = self._view.unseal(*found.place, found.name)
        return visible(name) if type(name) is str else None


class Teller:
    """Tells the entries of one instance to one reader. `register` is None for who may not read authority.

    `opened` gives the value of a sealed reason, or what stands in its place, by (subject, number of the task, sealed).
    """

    def __init__(
        self,
        people: People,
        names: Mapping[int, str],
        register: Register | None,
        opened: Callable[[str, int, Any], Any],
    ) -> None:
        self._people = people
        self._names = names
        self._register = register
        self._opened = opened

    def tell(self, entry: Entry, leaf: bytes) -> Item:
        """One entry."""
        payload = entry.payload
        is_refused = entry.kind == "command.refused"
        has_reason = "reason" in payload and "task" in payload
        told = [one for one in payload.get("transitions", ()) if one["t"] not in _SILENT]
        return Item(
            number=entry.index,
            leaf_hash=b64url(leaf),
            recorded_at=entry.recorded,
            kind=entry.kind,
            who=self._people.label(entry.actor.get("person") or entry.actor["id"]),
            act=self._act(entry),
            authority=tuple(map(self._people.named, self._authority(entry))),
            followed=tuple([_dated(self._people.named(said)) for said in followed(told)]),
            refusal=str(payload["reason"]) if is_refused else "",
            reason=self._opened(entry.subject, _number(payload), payload["reason"]) if has_reason else None,
        )

    def _act(self, entry: Entry) -> str:
        payload = entry.payload
        if entry.kind == "command.refused":
            what = _REFUSED.get(str(payload["command"]), str(payload["command"]))
            return f"was refused when {what}: {visible(str(payload['message']))}"
        name = self._names.get(_number(payload), "")
        if "decision" in payload:
            return f"decided `{payload['decision']['outcome']}` at step `{name}`"
        said = _OWN_WORDS.get(entry.kind, "recorded `{kind}`").format(name=name, kind=entry.kind)
        tries = max([one.get("tries", 0) for one in payload.get("transitions", ())], default=0)
        return f"{said}, try {tries}" if tries > 1 else said

    def _authority(self, entry: Entry) -> list[str]:
        said = []
        decision = entry.payload.get("decision")
        if decision is not None:
            said += self._decision(decision, entry.recorded)
            signature = entry.payload.get("signature")
            code = entry.payload.get("reason_code")
            if code:
                said.append(f"Reason code `{visible(code)}`: {visible(entry.payload['reason_words'])}.")
            said += [f"Signed by {signature['factor']}: {signature['strength']}."] if signature else ["Not signed."]
        rules = entry.basis.get("permit", {}).get("rules", ())
        for rule in rules:
            role, _, rest = str(rule).partition("/")
            parts = rest.split("/")
            if len(parts) == 4:  # effect, object, action, domain
                said.append(f"Permitted by role `{role}`: {parts[2]} {parts[1]}, in `{parts[3]}`.")
        return said or ([] if entry.actor.get("kind") != "system" else ["By the released blueprint, without a person."])

    def _decision(self, decision: Mapping[str, Any], at: int) -> list[str]:
        capacity = str(decision["capacity"])
        office = f", as holder of office `{capacity.removeprefix('office:')}`" if capacity.startswith("office:") else ""
        said = [f"{self._grant(decision, at)}{office}.", *_limit(decision)]
        if decision.get("on_behalf_of"):
            said.append(f"On behalf of {decision['on_behalf_of']}.")
        if decision["duties"]:
            said.append(f"Duties kept: {', '.join(decision['duties'])}.")
        return said

    def _grant(self, decision: Mapping[str, Any], at: int) -> str:
        grants = () if self._register is None else self._register.grants
        identity = (decision["grant"], decision["grant_version"])
        grant = next((one for one in grants if (one.id, one.version) == identity), None)
        if grant is None or self._register is None:
            return f"Under authority grant `{identity[0]}` version {identity[1]}"
        paper = self._register.instrument(grant.instrument, at)
        rests = "" if paper is None else f", which rests on {paper.title} ({paper.number}, {paper.issued_by})"
        return f"Under authority grant `{grant.name}` version {grant.version}{visible(rests)}"


def _number(payload: Mapping[str, Any]) -> int:
    """The number of the task, job or call an entry is about; 0 for none."""
    if type(payload.get("task")) is int:
        return int(payload["task"])
    first: Mapping[str, Any] = next(iter(payload.get("transitions", ())), {})
    return int(first.get("activation", 0))


def _dated(said: str) -> str:
    """A sentence with its instants as people read them."""
    return _INSTANT.sub(lambda match: moment(parse_instant(match.group())), said)


def _limit(decision: Mapping[str, Any]) -> list[str]:
    measure, limit = decision["measure"], decision["limit"]
    size = f"Amount {grouped(measure['amount'])} {measure['currency']}".rstrip() if measure else "No amount measured"
    if limit is None:
        return [f"{size}; this authority has no limit."]
    bound = f"{grouped(limit['max'])} {limit['currency']}".rstrip()
    period = f"for {limit['days']} days" if limit["days"] else "per case"
    left = "" if decision["headroom"] is None else f", {grouped(decision['headroom'])} of it left"
    return [f"{size}; limit {'at most' if limit['inclusive'] else 'below'} {bound} {period}{left}."]
