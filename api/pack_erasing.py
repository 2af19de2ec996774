"""Packs in their folder that open what was erased since are taken away; what others were handed is in their hands."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import orjson

from ledger.canonical import b64url, encode, from_b64url
from ledger.certificates import destroyed
from ledger.commitment import commit
from ledger.service import View
from ledger.verify.openings import commitments_in
from ledger.verify.pack_parts import OPENINGS


def drop_erased(view: View, folder: Path) -> tuple[str, ...]:
    """Take away packs, finished or not, that open a value whose opening was erased; their ids.

    A pack holds its openings in clear, so it is read whole. One that cannot be read is left for its owner to see.
    """
    gone = destroyed(view)
    files = sorted([*folder.glob("*.zip"), *folder.glob("*.part")]) if gone else []
    found = [file for file in files if any(index in gone for index in _opened_at(view, file))]
    for file in found:
        file.unlink()
    return tuple([file.stem for file in found])


def _opened_at(view: View, file: Path) -> Iterator[int]:
    """Where each opening of a pack lies in the vault, or lay: the index before its commitment in the entry."""
    try:
        with ZipFile(file) as archive:
            lines = [line for name in archive.namelist() if name.endswith(OPENINGS) for line in archive.open(name)]
    except BadZipFile:
        return
    for line in lines:
        one = orjson.loads(line)
        row = view.entry(one["index"])
        made = commit(from_b64url(one["salt"]), view.origin, one["subject"], one["path"], encode(one["value"]))
        for index, commitment in commitments_in(orjson.loads(row.bytes)) if row is not None else ():
            if commitment == b64url(made):
                yield int(index)
