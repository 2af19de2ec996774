"""A small organisation on either database, founded once for each engine and copied for every test; and a sink."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.settings import Settings
from tests.api.feeds.sink import Sink, listening
from tests.api.feeds.world import World, found_small, world
from tests.api.foundry import Foundry

Persons = dict[str, str]  # by reference


@pytest.fixture(scope="session")
def foundry(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Foundry[Persons]:
    folder = tmp_path_factory.mktemp("small")
    return Foundry(found_small, Settings(log="main"), folder, lambda: request.getfixturevalue("postgresql"))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


def opened(foundry: Foundry[Persons], engine: str, folder: Path, sink: Sink) -> tuple[Settings, Persons]:
    """A copy that may reach the sink."""
    settings, persons = foundry.copy(engine, folder)
    return replace(settings, egress_allow=sink.address.removeprefix("http://")), persons


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def small(request: pytest.FixtureRequest, foundry: Foundry[Persons], tmp_path: Path, sink: Sink) -> Iterator[World]:
    """On each engine."""
    with world(*opened(foundry, request.param, tmp_path / "data", sink)) as made:
        yield made


@pytest.fixture
def lone(foundry: Foundry[Persons], tmp_path: Path, sink: Sink) -> Iterator[World]:
    """On SQLite alone, for what does not depend on the engine."""
    with world(*opened(foundry, "sqlite", tmp_path / "data", sink)) as made:
        yield made
