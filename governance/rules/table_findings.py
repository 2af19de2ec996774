"""What a reviewer is told of a rule table before it is released: `analysis` as findings.

| rule | severity | |
|---|---|---|
| `table-overlap` | error | the hit policy has no answer for an input that two rules match |
| `table-gap` | warning, error under `complete: yes` | no rule matches an input, and there is no default |
| `table-masked` | warning | a rule never counts, because others go before it |
| `table-never` | warning | no value passes a cell |
| `table-undecided` | note, error under `complete: yes` | what the analysis could not decide, and why |

A gap is told only where it leaves the result null: a policy that gives a list says it with an empty one.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from governance.rules.analysis import Analysis, analyse
from governance.rules.hit_policy import LISTS
from governance.rules.literal_words import number_in_words
from governance.rules.rule_table import Reading, RuleTable
from governance.rules.table_texts import tell
from ledger.wording import Wording

Severity = Literal["error", "warning", "note"]


class TableFinding(NamedTuple):
    """One thing found. `location` names the rule it is about, as change control records it without the message."""

    rule: str
    severity: Severity
    message: Wording
    location: str = ""

    def line(self, file: str = "") -> str:
        """The finding as one line for a person."""
        return f"{f'{file}: ' if file else ''}{self.severity}: {self.message} [{self.rule}]"


def findings_of(table: RuleTable, reading: Reading | None = None) -> tuple[TableFinding, ...]:
    """Everything there is to say about a checked table, errors first. `reading`: of a model's table."""
    found = [*_of(table, analyse(table, reading))]
    order: list[Severity] = ["error", "warning", "note"]
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _of(table: RuleTable, analysis: Analysis) -> Iterator[TableFinding]:
    for overlap in analysis.overlaps:
        yield TableFinding("table-overlap", "error", overlap.words)
    if analysis.more_overlaps:
        yield TableFinding(
            "table-overlap", "error", tell("more-overlaps", count=number_in_words(str(analysis.more_overlaps)))
        )
    has_default = any(column.default is not None for column in table.outputs)
    if table.complete or not (has_default or table.hit in LISTS):
        for gap in analysis.gaps:
            yield TableFinding("table-gap", "error" if table.complete else "warning", gap.words)
    for masked in analysis.masked:
        yield TableFinding("table-masked", "warning", masked.words, f"rule {masked.rule}")
    for never in analysis.never:
        yield TableFinding("table-never", "warning", never.words, f"rule {never.rule}")
    for why in analysis.undecided:
        words = tell("not-complete", why=why)
        yield TableFinding("table-undecided", "error" if table.complete else "note", words)
