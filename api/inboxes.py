"""Watched folders: files that other systems put down, as messages of a service.

A connector `via: inbox` names a folder below the folder for files. Whoever writes there writes beside and renames, so
that a file is whole when it has its name (`NAME.json`, holding `{type, data}` as an event of a hook). One that was
taken goes to `taken/`, one that is none or is refused to `refused/`; what nobody waits for yet is kept for a day. The
command id is made of the file's name and content: a runner that dies between sending and moving sends the same again.
"""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from api.body import parse_json
from api.hooks import HOOK_BYTES_MAX, Hook, actor_of, message_of
from api.refusal_texts import why
from ledger.canonical import b64url
from ledger.clock import SECOND, Clock
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import Reader
from ledger.work import Answer, Request
from rbac.service import actor_is_active
from versioning.service import Versions

FILES_PER_LOOK = 50
LOOK_EVERY = 5 * SECOND  # a look costs a directory for each inbox
logger = logging.getLogger("muniment")
NAME_BYTES_MAX = 255  # of a file, with every file system we know
TAKEN, REFUSED = "taken", "refused"


class Inboxes:
    """The watched folders of one log. `base` None: the installation has no folder for files, and nothing is watched."""

    def __init__(self, reader: Reader, versions: Versions, base: Path | None, clock: Clock) -> None:
        self._reader = reader
        self._versions = versions
        self._base = base
        self._clock = clock
        self._next = 0

    def look(self, submit: Callable[[Request], "Future[Answer]"]) -> int:
        """Take in what lies there, at most every few seconds; how many files were moved."""
        now = self._clock.monotonic()
        if self._base is None or now < self._next:
            return 0
        self._next = now + LOOK_EVERY
        return sum(self._look_into(inbox, folder, submit) for inbox, folder in self._watched())

    def _look_into(self, inbox: Hook, folder: Path, submit: Callable[[Request], "Future[Answer]"]) -> int:
        """One folder; that it cannot be read or written holds up no other."""
        try:
            return sum(self._take(inbox, path, submit) for path in _files(folder))
        except OSError as error:
            logger.error("inbox %s: %s", inbox.name, type(error).__name__)
            return 0

    def _watched(self) -> list[tuple[Hook, Path]]:
        assert self._base is not None
        found = []
        with self._reader.view() as view:
            for name in sorted(self._versions.names(view, "connector")):
                version = self._versions.current(view, "connector", name)
                value = {} if version is None else version.value
                if value.get("via") == "inbox" and actor_is_active(view, value["actor"]):
                    inbox = Hook(name, value["actor"], value["domain"], value["messages"], ())
                    found.append((inbox, self._base / value["folder"]))
        # A link in the way would lead out of the folder for files.
        return [(inbox, folder) for inbox, folder in found if _is_within(folder, self._base)]

    def _take(self, inbox: Hook, path: Path, submit: Callable[[Request], "Future[Answer]"]) -> int:
        try:
            data = _read(path)
        except OSError:
            return 0  # another runner has moved it, or it cannot be read yet
        digest = sha256(data).digest()
        try:
            if len(data) > HOOK_BYTES_MAX:
                raise BrokenInput(why("smaller-file"))
            command = message_of(inbox, parse_json(data))
            named = b64url(sha256(b"%s %s %s" % (inbox.name.encode(), os.fsencode(path.name), digest)).digest())
            outcome = submit(Request(actor_of(inbox), command, f"inbox:{named}")).result().outcome
        except BrokenInput:  # also of what follows: too much to be kept, or to be laid into an entry
            return _moved(path, REFUSED, digest)
        return _moved(path, REFUSED if isinstance(outcome, Refusal) else TAKEN, digest)


def _is_within(folder: Path, base: Path) -> bool:
    return folder.is_dir() and folder.resolve() == base.resolve() / folder.relative_to(base)


def _files(folder: Path) -> Iterator[Path]:
    """The first files by name. What is none, a link or a folder, is passed over: it would take their place for ever."""
    with os.scandir(folder) as found:
        names = sorted(one.name for one in found if one.name.endswith(".json") and one.is_file(follow_symlinks=False))
    yield from [folder / name for name in names if not name.startswith(".")][:FILES_PER_LOOK]


def _read(path: Path) -> bytes:
    """At most a byte more than may be; a link is not followed, and nothing but a file is waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(path.name)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(HOOK_BYTES_MAX + 1)
    finally:
        os.close(descriptor)


def _moved(path: Path, where: str, digest: bytes) -> int:
    """Under its name with a part of its digest, so that the same name may come again. Of a name that is as long as one
    may be the end gives way."""
    place = path.parent / where
    place.mkdir(exist_ok=True)
    stem, told = path.stem, f".{digest.hex()[:12]}.json"
    while len(os.fsencode(stem)) + len(told) > NAME_BYTES_MAX:
        stem = stem[:-1]
    try:
        path.rename(place / f"{stem}{told}")
    except FileNotFoundError:
        return 0
    return 1
