"""The compliance record of an instance or of one decision, told in words. Pure, standard library only.

Fixed sections: who; authority and instrument; when and deadline; what was shown; rule and blueprint version with its
approval; alternatives; what followed. Every statement cites the entries it rests on by index and leaf hash, so that it
can be held against the ledger; a section without statements says that nothing is on record. Names of persons come
through `names`, which also says why a reader is not shown one. Design: governance, "Evidence".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from governance.grant import OFFICE
from governance.questions.answer import Position, cited
from governance.questions.changed import changed
from governance.questions.facts import Record, Records
from governance.questions.handed import HANDED, handed_words, values_of
from governance.questions.left_out import decisions_left_out, left_out_words, steps_entered
from governance.questions.ordered import ORDERED, ordered_words
from governance.questions.record_words import followed_words, reason_words, shown_value
from governance.questions.recorded import Recorded
from governance.questions.rederive import decisions, rederive
from governance.questions.registers import (
    INSTRUMENT_RELEASED,
    blueprint,
    grant_records,
    started,
)
from governance.questions.superseded import Void, superseded
from governance.questions.under_version import Stretch, stretches
from governance.questions.version_words import approval_words, governed_words, numbers_words
from governance.questions.words import amount_words, grant_words, instant_words, limit_words
from ledger.verify.report import Status

SECTIONS = (
    ("who", "Who"),
    ("authority", "Authority and instrument"),
    ("when", "When and deadline"),
    ("shown", "What was shown"),
    ("rules", "Rules and blueprint version with its approval"),
    ("alternatives", "Alternatives"),
    ("followed", "What followed"),
)
_SIGNED_IN = {
    "demo-link": "signed in by a demo link, which proves nobody's identity",
    "demo-history": "told by the demo, which acted for everybody: nobody signed in",
}
FOLLOWED_MAX = 200  # what follows one decision; the whole instance has its own record


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name, or None with the reason why it is not shown and the commitment in its place."""

    text: str | None
    reason: str = ""
    commitment: str = ""


Names = Callable[[str], Name]


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: words, the values they are made of, and the entries it rests on."""

    text: str
    values: Mapping[str, Any]
    cites: tuple[Record, ...]

    def as_value(self) -> dict[str, Any]:
        return {"text": self.text, "values": dict(self.values), "evidence": [cited(record) for record in self.cites]}


@dataclass(frozen=True, slots=True)
class ComplianceRecord:
    """The record. `about` is `instance` or `decision`; `persons` are the names in it, or why they are not shown."""

    about: str
    id: str
    title: str
    position: Position
    persons: tuple[tuple[str, Name], ...]
    sections: tuple[tuple[str, str, tuple[Said, ...]], ...]

    def as_value(self) -> dict[str, Any]:
        """Canonical JSON."""
        return {
            "about": self.about,
            "id": self.id,
            "title": self.title,
            "ledger": self.position.as_value(),
            "persons": [
                {"person": person, "name": name.text, "reason": name.reason, "commitment": name.commitment}
                for person, name in self.persons
            ],
            "sections": [
                {"id": section, "title": title, "statements": [one.as_value() for one in said]}
                for section, title, said in self.sections
            ],
        }


def instance_record(records: Records, instance: str, position: Position, names: Names) -> ComplianceRecord | None:
    """The record of an instance; None when the entry that started it is not at hand."""
    return _record(_Telling(records, instance, position, names, None))


def decision_record(records: Records, decision: str, position: Position, names: Names) -> ComplianceRecord | None:
    """The record of one decision, named by its task's id; None when it is not at hand."""
    instance = decision.rpartition(".")[0]
    only = next((one for one in decisions(records, instance) if one.id == decision), None)
    return None if only is None else _record(_Telling(records, instance, position, names, only))


def _record(telling: "_Telling") -> ComplianceRecord | None:
    begun = started(telling.records, telling.instance)
    if begun is None:
        return None
    told = {
        "who": telling.who(*begun),
        "authority": [*[said for one in telling.decisions for said in telling.authority(one)], *telling.left_out()],
        "when": telling.when(begun[0]),
        "shown": [*[telling.shown(one) for one in telling.decisions], *telling.changed()],
        "rules": telling.rules(),
        "alternatives": telling.alternatives(),
        "followed": telling.followed(),
    }
    numbers, name = numbers_words(telling.versions[-1:] if telling.only else telling.versions), begun[1]["blueprint"]
    only = telling.only
    what = f"instance {telling.instance}" if only is None else f"decision {only.id} at `{only.step}`"
    return ComplianceRecord(
        about="instance" if only is None else "decision",
        id=telling.instance if only is None else only.id,
        title=f"Compliance record of {what}, {name} version {numbers}",
        position=telling.position,
        persons=tuple(sorted(telling.persons.items())),
        sections=tuple((section, title, tuple(told[section])) for section, title in SECTIONS),
    )


