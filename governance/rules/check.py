"""Static check: the type of an expression, and everything about it that cannot be right whatever the data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from governance.rules import types
from governance.rules.check_binders import BINDERS, named
from governance.rules.env import Env
from governance.rules.errors import Finding, RuleError
from governance.rules.expression_texts import say
from governance.rules.functions import invoke
from governance.rules.parse import unknown_name
from governance.rules.signatures import MOMENTS, STANDARD, Signature, arranged
from governance.rules.syntax import (
    Arithmetic,
    Between,
    Call,
    Cell,
    Compare,
    Constant,
    Expr,
    If,
    ListOf,
    Logic,
    Membership,
    Name,
    Negation,
    Path,
    RangeOf,
    UnaryTest,
)
from governance.rules.types import (
    ANY,
    BOOLEAN,
    DAYS,
    DURATION,
    INTEGER,
    MONEY,
    MONTHS,
    NULL,
    NUMBER,
    STRING,
    TIME,
    Type,
    kind,
)
from governance.rules.values import kind_of
from ledger.wording import NOTHING, Wording, as_it_is

_DAY = dict.fromkeys(("year", "month", "day", "weekday"), NUMBER)
_CLOCK = {**dict.fromkeys(("hour", "minute", "second"), NUMBER), "time offset": DAYS, "timezone": STRING}
_DAY_PARTS = dict.fromkeys(("days", "hours", "minutes", "seconds"), NUMBER)
_MONTH_PARTS = dict.fromkeys(("years", "months"), NUMBER)
PROPERTIES: dict[str, dict[str, Type]] = {
    "date": _DAY,
    "time": _CLOCK,
    "date and time": _DAY | _CLOCK,
    "days and time duration": _DAY_PARTS,
    "years and months duration": _MONTH_PARTS,
    "duration": _DAY_PARTS | _MONTH_PARTS,
    "money": {"amount": NUMBER, "currency": STRING},
}
_DURATIONS = frozenset({"duration", DAYS.name, MONTHS.name})
_MOMENTS = frozenset({"date", "time", "date and time"})


class Checked(NamedTuple):
    """The static type and the findings; an expression with findings must not be evaluated."""

    type: Type
    findings: tuple[Finding, ...]


def check(
    expr: Expr,
    scope: Mapping[str, Type],
    result: Type | None = None,
    currency: str | None = None,
    *,
    has_moment: bool = False,
) -> Checked:
    """Types an expression in a scope. `currency` is what bare numbers mean beside money; `result` what is asked for;
    `has_moment`: `now` and `today` have a value."""
    checker = Checker(scope, currency, [], has_moment=has_moment)
    found = checker.type_of(expr)
    fraction = result == INTEGER and isinstance(expr, Constant) and found == NUMBER
    if result is not None and (fraction or not types.accepts(result, found)):
        checker.find(say("other-result", wanted=named(result), found=named(found)), expr.at)
    return Checked(found, tuple(sorted(checker.findings, key=lambda finding: finding.at)))


def check_tests(
    tests: Cell, value: Type, scope: Mapping[str, Type], currency: str | None = None
) -> tuple[Finding, ...]:
    """Findings of a rule table's cell that tests values of type `value`."""
    checker = Checker(scope, currency, [])
    for test in tests.tests:
        checker.test(test, value)
    return tuple(checker.findings)


