"""Rule tables from their YAML or JSON text, checked whole: every error has a line and a column.

    rule-table: credit-grade
    title: Credit grade from the bureau answer
    inputs: {score: number, defaults: integer}
    output: grade                      # or outputs: {grade: integer, reason: string}, and `then` is a mapping
    type: integer
    hit: first                         # unique | first | collect
    rules:
      - {score: ">= 720", defaults: "0", then: 2}

A cell holds unary tests, `then` an expression; both may read the inputs. `currency` says what bare numbers mean beside
money. Types are names of `types.type_named`, `[type]` for lists and `{properties: {...}}` for objects.
"""

import re
from collections.abc import Mapping

from governance.rules import limits
from governance.rules.check import check, check_tests
from governance.rules.compile import names_in
from governance.rules.errors import BrokenExpression, Finding, LimitBreached
from governance.rules.located import Entries, Items, Scalar, Written, read_located
from governance.rules.parse import parse, parse_tests
from governance.rules.table import HITS, Column, Rule, RuleTable
from governance.rules.types import Type, list_of, object_of, type_named
from ledger.errors import BrokenInput

_KEYS = ("rule-table", "title", "inputs", "output", "outputs", "type", "hit", "currency", "rules")
_LATER = ("any", "priority", "rule order", "output order")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)


def read_table(text: str) -> RuleTable:
    """The table a text describes; `BrokenInput` (also `BrokenExpression`, `LimitBreached`) with `line:column`."""
    top = _entries(read_located(text, limits.TABLE_SOURCE_CHARS_MAX))
    for key, _ in top.entries:
        if key.text not in _KEYS:
            raise BrokenInput(f"expected one of {', '.join(_KEYS)}, found the key `{key.text}`", key.place())
    table_id = _text(_needed(top, "rule-table"))
    if not _ID.fullmatch(table_id.text):
        raise BrokenInput(f"expected a name such as credit-grade, found `{table_id.text}`", table_id.place())
    title = top.get("title")
    inputs = _columns(_entries(_needed(top, "inputs")))
    outputs, plain = _outputs(top)
    hit = _text(_needed(top, "hit"))
    policy = next((known for known in HITS if known == hit.text), None)
    if policy is None:
        later = " (not supported)" if hit.text in _LATER else ""
        raise BrokenInput(f"expected one of {', '.join(HITS)}, found `{hit.text}`{later}", hit.place())
    for column in inputs:
        if column.name == "then":
            raise BrokenInput("expected another name than `then` for an input", top.place())
    table = RuleTable(
        table_id.text,
        _text(title).text if title is not None else "",
        inputs,
        outputs,
        plain,
        policy,
        (),
        _currency(top.get("currency")),
    )
    return _with_rules(table, _needed(top, "rules"))


def _currency(written: Written | None) -> str | None:
    if written is None:
        return None
    code = _text(written)
    if not re.fullmatch(r"[A-Z]{3}", code.text):
        raise BrokenInput(f"expected a currency such as GBP, found `{code.text}`", code.place())
    return code.text


def _outputs(top: Entries) -> tuple[tuple[Column, ...], bool]:
    single, several = top.get("output"), top.get("outputs")
    if (single is None) == (several is None):
        raise BrokenInput("expected either `output` with `type`, or `outputs`", top.place())
    if single is not None:
        return (Column(_text(single).text, _type(_needed(top, "type"))),), True
    assert several is not None
    kind = top.get("type")
    if kind is not None:
        raise BrokenInput("expected `type` only beside `output`", kind.place())
    return _columns(_entries(several)), False


def _columns(entries: Entries) -> tuple[Column, ...]:
    if not entries.entries:
        raise BrokenInput("expected at least one name with a type", entries.place())
    if len(entries.entries) > limits.TABLE_COLUMNS_MAX:
        raise LimitBreached(f"expected at most {limits.TABLE_COLUMNS_MAX} columns", entries.place())
    return tuple(Column(key.text, _type(value)) for key, value in entries.entries)


def _type(written: Written) -> Type:
    if isinstance(written, Items):
        if len(written.items) != 1:
            raise BrokenInput("expected one type in brackets, the type of the items", written.place())
        return list_of(_type(written.items[0]))
    if isinstance(written, Entries):
        inner = written.get("properties")
        if inner is None or len(written.entries) != 1:
            raise BrokenInput("expected `properties`", written.place())
        return object_of({key.text: _type(value) for key, value in _entries(inner).entries})
    try:
        return type_named(written.text)
    except BrokenInput as error:
        raise BrokenInput(error.message, written.place()) from None


def _with_rules(table: RuleTable, written: Written) -> RuleTable:
    if not isinstance(written, Items) or not written.items:
        raise BrokenInput("expected a list of rules", written.place())
    if len(written.items) > limits.TABLE_RULES_MAX:
        raise LimitBreached(f"expected at most {limits.TABLE_RULES_MAX} rules", written.place())
    rules = tuple(_rule(table, _entries(item)) for item in written.items)
    return RuleTable(table.id, table.title, table.inputs, table.outputs, table.plain, table.hit, rules, table.currency)


def _rule(table: RuleTable, entries: Entries) -> Rule:
    scope = table.scope
    known = (*scope, "then")
    for key, _ in entries.entries:
        if key.text not in known:
            raise BrokenInput(f"expected one of {', '.join(known)}, found the key `{key.text}`", key.place())
    cells = tuple(_cell(table, column, _text(_needed(entries, column.name)), scope) for column in table.inputs)
    then = _needed(entries, "then")
    if table.plain:
        return Rule(cells, (_output(table, table.outputs[0], _text(then), scope),))
    several = _entries(then)
    names = tuple(column.name for column in table.outputs)
    for key, _ in several.entries:
        if key.text not in names:
            raise BrokenInput(f"expected one of {', '.join(names)}, found the key `{key.text}`", key.place())
    return Rule(
        cells,
        tuple(_output(table, column, _text(_needed(several, column.name)), scope) for column in table.outputs),
    )


def _cell(table: RuleTable, column: Column, written: Scalar, scope: Mapping[str, Type]) -> str:
    try:
        tests = parse_tests(written.text, names_in(scope))
        _raise(check_tests(tests, column.type, scope, table.currency), written.text)
    except BrokenInput as error:
        raise _placed(error, written) from None
    return written.text


def _output(table: RuleTable, column: Column, written: Scalar, scope: Mapping[str, Type]) -> str:
    try:
        expr = parse(written.text, names_in(scope))
        _raise(check(expr, scope, column.type, table.currency).findings, written.text)
    except BrokenInput as error:
        raise _placed(error, written) from None
    return written.text


def _raise(findings: tuple[Finding, ...], source: str) -> None:
    if findings:
        raise BrokenExpression(findings, source)


def _placed(error: BrokenInput, written: Scalar) -> BrokenInput:
    if isinstance(error, BrokenExpression):
        return error.moved((written.line, written.column))
    return type(error)(error.message, written.place())


def _needed(entries: Entries, name: str) -> Written:
    value = entries.get(name)
    if value is None:
        raise BrokenInput(f"expected the key `{name}`", entries.place())
    return value


def _entries(written: Written) -> Entries:
    if not isinstance(written, Entries):
        raise BrokenInput("expected a mapping of names to values", written.place())
    return written


def _text(written: Written) -> Scalar:
    if not isinstance(written, Scalar) or (not written.text.strip() and not written.quoted):
        raise BrokenInput("expected a value on this place", written.place())
    return written
