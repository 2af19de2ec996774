"""Files put down for another system: whole or not at all, below one folder, and never over one that is there."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from re import compile as pattern
from typing import Any

import orjson

from api.egress import Called, CallFault
from api.outgoing.arguments import checked, filled, request_digest
from api.outgoing.values import Misfit, to_wire
from ledger.canonical import digest

FILE_BYTES_MAX = 4 * 1024 * 1024
_NAME = pattern(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,149}\Z")


class Files:
    """Puts files into folders below `base`; None where the installation has no folder for files."""

    def __init__(self, base: Path | None) -> None:
        self._base = base

    def call(
        self, connector: Mapping[str, Any], spec: Mapping[str, Any], arguments: Mapping[str, Any], key: str
    ) -> Called | CallFault:
        """Put one file down. One with the same content that is there already is the same call made twice."""
        try:
            given = checked(spec, arguments)
            name = filled(spec["file"], given)
            if not _NAME.match(name):
                raise Misfit("file", "letters, digits, `.`, `_` and `-`, since they name a file")
            data = _content(spec, given)
        except Misfit as misfit:
            return CallFault("ARGUMENT_INVALID", str(misfit), False)
        request = request_digest(spec, given)
        fault = self._put(connector["folder"], name, data, key)
        if fault is not None:
            code, said, can_retry = fault
            return CallFault(code, said, can_retry, request)
        answer = {"file": name, "bytes": len(data)}
        return Called(answer, request, digest([answer, sha256(data).hexdigest()]))

    def _put(self, folder: str, name: str, data: bytes, key: str) -> tuple[str, str, bool] | None:
        """None when the file is there; else (code, words, whether to try again)."""
        if self._base is None:
            return "NO_FOLDER", "expected MUNIMENT_FILES_DIR, found none", False
        if len(data) > FILE_BYTES_MAX:
            return "TOO_LARGE", f"expected a file of at most {FILE_BYTES_MAX} bytes", False
        place = self._base / folder
        try:
            # A link in the way would lead out of the folder.
            if place.resolve() != self._base.resolve() / folder:
                return "NOT_ALLOWED", "the folder is not below the folder for files", False
            place.mkdir(parents=True, exist_ok=True)
            return _placed(place, name, data, key)
        except OSError as error:
            return "UNREACHABLE", f"the folder cannot be written: {type(error).__name__}", True


def _placed(place: Path, name: str, data: bytes, key: str) -> tuple[str, str, bool] | None:
    """Written beside, brought to the disk, then linked: whoever looks sees the whole file or none."""
    draft = place / f".{sha256(key.encode()).hexdigest()[:24]}.part"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, place / name)
        except FileExistsError:
            present = place / name
            is_same = not present.is_symlink() and present.is_file() and present.read_bytes() == data
            return None if is_same else ("FILE_EXISTS", "another file of that name is there", False)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(place, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return None


def _content(spec: Mapping[str, Any], given: Mapping[str, Any]) -> bytes:
    if "text" in spec:
        return filled(spec["text"], given).encode()
    body = {
        made.get("name", name): to_wire(made, given[name], name)
        for name, made in spec["takes"].items()
        if name in given and "{" + name + "}" not in spec["file"]
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
