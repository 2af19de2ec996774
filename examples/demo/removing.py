"""`muniment demo --remove`: takes a demo away whole, and nothing that is not one."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from api.settings import Settings
from api.wiring import open_log
from examples.demo.standing import LOG, PASSWORDS, stands_at
from ledger.clock import SystemClock
from ledger.errors import BrokenInput, MunimentError
from ledger.marks import LogIdentity, first_key_of
from ledger.service import Reader
from rbac.service import demo_accounts

OWN = frozenset((LOG, "logs", "keys", "marks", "passphrase", "packs", "witness", "witnesses.policy", PASSWORDS))
"""What a demo's folder holds. Whoever put something else into it is told, and keeps it."""


def remove(settings: Settings, is_sure: bool, ask: Callable[[str], str], say: Callable[[str], None]) -> int:
    """Remove the demo's folder after its name was typed (or `--yes`); `BrokenInput` for whatever is no demo, for one
    that is running, and for a folder with files of somebody else."""
    settings = stands_at(settings)
    folder = settings.folder.resolve()
    check_removable(settings)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    question = f"This removes {folder} ({size / 1e6:.1f} MB). Type the folder's name, {folder.name}: "
    if not is_sure and ask(question).strip() != folder.name:
        say("nothing was removed")
        return 1
    marks = marks_elsewhere(settings)
    shutil.rmtree(folder)
    for mark in marks:
        mark.unlink(missing_ok=True)
    say(f"removed {folder}")
    return 0


def check_removable(settings: Settings) -> None:
    """See `remove`."""
    folder = settings.folder
    if folder.is_symlink() or not folder.is_dir():
        raise BrokenInput("expected the folder of a demo, found none", str(folder))
    others = sorted(path.name for path in folder.iterdir() if path.name not in OWN)
    if others:
        raise BrokenInput(f"expected nothing but a demo, found `{others[0]}` as well", str(folder))
    logs = sorted(path.name for path in (folder / "logs").iterdir()) if (folder / "logs").is_dir() else []
    if logs != [LOG]:
        raise BrokenInput("expected the one log of a demo, found other logs or none", str(folder / "logs"))
    if not is_demo(settings):
        raise BrokenInput("expected an organisation founded as a demo, found another", str(folder))
    if is_in_use(folder / "logs" / LOG / "ledger.sqlite"):
        raise BrokenInput("expected a demo that was stopped, found it running: stop it with Ctrl-C first", str(folder))


def is_demo(settings: Settings) -> bool:
    """Whether the ceremony of the log here says so; a log that cannot be opened is none."""
    try:
        log, database = open_log(settings)
        reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
        with reader.view() as view:
            marked = bool(demo_accounts(view))
        reader.close()
    except (MunimentError, OSError, sqlite3.Error):
        return False
    return marked


def marks_elsewhere(settings: Settings) -> list[Path]:
    """The high-water mark of the demo and what was kept beside it, where `MUNIMENT_MARK_DIR` names another folder."""
    kept = settings.marks.folder.resolve()
    if kept.is_relative_to(settings.folder.resolve()):
        return []
    log, database = open_log(settings)
    reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
    with reader.view() as view:
        first = view.stored(0)
    reader.close()
    if first is None:
        return []
    own = settings.marks.path(LogIdentity(log.name, log.origin, first_key_of(first.bytes)))
    return sorted(kept.glob(f"{own.stem}.*"))


def is_in_use(database: Path) -> bool:
    """Whether some process has the log open: it holds a lock that alone with the file nobody holds."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False
