"""A file of a decision model looked at as a whole: everything wrong with it, told at once."""

from typing import NamedTuple

from governance.rules.dmn.evaluate import CompiledModel, compile_model, draft_findings
from governance.rules.dmn.model import BrokenModel, Finding
from governance.rules.dmn.read import read_draft


class Checked(NamedTuple):
    """`compiled` is None when a finding is an error. Findings stand in the order of their places, warnings last."""

    compiled: CompiledModel | None
    findings: tuple[Finding, ...]


def check_file(data: bytes) -> Checked:
    """The model of a file, ready to evaluate, or all that is wrong: with its structure and with its expressions alike.

    `BrokenInput` with line and column for what is no DMN at all, `TooLarge` over a limit.
    """
    draft, findings = read_draft(data)
    if any(one.severity == "error" for one in findings):
        return Checked(None, in_order((*findings, *draft_findings(draft))))
    try:
        compiled = compile_model(draft.model)
        return Checked(compiled, in_order((*compiled.remarks, *findings)))
    except BrokenModel as broken:
        return Checked(None, in_order((*broken.findings, *findings)))


def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Errors by their places, then warnings by theirs."""
    return tuple(sorted(findings, key=lambda one: (one.severity != "error", one.line, one.column)))
