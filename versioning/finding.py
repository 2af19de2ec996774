"""What reading or checking a blueprint found: one value for every rule of the language.

A finding of severity `error` keeps a blueprint from being proposed; a `warning` does not; `not run` says that a check
needed a register that was not at hand, so its silence proves nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ledger.wording import NOTHING, Wording, as_it_is
from versioning.blueprint import Place
from versioning.finding_texts import say

Severity = Literal["error", "warning", "not run"]

FINDINGS_MAX = 100  # a text with more wrong than this is not a blueprint; the rest would hide the first
_QUOTED_MAX = 60  # characters of user text repeated in a message


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `expected` and `found` are phrases for a message, possibly empty."""

    rule: str
    severity: Severity
    place: Place
    message: Wording
    expected: Wording = NOTHING
    found: Wording = NOTHING

    @property
    def location(self) -> str:
        """`line:column`, both from 1."""
        return f"{self.place.line}:{self.place.column}"

    def line(self, file: str = "") -> str:
        """The finding as one line for a person, as compilers write it."""
        where = f"{file}:{self.location}" if file else self.location
        return f"{where}: {self.severity}: {self.sentence} [{self.rule}]"

    @property
    def sentence(self) -> Wording:
        """What was found, what is expected instead and what stands there, as one."""
        return sentence(self.message, self.expected, self.found)


def sentence(message: Wording, expected: Wording, found: Wording) -> Wording:
    """`no value; expected a number; found nothing`, of which the last two may be missing."""
    if expected and found:
        return say("expected-and-found", message=message, expected=expected, found=found)
    if expected:
        return say("expected", message=message, expected=expected)
    if found:
        return say("found", message=message, found=found)
    return message


def quoted(text: str) -> Wording:
    """User text in backticks, shortened and with line ends made visible."""
    flat = text.replace("\n", "\\n").replace("`", "'")
    return as_it_is(f"`{flat}`" if len(flat) <= _QUOTED_MAX else f"`{flat[:_QUOTED_MAX]}...`")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the source, each once."""
    return tuple(sorted(set(findings), key=lambda f: (f.place.line, f.place.column, f.rule, f.message)))


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Only those that keep the blueprint from being proposed."""
    return tuple([finding for finding in findings if finding.severity == "error"])
