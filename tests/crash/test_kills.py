"""`kill -9` under load: nothing acknowledged is lost, nothing is done twice, nothing is half done."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from examples.services.payments import Running
from tests.conftest import missing
from tests.crash.campaign import campaign
from tests.crash.organisation import Foundry, Organisation
from tests.postgres import PostgresServer


@pytest.mark.parametrize(("organisation", "kills"), [("sqlite", 20), ("postgresql", 8)], indirect=["organisation"])
def test_processes_are_killed(organisation: Organisation, tmp_path: Path, kills: int) -> None:
    made = campaign(organisation, tmp_path, seed=1, kills=kills)
    assert made.again >= kills  # commands were under way when their writer died


@pytest.fixture
def failing(tmp_path: Path, services: Running) -> Iterator[tuple[PostgresServer, Organisation]]:
    """A server of this test's own, and the organisation on it."""
    try:
        server = PostgresServer(durable=True)
    except (ImportError, OSError) as error:
        missing("postgresql", str(error))
        return
    yield server, Foundry(tmp_path / "founded", services, lambda: server).copy("postgresql", tmp_path / "data")
    server.close()


@pytest.mark.postgresql
def test_the_database_server_fails_under_load(failing: tuple[PostgresServer, Organisation], tmp_path: Path) -> None:
    server, organisation = failing
    name = psycopg.conninfo.conninfo_to_dict(organisation.settings.database_url)["dbname"]

    async def disturb(random: Random) -> None:
        """Three times the connections are ended, the fourth time the server crashes."""
        if random.random() < 0.75:
            with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(ended, (name,))
            return
        await asyncio.to_thread(server.stop, "immediate")
        await asyncio.to_thread(server.start)

    made = campaign(organisation, tmp_path, seed=1, kills=12, disturb=disturb)
    assert made.again


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 7))
def test_two_hundred_kills(organisation: Organisation, tmp_path: Path, seed: int) -> None:
    made = campaign(organisation, tmp_path, seed=seed, kills=40)
    assert made.again >= 40
