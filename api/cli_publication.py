"""`muniment log publish`, `rebuild` and `export`: publish what is committed, derive tiles anew, export the log as files
for any server.

Exit status: 0 done, 1 tiles were wrong and are mended (`rebuild`), 2 usage or environment.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.publishing import make_publisher
from api.schema import check_schema
from api.settings import Settings, read_settings
from api.wiring import build_writer
from ledger.actor import SYSTEM
from ledger.clock import SystemClock
from ledger.errors import BrokenState
from ledger.exporting import export
from ledger.rebuilding import rebuild
from ledger.refusal import Refusal
from ledger.service import Reader, Writer
from ledger.showing import published_size
from ledger.work import Done, Request

WRONG_SHOWN = 20  # names of wrong tiles that are printed


def run(act: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run one of the three."""
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    if act == "export":
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--hashes-only", action="store_true", help="leave the entry bundles out")
    options = parser.parse_args(arguments)
    settings = read_settings()
    check_schema(settings)
    with _opened(settings) as (reader, writer):
        status, value, words = _ACTS[act](settings, options, (reader, writer))
    sys.stdout.write(f"{json.dumps(value) if options.json else words}\n")
    return status


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Reader, Writer]]:
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    database = settings.database()
    reader = Reader(workings.log, SystemClock(), lambda: database.connect(read_only=True))
    try:
        yield reader, writer
    finally:
        writer.close()
        reader.close()


Opened = tuple[Reader, Writer]
Outcome = tuple[int, dict[str, Any], str]


def _publish(settings: Settings, _: argparse.Namespace, opened: Opened) -> Outcome:
    reader, writer = opened
    make_publisher(settings, reader, writer.submit).stop()
    with reader.view() as view:
        size, there = published_size(view), view.head.size
    if size < there:
        raise BrokenState(f"expected to publish {there} entries, published are {size}: another publisher is at work")
    return 0, {"size": size}, f"published: {size} entries"


def _rebuild(_: Settings, options: argparse.Namespace, opened: Opened) -> Outcome:
    reader, writer = opened

    def send(command: object) -> Done:
        outcome = writer.run(Request(SYSTEM, command)).outcome
        if isinstance(outcome, Refusal):
            raise BrokenState(outcome.message)
        return outcome

    size, tiles, mended = rebuild(reader, send, _tell(options, "tiles"))
    names = [f"{level}/{number}" for level, number in mended]
    shown = ", ".join(names[:WRONG_SHOWN]) + (" and more" if len(names) > WRONG_SHOWN else "")
    words = f"size {size}: {tiles} tiles derived, " + (
        f"{len(names)} were wrong and are mended: {shown}" if names else "all right"
    )
    return int(bool(names)), {"size": size, "tiles": tiles, "mended": names}, words


def _export(_: Settings, options: argparse.Namespace, opened: Opened) -> Outcome:
    reader, _writer = opened
    done = export(reader, options.folder, options.hashes_only, _tell(options, "files"))
    words = f"{options.folder}: size {done.size}, {done.files} files written since size {done.since}"
    return 0, {**done._asdict(), "folder": str(options.folder)}, words


def _tell(options: argparse.Namespace, what: str) -> Callable[[int, int], None]:
    if options.json or not sys.stderr.isatty():
        return lambda _, __: None

    def tell(done: int, of: int) -> None:
        sys.stderr.write(f"\r{what}: {done:,} ({of:,} entries)\033[K")

    return tell


_ACTS: dict[str, Callable[[Settings, argparse.Namespace, Opened], Outcome]] = {
    "publish": _publish,
    "rebuild": _rebuild,
    "export": _export,
}
