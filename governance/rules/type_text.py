"""Types as they are written in expressions (DMN 1.5, section 10.3.2.9): `list<context<name: string, age: number>>`.

What the standard calls a context is an object here, as in declarations of data; money is ours and may be named.
"""

import re
from collections.abc import Mapping

from governance.rules import limits
from governance.rules.errors import LimitBreached
from governance.rules.types import ANY, MONEY, NULL, NUMBER, OBJECT, Type, type_named
from ledger.errors import BrokenInput

_NAMED = {
    "Any": ANY,
    "Null": NULL,
    "dateTime": type_named("date and time"),
    "date time": type_named("date and time"),
    "dayTimeDuration": type_named("days and time duration"),
    "yearMonthDuration": type_named("years and months duration"),
    "money": MONEY,
    "number": NUMBER,
    **{
        name: type_named(name)
        for name in (
            "boolean", "string", "date", "time", "date and time", "days and time duration",
            "years and months duration",
        )
    },
}  # fmt: skip
_WRITTEN = {"any": "Any", "null": "Null", "integer": "number"}
_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([^:<>,]+):")
_LAST = r"(?![\w])"


def type_text(kind: Type) -> str:
    """The text of a type; reads back to the same type as far as expressions can say it."""
    match kind.name:
        case "list" | "range":
            return f"{kind.name}<{type_text(kind.item or ANY)}>"
        case "object" if kind.fields is None:
            return "context<>"
        case "object":
            return f"context<{', '.join(f'{name}: {type_text(inner)}' for name, inner in kind.fields or ())}>"
        case "function":
            parameters = ", ".join(type_text(one) for one in kind.parameters or ())
            return f"function<{parameters}> -> {type_text(kind.item or ANY)}"
    return _WRITTEN.get(kind.name, kind.name)


def read_type(text: str, known: Mapping[str, Type] | None = None) -> Type:
    """The type a whole text names; `BrokenInput` for anything else. `known` are further names."""
    kind, end = scan_type(text, 0, known)
    if text[end:].strip():
        raise BrokenInput(f"expected the end of the type, found `{text[end:].strip()[:40]}`")
    return kind


def scan_type(text: str, at: int, known: Mapping[str, Type] | None = None) -> tuple[Type, int]:
    """The type that begins at an offset, and where it ends. `BrokenInput` when none does."""
    return _Reader(text, {**_NAMED, **(known or {})}).type(at, 0)


class _Reader:
    def __init__(self, text: str, named: Mapping[str, Type]) -> None:
        self._text = text
        self._named = named
        words = sorted(named, key=lambda name: (-len(name), name))
        self._names = re.compile("|".join(r"\s+".join(map(re.escape, name.split())) + _LAST for name in words))

    def type(self, at: int, depth: int) -> tuple[Type, int]:
        if depth > limits.TYPE_DEPTH_MAX:
            raise LimitBreached(f"expected a type at most {limits.TYPE_DEPTH_MAX} levels deep")
        at = self._skip(at)
        for word, read in (
            ("list", self._item),
            ("range", self._item),
            ("context", self._context),
            ("function", self._function),
        ):
            if self._text.startswith(word, at) and self._sees("<", at + len(word)):
                return read(word, self._skip(at + len(word)) + 1, depth + 1)
        found = self._names.match(self._text, at)
        if found is None:
            told = re.match(r"\w*", self._text[at : at + 40])
            raise BrokenInput(f"expected a type, found `{told[0] if told and told[0] else self._text[at : at + 1]}`")
        return self._named[" ".join(found[0].split())], found.end()

    def _item(self, word: str, at: int, depth: int) -> tuple[Type, int]:
        item, at = self.type(at, depth)
        return Type(word, item=item), self._expect(">", at)

    def _context(self, _word: str, at: int, depth: int) -> tuple[Type, int]:
        fields: dict[str, Type] = {}
        if self._sees(">", at):
            return OBJECT, self._expect(">", at)
        while True:
            found = _FIELD.match(self._text, at)
            if found is None or not found[1].strip():
                raise BrokenInput("expected `name: type` in a context type")
            name = " ".join(found[1].split())
            if name in fields:
                raise BrokenInput(f"expected the name `{name}` once in a context type")
            fields[name], at = self.type(found.end(), depth)
            if not self._sees(",", at):
                break
            at = self._expect(",", at)
        return Type("object", fields=tuple(sorted(fields.items()))), self._expect(">", at)

    def _function(self, _word: str, at: int, depth: int) -> tuple[Type, int]:
        parameters: list[Type] = []
        while not self._sees(">", at):
            if parameters:
                at = self._expect(",", at)
            one, at = self.type(at, depth)
            parameters.append(one)
        at = self._expect("->", self._expect(">", at))
        result, at = self.type(at, depth)
        return Type("function", item=result, parameters=tuple(parameters)), at

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        assert found is not None
        return found.end()

    def _sees(self, mark: str, at: int) -> bool:
        return self._text.startswith(mark, self._skip(at))

    def _expect(self, mark: str, at: int) -> int:
        at = self._skip(at)
        if not self._text.startswith(mark, at):
            raise BrokenInput(f"expected `{mark}` in a type, found `{self._text[at : at + 10] or 'the end'}`")
        return at + len(mark)