@dataclass(frozen=True, slots=True)
class Checker:
    """Types in one scope. `tested` is the type of `?`, where there is one; in an `is_open` scope a name that is not
    known may be that of an item whose names nobody declared. `converts`: what the language converts passes; without
    it that is a finding, since whoever wrote it hardly meant it."""

    scope: Mapping[str, Type]
    currency: str | None
    findings: list[Finding]
    tested: Type | None = None
    is_open: bool = False
    has_moment: bool = False
    converts: bool = False

    def fits(self, wanted: Type, given: Type) -> bool:
        return types.convertible(wanted, given) if self.converts else types.accepts(wanted, given)

    def inside(self, names: Mapping[str, Type], is_open: bool = False) -> "Checker":
        """The checker of a scope inside this one; findings are kept together."""
        return replace(self, scope={**self.scope, **names}, is_open=self.is_open or is_open)

    def find(self, message: str, at: int) -> Type:
        self.findings.append(Finding(message, at))
        return ANY

    def type_of(self, expr: Expr) -> Type:
        match expr:
            case Constant():
                return _constant(expr)
            case Name(name=name):
                known = self.scope.get(name, ANY if self.is_open else None)
                return self.find(unknown_name(name, self.scope), expr.at) if known is None else known
            case Path(base=base, name=name):
                return self.path(self.type_of(base), name, expr.at)
            case Negation(operand=operand):
                return self.negation(self.type_of(operand), expr.at)
            case Arithmetic(op=op, left=left, right=right):
                return self.arithmetic(op, self.type_of(left), self.type_of(right), expr.at)
            case Compare(op=op, left=left, right=right):
                return self.compare(op, self.type_of(left), self.type_of(right), expr.at)
            case Logic(op=op, operands=operands):
                for operand in operands:
                    self.boolean(operand, as_it_is(f"`{op}`"))
                return BOOLEAN
            case Between(value=value, low=low, high=high):
                asked = self.type_of(value)
                self.compare(">=", asked, self.type_of(low), low.at)
                return self.compare("<=", asked, self.type_of(high), high.at)
            case Membership(value=value, tests=tests):
                asked = self.type_of(value)
                for test in tests:
                    self.test(test, asked)
                return BOOLEAN
            case RangeOf():
                return self.range_(expr)
            case ListOf(items=items):
                return types.list_of(self.join([self.type_of(item) for item in items]))
            case If(condition=condition, then=then, otherwise=otherwise):
                self.boolean(condition, as_it_is("`if`"))
                return types.joined(self.type_of(then), self.type_of(otherwise))
            case Call():
                return self.call(expr)
            case _:
                return BINDERS[type(expr)](self, expr)

    def join(self, found: list[Type]) -> Type:
        if not found:
            return ANY
        joint = found[0]
        for one in found[1:]:
            joint = types.joined(joint, one)
        return ANY if joint == NULL else joint

    def boolean(self, expr: Expr, where: Wording) -> None:
        found = self.type_of(expr)
        if found.name not in ("boolean", "any", "null"):
            self.find(say("boolean-wanted", where=where, found=named(found)), expr.at)

    def path(self, base: Type, name: str, at: int) -> Type:
        if base.name in ("any", "null"):
            return ANY
        if base.name == "object":
            found = base.field(name)
            known = [key for key, _ in base.fields or ()]
            if found is None:
                return self.find(say("no-such-property", known=_or(known), name=as_it_is(name)), at)
            return found
        if base.name == "list":
            return types.list_of(self.path(base.item or ANY, name, at))
        known_here = _range_properties(base) if base.name == "range" else PROPERTIES.get(base.name, {})
        if name not in known_here:
            told = {"base": named(base), "known": _or(known_here), "name": as_it_is(name)}
            return self.find(say("no-such-property-of", **told), at)
        return known_here[name]

    def negation(self, operand: Type, at: int) -> Type:
        if operand.name in ("any", "null", "money") or operand.name in _DURATIONS:
            return operand
        if kind(operand) == "number":
            return operand
        return self.find(say("negation", found=named(operand)), at)

    def compare(self, op: str, left: Type, right: Type, at: int) -> Type:
        if self.converts and left.name == right.name == "list":
            return BOOLEAN  # empty ones are alike whatever they may hold
        if not types.comparable(left, right, self.currency):
            self.find(say("not-comparable", **self.pair(left, right)), at)
        elif op not in ("=", "!="):
            for side in (left, right):
                if kind(side) not in types.ORDERED and side.name not in ("any", "null"):
                    self.find(say("no-order", op=as_it_is(op), found=named(side)), at)
                    break
        return BOOLEAN

    def about_money(self, left: Type, right: Type) -> Wording:
        is_mixed = {kind(left), kind(right)} == {"money", "number"}
        return say("no-currency") if is_mixed and self.currency is None else NOTHING

    def pair(self, left: Type, right: Type) -> dict[str, Wording]:
        return {"left": named(left), "right": named(right), "money": self.about_money(left, right)}

    def test(self, test: UnaryTest, value: Type) -> None:
        """One unary test of a value of this type."""
        if test.op == "holds":
            replace(self, tested=value).boolean(test.operand, say("tested"))
            return
        operand = self.type_of(test.operand)
        if self.converts and value.name == "list":
            return  # it may be meant as a whole or by its items
        if test.op == "in" and operand.name in ("list", "range"):
            if value.name == "list" and operand.name == "list":
                return
            operand = operand.item or ANY
            operand = operand.item or ANY if operand.name == "range" else operand
        if test.op == "in" and not types.comparable(value, operand, self.currency):
            money = self.about_money(value, operand)
            self.find(say("test-of", value=named(value), found=named(operand), money=money), test.at)
        elif test.op != "in":
            self.compare(test.op, value, operand, test.at)

    def range_(self, expr: RangeOf) -> Type:
        found = [self.type_of(end) for end in (expr.low, expr.high) if end is not None]
        self.compare("<=", found[0], found[-1], expr.at)
        if isinstance(expr.low, Constant) and isinstance(expr.high, Constant):
            low, high = expr.low.value, expr.high.value
            if kind_of(low) == kind_of(high) and kind_of(low) in ("number", "string", "date") and low > high:
                self.find(say("range-order"), expr.at)
        return types.range_of(self.join(found))

    def arithmetic(self, op: str, left: Type, right: Type, at: int) -> Type:
        found = _arithmetic(op, left, right, self.currency)
        if found is None:
            return self.find(say("not-joined", op=as_it_is(op), **self.pair(left, right)), at)
        return found

    def call(self, expr: Call) -> Type:
        name = expr.function
        found = [self.type_of(argument) for argument in expr.arguments]
        signature = STANDARD[name]
        most = len(signature.takes)
        if expr.names:
            order = arranged(name, expr.names)
            if order is None:
                ways = " or ".join(", ".join(one) for one in signature.names)
                return self.find(f"expected arguments of `{name}` by name: {ways}", expr.at)
            found = [types.NULL if place is None else found[place] for place in order]
            arguments = [expr if place is None else expr.arguments[place] for place in order]
        else:
            arguments = list(expr.arguments)
        if len(found) < signature.required or (len(found) > most and not signature.more):
            return self.find(f"expected {_count(signature)} in `{name}`, found {len(found)}", expr.at)
        for number, one in enumerate(found):
            takes = signature.takes[min(number, most - 1)]
            if takes[0] != "any" and not any(self.fits(Type(wanted), one) for wanted in takes):
                self.find(f"expected {' or '.join(takes)} in `{name}`, found {one}", arguments[number].at)
        if name in MOMENTS and not self.has_moment:
            self.find(
                f"`{name}` has no value here: give the moment as an input, so that it stands in the record", expr.at
            )
        self.literal_call(expr)
        return self.result(expr, found, arguments)

    def unknown_function(self, name: str, at: int) -> Type:
        """A call of what is no function of the standard and no name of the scope."""
        known = (*STANDARD, *(one for one, kind_ in self.scope.items() if kind_.name == "function"))
        return self.find(unknown_name(name, known).replace("declared name", "function").split("; a")[0], at)

    def literal_call(self, expr: Call) -> None:
        """`date("2026-02-30")` is null to the standard; written out like this it can only be a mistake."""
        if expr.function not in ("date", "time", "date and time", "duration"):
            return
        values = [argument.value for argument in expr.arguments if isinstance(argument, Constant)]
        if len(values) != len(expr.arguments) or None in values:
            return
        try:
            if invoke(expr.function, values, Env(None)) is None:
                self.find(f"expected a {expr.function} that exists", expr.at)
        except RuleError as error:
            self.find(str(error), expr.at)

    def result(self, expr: Call, found: list[Type], arguments: list[Expr]) -> Type:
        """The type of a call with sound arguments."""
        name = expr.function
        if name in ("sum", "min", "max", "all", "any"):
            only = found[0]
            item = (only.item or ANY) if len(found) == 1 and only.name == "list" else self.join(found)
            return self.folded(name, item, expr.at)
        if name == "abs":
            return found[0] if found[0].name != "list" else found[0].item or ANY
        if name == "append":
            return types.list_of(self.join([found[0].item or ANY, *found[1:]]))
        if name == "concatenate":
            return types.list_of(self.join([one.item or ANY for one in found]))
        if name == "duration" and isinstance(arguments[0], Constant):
            text = str(arguments[0].value)
            return MONTHS if "T" not in text and "D" not in text else DAYS
        return STANDARD[name].result

    def folded(self, name: str, item: Type, at: int) -> Type:
        if name in ("all", "any"):
            if item.name not in ("boolean", "any"):
                self.find(f"expected booleans in `{name}`, found {item}", at)
            return BOOLEAN
        wanted = ("number", "money", "any") if name == "sum" else (*types.ORDERED, "any")
        if kind(item) not in wanted:
            return self.find(
                f"expected {'numbers or money' if name == 'sum' else 'values with an order'} in `{name}`", at
            )
        return NUMBER if item == INTEGER and name == "sum" else item


