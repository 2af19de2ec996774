"""Where the histories of a test module are played."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.simulation.place import Place


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with TemporaryDirectory(prefix="muniment-histories-") as folder:
        made = Place(Path(folder))
        yield made
        made.close()
