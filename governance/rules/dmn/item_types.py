"""Item definitions as types with allowed values, and the conversion of values to them (DMN 1.5, section 10.3.2.9.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from governance.rules.closures import RunTest
from governance.rules.conform import converted
from governance.rules.dmn.model import Finding, FunctionItem, ItemDefinition, Source
from governance.rules.dmn.reading import Path, told
from governance.rules.dmn.sources import Scope, Sources
from governance.rules.env import walk_paid
from governance.rules.errors import LimitBreached
from governance.rules.limits import CONTAINERS
from governance.rules.type_text import read_type
from governance.rules.types import ANY, Type, list_of, object_of
from ledger.errors import BrokenInput

NOWHERE = Scope()


@dataclass(frozen=True, slots=True)
class TypeDef:
    """A type with what its values have to pass. `tests` for the value itself, `item` and `fields` for what is in it;
    `result` is that of a function. `allowed` is as written, where it orders outputs."""

    type: Type
    tests: tuple[RunTest, ...] = ()
    item: "TypeDef | None" = None
    fields: "tuple[tuple[str, TypeDef], ...]" = ()
    result: "TypeDef | None" = None
    allowed: Source | None = None

    @property
    def is_free(self) -> bool:
        """Whether there is nothing more to it than the type says."""
        inside = (*(inner for _, inner in self.fields), *((self.item,) if self.item is not None else ()))
        return not self.tests and all(inner.is_free for inner in inside)

    def admits(self, value: Any, context: Mapping[str, Any]) -> bool:
        """Whether a value that conforms to the type passes; null always does."""
        if value is None:
            return True
        if any(test(context, value) is not True for test in self.tests):
            return False
        if self.item is not None:
            return all(self.item.admits(member, context) for member in value)
        return all(inner.admits(value[name], context) for name, inner in self.fields)

    def convert(self, value: Any, context: Mapping[str, Any]) -> Any:
        """The value as it stands in a place of this type; null where it cannot. Paid by its members, `LimitBreached`
        for one too large: what the decisions of a model hand on grows from each to the next."""
        if type(value) in CONTAINERS:
            walk_paid(context, value)
        made = converted(value, self.type)
        return made if self.is_free or self.admits(made, context) else None


FREE = TypeDef(ANY)


class Types:
    """The named types of a model, each made when it is first asked for."""

    def __init__(self, items: tuple[ItemDefinition, ...], *, has_all: bool = True) -> None:
        self.findings: list[Finding] = []
        self._has_all = has_all  # else a name may be that of a type whose name could not be read
        self._sources = Sources({}, findings=self.findings)
        self.remarks = self._sources.remarks
        self._items = {item.name: item for item in items}
        self._made: dict[str, TypeDef] = {}
        self._making: list[str] = []
        for item in items:
            self.named(item.name, (f"type `{item.name}`",), item.place)

    def for_expressions(self) -> dict[str, Type]:
        """The types that `instance of` may ask for: those with allowed values are refused there."""
        return {name: made.type for name, made in self._made.items() if made.is_free}

    def named(self, name: str | None, path: Path, place: tuple[int, int] = (1, 1)) -> TypeDef:
        """The type of a reference; a finding where there is none of this name."""
        if name is None:
            return FREE
        if name in self._made:
            return self._made[name]
        if name in self._making:
            self._error(path, f"expected a type that does not hold itself, found `{name}` in itself", place)
            return FREE
        if name in self._items:
            self._making.append(name)
            self._made[name] = self._item(self._items[name], (f"type `{name}`",))
            self._making.pop()
            return self._made[name]
        try:
            return TypeDef(_BARE.get(name) or read_type(name, self.for_expressions()))
        except (BrokenInput, LimitBreached):
            if self._has_all:
                self._error(path, f"expected a type, found `{name}`", place)
            return FREE

    def _error(self, path: Path, message: str, place: tuple[int, int]) -> None:
        self.findings.append(Finding("error", told(path), message, *place))

    def _item(self, item: ItemDefinition, path: Path) -> TypeDef:
        if item.function is not None:
            made = self._function(item.function, path, item.place)
        elif item.components:
            fields = tuple((one.name, self._item(one, (*path, f"component `{one.name}`"))) for one in item.components)
            made = TypeDef(object_of({name: inner.type for name, inner in fields}), fields=fields)
        else:
            made = self.named(item.type, path, item.place)
        allowed = self._sources.tests(item.allowed, NOWHERE, (*path, "allowed values"), made.type)
        if allowed is not None:
            made = replace(made, tests=(*made.tests, allowed), allowed=item.allowed)
        if item.is_list:
            made = TypeDef(list_of(made.type), item=made)
        constraint = self._sources.tests(item.constraint, NOWHERE, (*path, "constraint"), made.type)
        return made if constraint is None else replace(made, tests=(*made.tests, constraint))

    def _function(self, item: FunctionItem, path: Path, place: tuple[int, int]) -> TypeDef:
        parameters = tuple(self.named(one.type, path, place).type for one in item.parameters)
        result = self.named(item.result, path, place)
        return TypeDef(Type("function", item=result.type, parameters=parameters), result=result)


_BARE = {"list": list_of(), "context": Type("object"), "function": Type("function"), "range": Type("range")}
