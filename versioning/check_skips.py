"""Whether a step that may be passed over says where that leads, and which decisions may be left out. Pure."""

from ledger.wording import as_it_is
from versioning.blueprint import Blueprint, DecideStep
from versioning.finding import quoted
from versioning.notes import Notes
from versioning.passing_over import passed_over_to
from versioning.reaction_texts import of_reactions


def skips(notes: Notes, blueprint: Blueprint) -> None:
    """Where a step that is passed over leads is known, and is said of no other step."""
    for step in blueprint.steps:
        if step.skip_to is not None and step.skip_when is None:
            message = of_reactions("skip-to-idle", step=quoted(step.id))
            notes.error("skip.idle", notes.of_step(step, "skip to"), message, as_it_is("`skip when`"))
        elif step.skip_when is not None and passed_over_to(step) is None:
            message = of_reactions("skip-leads-nowhere", step=quoted(step.id))
            notes.error("skip.target", notes.of_step(step, "skip when"), message, of_reactions("skip-to"))


def left_out(notes: Notes, blueprint: Blueprint) -> None:
    """A decision that a condition leaves out is one that nobody takes: who reviews the blueprint is told."""
    for step in blueprint.steps:
        if isinstance(step, DecideStep) and step.skip_when is not None:
            message = of_reactions("decision-left-out", step=quoted(step.id))
            notes.warning("decision.left-out", notes.of_step(step, "skip when"), message)
