"""Whom duties bind beside who decides, and of which units they are: from the entries before. Standard library only.

Where the past is a whole log both follow from it. In a pack what its entries say counts, and what was recorded beyond
that is taken as recorded: duties then bind at least those whom entries name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from governance.duties import BY_UNIT, Duty, DutyFacts, compared_by_unit
from governance.questions.people import Held, stand_ins
from governance.questions.recorded import Part, Past, Recorded
from ledger.verify.report import Status

Bound = tuple[Sequence[Duty], Sequence[str], DutyFacts]
"""The duties of a step, whom its decider stands in for, and who had done what."""


def bound_by(past: Past, recorded: Recorded) -> tuple[str, ...]:
    """Whom the decider stood in for."""
    record = recorded.record
    held = past.tasks.get(recorded.activation, Held())
    derived = stand_ins(past.people, held, str(record.actor.get("person")), record.instant)
    said = [str(person) for person in recorded.decision.get("stands_in_for", ())]
    if past.people.is_whole:
        return derived
    if set(derived) <= set(said):
        return tuple(said)
    return tuple(dict.fromkeys((*derived, *said)))


def units_of(past: Past, recorded: Recorded, bound: Bound) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The units of everybody a duty compares, at the instant of the decision."""
    said: Mapping[str, Any] = recorded.decision.get("units", {})
    found = []
    for person in _compared(recorded, bound):
        units = past.people.units(person, recorded.record.instant)
        if units is None and person not in said:
            continue
        found.append((person, tuple(said[person]) if units is None else units))
    return tuple(found)


def _compared(recorded: Recorded, bound: Bound) -> tuple[str, ...]:
    duties, stood_in_for, facts = bound
    asked = [duty for duty in duties if duty.kind in BY_UNIT]
    if not asked:
        return ()
    actor = recorded.record.actor
    acting = filter(None, (actor.get("person"), actor.get("on_behalf_of"), *stood_in_for))
    return tuple(dict.fromkeys((*map(str, acting), *compared_by_unit(asked, facts))))


def people_parts(past: Past, recorded: Recorded) -> list[Part]:
    """What was derived of substitutes and units and what was not; nothing where no duty asks for them.

    Whether they are the recorded ones is part of the authority: the decision is derived with them.
    """
    version = past.blueprint(str(recorded.record.basis["blueprint"]))
    step = {} if version is None else version.steps().get(recorded.step, {})
    parts = _taken_part(past, recorded)
    if not step.get("duties"):
        return parts
    parts += _substitutes(past, recorded)
    units: Mapping[str, Any] = recorded.decision.get("units", {})
    return parts + (_units(past, recorded, units) if units else [])


def _taken_part(past: Past, recorded: Recorded) -> list[Part]:
    said = str(recorded.record.payload.get("stands_in_for", ""))
    absent = past.tasks.get(recorded.activation, Held()).absent
    if said == absent:
        return []
    text = f"taken in the place of {absent or 'nobody'}, and recorded as done in that of {said or 'nobody'}"
    return [Part("substitutes", Status.FAILED, text)]


def _substitutes(past: Past, recorded: Recorded) -> list[Part]:
    held = past.tasks.get(recorded.activation, Held())
    person = str(recorded.record.actor.get("person"))
    derived = stand_ins(past.people, held, person, recorded.record.instant)
    if past.people.is_whole:
        return [Part("substitutes", Status.PASSED, "whom the decider stood in for follows from what was recorded")]
    beyond = [one for one in recorded.decision.get("stands_in_for", ()) if one not in derived]
    text = "that the decider stood in for nobody else is taken as recorded"
    if beyond:
        text = f"that the decider stood in for {', '.join(beyond)} and nobody else is taken as recorded"
    parts = [Part("substitutes left out", Status.NOT_RUN, text)]
    if derived:
        told = f"entries tell that the decider stood in for {', '.join(derived)}"
        parts.insert(0, Part("substitutes", Status.PASSED, told))
    return parts


def _units(past: Past, recorded: Recorded, units: Mapping[str, Any]) -> list[Part]:
    if past.people.is_whole:
        return [Part("units", Status.PASSED, "the units of who is compared follow from what was recorded")]
    known = [person for person in units if past.people.units(person, recorded.record.instant) is not None]
    parts = []
    if known:
        parts.append(Part("units", Status.PASSED, f"the units of {', '.join(known)} follow from the entries"))
    beyond = [person for person in units if person not in known]
    text = "that they are of no other unit is taken as recorded"
    if beyond:
        text = f"the units of {', '.join(beyond)} are taken as recorded, and that nobody is of another"
    return [*parts, Part("units left out", Status.NOT_RUN, text)]
