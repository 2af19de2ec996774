"""Expressions and rule tables of `governance.rules` over the data of instances. Pure.

Data is canonical JSON on this side and typed values on that side; the declared fields of the blueprint say which.
Whatever goes wrong there is `Failed` here, with a code that repeats no value, and becomes an incident.

`now` and `today` are the instant of the command, in UTC: that of the batch, which is the `recorded_at` of the entry
that holds what followed. So the record says which moment it was, and the same answer comes of it for ever.

All that one command evaluates is paid from one `Allowance`, which travels with the data (`paying`): the command holds
the log for as long. What is too much for it is `TOO_MUCH`, and can be tried again by another command.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from governance.rules.compile import Compiled, compile_expression
from governance.rules.env import ALLOWANCE, BUDGET
from governance.rules.errors import RuleError, UnlikeCurrencies
from governance.rules.limits import Allowance, Budget
from governance.rules.syntax import Name
from governance.rules.table import CompiledTable
from governance.rules.types import ANY, NUMBER, Type
from governance.rules.values import from_json, printed_back, to_json
from ledger.canonical import check_domain
from ledger.clock import moment_of
from ledger.errors import BrokenInput
from orchestrator.plan import Plan
from orchestrator.run import Failed, Ruled
from versioning.blueprint import DataField
from versioning.feel import scope_of, type_of

FAILED = "EXPRESSION_FAILED"
UNREADABLE = "EXPRESSION_UNREADABLE"  # a released expression that no longer compiles
UNCONVERTIBLE = "CURRENCY_UNCONVERTIBLE"
OUT_OF_RANGE = "OUT_OF_RANGE"  # a whole number that no entry may hold
TOO_MUCH = "STEP_LIMIT"  # as of steps: one command does no more
NO_RULE_MATCHES = "NO_RULE_MATCHES"

_CHARS_PER_STEP = 2  # of a source: what is evaluated once is bounded by its nodes, of two characters at least

Evaluate = Callable[[str, Mapping[str, Any]], Any]


class _Ready(NamedTuple):
    """A compiled expression. `cost` is what it costs whatever it does; `name` the variable that it is and nothing more,
    empty for any other."""

    compiled: Compiled
    cost: int
    name: str


class Evaluator:
    """The expressions of one plan, compiled when first asked for. An instant is told with each, as `at` binds it."""

    __slots__ = ("_currency", "_ready", "scope")

    def __init__(self, plan: Plan) -> None:
        blueprint = plan.version.blueprint
        self._currency = blueprint.currency or None
        self.scope = scope_of((*blueprint.data, *plan.elements), blueprint.currency)
        self._ready: dict[str, _Ready] = {}

    def __call__(self, now: int, source: str, context: Mapping[str, Any]) -> Any:
        """What the expression yields at an instant for variables in canonical JSON, as canonical JSON; or `Failed`."""
        allowance: Allowance | None = context.get(ALLOWANCE)
        ready = self._ready.get(source)
        if allowance is None:
            return self._value(now, source, context, None)
        if ready is not None and not ready.compiled.repeats:
            if not allowance.pays(ready.cost):
                return Failed(TOO_MUCH)
            value = printed_back(context.get(ready.name), ready.compiled.type) if ready.name else None
            if value is not None:
                return value
            value = self._value(now, source, context, None)
        else:
            budget = allowance.take(_cost(source))
            if budget is None:
                return Failed(TOO_MUCH)
            value = self._value(now, source, context, budget)
            allowance.give_back(budget)
        return Failed(TOO_MUCH) if type(value) is Failed and allowance.is_spent else value

    def _value(self, now: int, source: str, context: Mapping[str, Any], budget: Budget | None) -> Any:
        try:
            ready = self._ready.get(source) or self._made_ready(source)
            compiled = ready.compiled
            typed: dict[Any, Any] = {name: from_json(context.get(name), self.scope[name]) for name in compiled.roots}
            if budget is not None and compiled.repeats:
                typed[BUDGET] = budget
            moment = moment_of(now) if compiled.asks_moment else None
            return _recordable(to_json(compiled.evaluate(typed, moment), compiled.type))
        except UnlikeCurrencies:
            return Failed(UNCONVERTIBLE)
        except RuleError:
            return Failed(FAILED)
        except BrokenInput:
            return Failed(UNREADABLE)

    def _made_ready(self, source: str) -> _Ready:
        compiled = compile_expression(source, self.scope, self._currency, has_moment=True)
        expr = compiled.expr
        name = expr.name if isinstance(expr, Name) and compiled.type == self.scope.get(expr.name) else ""
        ready = self._ready[source] = _Ready(compiled, _cost(source), name)
        return ready


def _cost(source: str) -> int:
    return 1 + len(source) // _CHARS_PER_STEP


def evaluate_at(plan: Plan, now: int) -> Evaluate:
    """What evaluates the expressions of a plan at an instant."""
    return partial(plan.evaluate or evaluator(plan), now)


def evaluator(plan: Plan) -> Evaluator:
    """The evaluator of a plan, kept with it."""
    if plan.evaluate is None:
        plan.evaluate = Evaluator(plan)
    assert isinstance(plan.evaluate, Evaluator)
    return plan.evaluate


class TypedData(Mapping[str, Any]):
    """The data of an instance as typed values, each opened and read when it is asked for; for conditions of grants,
    which the command that asks pays for."""

    def __init__(self, plan: Plan, read: Callable[[str], Any], allowance: Allowance) -> None:
        self._scope = evaluator(plan).scope
        self._read = read
        self._allowance = allowance

    def __getitem__(self, name: Any) -> Any:
        if name is ALLOWANCE:
            return self._allowance
        return from_json(self._read(name), self._scope[name])

    def __contains__(self, name: object) -> bool:
        return name in self._scope  # the default would open the value to find out

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope)

    def __len__(self) -> int:
        return len(self._scope)


def paying(evaluate: Callable[[str, Mapping[str, Any]], Any], allowance: Allowance) -> Callable[..., Any]:
    """The same, paid from an allowance."""
    return lambda source, context: evaluate(source, {**context, ALLOWANCE: allowance})


def rule(table: CompiledTable, digest: str, arguments: Mapping[str, Any], into: DataField | None) -> Ruled | Failed:
    """A rule table over arguments in canonical JSON; its value as canonical JSON of the field it is laid into."""
    allowance: Allowance | None = arguments.get(ALLOWANCE)
    if allowance is None:
        return _ruled(table, digest, (arguments, into), None)
    budget = allowance.take(1 + len(table.rows))
    if budget is None:
        return Failed(TOO_MUCH)
    ruled = _ruled(table, digest, (arguments, into), budget)
    allowance.give_back(budget)
    return Failed(TOO_MUCH) if type(ruled) is Failed and allowance.is_spent else ruled


def _ruled(
    table: CompiledTable, digest: str, given: tuple[Mapping[Any, Any], DataField | None], budget: Budget | None
) -> Ruled | Failed:
    arguments, into = given
    try:
        inputs: dict[Any, Any] = {
            column.name: _input(arguments.get(column.name), column.type) for column in table.table.given
        }
        if budget is not None and table.repeats:
            inputs[BUDGET] = budget
        result, applied = table.answer(inputs)
        if result is None:
            return Failed(NO_RULE_MATCHES)
        wanted: Type = ANY if into is None else type_of(into, table.table.currency or "")
        value = _recordable(to_json(result, wanted))
        return value if type(value) is Failed else Ruled(value, digest, applied)
    except UnlikeCurrencies:
        return Failed(UNCONVERTIBLE)
    except (RuleError, BrokenInput):
        return Failed(FAILED)


def _recordable(value: Any) -> Any:
    """The value, or `Failed` where no entry may hold it: an integer beyond 2^53 - 1."""
    if type(value) is str or type(value) is bool or value is None:
        return value
    try:
        check_domain(value)
    except BrokenInput:
        return Failed(OUT_OF_RANGE)
    return value


def _input(value: Any, kind: Type) -> Any:
    """An argument as a value of the rule language; a whole number that was reckoned comes as decimal text."""
    if kind.name == "integer" and type(value) is str:
        number = from_json(value, NUMBER)
        if number == int(number):
            return int(number)
    return from_json(value, kind)
