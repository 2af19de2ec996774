"""Shapes: what may stand at a place of a blueprint. The language is a table of them (`versioning.forms`).

One table is read three ways: `versioning.reader` reads source by it, `versioning.schema` makes the published JSON
Schema from it, and error messages take their words from it; so they cannot disagree.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ledger.wording import Wording, as_it_is, worded

NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"  # steps, roles, decision kinds, tables, blueprints
FIELD = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"  # data; a hyphen would read as minus in an expression
PATH = rf"{FIELD}(?:\.{FIELD})*"
NAME_CHARACTERS_MAX = 80  # a name stands in keys of several tables
DURATION_DAYS_MAX = 36_525  # a hundred years; anything longer is a slip of the pen


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar of text. With a `pattern` its first group (or all of it) is the value; `enum` closes the set.

    `later` are words of the language's design that are read and refused by name. `number` lets a whole number (of
    branches) stand there too, read as its digits.
    """

    what: str
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    characters: int = NAME_CHARACTERS_MAX
    number: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds, both included."""

    what: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    what: str = "true or false"


@dataclass(frozen=True, slots=True)
class Duration:
    """Elapsed time, `2 days` or ISO 8601; read as ISO 8601. `zero` allows none at all.

    Where `business` may stand, working time as well: `2 business days`, read as `business P2D`.
    """

    what: str = "a duration such as `2 days`"
    zero: bool = False
    business: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """FEEL after `= `; read as its source text without the mark. A plain number may stand for it where `whole` says,
    plain text where `text` does; that is read as the expression that yields it."""

    what: str = "an expression after `= `"
    whole: Whole | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with bounds on its length; read as a tuple. `unique` items are text and stand once each."""

    what: str
    item: "Shape"
    least: int = 0
    most: int = 100
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping from names of the author's own; read as a tuple of pairs in source order."""

    what: str
    key: Text
    value: "Shape"
    least: int = 0
    most: int = 100


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form. `help` says in a sentence what it does; it is published with the schema."""

    name: str
    shape: "Shape"
    required: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A mapping with keys of the language's own; read as a dict of those present. `later` may be patterns.

    `open` are keys that carry a word of the author's own: their names are patterns.
    """

    what: str
    keys: tuple[Key, ...]
    later: tuple[str, ...] = ()
    open: tuple[Key, ...] = ()

    def key(self, name: str) -> Key | None:
        """The key of this name."""
        named = next((key for key in self.keys if key.name == name), None)
        return named or next((key for key in self.open if re.fullmatch(key.name, name)), None)


@dataclass(frozen=True, slots=True)
class Kinds:
    """A mapping that is one of several forms, told by the one key only that form has; read as (that key, dict).

    Two forms may have one key: one of them a mapping there, the other not.
    """

    what: str
    forms: tuple[tuple[str, Form], ...]
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One shape for each kind of node; what is missing may not stand there.

    `later` names the construct of the language's design that a list here would be, where one is designed.
    """

    what: str
    scalar: "Shape | None" = None
    sequence: "Shape | None" = None
    mapping: "Shape | None" = None
    later: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A shape by name, for shapes that hold themselves."""

    name: str
    get: Callable[[], "Shape"]


def is_mapping(shape: "Shape") -> bool:
    """Whether a mapping is what stands at a place of this shape."""
    return isinstance(shape, Form | Kinds | Named)


Shape = Text | Whole | Flag | Duration | Expression | Listed | Named | Form | Kinds | Either | Ref

# Durations that need a calendar. Seconds and weeks of working time mean nothing one could rely on.
BUSINESS_DURATION = r"(\d{1,6}) business (minute|hour|day)s?"
ISO_BUSINESS_DURATION = r"business P(?=.)(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?)?"
PLAIN_DURATION = r"(\d{1,9}) (second|minute|hour|day|week)s?"
ISO_DURATION = r"P(?=.)(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}S)?)?|P\d{1,6}W"


def called(what: str) -> Wording:
    """What a shape is called, as a wording: its code is made of the English words, which stand in the table alone.
    What is all source text, such as `` `all`, `any` ``, reads the same in every language."""
    if not re.search("[a-z]", re.sub("`[^`]*`", "", what)):
        return as_it_is(what)
    return worded(f"shape.{'-'.join(re.findall('[a-z0-9]+', what.lower()))}", what)
