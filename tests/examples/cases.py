"""Where the published files are; tests that need them skip by name without them."""

import os
from pathlib import Path

import pytest

CASES = Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[2] / ".." / "shared" / "cases"))


def case_file(path: str) -> Path:
    """A published file, or a skip that names it."""
    found = CASES / path
    if not found.exists():
        pytest.skip(f"published file {path} is not at hand (MUNIMENT_CASES)")
    return found
