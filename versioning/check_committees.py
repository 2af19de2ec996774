"""Whether a committee that a decision names exists, and has the members and the chair its quorum asks for."""

from collections.abc import Mapping

from ledger.wording import as_it_is
from versioning.blueprint import DecideStep
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.reader import near
from versioning.registers import Committee


def committees(notes: Notes, step: DecideStep, known: Mapping[str, Committee] | None) -> None:
    """Members enough for the votes, somebody in the chair where the chair may veto, and what becomes of a tie."""
    quorum = step.quorum
    if quorum is not None and not quorum.tie:
        message = say("tie-unsaid", step=quoted(step.id))
        notes.warning("quorum.tie", notes.of_step(step, "quorum"), message, as_it_is("`tie`"))
    if quorum is None or quorum.of is None or known is None:
        return
    place = notes.of_step(step, "quorum.of")
    found = known.get(quorum.of)
    if found is None:
        message = say("no-such-committee", near=near(quorum.of, known))
        notes.error("reference", place, message, say("committee-office", of=as_it_is(quorum.of)), quoted(quorum.of))
        return
    if len(found.members) < quorum.need:
        message = say("committee-too-small", of=quoted(quorum.of), step=quoted(step.id))
        notes.error("quorum.members", place, message, as_it_is(quorum.need), as_it_is(len(found.members)))
    if quorum.veto is not None and not found.chairs & found.members:
        message = say("committee-without-chair", of=quoted(quorum.of))
        notes.warning("quorum.chair", place, message, say("committee-chair", of=as_it_is(quorum.of)))
