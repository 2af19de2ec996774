"""Rule tables from their YAML or JSON text, checked whole: every error has a line and a column.

    rule-table: credit-grade
    title: Credit grade from the bureau answer
    inputs: {score: number, defaults: integer}
    output: grade                      # or outputs: {grade: integer, reason: string}, and `then` is a mapping
    type: integer
    hit: first                         # a hit policy of `hit_policy`, by its name or its letter
    rules:
      - {score: ">= 720", defaults: "0", then: 2}

A cell holds unary tests, `then` an expression; both may read the inputs. `currency` says what bare numbers mean beside
money. Types are names of `types.type_named`, `[type]` for lists and `{properties: {...}}` for objects. Beside `output`
stand `allowed` (unary tests, in falling order of priority) and `default` (an expression); more about columns in
`table_columns`. `reads` are names with types that expressions and cells read beside the inputs. `complete: yes` says
that some rule matches whatever comes, and makes a gap an error (`analysis`).
"""

import re
from dataclasses import replace

from governance.rules import limits
from governance.rules.check import check_tests
from governance.rules.errors import LimitBreached
from governance.rules.hit_policy import HITS, LISTS, POLICIES, RANKED
from governance.rules.located import Entries, Items, Scalar, Written, read_located
from governance.rules.rule_table import Column, Reading, Rule, RuleTable, reading_of
from governance.rules.source_texts import tell
from governance.rules.table_columns import (
    check_columns,
    check_output,
    entries_of,
    input_columns,
    needed,
    output_columns,
    placed,
    raise_findings,
    read_columns,
    text_of,
)
from ledger.errors import BrokenInput
from ledger.wording import Wording, as_it_is, listed

_KEYS = (
    "rule-table", "title", "inputs", "output", "outputs", "type", "hit", "currency", "rules", "allowed", "default",
    "reads", "complete",
)  # fmt: skip
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def read_table(text: str) -> RuleTable:
    """The table a text describes; `BrokenInput` (also `BrokenExpression`, `LimitBreached`) with `line:column`."""
    top = entries_of(read_located(text, limits.TABLE_SOURCE_CHARS_MAX))
    for key, _ in top.entries:
        if key.text not in _KEYS:
            raise BrokenInput(tell("key-of", names=listed(_KEYS), key=as_it_is(key.text)), key.place())
    table_id = text_of(needed(top, "rule-table"))
    if not _ID.fullmatch(table_id.text):
        raise BrokenInput(tell("table-name", name=as_it_is(table_id.text)), table_id.place())
    title = top.get("title")
    inputs = input_columns(needed(top, "inputs"))
    outputs, plain = output_columns(top)
    hit = text_of(needed(top, "hit"))
    policy = POLICIES.get(hit.text)
    if policy is None:
        known = ", ".join((*HITS, *[name for name in POLICIES if name.startswith("collect ")]))
        raise BrokenInput(tell("one-of", names=as_it_is(known), found=as_it_is(hit.text)), hit.place())
    if any(column.name == "then" for column in inputs):
        raise BrokenInput(tell("input-then"), top.place())
    table = RuleTable(
        table_id.text,
        text_of(title).text if title is not None else "",
        inputs,
        outputs,
        plain,
        policy.hit,
        (),
        _currency(top.get("currency")),
        policy.aggregator,
        read_columns(top.get("reads")),
        _yes(top.get("complete")),
    )
    reading = reading_of(table)
    check_columns(table, top, reading)
    fault = policy_fault(table)
    if fault is not None:
        raise BrokenInput(fault, hit.place())
    return _with_rules(table, needed(top, "rules"), reading)


def policy_fault(table: RuleTable) -> Wording | None:
    """What a hit policy asks of the outputs and does not find, in words; None when all is well."""
    if table.aggregator is not None and not table.plain:
        return tell("single-output", policy=as_it_is(table.policy))
    if table.hit in RANKED:
        ordered = [column.allowed for column in table.outputs if column.allowed is not None]
        if not ordered or any(Reading().tests(allowed).negated for allowed in ordered):
            return tell("allowed-in-order", policy=as_it_is(table.hit))
    has_default = any(column.default is not None for column in table.outputs)
    if has_default and table.hit in LISTS and table.aggregator in (None, "count"):
        # The standard does not say whether it stands alone or in a list.
        policy = as_it_is(table.policy)
        return tell("default-of-count", policy=policy) if table.aggregator else tell("default-of-list", policy=policy)
    return None


def _currency(written: Written | None) -> str | None:
    if written is None:
        return None
    code = text_of(written)
    if not re.fullmatch(r"[A-Z]{3}", code.text):
        raise BrokenInput(tell("currency", found=as_it_is(code.text)), code.place())
    return code.text


def _yes(written: Written | None) -> bool:
    if written is None:
        return False
    said = text_of(written)
    if said.text not in _YES_NO:
        raise BrokenInput(tell("yes-or-no", found=as_it_is(said.text)), said.place())
    return _YES_NO[said.text]


def _with_rules(table: RuleTable, written: Written, reading: Reading) -> RuleTable:
    if not isinstance(written, Items) or not written.items:
        raise BrokenInput(tell("rules-list"), written.place())
    if len(written.items) > limits.TABLE_RULES_MAX:
        raise LimitBreached(tell("rules-counted", most=limits.TABLE_RULES_MAX), written.place())
    reader = _Rules(table, reading)
    return replace(table, rules=tuple(reader.rule(entries_of(item)) for item in written.items))


class _Rules:
    """The rules of one table. A source that stands in a column again is not checked again."""

    def __init__(self, table: RuleTable, reading: Reading) -> None:
        self._table = table
        self._reading = reading
        self._scope = table.scope
        self._known = (*[column.name for column in table.inputs], "then")
        self._sound: set[tuple[str, bool, str]] = set()

    def rule(self, entries: Entries) -> Rule:
        """One rule of the list; `BrokenInput` with the place."""
        table = self._table
        for key, _ in entries.entries:
            if key.text not in self._known:
                raise BrokenInput(tell("key-of", names=listed(self._known), key=as_it_is(key.text)), key.place())
        cells = tuple(self._cell(column, text_of(needed(entries, column.name))) for column in table.inputs)
        then = needed(entries, "then")
        if table.plain:
            return Rule(cells, (self._output(table.outputs[0], text_of(then)),))
        several = entries_of(then)
        names = tuple(column.name for column in table.outputs)
        for key, _ in several.entries:
            if key.text not in names:
                raise BrokenInput(tell("key-of", names=listed(names), key=as_it_is(key.text)), key.place())
        outputs = [self._output(column, text_of(needed(several, column.name))) for column in table.outputs]
        return Rule(cells, tuple(outputs))

    def _cell(self, column: Column, written: Scalar) -> str:
        known = (column.name, True, written.text)
        if known not in self._sound:
            try:
                tests = self._reading.tests(written.text)
                raise_findings(check_tests(tests, column.type, self._scope, self._table.currency), written.text)
            except BrokenInput as error:
                raise placed(error, written) from None
            self._sound.add(known)
        return written.text

    def _output(self, column: Column, written: Scalar) -> str:
        known = (column.name, False, written.text)
        if known not in self._sound:
            try:
                check_output(written.text, column, self._table, self._reading)
            except BrokenInput as error:
                raise placed(error, written) from None
            self._sound.add(known)
        return written.text
