"""The code map and every name of code in a document name what is there."""

import re
from pathlib import Path

import pytest

from api.wiring import folds
from tests.conftest import ROOT
from tests.docs.pages import documents, name_of, without_blocks

ROOMS = ("ledger", "rbac", "governance", "versioning", "orchestrator", "api", "witness", "migrations")
DOTTED = re.compile(rf"`((?:{'|'.join(ROOMS)}|examples)(?:\.[A-Za-z_]+)+)(?:\(\))?`")
FILES = re.compile(r"`([a-z_]+(?:/[\w.-]+)*/[\w-]+\.(?:py|yaml|lark|md|json|txt))`")


def named_in(room: str) -> list[str]:
    """Everything in code marks in the paragraph of a room, word by word."""
    section = (ROOT / "ARCHITECTURE.md").read_text().partition("## Code map")[2].partition("\n## ")[0]
    paragraph = re.search(rf"\*\*{room}\*\* - (.*?)\n\n", section, re.DOTALL)
    assert paragraph, room
    words = [word for marked in re.findall(r"`([^`]+)`", paragraph[1]) for word in marked.split()]
    assert words
    return words


def test_the_map_names_what_is_there() -> None:
    lost = [
        f"{room}/{name}"
        for room in ROOMS
        for name in named_in(room)
        if not list((ROOT / room).glob(name if name.endswith("/") else f"{name}.py"))
    ]
    assert lost == []


def fits(name: str) -> bool:
    """Whether a dotted name leads to a module and the rest of it stands in that module."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        if place.with_suffix(".py").is_file():
            text = place.with_suffix(".py").read_text()
            return all(re.search(rf"\b{word}\b", text) for word in parts[length:])
        if place.is_dir():
            return length == len(parts)
    return False


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_names_of_code_in_documents_are_there(path: Path) -> None:
    text = without_blocks(path.read_text())
    kinds = {kind for kind, _ in folds()}  # `ledger.opened` is a kind, no module
    lost = [name for name in DOTTED.findall(text) if name not in kinds and not fits(name)]
    written = [name for name in FILES.findall(text) if "NN" not in name]
    roots = (ROOT, path.parent, *(ROOT / room for room in ROOMS))
    lost += [name for name in written if not any((root / name).exists() for root in roots)]
    assert lost == []
