"""Fixtures of the crash campaigns: an organisation on each engine, founded once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.services import payments
from tests.crash.organisation import Foundry, Organisation


@pytest.fixture(scope="session")
def services() -> Iterator[payments.Running]:
    """The outside systems; they outlive whatever is killed."""
    running = payments.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def foundry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, services: payments.Running
) -> Foundry:
    folder = tmp_path_factory.mktemp("founded")
    return Foundry(folder, services, lambda: request.getfixturevalue("postgresql"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def organisation(request: pytest.FixtureRequest, foundry: Foundry, tmp_path: Path) -> Organisation:
    """A fresh copy, once for each engine."""
    return foundry.copy(request.param, tmp_path / "data")
