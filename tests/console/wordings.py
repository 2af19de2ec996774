"""Every wording that the service can make: the codes as they stand in the source, and sentences made of them."""

import ast
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger.wording import Texts, Wording, as_it_is, wording_value
from tests.conftest import ROOT
from versioning.forms import BLUEPRINT
from versioning.reader import shape_words
from versioning.shapes import Form, Kinds, Ref, Shape

ROOMS = ("ledger", "rbac", "governance", "versioning", "orchestrator", "api")
MOMENT = {"time.moment": "{weekday} {date}, {time}"}  # of the parts of a time, as a language writes them
LISTS = {
    "list.and": " and ",
    "list.comma": ", ",
    "list.or": " or ",
    "list.semicolon": "; ",
    "list.sentence": ". ",
    "list.then": ", then ",
}
PLACE = re.compile(r"\{(\w+)\}")


def sources() -> Iterator[Path]:
    """The Python files of all rooms."""
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def tables() -> dict[str, tuple[str, Texts]]:
    """By module: the name and the texts of each table there is."""
    found = {}
    for path in sources():
        if not path.name.endswith("_texts.py"):
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        named = [(own, value) for own, value in vars(importlib.import_module(name)).items() if type(value) is Texts]
        found[name] = named[0]
        assert len(named) == 1, name
    return found


def shapes() -> dict[str, str]:
    """What the shapes of the language are called, by code."""
    seen: dict[int, Shape] = {}

    def walk(shape: Shape) -> None:
        while isinstance(shape, Ref):
            shape = shape.get()
        if id(shape) in seen:
            return
        seen[id(shape)] = shape
        inner = [getattr(shape, name, None) for name in ("item", "value", "scalar", "sequence", "mapping", "whole")]
        if isinstance(shape, Form):
            inner += [key.shape for key in (*shape.keys, *shape.open)]
        elif isinstance(shape, Kinds):
            inner += [form for _, form in shape.forms]
        else:
            inner.append(getattr(shape, "key", None))
        for one in inner:
            if one is not None:
                walk(one)

    walk(BLUEPRINT)
    called = [shape_words(shape) for shape in seen.values()]
    return {one.code: str(one) for one in called if one.code}


def codes() -> dict[str, str]:
    """The English text of every code, but those that are put together by hand."""
    found = {**LISTS, **MOMENT, **shapes()}
    for _, texts in tables().values():
        # Two rooms may turn down for the same: then they say the same.
        assert [code for code, text in texts.by_code.items() if found.get(code, text) != text] == []
        found |= texts.by_code
    return found


def uses(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """The calls of a function by its bare name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def sample(code: str, text: str) -> dict[str, Any]:
    """A sentence of a code whose arguments are their own names: in backticks."""
    made = {name: as_it_is(f"`{name}`") for name in PLACE.findall(text)}
    wording = Wording(text.format(**made), code, tuple(made.items()))
    return spoken(wording)


def spoken(wording: Wording) -> dict[str, Any]:
    """A sentence in English with what it is made of, as an answer has it."""
    return {"text": str(wording), "wording": wording_value(wording)}


def words(language: str) -> dict[str, str]:
    """The console's words of a language."""
    path = ROOT / "console" / "src" / "wordings" / f"{language}.json"
    read: dict[str, str] = json.loads(path.read_text("utf-8"))
    return read
