"""Reads a node tree by the shapes of the language: plain values out, and a finding for everything that does not fit.

The reader never stops at the first fault; where something cannot be read it yields None and goes on beside it.
"""

import difflib
import json
import re
from collections.abc import Iterable
from typing import Any

from ledger.wording import NOTHING, Wording, as_it_is, listed
from versioning.blueprint import Place
from versioning.finding import FINDINGS_MAX, Finding, quoted
from versioning.finding_texts import say
from versioning.shapes import (
    BUSINESS_DURATION,
    DURATION_DAYS_MAX,
    ISO_BUSINESS_DURATION,
    ISO_DURATION,
    PLAIN_DURATION,
    Duration,
    Either,
    Expression,
    Flag,
    Form,
    Kinds,
    Listed,
    Named,
    Ref,
    Shape,
    Text,
    Whole,
    called,
    is_mapping,
)
from versioning.source import Mapping, Node, Scalar, Sequence, hidden_in, unreadable
from versioning.source_json import read_json
from versioning.source_yaml import read_yaml

_KIND_WORDS = {
    "text": say("text"),
    "integer": say("whole-number"),
    "number": say("number"),
    "boolean": say("true-or-false"),
    "null": say("nothing"),
}
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_ISO_UNITS = {"D": 86_400, "H": 3_600, "M": 60, "S": 1, "W": 604_800}
_DIGITS_MAX = 9  # no bound of the language has more
_EXPRESSION_CHARACTERS_MAX = 4_000  # the limit of the expression language's own reader is no higher


