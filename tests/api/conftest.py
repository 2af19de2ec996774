"""One founded organisation for the tests of the door; each module gets a copy of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from tests.api.organisation import House, copied, make, running


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("founded") / "data"), log="acme")
    make(settings)
    return settings


@pytest.fixture(scope="module")
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house") / "data"
    with running(copied(founded, folder)) as house:
        yield house
