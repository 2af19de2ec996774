"""The logs of one installation: which organisations it serves, each by the short name of its current log."""

from dataclasses import replace
from pathlib import Path

from api.identity.tokens import is_log_name
from api.settings import Settings
from ledger.database import SqliteDatabase
from ledger.errors import BrokenInput

EVERY = "*"
LOGS_MAX = 64  # served by one process: each has a writer process of its own


def each(settings: Settings) -> tuple[Settings, ...]:
    """The settings of every log that is served, `MUNIMENT_LOG` alone where `MUNIMENT_LOGS` says nothing."""
    names = _names(settings)
    if len(names) > 1 and settings.database_url and isinstance(settings.database(), SqliteDatabase):
        raise BrokenInput("expected one log in one SQLite file, found several", "MUNIMENT_LOGS")
    if len(names) > 1 and settings.signing_key and "{log}" not in settings.signing_key:
        raise BrokenInput(
            "expected `{log}` in the place of the identity key: each log has its own", "MUNIMENT_SIGNING_KEY"
        )
    return tuple(replace(settings, log=name) for name in names)


def _names(settings: Settings) -> tuple[str, ...]:
    if not settings.logs.strip():
        return (settings.log,)
    listed = [name.strip() for name in settings.logs.split(",")]
    if listed == [EVERY]:
        listed = _all(settings)
    if not listed or len(set(listed)) != len(listed) or len(listed) > LOGS_MAX or not all(map(is_log_name, listed)):
        raise BrokenInput(f"expected 1 to {LOGS_MAX} short names of logs, each once, or `*`", "MUNIMENT_LOGS")
    return tuple(listed)


def _all(settings: Settings) -> list[str]:
    """Every log there is: each folder with a database file, or each log of the PostgreSQL database."""
    if not settings.database_url:
        folder: Path = settings.folder / "logs"
        return sorted(path.parent.name for path in folder.glob("*/ledger.sqlite"))
    return sorted(name for _, name, _ in settings.database().logs())
