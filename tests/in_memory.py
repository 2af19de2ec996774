"""SQLite in memory with the tables of a room: made once in a test process and copied, as hundreds of tests begin so."""

import sqlite3
from functools import cache

import sqlalchemy as sa


class Held(sqlite3.Connection):
    """Closes when nobody holds it any more; Python warns of that from 3.13 on."""

    def __del__(self) -> None:
        self.close()


@cache
def _empty(rooms: tuple[sa.MetaData, ...]) -> bytes:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    try:
        with engine.connect() as connection:
            for metadata in rooms:
                metadata.create_all(connection)
            connection.commit()
            made = connection.connection.driver_connection
            assert isinstance(made, sqlite3.Connection)
            return made.serialize()
    finally:
        engine.dispose()


def with_tables(*rooms: sa.MetaData) -> sqlite3.Connection:
    """A database of its own, for any thread."""
    connection = sqlite3.connect(":memory:", check_same_thread=False, factory=Held)
    connection.deserialize(_empty(rooms))
    return connection
