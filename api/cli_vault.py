"""`muniment vault`: the epoch in force, an older database beside newer keys, and erasures while no service runs."""

import argparse
import json
import sys

from api.settings import Settings, read_settings

_WAITING = "SELECT COUNT(*) FROM erasure WHERE log_id = {log} AND carried_out IS NULL"
ACTS = ("status", "reconcile", "carry-out", "compact")


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run the command; 1 when the database is behind its keys and was only asked for its status."""
    parser.add_argument("act", choices=ACTS, help="; ".join(_HELP[act] for act in ACTS))
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(arguments)
    acts = {"status": _status, "reconcile": _reconcile, "carry-out": _carry_out, "compact": _compact}
    value, words, status = acts[options.act](read_settings())
    sys.stdout.write((json.dumps(value) if options.json else words) + "\n")
    return status


_HELP = {
    "status": "status: the epoch in force and what waits",
    "reconcile": "reconcile: after an older database was restored, take the surviving data keys from beside the keys",
    "carry-out": "carry-out: carry out the erasures that were asked for",
    "compact": "compact: write an SQLite file anew, whatever its size; writers wait meanwhile",
}


def _status(settings: Settings) -> tuple[dict[str, object], str, int]:
    from api.wiring import open_log
    from ledger.clock import SystemClock
    from ledger.erasure import epoch_of
    from ledger.reconciling import is_behind
    from ledger.service import Reader

    log, database = open_log(settings)
    connection = database.connect(read_only=True)
    try:
        behind = is_behind(log, connection)
    finally:
        connection.close()
    reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
    try:
        with reader.view() as view:
            state = epoch_of(view)
            ((waiting,),) = view.query(_WAITING)
    finally:
        reader.close()
    value = {
        "epoch": state.epoch,
        "settled": state.settled,
        "keys_destroyed_before": state.ended,
        "erasures_waiting": waiting,
        "behind": behind,
    }
    said = "; the database is older than its keys: run `muniment vault reconcile`" if behind else ""
    words = f"epoch {state.epoch}, settled {state.settled}, keys before {state.ended} destroyed, {waiting} waiting"
    return value, words + said, int(behind)


def _reconcile(settings: Settings) -> tuple[dict[str, object], str, int]:
    from api.wiring import open_log
    from ledger.reconciling import reconcile

    log, database = open_log(settings)
    connection = database.connect()
    try:
        taken, gone = reconcile(log, connection)
    finally:
        connection.close()
    words = f"{taken} data keys open again, {gone} were erased since this database was copied and stay so"
    return {"taken": taken, "erased": gone}, words, 0


def _carry_out(settings: Settings) -> tuple[dict[str, object], str, int]:
    from api.adapters import ErasureBarriers
    from api.pack_erasing import drop_erased
    from api.wiring import build_writer
    from ledger.clock import SystemClock
    from ledger.eraser import Eraser
    from ledger.service import Reader, Writer

    workings, connect = build_writer(settings)
    database = settings.database()
    reader = Reader(workings.log, SystemClock(), lambda: database.connect(read_only=True))
    writer = Writer(workings, connect)
    try:
        done = Eraser(workings.log, connect, reader, writer.run, ErasureBarriers()).carry_out()
        with reader.view() as view:
            packs = drop_erased(view, settings.folder / "packs")
    finally:
        writer.close()
        reader.close()
    value: dict[str, object] = {"carried_out": done, "packs_taken_away": list(packs)}
    return value, f"{done} erasures carried out, {len(packs)} packs taken away", 0


def _compact(settings: Settings) -> tuple[dict[str, object], str, int]:
    from ledger.errors import BrokenInput
    from ledger.sqlite import SqliteConnection

    connection = settings.database().connect()
    try:
        if not isinstance(connection, SqliteConnection):
            raise BrokenInput("expected an SQLite file; PostgreSQL clears dead rows away by itself")
        done = connection.scrub(1 << 62)
    finally:
        connection.close()
    words = "the file was written anew" if done else "somebody is reading or writing; try again"
    return {"compacted": done}, words, 0 if done else 1
