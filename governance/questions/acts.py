"""Whether acts that a second person confirms were confirmed by one, from entries alone. Standard library only.

The entry that proposes an act and the one that ends the proposal are held against each other: another natural person
confirmed, in time, the digest that was proposed, and what was done is the act that was proposed. An act for which the
blueprint version asks for a second person was not done without one; `payload.acts` of a resolved incident says which
acts on the instance that was. Whether that person held the role is judged where
the assignments are: with the whole log.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from governance.questions.facts import Record, Records, in_parts
from governance.questions.registers import ReleasedBlueprint
from governance.questions.sequence import MOVED, Deviation
from governance.questions.under_version import MIGRATED, Known, nothing_known

PROPOSED, EXPIRED = "act.proposed", "act.expired"
KIND_OF = {
    "suspend": "instance.suspended",
    "resume": "instance.resumed",
    "cancel": "instance.cancelled",
    "modify": "instance.modified",
    "correct": "instance.corrected",
    "migrate": MIGRATED,
    "resolve": "incident.resolved",
}
ACT_OF = {kind: act for act, kind in KIND_OF.items()}
CONFIRMED = "confirmed"


def faults(
    records: Records, instance: str, version: ReleasedBlueprint, known: Known = nothing_known
) -> tuple[int, tuple[Deviation, ...]]:
    """How many acts a second person has confirmed, and everything that is wrong with those and with the others.

    `version` is the one it started on, `known` finds those it was migrated to: an act is one by the rules before it.
    """
    needs = _needs(version)
    open_: dict[str, Record] = {}
    count = 0
    found: list[Deviation] = []
    entries = records.of(instance)
    for place, record in enumerate(entries):
        proposed, closes = record.payload.get("proposed"), record.payload.get("closes")
        if record.kind == PROPOSED and proposed is not None:
            open_[str(proposed["id"])] = record
        if closes is not None:
            count += closes["as"] == CONFIRMED
            text = _closed(in_parts(entries, place), closes, open_.pop(str(closes["id"]), None))
        else:
            # What goes with its parent has no permit of its own: nobody asked for it by itself.
            acts = record.payload.get("acts") or (ACT_OF.get(record.kind),)
            is_asked = "permit" in record.basis and not needs.isdisjoint(acts)
            text = "it was done without the second person that the version asks for" if is_asked else ""
        if text:
            found.append(Deviation(record, text))
        for one in record.transitions(MIGRATED):
            needs = _needs(known(str(one["version"])))
    return count, tuple(found)


def _needs(version: ReleasedBlueprint | None) -> set[str]:
    """The acts for which a version asks for a second person; of one that is not at hand nothing is known."""
    rules = () if version is None else version.value.get("acts", ())
    return {str(rule["act"]) for rule in rules if rule.get("second")}


def _closed(parts: Sequence[Record], closes: Mapping[str, Any], proposal: Record | None) -> str:
    """What is wrong with an entry that ends a proposal (and those that go on from it), "" when nothing is."""
    record = parts[0]
    if proposal is None:
        return "it ends a proposal that is not there or has ended before"
    proposed = proposal.payload["proposed"]
    is_late = record.instant >= int(proposed["expires_at"])
    if record.kind == EXPIRED:
        return "" if is_late else "a proposal expired before its time was over"
    if closes["as"] != CONFIRMED:
        return ""
    person = record.actor.get("person") if record.actor.get("kind") == "person" else None
    proposer = proposal.actor.get("person") or proposal.actor.get("id")
    if person is None or closes["by"] != person:
        return "who confirmed it is not the person who acted"
    if person in (proposer, proposed["by"]):
        return "the person who proposed it confirmed it"
    is_so = _is_resolved_so(record, proposed) and _is_migrated_so(parts, proposed)
    if record.kind != KIND_OF.get(str(proposed["act"])) or not is_so:
        return f"`{proposed['act']}` was proposed, and something else was done"
    if closes.get("digest") != proposed["digest"] or closes.get("proposed_by") != proposed["by"]:
        return "what was confirmed is not what was proposed"
    return "it was confirmed after its time was over" if is_late else ""


def _is_resolved_so(record: Record, proposed: Mapping[str, Any]) -> bool:
    """Whether an incident was resolved as proposed: that one, by the acts its permits were asked for."""
    said, payload = proposed["said"], record.payload
    if proposed["act"] != "resolve":
        return True
    acts = [*(("modify",) if said["how"] in ("skip", "other") else ())]
    acts += ["correct"] if "values" in said else []
    return payload.get("incident") == said["incident"] and payload.get("acts") == acts


def _is_migrated_so(parts: Sequence[Record], proposed: Mapping[str, Any]) -> bool:
    """Whether an instance was migrated as proposed: to that version, and with those steps moved."""
    if proposed["act"] != "migrate":
        return True
    said = proposed["said"]
    to = [(one["version"], one["number"]) for one in parts[0].transitions(MIGRATED)]
    moves = sorted([one["activation"], one["to"]] for part in parts for one in part.transitions(MOVED))
    return to == [(said["version"], said["number"])] and moves == sorted(list(move) for move in said["moves"])
