"""What a blueprint, a difference and a drawing say comes out in German, of every example there is; nothing that is ours
stands in it as if it read the same in every language."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from api.drawings_told import drawing_value
from ledger.wording import Wording, wording_value
from tests.conftest import ROOT
from tests.console.node import vitest
from tests.console.wordings import spoken
from versioning.blueprint import Blueprint, Step
from versioning.data_fields import DataClass, TypeName
from versioning.diff import DATA, HEAD, START, diff
from versioning.diff_table import diff_table
from versioning.diff_words import diff_words
from versioning.field_words import called, data_words
from versioning.files import check_file
from versioning.flows import NOT_COMPARED
from versioning.graph import graph_of
from versioning.layout import DIRECTIONS, layout
from versioning.words import words

GOLDEN = ROOT / "tests" / "versioning" / "golden" / "loan.yaml"
FILES = [*sorted((ROOT / "examples").rglob("*.yaml")), GOLDEN]


def blueprints() -> list[tuple[str, Blueprint]]:
    """The source and the value of every example."""
    texts = [path.read_text("utf-8") for path in FILES if "\nblueprint: " in f"\n{path.read_text('utf-8')}"]
    read = [(text, check_file(text).blueprint) for text in texts]
    return [(text, blueprint) for text, blueprint in read if blueprint is not None]


EXAMPLES = blueprints()


def said_of(blueprint: Blueprint) -> list[Wording]:
    """All that is said of one blueprint by itself."""
    labels = [edge.label for edge in graph_of(blueprint).edges]
    return [*words(blueprint), *[label for label in labels if wording_value(label) is not None]]


def said_of_two(before: Blueprint, after: Blueprint) -> list[Wording]:
    """All that is said of what one has against the other."""
    found = diff(before, after)
    rows = [text for row in diff_table(found) for text in (row.field, row.before, row.after)]
    return [*diff_words(found), *[text for text in rows if wording_value(text) is not None]]


def leaves(wording: Wording) -> Iterator[str]:
    """What stands in a sentence as it reads everywhere."""
    if not wording.code:
        yield str(wording)
    elif wording.code != "value.number":
        for _, argument in wording.arguments:
            if isinstance(argument, Wording):
                yield from leaves(argument)


def plain(text: str) -> str:
    """Without what names, lines and quotes differ in."""
    return " ".join(re.findall(r"\w+", text.replace("_", " ").lower()))


def test_there_are_examples_of_every_kind_of_step() -> None:
    kinds = {type(step) for _, blueprint in EXAMPLES for step in blueprint.steps}
    assert len(EXAMPLES) > 12
    assert len(kinds) > 12


def test_whatever_stands_as_it_is_stands_in_the_source() -> None:
    """A phrase of ours that has no code would be English in every language."""
    for source, blueprint in EXAMPLES:
        written = f" {plain(source)} "
        found = {leaf for said in said_of(blueprint) for leaf in leaves(said)}
        strange = {leaf for leaf in found if plain(leaf) and f" {plain(leaf)} " not in written}
        assert {leaf for leaf in strange if not re.fullmatch(r"[\d.]+ %", leaf)} == set()


def test_examples_and_their_differences_are_told_in_both_languages(tmp_path: Path) -> None:
    said = [one for _, blueprint in EXAMPLES for one in said_of(blueprint)]
    for (_, before), (_, after) in pairwise(EXAMPLES):
        said += said_of_two(before, after)
    path = tmp_path / "said.json"
    path.write_text(json.dumps([spoken(one) for one in dict.fromkeys(said)]), "utf-8")
    vitest("tests/wordings/wordings.test.ts", MUNIMENT_WORDINGS=str(path))


def test_drawings_in_german_are_whole_and_clear(tmp_path: Path) -> None:
    drawn = [drawing_value(layout(blueprint, way)) for _, blueprint in EXAMPLES for way in DIRECTIONS]
    path = tmp_path / "drawn.json"
    path.write_text(json.dumps(drawn), "utf-8")
    vitest("tests/told_layout.test.ts", MUNIMENT_LAYOUTS=str(path))


@pytest.mark.parametrize("kind", [*get_args(Step), Blueprint], ids=lambda kind: kind.__name__)
def test_every_field_that_may_differ_is_called_something(kind: type) -> None:
    inside = {"data", "start", "steps", "more_starts"}  # told by themselves
    names = [field.name for field in fields(kind) if field.name not in NOT_COMPARED | inside]
    for name in [*names, *HEAD, *[f"start.{one}" for one in START]]:
        assert called(name).code, name


def test_every_type_and_class_of_data_has_a_word() -> None:
    from versioning.blueprint import DataField

    assert DATA == ("type", "data_class", "required", "data_subject")
    for kind in get_args(TypeName):
        for classed in get_args(DataClass):
            for required, subject in ((True, True), (True, False), (False, True), (False, False)):
                field = DataField("x", kind, classed, required=required, data_subject=subject)
                marks = ", required" * required + ", the data subject" * subject
                assert data_words("a.x", field) == f"a.x: {kind}, {classed}{marks}"
