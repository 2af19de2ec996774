"""`muniment bench pack`: an evidence pack of ten thousand entries is built and goes on record, and its recipient
verifies it off-line, in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.packs import BuiltPack, EvidenceRoom, PackRequest, build_pack
from api.wiring import build_writer, open_rooms
from bench import cases, office
from bench.harness import Board, Measure
from bench.office import Office
from ledger.collector import relax
from ledger.service import Reader, Writer
from ledger.writer import Desk

ENTRIES = 10_000
CASES = -(-ENTRIES // office.STEPS)
BUILT_SECONDS = 5.0
VERIFIED_SECONDS = 3.0
_FINISHED = "SELECT id FROM instance WHERE log_id = {log} ORDER BY id"


def run(board: Board, folder: Path, _quick: bool) -> None:
    """Both results of this bench; a short one is of the same size."""
    relax()  # as the command does
    opened = office.open_office(str(folder / "office"))
    board.tell(f"living {CASES:,} cases")
    desk = Desk(*build_writer(opened.settings))
    cases.live(opened, desk, CASES)
    desk.close()
    file = folder / "pack.zip"
    with room_of(opened) as room:
        request = asked(room)
        board.measure(Measure("pack.build.10k", "s", BUILT_SECONDS, ENTRIES, lambda: _build(room, opened, request)))
        file.write_bytes(_built(room, opened, request).data)
    command = [sys.executable, "-m", "muniment", "verify-pack", str(file), "--trust", opened.vkey]
    note = "`muniment verify-pack`, from start to end of its process"
    board.measure(Measure("pack.verify.10k", "s", VERIFIED_SECONDS, ENTRIES, lambda: _verify(command), note=note))


@contextmanager
def room_of(opened: Office) -> Iterator[EvidenceRoom]:
    """What building needs, on the organisation's log."""
    workings, connect = build_writer(opened.settings)
    database, log, rooms = opened.settings.database(), workings.log, open_rooms()
    writer = Writer(workings, connect)
    reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
    try:
        yield EvidenceRoom(log, reader, writer.run, log.secrets.sign_bytes, rooms.ids, rooms.clock.wall)
    finally:
        writer.close()
        reader.close()


def asked(room: EvidenceRoom) -> PackRequest:
    """Everything of all cases, in clear."""
    with room.reader.view() as view:
        instances = tuple([str(row[0]) for row in view.query(_FINISHED, ())])
    return PackRequest(instances, "To measure", "Nobody", lambda _class, _path: True)


def _built(room: EvidenceRoom, opened: Office, request: PackRequest) -> BuiltPack:
    built = build_pack(room, opened.auditor, room.ids.random("cmd_"), request)
    if not isinstance(built, BuiltPack) or built.entries < ENTRIES:
        raise AssertionError(f"expected a pack of at least {ENTRIES:,} entries, found {built}")
    return built


def _build(room: EvidenceRoom, opened: Office, request: PackRequest) -> float:
    begun = time.perf_counter()
    _built(room, opened, request)
    return time.perf_counter() - begun


def _verify(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun
