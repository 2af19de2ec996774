"""Decisions judged a second time, from the registers and data among the entries. Standard library only.

`governance.decision.decide` is the very function the service decided with. It is given what was recorded before the
decision and nothing after it, and what it answers is held against what was recorded: person, grant, chain, limit,
headroom, duties. What the entries do not show (in a pack a total within a period, everywhere a condition on a value
kept sealed) is taken as recorded and said to be *not run*.

What was recorded before a decision is its `Past`: the entries of a pack (`PackedPast`), or what has been read so far of
a whole log (`governance.rederiving`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, NamedTuple

from governance.authority import Register
from governance.decision import Decision, DecisionRequest, Named, Usage, decide
from governance.duties import Duty, DutyFacts
from governance.entries import decision_basis, decision_payload
from governance.questions import plain_conditions
from governance.questions.facts import Record, Records, data_before, is_commitment, value_at
from governance.questions.parties import bound_by, units_of
from governance.questions.people import PEOPLE_KINDS, Held, People, Tasks, take_tasks
from governance.questions.recorded import ActorsByStep, Holder, Part, Past, Recorded, Votes, Window, version_of
from governance.questions.registers import ReleasedBlueprint, blueprint, register_of, started
from governance.questions.signatures import passkeys_before, signature_parts
from governance.questions.under_version import Under, under_before
from governance.questions.votes import take_votes, votes_part
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Refusal
from ledger.verify.report import Status

DECIDED = ("task.completed", "vote.cast")  # kinds of entries that record a decision
_WHERE_ASKED = ("stands_in_for", "units")  # what a decision states where a duty asks for it alone


class Money(NamedTuple):
    """An amount with its currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Rederived:
    """A recorded decision and what came of judging it again."""

    recorded: Recorded
    parts: tuple[Part, ...]

    @property
    def failures(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.status is Status.FAILED)

    @property
    def not_run(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.status is Status.NOT_RUN)


def decisions(records: Records, instance: str | None = None) -> Iterator[Recorded]:
    """The decisions among the entries, of one instance or of all."""
    for record in records.kind(*DECIDED) if instance is None else records.of(instance):
        if record.kind in DECIDED and record.payload.get("decision"):
            found = recorded_in(record)
            if found is not None:
                yield found


def recorded_in(record: Record) -> Recorded | None:
    """The decision that an entry records; None where nothing in it was decided."""
    number, vote = int(record.payload["task"]), int(record.payload.get("vote", 0))
    for one in record.transitions("vote.cast" if vote else "task.completed"):
        if one["activation"] == number and one.get("vote", 0) == vote:
            return Recorded(record, record.subject, number, str(one["step"]), vote)
    return None


class PackedPast:
    """The past of a decision among the entries of a pack: those of other instances may not be in it."""

    def __init__(self, records: Records, recorded: Recorded) -> None:
        self._records = records
        self._instance, self._index = recorded.instance, recorded.record.index

    @property
    def register(self) -> Register:
        """See `Past`."""
        return register_of(self._records, self._index)

    @cached_property
    def begun(self) -> Mapping[str, Any] | None:
        """See `Past`."""
        found = started(self._records, self._instance)
        return None if found is None else found[1]

    @cached_property
    def under(self) -> Under | None:
        """See `Past`."""
        return under_before(self._records, self._instance, self._index)

    @property
    def actors_by_step(self) -> ActorsByStep:
        """See `Past`."""
        return actors_by_step(self._records, self._instance, self._index)

    @cached_property
    def votes(self) -> Votes:
        """See `Past`."""
        found: dict[int, list[tuple[str, str]]] = {}
        for record in self._records.of(self._instance):
            if record.index >= self._index:
                break
            take_votes(found, record)
        return found

    @cached_property
    def people(self) -> People:
        """See `Past`."""
        found = People(is_whole=False)
        for record in self._records.kind(*PEOPLE_KINDS):
            if record.index < self._index:
                found.take(record)
        return found

    @cached_property
    def tasks(self) -> Tasks:
        """See `Past`."""
        found: dict[int, Held] = {}
        for record in self._records.of(self._instance):
            if record.index >= self._index:
                break
            take_tasks(found, record)
        return found

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """See `Past`."""
        return data_before(self._records, self._instance, self._index)

    def blueprint(self, digest: str) -> ReleasedBlueprint | None:
        """See `Past`."""
        return blueprint(self._records, digest)

    def holder(self, credential: str) -> Holder | None:
        """See `Past`."""
        return passkeys_before(self._records, self._index)(credential)

    def total(self, _window: Window) -> Decimal | None:
        """See `Past`: it rests on decisions that need not be in the pack."""
        return None


