"""The SVG: whole, readable without a script, escaped, and the golden file."""

import json
import os
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.versioning.structured import blueprint_of, spoiled
from tests.versioning.test_layout import EXAMPLES, LOAN, read
from versioning.blueprint import EndStep, JobStep, Place
from versioning.drawing import drawing, escaped
from versioning.graph import graph_of
from versioning.layout import Layout, graph_layout, layout, layout_value

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).parent / "golden/loan.svg"
GOLDEN_LAYOUT = Path(__file__).parent / "golden/loan-layout.json"


def titled(title: str) -> Layout:
    steps = (
        JobStep("work", Place(1, 1), title=title, type="work", next="end"),
        EndStep("end", Place(2, 1), outcome="o"),
    )
    return layout(replace(blueprint_of(steps, "work"), title=title))


def test_the_drawing_of_the_loan_is_that_of_the_golden_file() -> None:
    """Set MUNIMENT_GOLDEN=write to write it anew, and look at the picture."""
    text = drawing(layout(read(LOAN), "down"))
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_layout_of_the_loan_is_the_one_that_the_console_is_tested_with() -> None:
    """The console draws this file, and its tests hold it to the lines of the golden drawing."""
    text = json.dumps(layout_value(layout(read(LOAN), "down")), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        GOLDEN_LAYOUT.write_text(text, encoding="utf-8")
    assert text == GOLDEN_LAYOUT.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_drawing_is_named_and_described_and_holds_every_step_as_text(path: Path) -> None:
    blueprint = read(path)
    drawn = layout(blueprint)
    root = ET.fromstring(drawing(drawn))
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    named = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[one] for one in (root.get("aria-labelledby") or "").split()] == [
        blueprint.title,
        *list(named.values())[1:],
    ]
    said = [" ".join(span.text or "" for span in text) for text in root.iter(f"{SVG}text")]
    for node in drawn.nodes:
        assert " ".join(node.lines) in said
    for edge in drawn.edges:
        assert edge.label is None or " ".join(edge.label.lines) in said


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = drawing(titled("Plain"))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(text).iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "g", "path", "text", "tspan"}
    assert not re.search(r"href|url\(|@import|\son\w+=|style=", text)
    assert text.count("http") == 1, "the name of the format"
    assert "prefers-color-scheme: dark" in text


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_title_becomes_markup(title: str) -> None:
    root = ET.fromstring(drawing(titled(title)))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "g", "path", "text", "tspan",
    }  # fmt: skip
    assert len(list(root.iter(f"{SVG}text"))) == 5, "one of the start, two of each step"


def test_a_hostile_title_is_shown_as_it_is_written() -> None:
    title = "</title><script>alert('1')</script>&amp;\"\x00\x0b\ud800"
    text = drawing(titled(title))
    assert "<script" not in text
    root = ET.fromstring(text)
    assert root[0].text == title.translate({0: 0xFFFD, 0x0B: 0xFFFD, 0xD800: 0xFFFD})
    assert escaped('<a b="c">&') == "&lt;a b=&quot;c&quot;&gt;&amp;"


def test_a_mark_is_a_word_and_not_only_a_colour() -> None:
    graph = graph_of(read(LOAN))
    nodes = tuple([replace(node, mark="removed") if node.step == "officer" else node for node in graph.nodes])
    text = drawing(graph_layout(replace(graph, nodes=nodes)))
    assert text.count("Decision · removed") == 1
    assert len(re.findall(r'class="node decide removed"', text)) == 1


def test_a_shortened_title_is_whole_in_its_tooltip() -> None:
    title = "Settle the mismatch with purchasing and the supplier before anybody pays the invoice"
    blueprint = read(LOAN)
    text = drawing(layout(spoiled(blueprint, blueprint.steps[0], title=title)))
    assert f"<title>{title}</title>" in text


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_can_be_read_in_light_and_dark() -> None:
    """WCAG 2.2: 4.5 to 1 for text on its ground, 3 to 1 for lines and borders on the page."""
    light, dark = drawing(titled("Plain")).split("@media", 1)
    for part in (light, dark):
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part))
        marks = ("added", "removed", "changed")
        texts = [("ink", "page"), ("ink", "pane"), ("muted", "page"), ("muted", "pane"), ("accent", "pane")]
        texts += [(text, f"{mark}-ground") for mark in marks for text in (mark, "ink")] + [
            (one, "page") for one in marks
        ]
        least = dict.fromkeys(texts, 4.5) | {(line, "page"): 3.0 for line in ("border", "accent")}
        for (one, other), ratio in least.items():
            light_one, dark_one = sorted((_luminance(colours[one]), _luminance(colours[other])), reverse=True)
            assert (light_one + 0.05) / (dark_one + 0.05) >= ratio, (one, other)
