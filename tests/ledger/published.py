"""The published vectors, read in place. A test of them is marked `cases`: `tests/conftest.py` skips or fails it where
they are absent."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

CASES = Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[3] / "shared" / "cases"))


def case_files(folder: str, pattern: str) -> list[Any]:
    """The files as test parameters, named by their path; one that names the missing folder when there are none."""
    root = CASES / folder
    files = sorted(root.rglob(pattern))
    return [pytest.param(file, id=str(file.relative_to(root))) for file in files] or [pytest.param(root, id="absent")]


def case_json(path: str) -> Any:
    """The parsed file."""
    return json.loads((CASES / path).read_text("utf-8"))
