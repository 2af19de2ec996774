"""`muniment verify`: the whole ledger of a database, the rest of it since a checkpoint, a log of tiles
(`api.cli_verify_tiles`), or one file (`api.cli_proofs`).

Exit status: 0 no fault, 1 a fault (its name is printed), 2 usage or environment.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from api import cli_proofs, pinned
from api.cli_given import write_file
from ledger.collector import relax
from ledger.verification import Manner, Subject, keep, read_kept, verify_database

BAR_WIDTH = 30


def run(
    _name: str, parser: argparse.ArgumentParser, rest: list[str], open_log: Callable[[], Subject] | None = None
) -> int:
    """Run the command. `open_log` gives the log to verify; the product's wiring does where nothing is given."""
    _arguments(parser)
    options = parser.parse_args(rest)
    if cli_proofs.is_asked(options):
        return cli_proofs.run(options)
    if options.log is not None:
        return _log(options)
    subject = (open_log or _wired)()
    relax()
    kept = None if options.since is None else read_kept(pinned.read_text(options.since))
    progress = None if options.json or not sys.stderr.isatty() else _bar
    manner = Manner(
        tuple(options.vkey),
        kept,
        options.processes,
        progress,
        pinned.policy(options),
        pinned.key_lists(options),
        pinned.check_token(options),
    )
    report, verified = verify_database(subject, manner)
    if progress is not None:
        sys.stderr.write("\r\033[K")
    _print(json.dumps(report.as_json()) if options.json else report.words())
    if verified is not None and options.keep is not None:
        write_file(options.keep, keep(verified))
    return 0 if report.is_sound else 1


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--json", action="store_true", help="print one object for machines")
    pinned.arguments(parser)
    add("--since", type=Path, metavar="FILE", help="verify the rest against a checkpoint kept elsewhere")
    add("--keep", type=Path, metavar="FILE", help="after a sound verification, write what --since reads")
    add("--log", metavar="DIR|URL", help="verify a log of tiles instead, ours or anybody's; needs --vkey, no database")
    add("--hashes-only", action="store_true", help="with --log: it has no entry bundles, or you may not read them")
    add("--processes", type=int, default=1, choices=range(1, 65), metavar="N", help="1 (default) to 64")
    cli_proofs.arguments(parser)


def _log(options: argparse.Namespace) -> int:
    from api import cli_verify_tiles

    tell = None if options.json or not sys.stderr.isatty() else _bar
    kept = None if options.since is None else pinned.read_text(options.since)
    status, text = cli_verify_tiles.run(options, kept, tell)
    if tell is not None:
        sys.stderr.write("\r\033[K")
    _print(text)
    return status


def _wired() -> Subject:
    from api.settings import read_settings
    from api.verifying import subject_of

    return subject_of(read_settings())


def _bar(what: str, done: int, of: int) -> None:
    filled = BAR_WIDTH * done // max(of, 1)
    sys.stderr.write(f"\r{what:<8} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done:,} of {of:,}\033[K")
    sys.stderr.flush()


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
