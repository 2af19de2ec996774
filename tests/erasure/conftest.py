"""A log of four data subjects on either database."""

from pathlib import Path
from typing import Any

import pytest

from ledger.database import Database, PostgresqlDatabase
from tests.conftest import SetClock
from tests.erasure.house import Fences, Process, found


@pytest.fixture
def fences() -> Fences:
    return Fences()


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: SetClock, fences: Fences) -> Any:
    process = found(database, tmp_path, clock, fences)
    yield process
    process.close()


@pytest.fixture
def server(database: Database, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("postgresql") if isinstance(database, PostgresqlDatabase) else None


__all__ = ["Process"]
