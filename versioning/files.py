"""One blueprint source judged and explained without a server: what `muniment blueprint check` and `explain` print."""

from collections import Counter
from dataclasses import dataclass

from ledger.errors import BrokenInput
from versioning.blueprint import Blueprint
from versioning.check import check
from versioning.expressions import Expressions
from versioning.feel import FEEL
from versioning.finding import Finding, errors_of
from versioning.parse import read_forms
from versioning.registers import NO_REGISTERS, Registers


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `blueprint` is None where the text cannot be read; `ok` where nothing found is an error."""

    blueprint: Blueprint | None
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the blueprint could be proposed as far as these checks went."""
        return self.blueprint is not None and not errors_of(self.findings)

    def lines(self, file: str = "") -> tuple[str, ...]:
        """The findings for a person: errors and warnings by place, then what was not run."""
        found = [item.line(file) for item in self.findings if item.severity != "not run"]
        not_run = [item for item in self.findings if item.severity == "not run"]
        return (*found, *(f"not run: {item.message} [{item.rule}]" for item in not_run))

    def summary(self) -> str:
        """What the findings come to: how many of which kind, or that there is no error."""
        counted = Counter(item.severity for item in self.findings)
        said = [_counted(counted["error"], "error") if counted["error"] else "no errors"]
        said += [_counted(counted["warning"], "warning")] if counted["warning"] else []
        said += [f"{_counted(counted['not run'], 'check')} not run"] if counted["not run"] else []
        return ", ".join(said)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def read_file(text: str) -> Blueprint:
    """The blueprint of a source text; `BrokenInput` with the first finding where it cannot be read."""
    forms = read_forms(text)
    if forms.blueprint is None:
        first = errors_of(forms.findings)[0]
        raise BrokenInput(first.message, first.location)
    return forms.blueprint


def check_file(text: str, registers: Registers = NO_REGISTERS, expressions: Expressions | None = FEEL) -> Report:
    """Read and check one source text. Everything wrong with its forms is told first, then everything else at once."""
    forms = read_forms(text)
    if forms.blueprint is None:
        return Report(None, forms.findings)
    return Report(forms.blueprint, check(forms.blueprint, registers, expressions, forms.places))
