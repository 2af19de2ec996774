"""The demo organisation with every example laid over it, founded once; each module gets a copy of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from examples.processes import loading
from examples.services import payments
from ledger.clock import SECOND
from tests.api.organisation import House, copied, make, running
from tests.processes.passing import passing
from tests.product.everything import Staff, runner

DAY = 86_400 * SECOND


@dataclass
class World:
    """A served organisation, its persons and services, and the outside systems it calls."""

    house: House
    staff: Any
    services: payments.Running

    def effects(self, operation: str) -> int:
        """How often the operation has had an effect."""
        return self.services.counts().get(operation, {}).get("effects", 0)

    def history(self, instance: str, who: str = "auditor") -> list[dict[str, Any]]:
        """All of the history of an instance, oldest first."""
        told, cursor = [], ""
        while True:
            page = self.house.get(f"/v1/process-instances/{instance}/history{cursor}", who).json()
            told += page["items"]
            if page["cursor"] is None:
                return told[::-1]
            cursor = f"?cursor={page['cursor']}"


@pytest.fixture(scope="session")
def outside() -> Iterator[payments.Running]:
    running_ = payments.start(0)
    yield running_
    running_.stop()


@pytest.fixture(scope="session")
def overlaid(tmp_path_factory: pytest.TempPathFactory, outside: payments.Running) -> Settings:
    allowed = outside.address.removeprefix("http://")
    folder = tmp_path_factory.mktemp("overlaid") / "data"
    settings = Settings(data_dir=str(folder), log="acme", egress_allow=allowed)
    make(settings, loading.laid_over(outside.address))
    return settings


@pytest.fixture(scope="module")
def world(overlaid: Settings, outside: payments.Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = copied(overlaid, tmp_path_factory.mktemp("world") / "data")
    with serving(settings, outside) as world:
        yield world


@contextmanager
def serving(settings: Settings, outside: payments.Running, days_ahead: int = 0) -> Iterator[World]:
    """The organisation served and moved; stopped and served again with days ahead, that time has passed for it."""
    keys = loading.keys_of(loading.laid_over(outside.address))
    with running(settings, days_ahead * DAY) as house, runner(house, settings):
        yield World(house, Staff(house, keys), outside)


@pytest.fixture
def days(overlaid: Settings, outside: payments.Running, tmp_path: Path) -> Iterator[World]:
    """The organisation with a clock that a test moves on (`pass_time`)."""
    settings = copied(overlaid, tmp_path / "data")
    keys = loading.keys_of(loading.laid_over(outside.address))
    with passing(settings) as house, runner(house, settings):
        yield World(house, Staff(house, keys), outside)
