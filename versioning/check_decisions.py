"""Whether a decision is whole: what it must say, the votes it takes, and the datum it is laid into. Pure."""

from collections.abc import Mapping
from typing import get_args

from ledger.wording import as_it_is, listed
from versioning.blueprint import Blueprint, DataClass, DataField, DecideStep, Place, Quorum
from versioning.data_paths import classes_at, find
from versioning.finding import quoted
from versioning.finding_texts import say
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
        ("authority", bool(step.authority), say("needs-authority")),
        ("measure", bool(step.measure), say("needs-measure")),
        ("shows", bool(step.shows), say("needs-shows")),
        ("duties", bool(step.duties), say("needs-duties")),
    )
    for key, there, why in needed:
        if not there:
            message = say("decision-incomplete", step=quoted(step.id), key=quoted(key))
            notes.error("decision.incomplete", notes.of_step(step, key), message, why)
    targets = dict(step.next)
    for outcome in step.outcomes:
        if outcome not in targets:
            message = say("outcome-leads-nowhere", outcome=quoted(outcome), step=quoted(step.id))
            notes.error("decision.outcome", notes.of_step(step, "next"), message, say("step-for-each-outcome"))
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
        message = say(
            "no-such-outcome", outcome=quoted(outcome), step=quoted(step.id), near=near(outcome, step.outcomes)
        )
        notes.error("decision.outcome", place, message, say("one-of", names=listed(step.outcomes)))


def _quorum(notes: Notes, step: DecideStep, quorum: Quorum) -> None:
    if len(step.outcomes) < 2:
        message = say("one-outcome-alone", step=quoted(step.id))
        notes.error("quorum.outcomes", notes.of_step(step, "quorum"), message, say("two-outcomes"))
    if quorum.veto is not None and quorum.of is None:
        message = say("veto-without-committee", step=quoted(step.id))
        notes.error("quorum.veto", notes.of_step(step, "quorum.veto"), message, as_it_is("`of: committee NAME`"))
    place = notes.of_step(step, "quorum.tie")
    if quorum.tie == "fails" and len(step.outcomes) > 2:
        message = say("tie-of-many-outcomes", step=quoted(step.id), count=len(step.outcomes) - 1)
        notes.error("quorum.tie", place, message, as_it_is("`outcome NAME`"))
    elif quorum.tie.startswith("outcome "):
        _outcome(notes, step, quorum.tie.removeprefix("outcome "), place)
    if step.offer is not None:
        message = say("vote-offered-to-some", step=quoted(step.id))
        notes.error("quorum.offer", notes.of_step(step, "offer to"), message, say("no-offer-to"))
    for number, late in enumerate(step.deadline.late if step.deadline else ()):
        if late.pass_to is not None:
            at = notes.of_step(step, f"deadline.late.{number}.pass to")
            notes.error("quorum.pass-to", at, say("vote-not-passed"), as_it_is("`tell`"))


def _laid(notes: Notes, blueprint: Blueprint, step: DecideStep, into: str) -> None:
    """The datum takes members of a decision alone, each of its type, and tells none of them below its class."""
    place = notes.of_step(step, "into")
    found = find(blueprint.data, into)
    if found is None or found.below or found.field.type not in ("string", "object"):
        if found is not None:
            message = say("decision-does-not-fit", step=quoted(step.id), into=quoted(into))
            notes.error("decision.into", place, message, say("string-or-object"), as_it_is(found.field.type))
        return
    if found.field.type == "string":
        return
    laid = laid_by(step)
    members = found.field.properties
    if not members:
        message = say("laid-into-unsaid", into=quoted(into), step=quoted(step.id))
        notes.error("decision.into", place, message, say("properties-of", names=listed(laid)))
    for member in members:
        if laid.get(member.name) != member.type:
            message = say("laid-unknown-member", path=quoted(f"{into}.{member.name}"))
            expected = listed(f"{name} ({kind})" for name, kind in laid.items())
            notes.error("decision.into", place, message, say("one-of", names=expected), as_it_is(member.type))
        else:
            _told(notes, blueprint, (f"{into}.{member.name}", member), place)


def laid_by(step: DecideStep) -> Mapping[str, str]:
    """The members of the decision of a step as data, with their types."""
    return LAID if step.quorum is None else LAID_OF_VOTES


def _told(notes: Notes, blueprint: Blueprint, member: tuple[str, DataField], place: Place) -> None:
    path, field = member
    least = _LEAST.get(field.name, "public")
    if max(_RANK[one] for one in classes_at(blueprint.data, path)) < _RANK[least]:
        message = say("laid-below-class", path=quoted(path), name=as_it_is(field.name))
        notes.error(
            "decision.class",
            place,
            message,
            say("class-or-stricter", least=as_it_is(least)),
            as_it_is(field.data_class),
        )
