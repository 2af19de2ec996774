"""Secrets of webhooks: a feed names one, the value lies in a file that its owner alone may read.

A file `NAME` in the folder of secrets holds one secret a line, the newest first. While one is replaced it holds two,
and both sign; the old line is taken out once the receiver knows the new one. No secret stands in an entry, a log or
an address.
"""

import os
import secrets as random_source
import stat
from pathlib import Path

from ledger.errors import BrokenInput
from ledger.webhook import KEY_BYTES_MIN, read_secret, secret_text

LINES_MAX = 4
FILE_BYTES_MAX = 1_000
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keys_of(folder: Path, name: str) -> tuple[bytes, ...]:
    """The keys of a secret; `BrokenInput` names the file, never what stands in it."""
    path = folder / name
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BrokenInput("expected a file with the secret of a webhook, found none to read", str(path)) from error
    if mode & OTHERS:
        raise BrokenInput("expected a file that its owner alone may read (mode 0600)", str(path))
    lines = text.decode("ascii", "replace").split()
    if not 0 < len(lines) <= LINES_MAX or len(text) > FILE_BYTES_MAX:
        raise BrokenInput(f"expected 1 to {LINES_MAX} secrets, one a line", str(path))
    try:
        return tuple(read_secret(line) for line in lines)
    except BrokenInput as error:
        raise BrokenInput(error.message, str(path)) from error


def create(folder: Path, name: str) -> str:
    """A new secret, written as the newest of its file; its text, to be shown once."""
    old: list[str] = []
    if (folder / name).exists():
        old = [secret_text(key) for key in keys_of(folder, name)]
        if len(old) >= LINES_MAX:
            raise BrokenInput("expected room for another secret; drop the old ones first", str(folder / name))
    made = secret_text(random_source.token_bytes(KEY_BYTES_MIN + 8))
    _write(folder, name, [made, *old])
    return made


def drop_old(folder: Path, name: str) -> int:
    """Keep the newest secret alone; how many were dropped."""
    keys = keys_of(folder, name)
    _write(folder, name, [secret_text(keys[0])])
    return len(keys) - 1


def _write(folder: Path, name: str, lines: list[str]) -> None:
    """Whole or not at all: a runner that reads meanwhile finds the old file or the new one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{name}.new"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / name)
