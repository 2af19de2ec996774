"""The design page's own blueprint passes `muniment blueprint check`, by itself and with everything it names."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.forked import run
from versioning.files import check_file

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(os.environ.get("MUNIMENT_CASES", ROOT.parent / "shared" / "cases"))
DESIGN = CASES.parent / "design"  # where the published files are at hand, the design pages lie beside them
WITH = ("examples/organisation", "examples/processes/loan_origination")


def design_page() -> str:
    """The source on the page; the test that asks is skipped where the page is not at hand."""
    path = DESIGN / "blueprint.md"
    if not path.exists():
        pytest.skip("the design page is not at hand (beside MUNIMENT_CASES)")
    block = re.search(r"^```yaml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    return block[1]


def checked(folder: Path, text: str, *given: str) -> "subprocess.CompletedProcess[str]":
    """The command as somebody at a shell runs it."""
    file = folder / "page.yaml"
    file.write_text(text, encoding="utf-8")
    more = [part for path in given for part in ("--with", path)]
    return run("blueprint", "check", str(file), *more, environment=os.environ, folder=ROOT, timeout=600)


def test_the_page_is_yaml() -> None:
    assert yaml.safe_load(design_page())["blueprint"] == "loan-origination"


def test_the_page_passes_the_check(tmp_path: Path) -> None:
    found = checked(tmp_path, design_page())
    assert found.returncode == 0, found.stdout + found.stderr
    assert all(line.startswith("not run: ") for line in found.stdout.splitlines())
    summary = found.stderr.splitlines()[-1]
    assert summary.endswith(
        f"{len(found.stdout.splitlines())} checks not run; `--with DIR` takes files of what it names"
    )


def test_the_page_passes_the_check_with_what_it_names(tmp_path: Path) -> None:
    """What is left is what no file can tell: whether a person could decide today."""
    found = checked(tmp_path, design_page(), *WITH)
    assert found.returncode == 0, found.stdout + found.stderr
    assert [line for line in found.stdout.splitlines() if not line.startswith("not run: ")] == []
    assert {line.rpartition("[")[2] for line in found.stdout.splitlines()} == {"register.people]"}
    assert found.stderr == f"{tmp_path / 'page.yaml'}: no errors, 1 check not run\n"


@pytest.mark.parametrize(
    ("said", "other", "rule"),
    [
        ("committee credit", "committee lending", "reference"),
        ("need: 3", "need: 6", "quorum.members"),
        ("sanctions.screen", "sanctions.search", "reference"),
        ("agent: risk-summariser", "agent: risk-oracle", "reference"),
        ("rules: application-complete", "rules: application-whole", "reference"),
        ("calendar: london-banking", "calendar: paris-banking", "reference"),
        ("authority: approve-credit-committee", "authority: approve-anything", "reference"),
        ("codes: ecoa-adverse-action", "codes: ecoa-other", "reference"),
        ("role team-lead", "role team-follower", "reference"),
    ],
)
def test_what_is_named_is_looked_up_in_the_files(tmp_path: Path, said: str, other: str, rule: str) -> None:
    found = checked(tmp_path, design_page().replace(said, other), *WITH)
    assert found.returncode == 1
    assert f"[{rule}]" in found.stdout, found.stdout + found.stderr


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given/connector.yaml").write_text("connector: broken\noperations: 7\n")
    found = checked(tmp_path, design_page(), str(tmp_path / "given"))
    assert found.returncode == 2
    assert "connector.yaml" in found.stderr
    assert checked(tmp_path, design_page(), str(tmp_path / "nowhere")).returncode == 2


def test_the_words_say_who_decides() -> None:
    report = check_file(design_page())
    assert report.blueprint is not None
