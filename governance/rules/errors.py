"""What can go wrong with a rule.

    BrokenInput
    +-- BrokenExpression    the source cannot be read or does not type; says line, column and shows a caret
    RuleError               a sound expression has no answer that is certainly right for this data
    +-- UnlikeCurrencies    two currencies met; the reason is CURRENCY_UNCONVERTIBLE
    +-- LimitBreached       also a TooLarge: over a constant of `limits`
    +-- Unanswerable        the standard knows an answer, this implementation does not
    +-- OverlappingRules    a unique rule table matched more than one rule
    +-- UnlikeOutputs       rules that had to agree matched and do not
    +-- NotAllowed          an input or an output of a rule table is none of its allowed values

Null is a value and none of these. Raising (rather than an error value) means that no caller can take an error for an
answer: neither branch of a condition is chosen.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from ledger.errors import BrokenInput, MunimentError, TooLarge
from ledger.refusal import Reason


class Finding(NamedTuple):
    """One thing wrong with an expression; `at` is the character offset in its source."""

    message: str
    at: int


class BrokenExpression(BrokenInput):
    """An expression that cannot be read or does not type. `findings` holds everything found, the first one leads."""

    def __init__(self, findings: Sequence[Finding], source: str, origin: tuple[int, int] = (1, 1)) -> None:
        self.findings = tuple(findings)
        self.source = source
        first = self.findings[0]
        self.line, self.column = position(source, first.at, origin)
        super().__init__(first.message, f"{self.line}:{self.column}")

    def caret(self) -> str:
        """The line of the source that holds the error and a caret under the place."""
        line, column = position(self.source, self.findings[0].at)
        text = self.source.split("\n")[line - 1].rstrip("\r")
        return f"{text}\n{' ' * (column - 1)}^"

    def moved(self, origin: tuple[int, int]) -> "BrokenExpression":
        """The same error when the source starts at this line and column of a file."""
        return BrokenExpression(self.findings, self.source, origin)


def position(source: str, at: int, origin: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """Line and column, from 1, of a character offset; `origin` is where the source itself begins."""
    at = min(at, len(source.rstrip()))
    breaks = source.count("\n", 0, at)
    if breaks:
        return origin[0] + breaks, at - source.rfind("\n", 0, at)
    return origin[0], origin[1] + at


class RuleError(MunimentError):
    """A rule could not be evaluated. `reason` is the code a refusal for it carries."""

    reason: ClassVar[Reason] = Reason.INVALID_DATA


class UnlikeCurrencies(RuleError):
    """Two amounts in different currencies were to be compared or added."""

    reason = Reason.CURRENCY_UNCONVERTIBLE


class LimitBreached(TooLarge, RuleError):
    """Over a limit of `governance.rules.limits`, when read or when evaluated."""


class Unanswerable(RuleError):
    """Outside of what this implementation represents exactly (years beyond 9999, named time zones, ...)."""


class OverlappingRules(RuleError):
    """More than one rule of a unique table matched; `rules` are their numbers, from 1."""

    def __init__(self, table: str, rules: tuple[int, ...]) -> None:
        numbers = " and ".join(str(number) for number in rules)
        super().__init__(f"expected at most one matching rule in `{table}`, found rules {numbers}")
        self.rules = rules


class UnlikeOutputs(RuleError):
    """Rules matched that the hit policy wants to agree and their outputs differ; `rules` are their numbers, from 1."""

    def __init__(self, table: str, rules: tuple[int, ...]) -> None:
        numbers = " and ".join(str(number) for number in rules)
        super().__init__(
            f"expected equal outputs of the rules that match in `{table}`, found rules {numbers} to differ"
        )
        self.rules = rules


class NotAllowed(RuleError):
    """A value is none of those its column allows. `column` is its name; the value itself is not repeated."""

    def __init__(self, table: str, what: str, column: str, allowed: str) -> None:
        super().__init__(f"expected the {what} `{column}` of `{table}` to be one of {allowed}, found another value")
        self.column = column