def read_source(text: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """The node tree of a YAML or JSON text (JSON where the first character is `{`), or why there is none."""
    problem = unreadable(text)
    if problem is not None:
        return None, (problem,)
    return read_json(text) if text.lstrip(" \t\r\n").startswith("{") else read_yaml(text)


class Reader:
    """One reading of one tree. `places` fills with where each value stands, by its path in the language."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.places: dict[str, Place] = {}

    def read(self, node: Node, shape: Shape, path: str = "") -> Any:
        """The value at `node` by `shape`, or None with at least one finding."""
        while isinstance(shape, Ref):
            shape = shape.get()
        self.places.setdefault(path, node.place)
        if isinstance(shape, Either):
            return self._either(node, shape, path)
        if isinstance(shape, Form):
            return self._form(node, shape, path)
        if isinstance(shape, Kinds):
            return self._kinds(node, shape, path)
        if isinstance(shape, Named):
            return self._named(node, shape, path)
        if isinstance(shape, Listed):
            return self._listed(node, shape, path)
        if not isinstance(node, Scalar):
            return self._wrong(node, shape_words(shape))
        if isinstance(shape, Duration):
            return self._duration(node, shape, path)
        if isinstance(shape, Expression):
            return self._expression(node, shape)
        if isinstance(shape, Whole):
            return self._whole(node, shape)
        if isinstance(shape, Flag):
            return node.text.lower() == "true" if node.kind == "boolean" else self._wrong(node, shape_words(shape))
        return self._text(node, shape, path)

    # Findings

    def report(
        self, rule: str, place: Place, message: Wording, expected: Wording = NOTHING, found: Wording = NOTHING
    ) -> None:
        """One more finding, up to the limit."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(rule, "error", place, message, expected, found))

    def later(self, place: Place, construct: str) -> Any:
        """A construct of the design that is not built: refused by its name. Yields None, as what could not be read."""
        self.report("not-yet-built", place, say("not-yet-built", construct=quoted(construct)))
        return None

    def _wrong(self, node: Node, expected: Wording) -> Any:
        self.report("form", node.place, say("cannot-be-read"), expected, found_in(node))
        return None

    # Scalars

    def _text(self, node: Scalar, shape: Text, path: str) -> Any:
        if any(re.fullmatch(word, node.text) for word in shape.later):
            return self.later(node.place, _said(path, node.text))
        if node.kind != "text" and not (shape.number and node.kind == "integer"):
            return self._wrong(node, shape_words(shape))
        if not node.text.strip() or len(node.text) > shape.characters:
            self.report(
                "form",
                node.place,
                say("text-length"),
                say("text-of-length", what=shape_words(shape), characters=shape.characters),
            )
            return None
        if shape.enum and node.text not in shape.enum:
            hint = near(node.text, shape.enum)
            self.report(
                "form",
                node.place,
                say("unknown-word", near=hint),
                say("one-of", names=listed(shape.enum)),
                quoted(node.text),
            )
            return None
        if shape.pattern is None:
            return node.text
        match = re.fullmatch(shape.pattern, node.text)
        if match is None:
            return self._wrong(node, shape_words(shape))
        return match[1] if match.re.groups else match[0]

    def _whole(self, node: Scalar, shape: Whole) -> Any:
        digits = node.text.lstrip("+-")
        if node.kind != "integer" or not digits.isdigit():
            return self._wrong(node, shape_words(shape))
        value = int(node.text) if len(digits) <= _DIGITS_MAX else None
        if value is None or not shape.low <= value <= shape.high:
            self.report(
                "form",
                node.place,
                say("out-of-bounds"),
                say("low-to-high", low=shape.low, high=shape.high),
                quoted(node.text),
            )
            return None
        return value

    def _duration(self, node: Scalar, shape: Duration, path: str) -> Any:
        business = business_duration(node.text)
        if business is not None:
            return self._business(node, shape, path, business)
        duration = iso_duration(node.text) if node.kind == "text" else None
        if duration is None:
            return self._wrong(node, shape_words(shape))
        text, seconds = duration
        if is_too_long(node.text) or (seconds == 0 and not shape.zero):
            bounds = say(
                "at-most-days", least=say("none") if shape.zero else say("more-than-none"), most=DURATION_DAYS_MAX
            )
            self.report("form", node.place, say("duration-out-of-bounds"), bounds, quoted(node.text))
            return None
        return text

    def _business(self, node: Scalar, shape: Duration, path: str, text: str) -> Any:
        if not shape.business:
            return self.later(node.place, _said(path, node.text))
        counts = [int(count) for count in re.findall(r"\d+", text)]
        if not any(counts) and not shape.zero:
            self.report("form", node.place, say("duration-out-of-bounds"), say("more-than-none"), quoted(node.text))
            return None
        if is_too_long(node.text):
            least = say("none") if shape.zero else say("more-than-none")
            bounds = say("at-most-days", least=least, most=DURATION_DAYS_MAX)
            self.report("form", node.place, say("duration-out-of-bounds"), bounds, quoted(node.text))
            return None
        return text

    def _expression(self, node: Scalar, shape: Expression) -> Any:
        if shape.whole is not None and node.kind == "integer":
            number = self._whole(node, shape.whole)
            return None if number is None else str(number)
        if shape.text is not None and node.kind == "text" and not node.text.startswith("="):
            said = self._text(node, shape.text, "")
            return None if said is None else json.dumps(said, ensure_ascii=False)  # a string literal is written alike
        source = node.text[1:].strip() if node.text.startswith("=") and node.kind == "text" else ""
        if not source:
            return self._wrong(node, shape_words(shape))
        if len(source) > _EXPRESSION_CHARACTERS_MAX:
            limit = say("at-most-characters", most=_EXPRESSION_CHARACTERS_MAX)
            self.report("form", node.place, say("expression-too-long"), limit, as_it_is(f"{len(source)}"))
            return None
        return source

    # Collections

    def _either(self, node: Node, shape: Either, path: str) -> Any:
        inner = shape.scalar if isinstance(node, Scalar) else None
        if isinstance(node, Sequence):
            if shape.sequence is None and shape.later:
                return self.later(node.place, shape.later)
            inner = shape.sequence
        elif isinstance(node, Mapping):
            inner = shape.mapping
        return self._wrong(node, shape_words(shape)) if inner is None else self.read(node, inner, path)

    def _listed(self, node: Node, shape: Listed, path: str) -> Any:
        if not isinstance(node, Sequence):
            return self._wrong(node, shape_words(shape))
        self._count(node, len(node.items), shape)
        values: list[Any] = []
        for number, item in enumerate(node.items):
            value = self.read(item, shape.item, f"{path}.{number}")
            if shape.unique and value is not None and value in values:
                self.report("form", item.place, say("stands-twice", value=quoted(str(value))), say("each-once"))
            values.append(value)
        return tuple(values)

    def _named(self, node: Node, shape: Named, path: str) -> Any:
        if not isinstance(node, Mapping):
            return self._wrong(node, shape_words(shape))
        self._count(node, len(node.pairs), shape)
        pairs: list[tuple[str, Any]] = []
        for key, value in node.pairs:
            name = self._text(key, shape.key, "")
            # Read under the author's own name even where it is no good, so that the value's faults are told as well.
            read = self.read(value, shape.value, f"{path}.{key.text}" if path else key.text)
            if name is not None:
                self.places[f"{path}.{key.text}#"] = key.place
                pairs.append((name, read))
        return tuple(pairs)

    def _count(self, node: Node, count: int, shape: Listed | Named) -> None:
        if not shape.least <= count <= shape.most:
            self.report(
                "form",
                node.place,
                say("count-out-of-bounds"),
                say("what-low-to-high", what=shape_words(shape), least=shape.least, most=shape.most),
                as_it_is(f"{count}"),
            )

    def _form(self, node: Node, shape: Form, path: str) -> Any:
        if not isinstance(node, Mapping):
            return self._wrong(node, shape_words(shape))
        values: dict[str, Any] = {}
        is_later = False
        for key, value in node.pairs:
            described = shape.key(key.text)
            if described is not None:
                values[key.text] = self.read(value, described.shape, f"{path}.{key.text}" if path else key.text)
            elif any(re.fullmatch(word, key.text) for word in shape.later):
                self.later(key.place, key.text)
                is_later = True
            else:
                names = [item.name for item in shape.keys]
                hint = near(key.text, names)
                message = say("unknown-key", key=quoted(key.text), what=shape_words(shape), near=hint)
                self.report("unknown-key", key.place, message, say("one-of", names=listed(names)))
        for described in () if is_later else shape.keys:  # what is missing beside it may belong to a form to come
            if described.required and described.name not in values:
                message = say("without-key", what=shape_words(shape), name=quoted(described.name))
                self.report(
                    "missing-key",
                    node.place,
                    message,
                    say("key-and-shape", name=quoted(described.name), shape=shape_words(described.shape)),
                )
        return values

    def _kinds(self, node: Node, shape: Kinds, path: str) -> Any:
        if not isinstance(node, Mapping):
            return self._wrong(node, shape_words(shape))
        keys = {key.text: key for key, _ in node.pairs}
        for word in shape.later:
            if word in keys:
                # What else stands in it belongs to a form nobody reads yet: one refusal says it all.
                return self.later(keys[word].place, word)
        told = _fitting([(name, form) for name, form in shape.forms if name in keys], node)
        names = listed(dict.fromkeys(name for name, _ in shape.forms))
        if len(told) != 1:
            found = listed(quoted(name) for name, _ in told) if told else _keys_in(keys)
            self.report(
                "form",
                node.place,
                say("no-one-kind", what=shape_words(shape)),
                say("exactly-one-of", names=names),
                found,
            )
            return None
        name, form = told[0]
        return name, self._form(node, form, path)


def _fitting(told: list[tuple[str, Form]], node: Mapping) -> list[tuple[str, Form]]:
    """Of two forms with one key the one that has there what stands there."""
    if len(told) != 2 or told[0][0] != told[1][0]:
        return told
    name = told[0][0]
    value = next(value for key, value in node.pairs if key.text == name)
    keyed = [(one, form.key(name)) for one, form in told]
    fits = [key is not None and is_mapping(key.shape) is isinstance(value, Mapping) for _, key in keyed]
    return [one for one, fit in zip(told, fits, strict=True) if fit]


def iso_duration(text: str) -> tuple[str, int] | None:
    """A plain or ISO 8601 duration as ISO 8601 text and seconds; None for anything else.

    Years and months are no elapsed time: how long they are depends on when they begin.
    """
    plain = re.fullmatch(PLAIN_DURATION, text)
    if plain is not None:
        count, unit = int(plain[1]), plain[2]
        if unit == "week":
            return f"P{count * 7}D", count * _SECONDS[unit]
        return (f"P{count}D" if unit == "day" else f"PT{count}{unit[0].upper()}"), count * _SECONDS[unit]
    if re.fullmatch(ISO_DURATION, text) is None:
        return None
    parts = re.findall(r"(\d+)([DHMSW])", text)
    seconds = sum(int(count) * _ISO_UNITS[unit] for count, unit in parts)
    return (f"P{int(parts[0][0]) * 7}D" if parts[0][1] == "W" else text), seconds


def business_duration(text: str) -> str | None:
    """`2 business days` as `business P2D`, and that as it is; None for anything else."""
    plain = re.fullmatch(BUSINESS_DURATION, text)
    if plain is None:
        return text if re.fullmatch(ISO_BUSINESS_DURATION, text) else None
    count, unit = int(plain[1]), plain[2]
    return f"business P{count}D" if unit == "day" else f"business PT{count}{unit[0].upper()}"


def is_too_long(text: str) -> bool:
    """Whether a duration is longer than any that may stand in a blueprint, working time taken for whole days."""
    business = business_duration(text)
    elapsed = iso_duration(text if business is None else business.removeprefix("business "))
    return elapsed is not None and elapsed[1] > DURATION_DAYS_MAX * 86_400


def _said(path: str, text: str) -> str:
    """A value with its key, as it stands in the source; an item of a list stands alone."""
    key = path.rpartition(".")[2]
    return text if not key or key.isdigit() else f"{key}: {text}"


def near(word: str, known: Any) -> Wording:
    """`, did you mean ...` where a known word is close."""
    close = difflib.get_close_matches(word, list(known), 1, 0.7)
    return say("did-you-mean", name=quoted(close[0])) if close else NOTHING


def found_in(node: Node) -> Wording:
    """What a node is, for a message."""
    if isinstance(node, Mapping):
        return say("mapping")
    if isinstance(node, Sequence):
        return say("list")
    word = _KIND_WORDS[node.kind]
    if node.kind == "null":
        return word
    hidden = say("hidden-text")
    shown = hidden if hidden_in(node.text) else quoted(node.text)
    if node.kind == "text":
        return shown
    return say("quote-it", word=word, shown=shown)


def _keys_in(keys: Iterable[str]) -> Wording:
    found = listed(map(quoted, keys))
    return say("keys", names=found) if found else say("no-keys")


def shape_words(shape: Shape) -> Wording:
    """What a shape is called in a message."""
    while isinstance(shape, Ref):
        shape = shape.get()
    return called(shape.what)
