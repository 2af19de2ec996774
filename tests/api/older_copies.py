"""Backups of an organisation's database, and older copies put in its place while the service runs."""

import sqlite3
from pathlib import Path

from api.settings import Settings


def restored_to(settings: Settings, path: Path) -> None:
    """The older copy is put in place under the running service."""
    target = sqlite3.connect(settings.folder / "logs" / settings.log / "ledger.sqlite")
    for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        target.execute(f"DROP TRIGGER {name}")
    source = sqlite3.connect(path)
    source.backup(target)
    source.close()
    target.close()


def backup(settings: Settings, path: Path) -> Path:
    source, copy = sqlite3.connect(settings.folder / "logs" / settings.log / "ledger.sqlite"), sqlite3.connect(path)
    source.backup(copy)
    source.close()
    copy.close()
    return path
