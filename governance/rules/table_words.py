"""Rule tables in plain words: the table, what an evaluation came to, where an input lies.

For people who approve a table and never read its cells. Words and evaluation come from one table and cannot disagree.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance.rules.literal_words import all_of, value_in_words
from governance.rules.printing import literal_source
from governance.rules.rule_table import Reading, Rule, RuleTable, reading_of
from governance.rules.table import Explanation, Failed
from governance.rules.table_texts import tell
from governance.rules.values import Money, kind_of, number_text
from governance.rules.words import in_words, tests_in_words
from ledger.wording import Wording, as_it_is, joined

_POLICIES = {
    "unique": "At most one rule may match.",
    "any": "Several rules may match; they must give the same.",
    "first": "The first rule that matches counts.",
    "priority": "Of the rules that match, the one whose result stands first among the allowed values counts.",
    "rule order": "The result is a list of what every rule that matches gives, in the order of the rules.",
    "output order": "The result is a list of what every rule that matches gives, in the order of the allowed values.",
    "collect": "The result is a list of what every rule that matches gives.",
}
_AGGREGATORS = {
    "sum": "The result is the sum of what every rule that matches gives.",
    "min": "The result is the least of what the rules that match give.",
    "max": "The result is the greatest of what the rules that match give.",
    "count": "The result is the number of rules that match.",
}


def table_in_words(table: RuleTable, reading: Reading | None = None) -> tuple[str, ...]:
    """The table as sentences: its policy, what is allowed, a sentence for each rule, and what else holds."""
    known = reading or reading_of(table)
    title = table.title.strip() or table.id
    policy = _POLICIES[table.hit] if table.aggregator is None else _AGGREGATORS[table.aggregator]
    return (
        f"{title if title[-1] in '.?!' else f'{title}.'} {policy}",
        *_columns(table, known),
        *[f"Rule {number}: {_rule(table, rule, known)}" for number, rule in enumerate(table.rules, 1)],
        *_default(table, known),
    )


def _columns(table: RuleTable, reading: Reading) -> Iterator[str]:
    for column in (*table.inputs, *table.outputs):
        if column.expression is not None:
            yield f"{_the(column.name, True)} is {in_words(reading.expression(column.expression))}."
        if column.allowed is not None:
            yield f"{_the(column.name, True)} always {tests_in_words(reading.tests(column.allowed))}."


def _rule(table: RuleTable, rule: Rule, reading: Reading) -> str:
    parts = [
        f"{_the(column.name)} {tests_in_words(tests)}"
        for column, cell in zip(table.inputs, rule.cells, strict=True)
        if (tests := reading.tests(cell)).tests
    ]
    result = _outputs(table, rule.outputs, reading)
    return f"when {_and(parts)}, {result}." if parts else f"whatever comes, {result}."


def _outputs(table: RuleTable, sources: Sequence[str | None], reading: Reading) -> str:
    told = [
        f"{_the(column.name)} is {'not known' if source is None else in_words(reading.expression(source))}"
        for column, source in zip(table.outputs, sources, strict=True)
    ]
    return _and(told)


def _default(table: RuleTable, reading: Reading) -> Iterator[str]:
    defaults = [column.default for column in table.outputs]
    if any(source is not None for source in defaults):
        yield f"When no rule matches, {_outputs(table, defaults, reading)}."
    elif table.complete:
        yield "Some rule matches whatever comes."


def explanation_in_words(table: RuleTable, explained: Explanation) -> tuple[str, ...]:
    """What an evaluation came to, as sentences: the result and its rules, then each rule passed over and why."""
    return (_result(table, explained), *[_failed(table, failed) for failed in explained.failed])


def _result(table: RuleTable, explained: Explanation) -> str:
    result = plain_value(explained.result)
    if explained.defaulted:
        return f"No rule matches; the result is the default, {result}."
    if not explained.matched:
        return f"No rule matches; the result is {result}."
    matched = rules_in_words(explained.matched)
    said = f"{matched[0].upper()}{matched[1:]} {'matches' if len(explained.matched) == 1 else 'match'}"
    if explained.values is not None:
        values = ", ".join(map(plain_value, explained.values))
        return f"{said}; the {table.aggregator} of {values} is {result}."
    if set(explained.applied) != set(explained.matched):
        return f"{said}; {rules_in_words(explained.applied)} counts, and the result is {result}."
    return f"{said}; the result is {result}."


def _failed(table: RuleTable, failed: Failed) -> str:
    tests = tests_in_words(reading_of(table).tests(failed.cell))
    why = "that is not so" if failed.held is False else "whether that is so is not known"
    return f"Rule {failed.rule} asks that {_the(failed.input)} {tests}; it is {plain_value(failed.value)}, and {why}."


def rules_in_words(rules: Sequence[int]) -> Wording:
    """`rule 3`, `rules 1 and 3`."""
    if len(rules) == 1:
        return tell("rule", number=rules[0])
    return tell("rules", numbers=all_of([as_it_is(rule) for rule in rules]))


def box_in_words(where: Sequence[tuple[str, Wording]]) -> Wording:
    """Where an input lies: `when the score is below 600 and ...`."""
    told = [tell("column-is", name=as_it_is(name.replace("_", " ")), told=words) for name, words in where]
    return tell("when", parts=all_of(told)) if told else tell("any-input")


def inputs_in_words(inputs: Mapping[str, Any], before: str = "") -> Wording:
    """An input, value by value: `score = 599, person.age = 17`."""
    return joined(list(_given(inputs, before)))


def _given(inputs: Mapping[str, Any], before: str) -> Iterator[Wording]:
    for name, value in inputs.items():
        if type(value) is dict and value:
            yield from _given(value, f"{before}{name}.")
        else:
            yield tell("given", name=as_it_is(f"{before}{name}"), value=plain_value(value))


def plain_value(value: Any) -> Wording:
    """A value of any kind, short: simple ones as in sentences, lists and objects as they are written in source."""
    if type(value) is Money:
        return tell("money", amount=value_in_words(value.amount), currency=as_it_is(value.currency))
    kind = kind_of(value)
    if kind == "list":
        return tell("list", items=joined([plain_value(one) for one in value]))
    if kind == "object":
        members = [tell("member", name=as_it_is(name), value=plain_value(member)) for name, member in value.items()]
        return tell("object", begin=as_it_is("{"), members=joined(members), end=as_it_is("}"))
    if kind == "number":
        return as_it_is(number_text(value))
    if kind == "range":
        return tell("a-range")
    if kind == "function":
        return tell("a-function")
    if value is None:
        return as_it_is("null")
    return as_it_is(literal_source(value)) if kind == "string" else value_in_words(value)


def _and(parts: Sequence[str]) -> str:
    return " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _the(name: str, begins: bool = False) -> str:
    return f"{'The' if begins else 'the'} {name.replace('_', ' ')}"
