"""A small organisation on either database, founded once for each engine and copied for every test; and a sink."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from api.settings import Settings
from tests.api.feeds.sink import Sink, listening
from tests.api.feeds.world import World, found_small, world
from tests.postgres import PostgresServer


@dataclass
class Foundry:
    """Founds once for each engine and hands out copies: settings, and persons by reference."""

    folder: Path
    server: Callable[[], PostgresServer]
    made: dict[str, tuple[Settings, dict[str, str]]] = field(default_factory=dict)

    def copy(self, engine: str, folder: Path) -> tuple[Settings, dict[str, str]]:
        if engine not in self.made:
            url = self.server().create_database() if engine == "postgresql" else ""
            settings = Settings(data_dir=str(self.folder / engine), log="main", database_url=url)
            self.made[engine] = settings, found_small(settings)
        settings, persons = self.made[engine]
        shutil.copytree(settings.folder, folder)
        url = settings.database_url
        if url:
            url = self.server().create_database(template=str(psycopg.conninfo.conninfo_to_dict(url)["dbname"]))
        return replace(settings, data_dir=str(folder), database_url=url), persons


@pytest.fixture(scope="session")
def foundry(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Foundry:
    return Foundry(tmp_path_factory.mktemp("small"), lambda: request.getfixturevalue("postgresql"))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


def opened(foundry: Foundry, engine: str, folder: Path, sink: Sink) -> "tuple[Settings, dict[str, str]]":
    """A copy that may reach the sink."""
    settings, persons = foundry.copy(engine, folder)
    return replace(settings, egress_allow=sink.address.removeprefix("http://")), persons


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def small(request: pytest.FixtureRequest, foundry: Foundry, tmp_path: Path, sink: Sink) -> Iterator[World]:
    """On each engine."""
    with world(*opened(foundry, request.param, tmp_path / "data", sink)) as made:
        yield made


@pytest.fixture
def lone(foundry: Foundry, tmp_path: Path, sink: Sink) -> Iterator[World]:
    """On SQLite alone, for what does not depend on the engine."""
    with world(*opened(foundry, "sqlite", tmp_path / "data", sink)) as made:
        yield made
