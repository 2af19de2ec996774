"""A decision as data: what of it is laid where the blueprint says, so that later steps can read it."""

from collections.abc import Mapping
from typing import Any

from ledger.clock import Instant, instant_text
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator.run import Run
from versioning.blueprint import DecideStep


def said_by(run: Run, command: c.CompleteTask) -> dict[str, Any]:
    """The members of a decision that one person has taken; what was not said is null."""
    return {
        "outcome": command.outcome,
        "code": command.reason_code or None,
        "reason": command.reason or None,
        "by": run.inputs.by,
    }


def decision_fault(run: Run, step: DecideStep, said: Mapping[str, Any]) -> Refusal | None:
    """Why a decision cannot be laid where the step says; asked before anything has happened."""
    if step.into is None:
        return None
    fault = run.plan.fault_at(step.into, _value(run, step.into, said))
    return None if fault is None else Refusal(Reason.INVALID_DATA, fault.message)


def lay_decision(run: Run, step: DecideStep, said: Mapping[str, Any]) -> None:
    """Lay it there; nothing where the step does not say."""
    if step.into is not None:
        run.lay(step.into, _value(run, step.into, said))


def _value(run: Run, into: str, said: Mapping[str, Any]) -> Any:
    """The outcome alone as a text, else the members that the datum declares: each of them, so that none of an earlier
    decision stays."""
    field = run.plan.field_at(into)
    if field is None or field.type == "string":
        return said["outcome"]
    told = {**said, "at": instant_text(Instant(run.inputs.now))}
    return {member.name: told.get(member.name) for member in field.properties}
