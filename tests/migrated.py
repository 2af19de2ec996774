"""Databases at the newest schema: copies of one that is migrated once in a test process, as migrating takes long.

Whoever tests migrations calls `migrations.upgrade.upgrade`.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.database import PostgresqlDatabase, SqliteDatabase
from migrations.upgrade import upgrade
from tests.postgres import PostgresServer


@cache
def _newest_file() -> bytes:
    with TemporaryDirectory(prefix="muniment-migrated-") as folder:
        database = SqliteDatabase(Path(folder) / "ledger.sqlite")
        upgrade(database.url)
        return database.path.read_bytes()


@cache
def _newest_database(server: PostgresServer) -> str:
    dsn = server.create_database()
    upgrade(PostgresqlDatabase(dsn).url)
    return dsn


def migrated_sqlite(path: Path) -> SqliteDatabase:
    """A new file without a log."""
    path.write_bytes(_newest_file())
    return SqliteDatabase(path)


def migrated_postgresql(server: PostgresServer) -> PostgresqlDatabase:
    """A new database of this server without a log."""
    return PostgresqlDatabase(server.copy_database(_newest_database(server)))
