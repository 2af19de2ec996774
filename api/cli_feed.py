"""`muniment feed`: entries as JSON lines for whoever reads files, and the secrets of webhooks.

    muniment feed export --format ocsf --after 41 > entries.jsonl
    muniment feed tail --feed siem --out entries.jsonl --cursor siem.cursor
    muniment feed secret siem [--drop-old]

The cursor file moves by a rename after the lines are on disk: a crash between the two writes lines again and leaves
none out. A line that a crash tore is cut off before the next is written.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson

from api.feeds.choosing import Limits, choice_of, start_of, window
from api.feeds.formats import LINE
from api.feeds.secrets import create, drop_old
from api.rooms import Rooms
from api.settings import Settings, read_settings
from api.wiring import open_log, open_rooms
from ledger.disclosed import Choice
from ledger.errors import BrokenInput
from ledger.service import Reader, View
from versioning.kinds.reaching import is_name

LINES_MAX = 500  # between two moves of the cursor
LOOK_SECONDS = 0.5
CURSOR_BYTES_MAX = 1_000


class Telling(NamedTuple):
    """What is written: in which form, which entries, and to where."""

    form: str
    choice: Choice
    out: BinaryIO
    cursor: Path | None


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """0; 2 when something is missing or does not fit."""
    parser.add_argument("act", choices=("export", "tail", "secret"))
    parser.add_argument("name", nargs="?", help="of a secret")
    parser.add_argument("--feed", help="tell what this released feed tells, in its format")
    parser.add_argument("--format", choices=sorted(LINE), help="without a feed; cloudevents unless given")
    parser.add_argument("--after", type=int, help="the index of the last entry that is known already")
    parser.add_argument("--cursor", type=Path, help="file that remembers how far it got")
    parser.add_argument("--out", type=Path, help="file to append to; standard output unless given")
    parser.add_argument("--drop-old", action="store_true", help="keep the newest secret alone")
    options = parser.parse_args(arguments)
    settings = read_settings()
    if options.act == "secret":
        return _secret(settings, options)
    if options.feed and options.format:
        raise BrokenInput("expected a feed or a format, found both: a feed states its own")
    return _tell(settings, options)


def _secret(settings: Settings, options: Any) -> int:
    if not options.name or not is_name(options.name):
        raise BrokenInput("expected the name of a secret such as `siem`")
    folder = settings.secrets_folder
    if options.drop_old:
        print(f"dropped {drop_old(folder, options.name)}; the newest stays")
        return 0
    print(create(folder, options.name))
    print(f"written to {folder / options.name}; shown once, for the receiver", file=sys.stderr)
    return 0


def _tell(settings: Settings, options: Any) -> int:
    log, database = open_log(settings)
    rooms = open_rooms()
    reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    out = sys.stdout.buffer if options.out is None else _appending(options.out)
    try:
        with reader.view() as view:
            feed = None if options.feed is None else _released(rooms, view, options.feed)
            start = _start(view, options, feed)
        form = feed["format"] if feed is not None else options.format or "cloudevents"
        telling = Telling(form, Choice() if feed is None else choice_of(feed), out, options.cursor)
        while not stopping.is_set():
            moved = _some(reader, telling, start)
            if moved == start and options.act == "export":
                break
            if moved == start:
                stopping.wait(LOOK_SECONDS)
            start = moved
    finally:
        reader.close()
        if options.out is not None:
            out.close()
    return 0


def _some(reader: Reader, telling: Telling, start: int) -> int:
    """Write the next lines, then the cursor; the index to go on with."""
    with reader.view() as view:
        found = window(view, start, telling.choice, Limits(LINES_MAX))
        log, origin = view.log.name, view.origin
    if found.end == start:
        return start
    line = LINE[telling.form]
    telling.out.write(b"".join(line(log, entry) + b"\n" for group in found.groups for entry in group.entries))
    telling.out.flush()
    if telling.cursor is not None:
        if telling.out is not sys.stdout.buffer:
            os.fsync(telling.out.fileno())
        _remember(telling.cursor, origin, found.end - 1)
    return found.end


def _released(rooms: Rooms, view: View, name: str) -> Mapping[str, Any]:
    version = rooms.versions.current(view, "feed", name)
    if version is None:
        raise BrokenInput(f"expected a feed in force, found none named `{name[:80]}`")
    value: Mapping[str, Any] = version.value
    return value


def _start(view: View, options: Any, feed: Mapping[str, Any] | None) -> int:
    """Where to begin: the cursor file if there is one, else `--after`, else where the feed begins."""
    if options.cursor is not None and options.cursor.exists():
        return _remembered(options.cursor, view.origin) + 1
    if options.after is not None:
        if options.after < 0:
            raise BrokenInput("expected the index of an entry", "--after")
        return int(options.after) + 1
    return 0 if feed is None else start_of(view, feed)


def _appending(path: Path) -> BinaryIO:
    """The file, opened behind its last whole line."""
    file = path.open("ab+")
    end = file.seek(0, os.SEEK_END)
    at = end
    while at:
        step = min(at, 65_536)
        file.seek(at - step)
        place = file.read(step).rfind(b"\n")
        if place >= 0:
            at = at - step + place + 1
            break
        at -= step
    if at != end:
        file.truncate(at)
    file.seek(0, os.SEEK_END)
    return file


def _remember(path: Path, origin: str, after: int) -> None:
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(orjson.dumps({"origin": origin, "after": after}) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _remembered(path: Path, origin: str) -> int:
    try:
        value = orjson.loads(path.read_bytes()[:CURSOR_BYTES_MAX])
        known, after = value["origin"], value["after"]
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenInput("expected a cursor file of `muniment feed`", str(path)) from error
    if known != origin or type(after) is not int or after < -1:
        raise BrokenInput(f"expected a cursor of the log {origin}", str(path))
    return int(after)
