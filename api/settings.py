"""Settings: `MUNIMENT_*` in the environment, else `muniment.toml`, else a default. Read here and nowhere else."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.errors import BrokenInput
from ledger.marks import MarkFolder

PREFIX = "MUNIMENT_"
_POSTGRESQL = ("postgresql", "postgres")
SECRET = frozenset(("passphrase", "database_url"))


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told from outside. Picklable: the writer process is handed it whole.

    `database_url` empty means one SQLite file per log under the data folder. `passphrase` empty means the file
    `passphrase` in the data folder (mode 0600), which `muniment init` creates. `mark_dir` empty means a folder for this
    database under the state folder of the account.
    """

    data_dir: str = ".muniment"
    log: str = "main"
    logs: str = ""
    log_origin: str = "localhost"
    database_url: str = ""
    passphrase: str = ""
    public_url: str = ""
    egress_allow: str = ""
    timezone: str = "UTC"
    mark_dir: str = ""

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)

    @property
    def key_folder(self) -> Path:
        """Where this log's keys lie."""
        return self.folder / "keys" / self.log

    @property
    def origin(self) -> str:
        """The log's origin: a schema-less URL prefix (C2SP tlog-checkpoint)."""
        return f"{self.log_origin}/{self.log}"

    @property
    def marks(self) -> MarkFolder:
        """Where high-water marks lie: apart from the database, so that restoring the one does not restore the other.

        The default names the database's own address, or a copy that is looked at elsewhere would be taken for an older
        one in its place.
        """
        if self.mark_dir:
            return MarkFolder(Path(self.mark_dir).expanduser())
        address = urlsplit(self.database_url)
        place = str(self.folder.resolve())
        if address.scheme in _POSTGRESQL:
            place = f"{address.hostname}:{address.port}{address.path}"
        elif self.database_url:
            place = str(Path(address.path.removeprefix("/")).resolve())
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        return MarkFolder(state / "muniment" / "marks" / sha256(place.encode()).hexdigest()[:16])

    def database(self) -> Database:
        """The database this log lives in."""
        if not self.database_url:
            return SqliteDatabase(self.folder / "logs" / self.log / "ledger.sqlite")
        scheme, _, rest = self.database_url.partition("://")
        if scheme == "sqlite":
            return SqliteDatabase(Path(rest.removeprefix("/")))
        if scheme in _POSTGRESQL:
            return PostgresqlDatabase(f"postgresql://{rest}")
        raise BrokenInput("expected a sqlite:// or postgresql:// address", "MUNIMENT_DATABASE_URL")

    def secret(self) -> str:
        """The passphrase of the key files."""
        if self.passphrase:
            return self.passphrase
        path = self.folder / "passphrase"
        if not path.exists():
            raise BrokenInput("expected MUNIMENT_PASSPHRASE or this file, found neither", str(path))
        return path.read_text().strip()

    def create_secret(self) -> None:
        """Make the passphrase file unless a passphrase is set or the file is there."""
        path = self.folder / "passphrase"
        if self.passphrase or path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")


def read_settings(environment: Mapping[str, str] | None = None, file: Path = Path("muniment.toml")) -> Settings:
    """The settings in force; an unknown name in the file or the environment is `BrokenInput`."""
    environment = os.environ if environment is None else environment
    known = {field.name for field in fields(Settings)}
    values: dict[str, str] = {}
    if file.exists():
        try:
            read = tomllib.loads(file.read_text())
        except tomllib.TOMLDecodeError as error:
            raise BrokenInput(str(error), str(file)) from error
        for name, value in read.items():
            if name.lower() not in known or not isinstance(value, str):
                raise BrokenInput(f"expected a known setting with a text value, found `{name}`", str(file))
            values[name.lower()] = value
    for name, value in environment.items():
        short = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and short in known:
            values[short] = value
    return Settings(**values)


def printable(settings: Settings) -> dict[str, str]:
    """The settings for `muniment settings`: secrets are hidden."""
    shown = {}
    for field in fields(Settings):
        value = getattr(settings, field.name)
        shown[f"{PREFIX}{field.name.upper()}"] = "(hidden)" if field.name in SECRET and value else value
    return shown
