"""The documents of the project as files: their links, fenced blocks and tables."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: what stands after the fence, its text, and the line of the fence."""

    info: str
    text: str
    line: int


def documents() -> list[Path]:
    """Every document of the project, wherever it lies."""
    top = sorted(ROOT.glob("*.md"))
    below = [path for folder in ("docs", "examples") for path in sorted((ROOT / folder).rglob("*.md"))]
    return [*top, *below]


def name_of(path: Path) -> str:
    """The path from the root, for messages and test ids."""
    return str(path.relative_to(ROOT))


def blocks(path: Path, *words: str) -> list[Block]:
    """The fenced blocks of a document whose fence says exactly these words."""
    text = path.read_text()
    return [
        Block(found[1].strip(), found[2], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
        if tuple(found[1].split()) == words
    ]


def without_blocks(text: str) -> str:
    """The text outside fences, where links and headings count."""
    return _FENCE.sub("", text)


def links(path: Path) -> list[str]:
    """Targets of the links of a document."""
    return _LINK.findall(without_blocks(path.read_text()))


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as they are made from their words."""
    found = set()
    for heading in _HEADING.findall(without_blocks(path.read_text())):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found
