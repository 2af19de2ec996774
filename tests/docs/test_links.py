"""Links between documents lead somewhere, and the index of decisions lists every decision."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import anchors, documents, links, name_of


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for target in links(path):
        if target.startswith(("https:", "http:", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            lost.append(target)
    assert lost == []


def test_the_documents_are_found() -> None:
    assert {"README.md", "ARCHITECTURE.md", "docs/runbook.md"} <= {name_of(path) for path in documents()}


def test_every_document_is_reached_from_the_first() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        targets = [(path.parent / target.partition("#")[0]).resolve() for target in links(path) if "://" not in target]
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]
    assert [name_of(path) for path in documents() if path not in reached] == []


def test_decisions_are_numbered_without_a_hole_and_indexed() -> None:
    folder = ROOT / "docs" / "adr"
    files = sorted(path for path in folder.glob("[0-9]*.md"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    index = (folder / "README.md").read_text()
    for number, path in enumerate(files, 1):
        title = path.read_text().splitlines()[0]
        found = re.fullmatch(rf"# {number}\. (.+)", title)
        assert found, path.name
        assert f"| [{number:04}]({path.name}) | {found[1]} |" in index
        for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**Not taken.**"):
            assert part in path.read_text(), (path.name, part)
