"""Static types of the rule language: what is known of a value before there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import BrokenInput


@dataclass(frozen=True, slots=True)
class Type:
    """`name` is one of `NAMES`. `item` for lists, ranges and the result of functions; `fields` for objects and
    `parameters` for functions, None meaning any.

    `currency` narrows money where it is known. Compare with `==`; widen with `joined`.
    """

    name: str
    item: "Type | None" = None
    fields: "tuple[tuple[str, Type], ...] | None" = None
    currency: str | None = None
    parameters: "tuple[Type, ...] | None" = None

    def field(self, name: str) -> "Type | None":
        """The type of a property; None when an object that lists its properties has no such one."""
        if self.fields is None:
            return ANY
        return next((kind for key, kind in self.fields if key == name), None)

    def __str__(self) -> str:
        if self.name in ("list", "range") and self.item is not None and self.item.name != "any":
            return f"{self.name} of {self.item}"
        return f"money in {self.currency}" if self.currency else self.name


ANY = Type("any")
NULL = Type("null")
BOOLEAN = Type("boolean")
INTEGER = Type("integer")
NUMBER = Type("number")
STRING = Type("string")
DATE = Type("date")
TIME = Type("time")
DATE_TIME = Type("date and time")
DURATION = Type("duration")  # either of the two below; what a declaration says
DAYS = Type("days and time duration")
MONTHS = Type("years and months duration")
MONEY = Type("money")
OBJECT = Type("object")
FUNCTION = Type("function")

_SIMPLE = {
    kind.name: kind
    for kind in (ANY, BOOLEAN, INTEGER, NUMBER, STRING, DATE, TIME, DATE_TIME, DURATION, DAYS, MONTHS, MONEY, OBJECT)
}
NAMES = (*_SIMPLE, "list", "range", "null", "function")
ORDERED = frozenset({"number", "string", "date", "time", "date and time", DAYS.name, MONTHS.name, "duration", "money"})


def list_of(item: Type = ANY) -> Type:
    """The type of lists with such items."""
    return Type("list", item=item)


def range_of(item: Type = ANY) -> Type:
    """The type of ranges with such ends."""
    return Type("range", item=item)


def object_of(fields: Mapping[str, Type]) -> Type:
    """The type of objects with exactly these properties."""
    return Type("object", fields=tuple(sorted(fields.items())))


def function_of(parameters: Sequence[Type], result: Type) -> Type:
    """The type of functions with these parameters."""
    return Type("function", item=result, parameters=tuple(parameters))


def money_in(currency: str) -> Type:
    """Money in a currency known beforehand."""
    return Type("money", currency=currency)


def type_named(name: str, fields: Mapping[str, Type] | None = None, item: Type | None = None) -> Type:
    """The type a declaration names (`string`, `money`, `object`, `list`, ...); `BrokenInput` for any other name."""
    if name == "object" and fields:
        return object_of(fields)
    if name == "list":
        return list_of(item or ANY)
    if name not in _SIMPLE:
        raise BrokenInput(f"expected a type ({', '.join(_SIMPLE)}, list), found `{name}`")
    return _SIMPLE[name]


def kind(type_: Type) -> str:
    """The name under which two types are compared: integers are numbers."""
    return "number" if type_.name == "integer" else type_.name


def comparable(left: Type, right: Type, currency: str | None) -> bool:
    """Whether values of both types can be equal or ordered; unlike currencies are not."""
    kinds = {kind(left), kind(right)}
    if kinds & {"any", "null"}:
        return True
    if kinds == {"money"}:
        return left.currency is None or right.currency is None or left.currency == right.currency
    if kinds == {"money", "number"}:
        money = left if left.name == "money" else right
        return currency is not None and money.currency in (None, currency)
    if "duration" in kinds and kinds <= {"duration", DAYS.name, MONTHS.name}:
        return True
    if len(kinds) > 1:
        return False
    if left.item is not None and right.item is not None:
        return comparable(left.item, right.item, currency)
    return True


def joined(left: Type, right: Type) -> Type:
    """The narrowest type we can name that holds values of both."""
    if right in (left, NULL):
        return left
    if left == NULL:
        return right
    if kind(left) == kind(right):
        if kind(left) == "number":
            return NUMBER
        if left.name == "money":
            return MONEY
        if left.name in ("list", "range") and left.item is not None and right.item is not None:
            return Type(left.name, item=joined(left.item, right.item))
        if left.name == "object":
            return OBJECT
    if {left.name, right.name} <= {"duration", DAYS.name, MONTHS.name}:
        return DURATION
    return ANY


def convertible(wanted: Type, given: Type) -> bool:
    """As `accepts`, with the conversions on the way into a typed place: one value for a list, a list of one for its
    item, a date for a date and time."""
    if accepts(wanted, given) or (wanted == DATE_TIME and given == DATE):
        return True
    if wanted.name == "list":
        return given.name != "list" and accepts(wanted.item or ANY, given)
    return given.name == "list" and accepts(wanted, given.item or ANY)


def accepts(wanted: Type, given: Type) -> bool:
    """Whether `given` may stand where `wanted` is asked; what is not known passes and is checked when it is."""
    if "any" in (wanted.name, given.name) or given == NULL:
        return True
    if wanted.name == "integer":
        return kind(given) == "number"
    if wanted.name == "duration":
        return given.name in ("duration", DAYS.name, MONTHS.name)
    if given.name == "duration":
        return wanted.name in (DAYS.name, MONTHS.name)
    if kind(wanted) != kind(given):
        return False
    if wanted.name == "money":
        return wanted.currency is None or given.currency in (None, wanted.currency)
    if wanted.item is not None and given.item is not None:
        return accepts(wanted.item, given.item)
    if wanted.fields is not None and given.fields is not None:
        fields = dict(given.fields)
        return all(name in fields and accepts(inner, fields[name]) for name, inner in wanted.fields)
    return True
