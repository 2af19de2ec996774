"""Where the published vectors lie. They are read in place; a test that needs them is skipped where they are absent."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

CASES = Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[3] / "shared" / "cases"))


def case_files(folder: str, pattern: str) -> list[Any]:
    """The files as test parameters, named by their path; one skipped parameter when the folder is absent."""
    root = CASES / folder
    if not root.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no published files at {root}"), id="absent")]
    return [pytest.param(file, id=str(file.relative_to(root))) for file in sorted(root.rglob(pattern))]


def case_json(path: str) -> Any:
    """The parsed file, or the test is skipped."""
    file = CASES / path
    if not file.is_file():
        pytest.skip(f"no published file at {file}")
    return json.loads(file.read_text("utf-8"))
