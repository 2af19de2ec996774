"""`muniment verify`: the whole ledger of a database, the rest of it since a checkpoint, or one receipt.

Exit status: 0 no fault, 1 a fault (its name is printed), 2 usage or environment.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.collector import relax
from ledger.errors import BrokenInput, MunimentError
from ledger.verification import Manner, Subject, keep, read_kept, verify_database
from ledger.verify.receipt import check_receipt

BAR_WIDTH = 30
RECEIPT_BYTES_MAX = 1_000_000  # a checkpoint note's own limit; a proof is far smaller


def run(
    _name: str, parser: argparse.ArgumentParser, rest: list[str], open_log: Callable[[], Subject] | None = None
) -> int:
    """Run the command. `open_log` gives the log to verify; the product's wiring does where nothing is given."""
    _arguments(parser)
    options = parser.parse_args(rest)
    if options.receipt is not None:
        return _receipt(options)
    subject = (open_log or _wired)()
    relax()
    kept = None if options.since is None else read_kept(_read(options.since))
    progress = None if options.json or not sys.stderr.isatty() else _bar
    manner = Manner(tuple(options.vkey), kept, options.processes, progress)
    report, verified = verify_database(subject, manner)
    if progress is not None:
        sys.stderr.write("\r\033[K")
    _print(json.dumps(report.as_json()) if options.json else report.words())
    if verified is not None and options.keep is not None:
        options.keep.write_text(keep(verified))
    return 0 if report.is_sound else 1


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--json", action="store_true", help="print one object for machines")
    add("--vkey", action="append", default=[], help="a key of the log, pinned by you (again for each key)")
    add("--since", type=Path, metavar="FILE", help="verify the rest against a checkpoint kept elsewhere")
    add("--keep", type=Path, metavar="FILE", help="after a sound verification, write what --since reads")
    add("--receipt", type=Path, metavar="FILE", help="verify a receipt instead; needs --vkey, no database")
    add("--processes", type=int, default=1, choices=range(1, 65), metavar="N", help="1 (default) to 64")


def _receipt(options: argparse.Namespace) -> int:
    if not options.vkey:
        raise BrokenInput("expected --vkey with --receipt: a receipt cannot vouch for its own key")
    from ledger.stored import check_signature

    try:
        receipt: Any = json.loads(_read(options.receipt))
    except ValueError as error:
        raise BrokenInput("expected JSON", str(options.receipt)) from error
    try:
        verdict = check_receipt(receipt, options.vkey, check_signature)
    except BrokenInput as error:
        _print(json.dumps({"sound": False, "fault": str(error)}) if options.json else f"FAULT {error}")
        return 1
    sound = verdict.is_included is not False
    if options.json:
        _print(json.dumps({"sound": sound, **verdict.as_json()}))
        return 0 if sound else 1
    included = {
        None: "inclusion: not run, the receipt holds no proof",
        True: "inclusion: passed",
        False: "FAULT inclusion: the proof does not lead to the signed root",
    }
    _print(f"{verdict.origin}: entry {verdict.index}, checkpoint of size {verdict.size}")
    _print(f"signature: passed, by a key you gave\n{included[verdict.is_included]}")
    return 0 if sound else 1


def _wired() -> Subject:
    """The log of the settings, with every room's tables and folds."""
    from api.settings import read_settings
    from api.wiring import TABLES, folds
    from ledger.keys import load_keys

    settings = read_settings()
    vault = None
    try:
        vault = load_keys(settings.key_folder, settings.origin, settings.secret()).vault
    except MunimentError as error:  # a verifier need not hold the keys; what needs them is then not run
        sys.stderr.write(f"muniment verify: openings are not verified: {error}\n")
    return Subject(settings.database(), settings.log, settings.origin, TABLES, folds(), vault, settings.marks)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > RECEIPT_BYTES_MAX:
            raise BrokenInput(f"expected a file of at most {RECEIPT_BYTES_MAX} bytes", str(path))
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenInput("expected a text file that can be read", str(path)) from error


def _bar(what: str, done: int, of: int) -> None:
    filled = BAR_WIDTH * done // max(of, 1)
    sys.stderr.write(f"\r{what:<8} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done:,} of {of:,}\033[K")
    sys.stderr.flush()


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
