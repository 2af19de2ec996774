"""Standard functions on numbers (DMN 1.5, section 10.3.4.5), exact to 34 digits, and those that fold lists of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)
from typing import Any

from governance.rules.calling import Arguments, Run, items_of, whole
from governance.rules.env import Env
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.operations import arithmetic, ordered
from governance.rules.temporal import YearsMonths
from governance.rules.values import DECIMAL128, Money, kind_of

_EXACT = Context(prec=400, Emin=-7000, Emax=7000, traps=[InvalidOperation])  # rounded to 34 digits at the end
_SCALE_MIN, _SCALE_MAX = -6111, 6176
_SERIES = 30  # steps of a logarithm or an exponential to 34 digits
_DURATIONS = frozenset({"days and time duration", "years and months duration"})


def _rounded(rounding: str) -> Run:
    def run(arguments: Arguments, _env: Env) -> Decimal | None:
        value = Decimal(arguments[0])
        scale = int(arguments[1]) if len(arguments) == 2 else 0
        if not _SCALE_MIN <= scale <= _SCALE_MAX:
            return None
        exponent = int(value.as_tuple().exponent)
        try:
            return value.quantize(Decimal((0, (1,), -scale)), rounding=rounding, context=DECIMAL128)
        except InvalidOperation:
            if exponent >= -scale:
                return value  # nothing to round, only zeros that 34 digits do not hold
            raise LimitBreached("expected a result of at most 34 digits") from None

    return run


def _abs(arguments: Arguments, _env: Env) -> Any:
    value = arguments[0]
    if type(value) is Money:
        return Money(DECIMAL128.abs(value.amount), value.currency)
    if type(value) is YearsMonths:
        return YearsMonths(abs(value.months))
    return abs(value) if type(value) is timedelta else DECIMAL128.abs(Decimal(value))


def _modulo(arguments: Arguments, _env: Env) -> Decimal | None:
    """What is left after taking the divisor as often as it goes, with the sign of the divisor."""
    dividend, divisor = Decimal(arguments[0]), Decimal(arguments[1])
    if not divisor:
        return None
    try:
        left = _EXACT.remainder(dividend, divisor)
    except InvalidOperation:
        raise Unanswerable("expected a dividend and a divisor whose sizes are less far apart") from None
    if left and (left < 0) != (divisor < 0):
        left = _EXACT.add(left, divisor)
    return DECIMAL128.plus(left)


def _root(arguments: Arguments, _env: Env) -> Decimal | None:
    return DECIMAL128.sqrt(Decimal(arguments[0])) if arguments[0] >= 0 else None


def _log(arguments: Arguments, env: Env) -> Decimal | None:
    env.budget.spend(_SERIES)
    return DECIMAL128.ln(Decimal(arguments[0])) if arguments[0] > 0 else None


def _exp(arguments: Arguments, env: Env) -> Decimal:
    env.budget.spend(_SERIES)
    try:
        return DECIMAL128.exp(Decimal(arguments[0]))
    except Overflow:
        raise LimitBreached("expected a result within the range of its kind") from None


def _has_rest(rest: int) -> Run:
    return lambda arguments, _: whole(arguments[0], "one that is odd or even") % 2 == rest


def _folded(arguments: Arguments, env: Env, kinds: frozenset[str]) -> Sequence[Any] | None:
    """The items, all of one of the kinds; None when there is none or one is of another."""
    items = items_of(arguments)
    env.budget.spend(1 + len(items))
    found = {kind_of(item) for item in items}
    if found & _DURATIONS and found <= _DURATIONS:
        raise Unanswerable("expected numbers or money, found durations")
    if "list" in found:
        raise Unanswerable("expected numbers or money, found a list in a list")
    return items if items and found <= kinds else None


_NUMBERS = frozenset({"number"})
_AMOUNTS = frozenset({"number", "money"})


def _sum(arguments: Arguments, env: Env) -> Any:
    items = _folded(arguments, env, _AMOUNTS)
    if items is None:
        return None
    total: Any = items[0]
    for item in items[1:]:
        total = arithmetic("+", total, item, env.currency)
    return total


def _mean(arguments: Arguments, env: Env) -> Any:
    total = _sum(arguments, env)
    return None if total is None else arithmetic("/", total, Decimal(len(items_of(arguments))), env.currency)


def _product(arguments: Arguments, env: Env) -> Any:
    items = _folded(arguments, env, _NUMBERS)
    if items is None:
        return None
    total: Any = items[0]
    for item in items[1:]:
        total = arithmetic("*", total, item, env.currency)
    return total


def _median(arguments: Arguments, env: Env) -> Any:
    items = _folded(arguments, env, _AMOUNTS)
    if items is None:
        return None
    keyed = [(_amount(item, items[0], env), place) for place, item in enumerate(items)]
    in_order = [items[place] for _, place in sorted(keyed)]
    middle = len(in_order) // 2
    if len(in_order) % 2:
        return in_order[middle]
    both = arithmetic("+", in_order[middle - 1], in_order[middle], env.currency)
    return arithmetic("/", both, Decimal(2), env.currency)


def _amount(item: Any, other: Any, env: Env) -> Any:
    pair = ordered(item, other, env.currency)
    assert pair is not None
    return pair[0]


def _stddev(arguments: Arguments, env: Env) -> Decimal | None:
    """Of a sample: the squares are shared among one less than there are."""
    items = _folded(arguments, env, _NUMBERS)
    if items is None or len(items) < 2:
        return None
    if any(abs(Decimal(item).adjusted()) > 100 for item in items if item):
        raise Unanswerable("expected numbers below a googol to take the deviation of")
    numbers = [Decimal(item) for item in items]
    total = Decimal(0)
    for number in numbers:
        total = _EXACT.add(total, number)
    mean = _EXACT.divide(total, Decimal(len(numbers)))
    squares = Decimal(0)
    for number in numbers:
        away = _EXACT.subtract(number, mean)
        squares = _EXACT.add(squares, _EXACT.multiply(away, away))
    return DECIMAL128.plus(_EXACT.sqrt(_EXACT.divide(squares, Decimal(len(numbers) - 1))))


def _mode(arguments: Arguments, env: Env) -> tuple[Any, ...] | None:
    """The numbers that occur most often, in ascending order."""
    if not items_of(arguments):
        return ()
    items = _folded(arguments, env, _NUMBERS)
    if items is None:
        return None
    counted = Counter(items)
    most = max(counted.values())
    return tuple(sorted(number for number, count in counted.items() if count == most))


_ROUNDINGS = {
    "decimal": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
}
FUNCTIONS: dict[str, Run] = {
    **{name: _rounded(rounding) for name, rounding in _ROUNDINGS.items()},
    "abs": _abs,
    "modulo": _modulo,
    "sqrt": _root,
    "log": _log,
    "exp": _exp,
    "odd": _has_rest(1),
    "even": _has_rest(0),
    "sum": _sum,
    "mean": _mean,
    "product": _product,
    "median": _median,
    "stddev": _stddev,
    "mode": _mode,
}
