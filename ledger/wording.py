"""An English sentence that still knows what it was made of: its code and its arguments, for other languages. Pure.

Where a sentence of ours may stand - a message, a log line, a record - a wording may stand too: it *is* its English
text. What it knows besides is nowhere recorded; doors answer it beside the text, so that a reader's own language can
be put together from the code. Every call of `worded` states code and text literally: tests find all codes there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

Argument = Union["Wording", int]

_AS_IT_IS = ""  # the code of what reads the same in every language
ENGLISH = "english"  # the code of what is told in English alone


class Wording(str):
    """A text in English with its `code` and named `arguments`, each a wording or a whole number.

    The code is empty where the text reads the same in every language: a name, a value, a list of them.
    """

    __slots__ = ("arguments", "code")

    code: str
    arguments: tuple[tuple[str, Argument], ...]

    def __new__(cls, text: str, code: str = _AS_IT_IS, arguments: tuple[tuple[str, Argument], ...] = ()) -> "Wording":
        """The text as it stands; `worded` and its neighbours are how one is made."""
        made = super().__new__(cls, text)
        object.__setattr__(made, "code", code)
        object.__setattr__(made, "arguments", arguments)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a wording never changes; {name} was to be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return Wording, (str(self), self.code, self.arguments)


NOTHING = Wording("")


def worded(code: str, text: str, /, **arguments: Argument) -> Wording:
    """The text with its `{name}` places filled."""
    return Wording(text.format(**arguments) if arguments else text, code, tuple(arguments.items()))


class Texts:
    """The texts of one part of ours by code; calling it makes the wording of a code with its arguments."""

    def __init__(self, texts: Mapping[str, str], prefix: str = "") -> None:
        self.by_code = {f"{prefix}{code}": text for code, text in texts.items()}
        self._prefix = prefix

    def __call__(self, code: str, /, **arguments: Argument) -> Wording:
        """`KeyError` for a code that has no text."""
        whole = f"{self._prefix}{code}"
        return worded(whole, self.by_code[whole], **arguments)


def as_it_is(text: str | int) -> Wording:
    """What reads the same in every language: a name, a value, words of the blueprint language."""
    return Wording(str(text))


def listed(items: Iterable[str]) -> Wording:
    """Names or values with commas between them."""
    return Wording(", ".join(items))


def joined(items: Sequence[Wording], code: str = "list.comma", between: str = ", ") -> Wording:
    """Wordings one after the other; its text by itself, in any language, is what stands `between` two of them."""
    if len(items) == 1:
        return items[0]
    named = tuple([(str(number), item) for number, item in enumerate(items, 1)])
    return Wording(between.join(items), code, named) if items else NOTHING


def in_english(text: str) -> Wording:
    """What is told in English alone: the words of a library, or of a part of ours without codes."""
    return Wording(text, ENGLISH, (("text", Wording(text)),))


def as_told(text: str) -> Wording:
    """The wording of a text: itself where it is one, else told in English alone."""
    return text if isinstance(text, Wording) else in_english(text)


def wording_value(text: str) -> dict[str, Any] | None:
    """A wording for an answer: {code, arguments}, each argument a string, a number or the same again; None of a text
    that is none, and of one that reads the same in every language."""
    if not isinstance(text, Wording) or not text.code:
        return None
    return {"code": text.code, "arguments": {name: _value(argument) for name, argument in text.arguments}}


def _value(argument: Argument) -> Any:
    if isinstance(argument, int):
        return argument
    return wording_value(argument) or str(argument)
