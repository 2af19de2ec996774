"""The published log as files that any static server can serve (c2sp.org/tlog-tiles): `muniment log export`.

    <folder>/checkpoint   <folder>/tile/<L>/<N>[.p/<W>]   <folder>/tile/entries/<N>[.p/<W>]

A second run adds what is new. Each file is written beside its place, flushed, and moved there; the checkpoint comes
last, so that whatever a reader finds in it is there. A run that was cut short is done again from the checkpoint that is
there. Partial tiles that became full are taken away after that; readers of an older checkpoint fall back to the full
ones, as the specification has it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import BrokenInput, BrokenState
from ledger.note import NOTE_BYTES_MAX, parse_note
from ledger.proving import Prover
from ledger.publishing import edge_names
from ledger.reading import Reader, View
from ledger.showing import newest, tile
from ledger.tiles import ENTRIES, WIDTH, TileName, bundles_of, levels_of, names_of, width_at

CHECKPOINT = "checkpoint"
AT_ONCE = 32  # files read in one view: some ten megabytes of entries

Progress = Callable[[int, int], None]


class Exported(NamedTuple):
    """Up to which size, from which size on, and how many files were written."""

    size: int
    since: int
    files: int


def export(reader: Reader, folder: Path, hashes_only: bool, tell: Progress = lambda _, __: None) -> Exported:
    """Bring the folder to the newest publication.

    `BrokenInput` when the folder holds anything else: another log, a log that is ahead of this one, or another history.
    """
    with reader.view() as view:
        shown = newest(view)
        if shown is None:
            raise BrokenInput("expected a published checkpoint, found none: nothing was published yet")
        since = _since(view, folder, shown.size)
    writing = _Writing(folder)
    names = chain(
        names_of(shown.size, since),
        () if hashes_only else bundles_of(shown.size, since if _has_bundles(folder, since) else 0),
    )
    while batch := list(islice(names, AT_ONCE)):
        with reader.view() as view:
            for name in batch:
                data = tile(view, name)
                if data is None:
                    raise BrokenState(f"expected {name.path()}, found none; `muniment log rebuild` derives tiles anew")
                writing.write(name.path(), data)
        tell(writing.count, shown.size)
    writing.flush()
    note = shown.note.encode()
    if _read(folder / CHECKPOINT) != note:
        writing.write(CHECKPOINT, note)
        writing.flush()
    for overtaken in _overtaken(since, shown.size):
        shutil.rmtree(folder / f"{overtaken.path()}.p", ignore_errors=True)
    return Exported(shown.size, since, writing.count)


def _since(view: View, folder: Path, size: int) -> int:
    """The size of the export that is there; 0 for none. `BrokenInput` when this log may not be written over it."""
    data = _read(folder / CHECKPOINT)
    if data is None:
        strange = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
        if [name for name in strange if name not in ("tile", f"{CHECKPOINT}.tmp")]:
            raise BrokenInput(f"expected an export or an empty folder, found `{strange[0]}`", str(folder))
        return 0
    there = _stated(data, folder)
    if there.origin != view.origin:
        raise BrokenInput(f"expected an export of {view.origin}, found one of {there.origin}", str(folder))
    if there.size > size:
        raise BrokenInput(f"expected an export of at most size {size}, found {there.size}: it is ahead", str(folder))
    if there.size and Prover(view).root(there.size) != there.root:
        raise BrokenInput(f"expected the root of this log at size {there.size}, found another history", str(folder))
    return there.size


def _stated(data: bytes, folder: Path) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note(data).text)
    except BrokenInput as error:
        raise BrokenInput(f"expected a checkpoint: {error}", str(folder / CHECKPOINT)) from error


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(NOTE_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BrokenInput(f"expected a file that can be read: {error.strerror}", str(path)) from error


def _has_bundles(folder: Path, size: int) -> bool:
    """Whether the last export wrote bundles; one of hashes alone has none."""
    if not size:
        return False
    number = (size - 1) // WIDTH
    return (folder / TileName(ENTRIES, number, width_at(0, number, size)).path()).exists()


def _overtaken(old: int, new: int) -> Iterator[TileName]:
    """Tiles and bundles that were partial at the old size and are full now."""
    for level, number in edge_names(old):
        if level < levels_of(new) and width_at(level, number, new) == WIDTH:
            yield TileName(level, number)
            if level == 0:
                yield TileName(ENTRIES, number)


class _Writing:
    """Files, each whole or not there; folders are flushed before anything may rest on them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._touched: set[Path] = set()
        self.count = 0

    def write(self, path: str, data: bytes) -> None:
        target = self._folder / path
        try:
            self._make(target.parent)
            beside = target.with_name(f"{target.name}.tmp")
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except OSError as error:
            raise BrokenInput(f"expected a folder that can be written: {error.strerror}", str(target)) from error
        self._touched.add(target.parent)
        self.count += 1

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            self._touched.update(one for one in folder.parents if one.is_relative_to(self._folder))

    def flush(self) -> None:
        """Names are durable only once their folders are."""
        for folder in sorted(self._touched):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._touched.clear()