def packed_past(records: Records, recorded: Recorded) -> PackedPast:
    """The past of a decision of a pack."""
    return records.once((packed_past, recorded.record.index), lambda: PackedPast(records, recorded))


def rederive(records: Records, recorded: Recorded) -> Rederived:
    """Judge a decision of a pack again with what was known just before it."""
    about = (rederive, recorded.record.index, recorded.activation, recorded.step, recorded.vote)
    return records.once(about, lambda: judge_again(packed_past(records, recorded), recorded))


def judge_again(past: Past, recorded: Recorded) -> Rederived:
    """Judge a decision again with its past."""
    try:
        return _rederive(past, recorded)
    except (BrokenInput, BrokenState, KeyError, TypeError, ValueError, InvalidOperation) as error:
        text = f"expected a decision that can be read, found {type(error).__name__}: {error}"
        return Rederived(recorded, (Part("authority", Status.FAILED, text),))


def _rederive(past: Past, recorded: Recorded) -> Rederived:
    record = recorded.record
    register = past.register
    if register.digest != recorded.basis["register"]:
        text = "the entries do not hold the whole authority register this decision names"
        return Rederived(recorded, (Part("register", Status.NOT_RUN, text),))
    parts = [Part("register", Status.PASSED, "the register hashes to the one the decision names")]
    request = _request(past, recorded)
    if request is None:
        parts.append(
            Part("authority", Status.NOT_RUN, "the blueprint version of the instance is not among the entries")
        )
        return Rederived(recorded, tuple(parts))
    conditions = _Conditions()
    named = Named(tuple(recorded.basis["grants"]), register.digest, str(recorded.basis["rows"]))
    told = decide(request, named, register, record.instant, conditions)
    parts.append(_compare(recorded, told))
    parts += conditions.parts()
    parts += _period_part(past, request)
    parts.append(_measure_part(past, recorded, request))
    parts += signature_parts(past, recorded, told)
    parts += votes_part(past, recorded)
    return Rederived(recorded, tuple(parts))


class _Conditions:
    """Evaluates what it can, takes the rest as recorded and remembers it."""

    def __init__(self) -> None:
        self.run: list[str] = []
        self.unknown: list[str] = []

    def __call__(self, source: str, context: Mapping[str, Any], _now: int) -> object:
        value = plain_conditions.holds(source, context)
        if value is None:
            self.unknown.append(source)
            return True
        self.run.append(source)
        return value

    def parts(self) -> list[Part]:
        """What came of them; a condition that does not hold has made the authority fail already."""
        if self.unknown:
            return [Part("conditions", Status.NOT_RUN, f"cannot be evaluated here: {'; '.join(self.unknown)}")]
        return [Part("conditions", Status.PASSED, "; ".join(self.run))] if self.run else []


def _request(past: Past, recorded: Recorded) -> DecisionRequest | None:
    """The request as the service made it; None without the blueprint version."""
    decision, record = recorded.decision, recorded.record
    begun, version = past.begun, version_of(past)
    if begun is None or version is None or recorded.step not in version.steps():
        return None
    step = version.steps()[recorded.step]
    duties = tuple(duty_of(duty) for duty in step.get("duties", ()))
    bound = bound_by(past, recorded) if duties else ()
    known = facts_of(past, version)
    facts = replace(known, units=units_of(past, recorded, (duties, bound, known)))
    return DecisionRequest(
        person=_person(record),
        domain=begun["domain"],
        decision_kind=step["authority"],
        blueprint=begun["blueprint"],
        step=recorded.step,
        outcome=_outcome(recorded),
        measure=_money(decision["measure"]),
        on_behalf_of=record.actor.get("on_behalf_of"),
        stands_in_for=bound,
        duties=duties,
        facts=facts,
        context=past.data,
        usage=_usage_before(past, decision),
    )


def facts_of(past: Past, version: ReleasedBlueprint) -> DutyFacts:
    """Who had done what in the instance, as duties are judged by it; units are asked for apart."""
    assert past.begun is not None
    return DutyFacts(
        initiator=past.begun["initiator"],
        actors_by_step=past.actors_by_step,
        authors=version.authors,
        approvers=version.approvers,
        voted=tuple([name for name, one in version.steps().items() if "quorum" in one]),
    )


def duty_of(value: Mapping[str, Any]) -> Duty:
    """A duty as the value of its blueprint states it."""
    return Duty(value["kind"], value.get("step"), value.get("needed", 0), tuple(value.get("shared", ())))


def _person(record: Record) -> str | None:
    """Who acted, from the envelope and not from what the payload claims."""
    actor = record.actor
    return actor.get("person") if actor.get("kind") == "person" else None