def _range_properties(span: Type) -> dict[str, Type]:
    end = span.item or ANY
    return {"start": end, "end": end, "start included": BOOLEAN, "end included": BOOLEAN}


def _constant(expr: Constant) -> Type:
    name = kind_of(expr.value)
    if name == "number":
        return INTEGER if expr.value == int(expr.value) else NUMBER
    return NULL if name == "null" else Type(name)


def _or(known: Mapping[str, Type] | list[str]) -> Wording:
    return as_it_is(f" ({', '.join(known)})" if known else "")


def _count(signature: Signature) -> str:
    least, most = signature.required, len(signature.takes)
    if signature.more:
        return f"at least {least} arguments"
    return f"{least} arguments" if least == most else f"{least} to {most} arguments"


def _arithmetic(op: str, left: Type, right: Type, currency: str | None) -> Type | None:
    """The type of the result; None where the operator never joins the two."""
    kinds = (kind(left), kind(right))
    if "any" in kinds or "null" in kinds:
        return ANY
    if kinds == ("number", "number"):
        return NUMBER
    if "money" in kinds:
        return _money(op, left, right, currency)
    if op == "+" and kinds == ("string", "string"):
        return STRING
    if set(kinds) <= _DURATIONS and op in "+-/":
        if DAYS.name in kinds and MONTHS.name in kinds:
            return None
        narrow = next((one for one in (left, right) if one != DURATION), DURATION)
        return NUMBER if op == "/" else narrow
    if op == "+" and kinds[0] in _DURATIONS:
        left, right, kinds = right, left, (kinds[1], kinds[0])
    if op in "+-" and kinds[0] in _MOMENTS and kinds[1] in _DURATIONS:
        return None if left == TIME and right == MONTHS else left
    if op == "-" and kinds in (("date", "date"), ("time", "time"), ("date and time", "date and time")):
        return DAYS
    if op in "*/" and kinds[0] in _DURATIONS and kinds[1] == "number":
        return left
    if op == "*" and kinds[1] in _DURATIONS and kinds[0] == "number":
        return right
    return None


def _money(op: str, left: Type, right: Type, currency: str | None) -> Type | None:
    kinds = (kind(left), kind(right))
    if not set(kinds) <= {"money", "number"}:
        return None
    if op in "+-":
        if not types.comparable(left, right, currency):
            return None
        return next((one for one in (left, right) if one.currency), MONEY)
    if op == "/" and kinds == ("money", "money"):
        return NUMBER if types.comparable(left, right, currency) else None
    if (op in "*/" and kinds == ("money", "number")) or (op == "*" and kinds == ("number", "money")):
        return left if left.name == "money" else right
    return None
