"""What reading or checking a blueprint found: one value for every rule of the language.

A finding of severity `error` keeps a blueprint from being proposed; a `warning` does not; `not run` says that a check
needed a register that was not at hand, so its silence proves nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from versioning.blueprint import Place

Severity = Literal["error", "warning", "not run"]

FINDINGS_MAX = 100  # a text with more wrong than this is not a blueprint; the rest would hide the first
_QUOTED_MAX = 60  # characters of user text repeated in a message


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `expected` and `found` are phrases for a message, possibly empty."""

    rule: str
    severity: Severity
    place: Place
    message: str
    expected: str = ""
    found: str = ""

    @property
    def location(self) -> str:
        """`line:column`, both from 1."""
        return f"{self.place.line}:{self.place.column}"

    def line(self, file: str = "") -> str:
        """The finding as one line for a person, as compilers write it."""
        where = f"{file}:{self.location}" if file else self.location
        said = [self.message]
        if self.expected:
            said.append(f"expected {self.expected}")
        if self.found:
            said.append(f"found {self.found}")
        return f"{where}: {self.severity}: {'; '.join(said)} [{self.rule}]"


def quoted(text: str) -> str:
    """User text in backticks, shortened and with line ends made visible."""
    flat = text.replace("\n", "\\n").replace("`", "'")
    return f"`{flat}`" if len(flat) <= _QUOTED_MAX else f"`{flat[:_QUOTED_MAX]}...`"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the source, each once."""
    return tuple(sorted(set(findings), key=lambda f: (f.place.line, f.place.column, f.rule, f.message)))


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Only those that keep the blueprint from being proposed."""
    return tuple([finding for finding in findings if finding.severity == "error"])
