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
from ledger.policy import NONE, Policy, parse_policy
from ledger.token_address import IdentityPlace, is_printable

PREFIX = "MUNIMENT_"
LOG_PUBLIC = ("none", "checkpoints", "hashes")
SECRET = frozenset(("passphrase", "database_url", "signing_pin", "smtp_url"))
CALLS = ("live", "test")
ATTACHMENT_BYTES_MAX = 25 * 1024 * 1024  # it is sealed and read whole, in memory
_POSTGRESQL = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told from outside. Picklable: the writer process is handed it whole.

    `database_url` empty means one SQLite file per log under the data folder. `passphrase` empty means the file
    `passphrase` in the data folder (mode 0600), which `muniment init` creates. `signing_key` is where the identity key
    lies: empty for the key folder, the path of a PEM file, or a `pkcs11:` address (`ledger.pkcs11`). `log_public` says
    what `/log/{log}/` shows to whoever asks: nothing, published checkpoints, or hash tiles as well; entry bundles are
    never among it. `mark_dir` empty means a folder for this database under the state folder of the account.
    `attachment_types` are
    types of files, with commas, that are taken without a look besides those that are known. `notify_from` is the
    address notifications are sent from, without which none goes out by mail; `notify_url` what they are posted to.
    """

    data_dir: str = ".muniment"
    log: str = "main"
    logs: str = ""
    log_origin: str = "localhost"
    database_url: str = ""
    passphrase: str = ""
    public_url: str = ""
    egress_allow: str = ""
    calls: str = "live"
    smtp_url: str = ""
    files_dir: str = ""
    timezone: str = "UTC"
    witnesses: str = ""
    witness_mode: str = "soft"
    witness_wait: str = "5"
    signing_key: str = ""
    signing_pin: str = ""
    tsa_url: str = ""
    tsa_roots: str = ""
    tsa_policy: str = ""
    tsa_every: str = "600"
    secrets_dir: str = ""
    log_public: str = "hashes"
    mark_dir: str = ""
    attachment_bytes_max: str = "5242880"
    attachment_types: str = ""
    notify_from: str = ""
    notify_url: str = ""

    def __post_init__(self) -> None:
        if self.log_public not in LOG_PUBLIC:
            raise BrokenInput(f"expected {', '.join(LOG_PUBLIC)}, found `{self.log_public}`", "MUNIMENT_LOG_PUBLIC")
        if not self.attachment_bytes_max.isdecimal() or not 0 < int(self.attachment_bytes_max) <= ATTACHMENT_BYTES_MAX:
            raise BrokenInput(f"expected 1 to {ATTACHMENT_BYTES_MAX} bytes", "MUNIMENT_ATTACHMENT_BYTES_MAX")
        if self.calls not in CALLS:
            raise BrokenInput(f"expected {' or '.join(CALLS)}, found `{self.calls}`", "MUNIMENT_CALLS")

    @property
    def attachments(self) -> tuple[int, frozenset[str]]:
        """How large a file may be in bytes, and which types are taken besides those that are known."""
        types = frozenset(one.strip() for one in self.attachment_types.split(",") if one.strip())
        return int(self.attachment_bytes_max), types

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)

    @property
    def secrets_folder(self) -> Path:
        """Where the secrets of webhooks lie, a file each; `secrets` in the data folder unless it is set. Of several
        logs each has a folder of its own there, since a feed names its secret: that of another must not be found."""
        folder = Path(self.secrets_dir) if self.secrets_dir else self.folder / "secrets"
        return folder / self.log if self.logs.strip() else folder

    @property
    def is_rehearsing(self) -> bool:
        """Whether calls of connectors are answered by examples and nothing goes out."""
        return self.calls == "test"

    @property
    def inbox_folder(self) -> Path | None:
        """The folder below which inboxes are watched; None where there is none, and in test mode."""
        return Path(self.files_dir) if self.files_dir and not self.is_rehearsing else None

    @property
    def key_folder(self) -> Path:
        """Where this log's keys lie."""
        return self.folder / "keys" / self.log

    @property
    def identity(self) -> IdentityPlace:
        """Where the identity key lies."""
        return IdentityPlace(self.signing_key.replace("{log}", self.log), self.signing_pin)

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

    def witness_policy(self) -> Policy | None:
        """The policy that names the witnesses; None where there are none. A text of several lines is the policy."""
        if not self.witnesses:
            return None
        if "\n" in self.witnesses:
            return _policy(self.witnesses.encode("utf-8", "surrogateescape"), "MUNIMENT_WITNESSES")
        try:
            data = Path(self.witnesses).read_bytes()
        except (OSError, ValueError) as error:
            raise BrokenInput("expected a policy file that can be read", "MUNIMENT_WITNESSES") from error
        return _policy(data, self.witnesses)

    @property
    def is_witnessing_hard(self) -> bool:
        """Whether receipts wait for the quorum."""
        if self.witness_mode not in ("soft", "hard"):
            raise BrokenInput("expected `soft` or `hard`", "MUNIMENT_WITNESS_MODE")
        return self.witness_mode == "hard"

    @property
    def witness_wait_seconds(self) -> float:
        """How long a receipt waits for the quorum in hard mode."""
        if not (self.witness_wait.isascii() and self.witness_wait.isdigit() and 1 <= int(self.witness_wait) <= 60):
            raise BrokenInput("expected whole seconds from 1 to 60", "MUNIMENT_WITNESS_WAIT")
        return float(self.witness_wait)

    def check_witnesses(self) -> None:
        """`BrokenInput` for witnesses that cannot be read, and for a hard mode that would wait for nobody."""
        policy = self.witness_policy()
        is_hard, _ = self.is_witnessing_hard, self.witness_wait_seconds
        if is_hard and (policy is None or policy.quorum == NONE):
            raise BrokenInput("expected witnesses with a quorum in hard mode", "MUNIMENT_WITNESS_MODE")
        if policy is not None and not any(one.url for one in policy.witnesses):
            raise BrokenInput("expected the address of a witness at least once", "MUNIMENT_WITNESSES")

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


def _policy(data: bytes, place: str) -> Policy:
    try:
        return parse_policy(data)
    except BrokenInput as error:
        raise BrokenInput(error.message, f"{place}, {error.location}" if error.location else place) from error


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
        hidden = bool(value) and (field.name in SECRET or (field.name == "signing_key" and not is_printable(value)))
        shown[f"{PREFIX}{field.name.upper()}"] = "(hidden)" if hidden else value
    return shown
