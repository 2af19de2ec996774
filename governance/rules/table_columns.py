"""The columns of a rule table from its YAML or JSON text: names, types, expressions, allowed values, defaults.

inputs: {score: number}                                              # a name and its type
inputs: {grade: {type: integer, allowed: "[1..9]"}}                  # or more about it
inputs: {yearly: {type: number, expression: 12 * monthly}}           # tested instead of what is given
outputs: {route: {type: string, allowed: '"refuse", "pass"', default: '"pass"'}}
"""

from governance.rules import limits
from governance.rules.check import check, check_tests
from governance.rules.closures import closure_of_tests
from governance.rules.constants import constant_of
from governance.rules.errors import BrokenExpression, Finding, LimitBreached, RuleError
from governance.rules.located import Entries, Items, Scalar, Written
from governance.rules.rule_table import Column, Reading, RuleTable
from governance.rules.source_texts import tell
from governance.rules.syntax import Expr
from governance.rules.types import Type, list_of, object_of, type_named
from ledger.errors import BrokenInput
from ledger.wording import as_it_is, listed

_OF_INPUT = ("type", "expression", "allowed")
_OF_OUTPUT = ("type", "allowed", "default")


def input_columns(written: Written) -> tuple[Column, ...]:
    """The inputs; sources in them are not checked yet (`check_columns`)."""
    return _columns(entries_of(written), _OF_INPUT)


def output_columns(top: Entries) -> tuple[tuple[Column, ...], bool]:
    """The outputs, and whether there is one whose value is the result."""
    single, several = top.get("output"), top.get("outputs")
    if (single is None) == (several is None):
        raise BrokenInput(tell("output-or-outputs"), top.place())
    if single is not None:
        return (_column(text_of(single).text, needed(top, "type"), top),), True
    assert several is not None
    for name in _OF_OUTPUT:
        beside = top.get(name)
        if beside is not None:
            raise BrokenInput(tell("beside-output", name=as_it_is(name)), beside.place())
    return _columns(entries_of(several), _OF_OUTPUT), False


def read_columns(written: Written | None) -> tuple[Column, ...]:
    """What is given beside the inputs: names and types only."""
    return () if written is None else _columns(entries_of(written), ("type",))


def _columns(entries: Entries, known: tuple[str, ...]) -> tuple[Column, ...]:
    if not entries.entries:
        raise BrokenInput(tell("named-type"), entries.place())
    if len(entries.entries) > limits.TABLE_COLUMNS_MAX:
        raise LimitBreached(tell("columns-counted", most=limits.TABLE_COLUMNS_MAX), entries.place())
    columns = []
    for key, value in entries.entries:
        if isinstance(value, Entries) and value.get("type") is not None:
            for inner, _ in value.entries:
                if inner.text not in known:
                    raise BrokenInput(tell("key-of", names=listed(known), key=as_it_is(inner.text)), inner.place())
            columns.append(_column(key.text, needed(value, "type"), value))
        else:
            columns.append(Column(key.text, type_of(value)))
    return tuple(columns)


def _column(name: str, kind: Written, around: Entries) -> Column:
    sources = [around.get(key) for key in ("expression", "allowed", "default")]
    return Column(name, type_of(kind), *[None if one is None else text_of(one).text for one in sources])


def type_of(written: Written) -> Type:
    """The type that is written; `BrokenInput` with its place."""
    if isinstance(written, Items):
        if len(written.items) != 1:
            raise BrokenInput(tell("type-in-brackets"), written.place())
        return list_of(type_of(written.items[0]))
    if isinstance(written, Entries):
        inner = written.get("properties")
        if inner is None or len(written.entries) != 1:
            raise BrokenInput(tell("properties"), written.place())
        return object_of({key.text: type_of(value) for key, value in entries_of(inner).entries})
    try:
        return type_named(written.text)
    except BrokenInput as error:
        raise BrokenInput(error.message, written.place()) from None


def check_columns(table: RuleTable, top: Entries, reading: Reading) -> None:
    """`BrokenInput` with the place of the first source of the columns that is not right."""
    for column, around in _with_places(table, top):
        for key, check_source in (("expression", _typed), ("allowed", _check_allowed), ("default", check_output)):
            if getattr(column, key) is None:
                continue
            written = text_of(needed(around, key))
            try:
                check_source(written.text, column, table, reading)
            except BrokenInput as error:
                raise placed(error, written) from None
    inputs = {column.name for column in table.inputs}
    for column in table.reads:
        if column.name in inputs:
            place = needed(top, "reads").place()
            raise BrokenInput(tell("name-of-input", name=as_it_is(column.name)), place)


def _with_places(table: RuleTable, top: Entries) -> list[tuple[Column, Entries]]:
    """The columns that say more than their type, with the mapping in which they say it."""
    written = [(column, "inputs") for column in table.inputs]
    if not table.plain:
        written += [(column, "outputs") for column in table.outputs]
    found = []
    for column, key in written:
        around = needed(entries_of(needed(top, key)), column.name)
        if isinstance(around, Entries):
            found.append((column, around))
    return [*found, (table.outputs[0], top)] if table.plain else found


def _typed(source: str, column: Column, table: RuleTable, reading: Reading) -> Expr:
    expr = reading.expression(source)
    raise_findings(check(expr, table.scope, column.type, table.currency).findings, source)
    return expr


def _check_allowed(source: str, column: Column, table: RuleTable, _reading: Reading) -> None:
    """Allowed values read nothing: they are the same whatever is given."""
    tests = Reading().tests(source)
    raise_findings(check_tests(tests, column.type, {}, table.currency), source)
    if not tests.tests:
        raise BrokenExpression([Finding(tell("allowed-values"), 0)], source)


def check_output(source: str, column: Column, table: RuleTable, reading: Reading) -> None:
    """`BrokenInput` when an output is not of its type, or is a constant that is not allowed."""
    expr = _typed(source, column, table, reading)
    known = None if column.allowed is None else constant_of(expr, table.currency)
    if known is None or column.allowed is None:
        return
    try:
        is_allowed = closure_of_tests(Reading().tests(column.allowed), table.currency)({}, known.value) is True
    except RuleError:
        is_allowed = False
    if not is_allowed:
        raise BrokenExpression([Finding(tell("not-allowed", allowed=as_it_is(column.allowed)), expr.at)], source)


def raise_findings(findings: tuple[Finding, ...], source: str) -> None:
    """`BrokenExpression` when there are any."""
    if findings:
        raise BrokenExpression(findings, source)


def placed(error: BrokenInput, written: Scalar) -> BrokenInput:
    """An error in a source, with its place in the file."""
    if isinstance(error, BrokenExpression):
        return error.moved((written.line, written.column))
    return type(error)(error.message, written.place())


def needed(entries: Entries, name: str) -> Written:
    """The value under a key; `BrokenInput` when there is none."""
    value = entries.get(name)
    if value is None:
        raise BrokenInput(tell("key-missing", name=as_it_is(name)), entries.place())
    return value


def entries_of(written: Written) -> Entries:
    """A mapping; `BrokenInput` for anything else."""
    if not isinstance(written, Entries):
        raise BrokenInput(tell("names-to-values"), written.place())
    return written


def text_of(written: Written) -> Scalar:
    """A written value that is not empty; `BrokenInput` for anything else."""
    if not isinstance(written, Scalar) or (not written.text.strip() and not written.quoted):
        raise BrokenInput(tell("value-here"), written.place())
    return written