def _outcome(recorded: Recorded) -> str:
    """The outcome the instance went on with, or that was voted for."""
    for one in recorded.record.transitions("vote.cast" if recorded.vote else "task.completed"):
        if one["activation"] == recorded.activation:
            return str(one.get("outcome", ""))
    return ""


def actors_by_step(records: Records, instance: str, before: int) -> ActorsByStep:
    """Who acted at each step before an entry, and for whom."""
    found: dict[str, dict[str, None]] = {}
    for record in records.of(instance):
        if record.index >= before:
            break
        add_actors(found, record)
    return tuple((step, tuple(persons)) for step, persons in found.items())


def add_actors(found: dict[str, dict[str, None]], record: Record) -> None:
    """Add who acted by this entry, under each step it completed or was to, in the order in which they came."""
    for one in record.transitions(*DECIDED):
        absent = record.payload.get("stands_in_for") if one["activation"] == record.payload.get("task") else None
        persons = (one["by"], record.actor.get("person"), record.actor.get("on_behalf_of"), absent)
        found.setdefault(one["step"], {}).update(dict.fromkeys(filter(None, persons)))
    for one in record.transitions("task.returned"):
        if one.get("proposes"):  # a delegate who prepared it has acted in it
            found.setdefault(one["step"], {})[one["by"]] = None


def _money(measure: Any) -> Money | Decimal | None:
    if measure is None:
        return None
    amount = Decimal(measure["amount"])
    return Money(amount, measure["currency"]) if measure["currency"] else amount


def windows_of(decision: Mapping[str, Any]) -> Iterator[tuple[Window, Decimal]]:
    """The windows a recorded decision counts in, each with its recorded total, the decision included."""
    for used in decision["usage"]:
        yield (used["grant"], used["currency"], used["days"], used["window_start"]), Decimal(used["total"])


def _usage_before(past: Past, decision: Mapping[str, Any]) -> tuple[Usage, ...]:
    """What was used of each window before the decision; where the past does not know it, the recorded total without
    the decision's own measure."""
    if decision["measure"] is None:
        return ()
    amount = Decimal(decision["measure"]["amount"])
    found = []
    for window, recorded in windows_of(decision):
        known = past.total(window)
        found.append(Usage(*window, recorded - amount if known is None else known))
    return tuple(found)


def _compare(recorded: Recorded, told: Decision | Refusal) -> Part:
    if isinstance(told, Refusal):
        return Part("authority", Status.FAILED, f"{told.reason.value}: {told.message}")
    payload, basis = decision_payload(told), decision_basis(told)
    names = (*payload, *[name for name in _WHERE_ASKED if name not in payload])
    differing = [name for name in names if payload.get(name) != recorded.decision.get(name)]
    differing += [f"basis.{name}" for name in basis if basis[name] != recorded.basis.get(name)]
    if differing:
        return Part("authority", Status.FAILED, f"recorded otherwise than derived: {', '.join(differing)}")
    return Part("authority", Status.PASSED, "period, office, power, chain, duties and limit hold at its instant")


def _period_part(past: Past, request: DecisionRequest) -> list[Part]:
    if not request.usage:
        return []
    if all(past.total(used.key) is not None for used in request.usage):
        return [Part("period totals", Status.PASSED, "totals within a period follow from the decisions before")]
    text = "totals within a period rest on decisions that are not part of this; taken as recorded"
    return [Part("period totals", Status.NOT_RUN, text)]


def _measure_part(past: Past, recorded: Recorded, request: DecisionRequest) -> Part:
    """A measure that is plainly a path is looked up in the recorded data."""
    version = past.blueprint(str(recorded.record.basis["blueprint"]))
    source = "" if version is None else str(version.steps()[recorded.step].get("measure", ""))
    value = value_at(request.context, source) if source.replace(".", "").replace("_", "").isalnum() else None
    if value is None or is_commitment(value):
        return Part("measure", Status.NOT_RUN, f"`{source}` cannot be evaluated from what is disclosed")
    expected = recorded.decision["measure"]
    if type(value) is dict and "currency" in value:
        same = expected is not None and _same(value["amount"], value["currency"], expected)
    else:
        plain = value["$decimal"] if type(value) is dict else value
        same = expected is not None and _same(str(plain), "", expected)
    if same:
        return Part("measure", Status.PASSED, f"`{source}` is what was measured")
    return Part("measure", Status.FAILED, f"`{source}` is not what was measured")


def _same(amount: str, currency: str, expected: Mapping[str, str]) -> bool:
    return Decimal(amount) == Decimal(expected["amount"]) and currency == expected["currency"]