class _Telling:
    """Turns entries into statements; remembers whose names were asked for."""

    def __init__(
        self, records: Records, instance: str, position: Position, names: Names, only: Recorded | None
    ) -> None:
        self.records = records
        self.instance = instance
        self.position = position
        self.only = only
        self.decisions = list(decisions(records, instance)) if only is None else [only]
        self.persons: dict[str, Name] = {}
        self._names = names

    @property
    def entries(self) -> Sequence[Record]:
        """The entries told about: all of the instance, or the decision's."""
        return self.records.of(self.instance) if self.only is None else (self.only.record,)

    def person(self, actor: str) -> str:
        """A person by name where it may be shown, else by id with the reason."""
        if not actor.startswith("person:"):
            return actor
        name = self.persons.get(actor)
        if name is None:
            name = self.persons[actor] = self._names(actor)
        return f"{name.text} ({actor})" if name.text is not None else f"{actor} (name not shown: {name.reason})"

    def who(self, start: Record, begun: Mapping[str, Any]) -> list[Said]:
        """Who began, who completed each task, who signed."""
        said = []
        if self.only is None:
            way = {"begun_by": begun["begun_by"]} if begun.get("begun_by") else {}  # where there are several
            by = f" by its start `{begun['begun_by']}`" if way else ""
            text = f"{self.person(begun['initiator'])} started the instance{by} in {begun['domain']}"
            told = {"initiator": begun["initiator"], "domain": begun["domain"], **way}
            said.append(Said(text + (self._acted(start, begun) if way else ""), told, (start,)))
        for record in self.entries:
            for one in record.transitions(_done_by(record)):
                said.append(self._completed(record, one))
            for one in record.transitions(*HANDED):
                said += [Said(text, values_of(one), (record,)) for text in handed_words(record, one, self.person)]
            for one in record.transitions(*ORDERED):
                said += [Said(text, values_of(one), (record,)) for text in ordered_words(record, one, self.person)]
        return said + self._void()

    def _acted(self, start: Record, begun: Mapping[str, Any]) -> str:
        """Who acted when it began, where that was another than it counts as begun by, and on whose behalf."""
        actor = start.actor
        acted, behalf = str(actor.get("person") or actor["id"]), actor.get("on_behalf_of")
        words = "" if acted == begun["initiator"] else f", by an act of {self.person(acted)}"
        return words + (f", on behalf of {self.person(behalf)}" if behalf else "")

    def _void(self) -> list[Said]:
        """Decisions that rework has made void, whatever became of it afterwards."""
        found = [one for one in superseded(self.records.of(self.instance)) if self.only is None or self._is_it(one)]
        return [
            Said(
                f"the {'decision' if one.number == one.activation else 'vote'} at `{one.decided}` "
                f"(activation {one.activation}) is void since `{one.step}` was entered "
                f"again at {one.since.at}: it stays on record and counts no more",
                {"activation": one.activation, "void_since": one.since.at},
                (one.since,),
            )
            for one in found
        ]

    def _is_it(self, void: Void) -> bool:
        return self.only is not None and self.only.number == void.number

    def _completed(self, record: Record, one: Mapping[str, Any]) -> Said:
        actor, decision = record.actor, record.payload.get("decision")
        behalf = actor.get("on_behalf_of")
        done = "voted at" if "vote" in one else "completed"
        words = [f"{self.person(str(actor.get('person') or one['by']))} {done} `{one['step']}`"]
        if behalf:
            words.append(f"on behalf of {self.person(behalf)}")
        if absent := record.payload.get("stands_in_for"):
            words.append(f"in the place of {self.person(absent)}")
        if decision:
            capacity = str(decision["capacity"])
            office = f"as holder of the {capacity.replace(OFFICE, 'office ')}" if capacity.startswith(OFFICE) else ""
            words.append(f"deciding `{decision['outcome']}` {office or 'in their own name'}")
        if actor.get("method"):
            words.append(_SIGNED_IN.get(actor["method"], f"signed in by {actor['method']}"))
        if record.payload.get("reason_code"):
            words.append(reason_words(record.payload))
        signature, statement = record.payload.get("signature"), record.payload.get("statement")
        if signature and statement:
            words.append(f'and signed "{statement["meaning"]}" ({signature["strength"]}, factor {signature["factor"]})')
        values = {"actor": dict(actor), "step": one["step"], "signature": signature}
        return Said(", ".join(words), values, (record,))

    def authority(self, recorded: Recorded) -> list[Said]:
        """Grant, limit, chain, instruments, and what judging it again came to."""
        decision, record = recorded.decision, recorded.record
        grants = grant_records(self.records, decision["grant"], record.index)
        said = [
            Said(
                f"`{recorded.step}` was decided under grant {decision['grant']} version {decision['grant_version']} "
                f"for `{decision['decision_kind']}` in {decision['domain']}; "
                f"measured {amount_words(decision['measure'])}, {limit_words(decision['limit'], decision['headroom'])}",
                {name: decision[name] for name in ("grant", "grant_version", "measure", "limit", "headroom", "duties")},
                (record, *grants),
            )
        ]
        for link in recorded.basis["chain"]:
            said += self._link(record, str(link[0]))
        for part in rederive(self.records, recorded).parts:
            verb = {Status.PASSED: "holds", Status.FAILED: "does not hold"}.get(part.status, "not run")
            values = {"part": part.name, "status": part.status.value}
            said.append(Said(f"judged again, {part.name}: {verb} - {part.text}", values, (record,)))
        return said

    def _link(self, record: Record, grant: str) -> list[Said]:
        given = [one for one in grant_records(self.records, grant, record.index) if one.kind == "authority.granted"]
        if not given:
            return []
        value = given[-1].payload["value"]
        papers = [
            one
            for one in self.records.kind(INSTRUMENT_RELEASED)
            if one.index < record.index and one.payload["value"]["id"] == value["instrument"]
        ]
        for party in (value["grantee"], value["grantor"]):
            self.person(party)
        text = grant_words(value, papers[-1].payload["value"] if papers else None, self.person)
        return [Said(text, {"grant": grant, "instrument": value["instrument"]}, (given[-1], *papers[-1:]))]

    def left_out(self) -> list[Said]:
        """Decisions that nobody took, since the blueprint let the instance pass them over."""
        begun = started(self.records, self.instance) if self.only is None else None
        version = None if begun is None else blueprint(self.records, str(begun[1]["version"]))
        found = decisions_left_out(self.records.of(self.instance), version, partial(blueprint, self.records))
        return [
            Said(left_out_words(one), {"activation": one.activation, "passed_over_at": one.since.at}, (one.since,))
            for one in found
        ]

    def when(self, start: Record) -> list[Said]:
        """Start, deadlines and whether they were kept, end."""
        said = [Said(f"started at {start.at}", {"started_at": start.at}, (start,))] if self.only is None else []
        offered = {
            one["activation"]: (record, one)
            for record in self.records.of(self.instance)
            for one in record.transitions("task.offered")
        }
        for record in self.entries:
            for one in record.transitions(_done_by(record)):
                said.append(_completed_when(record, one, offered.get(one["activation"])))
            for one in record.transitions("deadline.escalated"):
                text = f"deadline of activation {one['activation']}: {one['act']} {one.get('to', '')}".rstrip()
                said.append(Said(f"{text} at {record.at}", dict(one), (record,)))
            for one in record.transitions("instance.ended", "instance.cancelled"):
                said.append(Said(f"{one['t'].replace('.', ' ')} at {record.at}", {"ended_at": record.at}, (record,)))
        return said

    def shown(self, recorded: Recorded) -> Said:
        """What was put before the person, classed values as their commitments."""
        payload = recorded.record.payload
        shown: Mapping[str, Any] = payload.get("shown", {})
        parts = [f"`{path}`: {shown_value(value)}" for path, value in sorted(shown.items())]
        text = f"before `{recorded.step}` was decided this was shown - {'; '.join(parts)}"
        if not parts:
            text = f"nothing is on record as shown before `{recorded.step}` was decided"
        return Said(text, {"shown": dict(shown), "shown_digest": payload.get("shown_digest")}, (recorded.record,))

    def changed(self) -> list[Said]:
        """What of it was corrected after somebody had decided, or signed, over it."""
        return [
            Said(
                f"`{one.path}`, which was shown before `{one.step}` (activation {one.activation}) was "
                f"{'voted on' if one.number != one.activation else 'decided or signed'}, has changed since: "
                f"{self.person(str(one.since.actor.get('person') or one.since.actor['id']))} corrected it at "
                f"{one.since.at}; what is on record there rests on what stood before",
                {"activation": one.activation, "path": one.path, "changed_at": one.since.at},
                (one.since,),
            )
            for one in changed(self.records.of(self.instance))
            if self.only is None or self.only.number == one.number
        ]

    @property
    def versions(self) -> Sequence[Stretch]:
        """The blueprint versions it was under; of a decision those until then."""
        last = None if self.only is None else self.only.record.index
        return stretches([one for one in self.records.of(self.instance) if last is None or one.index <= last])

    def rules(self) -> list[Said]:
        """The blueprint versions, each with its approval, and rule tables that were evaluated."""
        said = []
        for place, (under, since) in enumerate(told := self.versions):
            said.append(Said(*governed_words(told, place, self.person)))
            version = blueprint(self.records, under.digest)
            if version is None:
                said.append(Said("the release of this version is not among the entries at hand", {}, (since,)))
            else:
                said += [Said(*statement) for statement in approval_words(version, self.person)]
        for record in self.records.of(self.instance):
            if self.only is not None and record.index > self.only.record.index:
                break
            for one in record.transitions("rules.evaluated"):
                rows = ", ".join(map(str, one.get("rows", ()))) or "none"
                text = f"rule table {one['table']} ({one['digest']}) was evaluated; matching rows: {rows}"
                said.append(Said(text, dict(one), (record,)))
        return said

    def alternatives(self) -> list[Said]:
        """Outcomes that were open, and commands that were turned down."""
        said = []
        for one in self.decisions:
            version = blueprint(self.records, str(one.record.basis["blueprint"]))
            step = {} if version is None else version.steps().get(one.step, {})
            outcomes = [outcome for outcome in step.get("outcomes", ()) if outcome != one.decision["outcome"]]
            if outcomes:
                text = f"at `{one.step}` the decider could also have chosen {', '.join(f'`{o}`' for o in outcomes)}"
                said.append(Said(text, {"outcomes": outcomes}, (one.record,)))
        for record in self.records.of(self.instance):
            if record.kind == "command.refused" and (self.only is None or record.index < self.only.record.index):
                payload = record.payload
                actor = self.person(str(record.actor.get("person") or record.actor["id"]))
                why = f"{payload['reason']}, {payload['message']}"
                text = f"{payload['command']} by {actor} was refused at {record.at}: {why}"
                said.append(Said(text, {"reason": payload["reason"]}, (record,)))
        return said

    def followed(self) -> list[Said]:
        """What each entry led to; of a decision, what came of it and after it."""
        said: list[Said] = []
        first = 0 if self.only is None else self.only.record.index
        entered = steps_entered(self.records.of(self.instance))
        for record in self.records.of(self.instance):
            if record.index < first or record.kind == "command.refused":
                continue
            words = [words for one in record.transitions() if (words := followed_words(one, entered))]
            if words and len(said) < FOLLOWED_MAX:
                said.append(Said(f"{record.at} {record.kind}: {'; '.join(words)}", {"kind": record.kind}, (record,)))
        return said


def _done_by(record: Record) -> str:
    """What an entry says that a person has done: the vote, not what the votes came to."""
    return "vote.cast" if record.kind == "vote.cast" else "task.completed"


def _completed_when(record: Record, one: Mapping[str, Any], offered: tuple[Record, Mapping[str, Any]] | None) -> Said:
    due = 0 if offered is None else int(offered[1].get("due", 0))
    kept = "no deadline" if not due else f"{'in time' if record.instant <= due else 'late'}, due {instant_words(due)}"
    values = {"completed_at": record.at, "due": due or None}
    text = f"`{one['step']}` {'voted on' if 'vote' in one else 'completed'} at {record.at}: {kept}"
    return Said(text, values, (*((offered[0],) if offered else ()), record))
