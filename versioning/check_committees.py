"""Whether a committee that a decision names exists, and has the members and the chair its quorum asks for."""

from collections.abc import Mapping

from versioning.blueprint import DecideStep
from versioning.check_structure import Notes
from versioning.finding import quoted
from versioning.reader import near
from versioning.registers import Committee


def committees(notes: Notes, step: DecideStep, known: Mapping[str, Committee] | None) -> None:
    """Members enough for the votes, somebody in the chair where the chair may veto, and what becomes of a tie."""
    quorum = step.quorum
    if quorum is not None and not quorum.tie:
        message = f"when no outcome of {quoted(step.id)} can get enough votes, it becomes an incident"
        notes.warning("quorum.tie", notes.of_step(step, "quorum"), message, "`tie`")
    if quorum is None or quorum.of is None or known is None:
        return
    place = notes.of_step(step, "quorum.of")
    found = known.get(quorum.of)
    if found is None:
        message = f"a committee that does not exist{near(quorum.of, known)}"
        notes.error("reference", place, message, f"the office `committee-{quorum.of}`", quoted(quorum.of))
        return
    if len(found.members) < quorum.need:
        message = f"the committee {quoted(quorum.of)} has fewer members today than {quoted(step.id)} needs votes"
        notes.error("quorum.members", place, message, str(quorum.need), str(len(found.members)))
    if quorum.veto is not None and not found.chairs & found.members:
        message = f"nobody is in the chair of the committee {quoted(quorum.of)} today"
        notes.warning("quorum.chair", place, message, f"a member with the office `committee-{quorum.of}-chair`")
