"""Whether a decision is whole: what it must say, the votes it takes, and the datum it is laid into. Pure."""

from collections.abc import Mapping
from typing import get_args

from versioning.blueprint import Blueprint, DataClass, DataField, DecideStep, Place, Quorum
from versioning.data_paths import classes_at, find
from versioning.finding import quoted
from versioning.notes import Notes
from versioning.reader import near

LAID: Mapping[str, str] = {
    "outcome": "string", "code": "string", "reason": "string", "by": "string", "at": "date and time",
}  # fmt: skip
"""The members of a decision as data, each with its type."""
LAID_OF_VOTES: Mapping[str, str] = {"outcome": "string", "how": "string", "at": "date and time"}
"""Of a decision that votes have taken: `how` it came is `agreed`, `vetoed` or `tied`."""

_RANK = {name: rank for rank, name in enumerate(get_args(DataClass))}
_LEAST: Mapping[str, DataClass] = {"reason": "confidential", "by": "internal"}  # what a member may not be told below


def decision(notes: Notes, blueprint: Blueprint, step: DecideStep) -> None:
    """Everything a decision must have, and nothing that contradicts it."""
    needed = (
        ("authority", bool(step.authority), "the decision kind it is taken under"),
        ("measure", bool(step.measure), "what the limit is measured on"),
        ("shows", bool(step.shows), "what is put before the decider"),
        ("duties", bool(step.duties), "who may not decide"),
    )
    for key, there, why in needed:
        if not there:
            message = f"the decision {quoted(step.id)} has no {quoted(key)}"
            notes.error("decision.incomplete", notes.of_step(step, key), message, f"`{key}`: {why}")
    targets = dict(step.next)
    for outcome in step.outcomes:
        if outcome not in targets:
            message = f"the outcome {quoted(outcome)} of {quoted(step.id)} leads nowhere"
            notes.error("decision.outcome", notes.of_step(step, "next"), message, "a step for each outcome")
    for outcome in targets:
        _outcome(notes, step, outcome, notes.of_step(step, f"next.{outcome}"))
    for outcome, _ in step.outcome_codes:
        _outcome(notes, step, outcome, notes.of_step(step, f"reason.codes.{outcome}"))
    if step.quorum is not None:
        _quorum(notes, step, step.quorum)
    if step.into is not None:
        _laid(notes, blueprint, step, step.into)


def _outcome(notes: Notes, step: DecideStep, outcome: str, place: Place) -> None:
    if outcome not in step.outcomes:
        message = f"{quoted(outcome)} is no outcome of {quoted(step.id)}{near(outcome, step.outcomes)}"
        notes.error("decision.outcome", place, message, f"one of {', '.join(step.outcomes)}")


def _quorum(notes: Notes, step: DecideStep, quorum: Quorum) -> None:
    if len(step.outcomes) < 2:
        message = f"the votes of {quoted(step.id)} can have one outcome alone"
        notes.error("quorum.outcomes", notes.of_step(step, "quorum"), message, "two outcomes or more")
    if quorum.veto is not None and quorum.of is None:
        message = f"{quoted(step.id)} lets a chair veto, and no committee has one"
        notes.error("quorum.veto", notes.of_step(step, "quorum.veto"), message, "`of: committee NAME`")
    place = notes.of_step(step, "quorum.tie")
    if quorum.tie == "fails" and len(step.outcomes) > 2:
        message = f"what fails in {quoted(step.id)} may have any of {len(step.outcomes) - 1} outcomes"
        notes.error("quorum.tie", place, message, "`outcome NAME`")
    elif quorum.tie.startswith("outcome "):
        _outcome(notes, step, quorum.tie.removeprefix("outcome "), place)
    if step.offer is not None:
        message = f"what is voted on in {quoted(step.id)} is offered to some of those who may vote"
        notes.error("quorum.offer", notes.of_step(step, "offer to"), message, "no `offer to`: who votes, `quorum` says")
    for number, late in enumerate(step.deadline.late if step.deadline else ()):
        if late.pass_to is not None:
            at = notes.of_step(step, f"deadline.late.{number}.pass to")
            notes.error("quorum.pass-to", at, "what is voted on is not passed to a higher authority", "`tell`")


def _laid(notes: Notes, blueprint: Blueprint, step: DecideStep, into: str) -> None:
    """The datum takes members of a decision alone, each of its type, and tells none of them below its class."""
    place = notes.of_step(step, "into")
    found = find(blueprint.data, into)
    if found is None or found.below or found.field.type not in ("string", "object"):
        if found is not None:
            message = f"the decision {quoted(step.id)} does not fit into {quoted(into)}"
            notes.error("decision.into", place, message, "a string or an object", found.field.type)
        return
    if found.field.type == "string":
        return
    laid = laid_by(step)
    members = found.field.properties
    if not members:
        message = f"{quoted(into)} does not say what it takes of the decision {quoted(step.id)}"
        notes.error("decision.into", place, message, f"`properties` of {', '.join(laid)}")
    for member in members:
        if laid.get(member.name) != member.type:
            message = f"{quoted(f'{into}.{member.name}')} is nothing that a decision has"
            expected = ", ".join(f"{name} ({kind})" for name, kind in laid.items())
            notes.error("decision.into", place, message, f"one of {expected}", member.type)
        else:
            _told(notes, blueprint, (f"{into}.{member.name}", member), place)


def laid_by(step: DecideStep) -> Mapping[str, str]:
    """The members of the decision of a step as data, with their types."""
    return LAID if step.quorum is None else LAID_OF_VOTES


def _told(notes: Notes, blueprint: Blueprint, member: tuple[str, DataField], place: Place) -> None:
    path, field = member
    least = _LEAST.get(field.name, "public")
    if max(_RANK[one] for one in classes_at(blueprint.data, path)) < _RANK[least]:
        message = f"{quoted(path)} would tell the {field.name} of a decision below its class"
        notes.error("decision.class", place, message, f"class {least} or stricter", field.data_class)
