"""`kill -9` under load: nothing acknowledged is lost, nothing is done twice, nothing is half done."""

import asyncio
from pathlib import Path
from random import Random

import psycopg
import pytest

from tests.crash.campaign import campaign
from tests.crash.organisation import Organisation
from tests.postgres import PostgresServer

KILLS = 20


def test_twenty_kills(organisation: Organisation, tmp_path: Path) -> None:
    made = campaign(organisation, tmp_path, seed=1, kills=KILLS)
    assert made.again >= KILLS  # commands were under way when their writer died


@pytest.mark.postgresql
@pytest.mark.parametrize("organisation", ["postgresql"], indirect=True)
def test_the_database_server_fails_under_load(
    organisation: Organisation, tmp_path: Path, postgresql: PostgresServer
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(organisation.settings.database_url)["dbname"]

    async def disturb(random: Random) -> None:
        """Three times the connections are ended, the fourth time the server crashes."""
        if random.random() < 0.75:
            with psycopg.connect(postgresql.dsn("postgres"), autocommit=True) as connection:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(ended, (name,))
            return
        await asyncio.to_thread(postgresql.stop, "immediate")
        await asyncio.to_thread(postgresql.start)

    made = campaign(organisation, tmp_path, seed=1, kills=12, disturb=disturb)
    assert made.again


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 7))
def test_two_hundred_kills(organisation: Organisation, tmp_path: Path, seed: int) -> None:
    made = campaign(organisation, tmp_path, seed=seed, kills=40)
    assert made.again >= 40
