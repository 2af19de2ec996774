"""`muniment verify --log DIR|URL --vkey V`: a log of tiles, ours or anybody's, without a database.

Exit status: 0 no fault, 1 a fault (its place is printed), 2 usage or environment.
"""

import argparse
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from api.fetching import Folder, Server
from ledger.checking import CHECKS, check_signature
from ledger.checkpoint import Checkpoint
from ledger.collector import relax
from ledger.errors import BrokenInput
from ledger.note import (
    ED25519,
    VerifierKey,
    format_vkey,
    parse_vkey,
)
from ledger.skeleton import decode
from ledger.tiles import ENTRIES, TileName, width_at
from ledger.verification import read_kept
from ledger.verify.bundled import BundledSource, are_ours
from ledger.verify.log import Terms, verify
from ledger.verify.report import Report
from ledger.verify.tiles import Fetch, Manner, TilesReport, entries_of, open_with, verify_tiles

AT_ONCE = 8  # requests under way at a server
AHEAD = 16  # bundles each process may be ahead


Tell = Callable[[str, int, int], None]


def run(options: argparse.Namespace, kept: str | None, tell: Tell | None) -> tuple[int, str]:
    """(exit status, what to print). `kept` is the text of a checkpoint kept elsewhere, or of what --keep wrote."""
    if not options.vkey:
        raise BrokenInput("expected --vkey with --log: a log cannot vouch for its own key")
    keys = [parse_vkey(text) for text in options.vkey]
    fetch = _fetch(options.log)
    relax()
    with ExitStack() as stack:
        manner = Manner(
            keys,
            CHECKS,
            None if kept is None else _stated(kept, keys),
            options.hashes_only,
            _mapping(stack, fetch, options.processes),
            None if tell is None else lambda done, of: tell("tiles", done, of),
        )
        report = verify_tiles(fetch, manner)
    own = None if options.hashes_only or not report.is_sound else _own(fetch, report, keys, tell)
    is_sound = report.is_sound and (own is None or own.is_sound)
    if options.json:
        ours = None if own is None else own.as_json()
        return int(not is_sound), json.dumps({**report.as_json(), "sound": is_sound, "own_entries": ours})
    words = report.words() if own is None else f"{report.words()}\nthe entries are this product's:\n{own.words()}"
    return int(not is_sound), words


def _fetch(log: str) -> Folder | Server:
    if "://" in log:
        return Server(log)
    if not Path(log).is_dir():
        raise BrokenInput("expected a folder or an http(s):// address", log)
    return Folder(Path(log))


def _stated(kept: str, keys: list[VerifierKey]) -> Checkpoint:
    """What a checkpoint kept elsewhere states; it must be signed by a given key as well."""
    note = read_kept(kept).note
    try:
        return open_with(note, keys, CHECKS).checkpoint
    except BrokenInput as error:
        raise BrokenInput(f"the checkpoint kept elsewhere: {error}", "--since") from error


def _mapping(stack: ExitStack, fetch: Folder | Server, processes: int) -> Any:
    pool: Executor
    if isinstance(fetch, Server):
        pool, ahead = ThreadPoolExecutor(AT_ONCE), AT_ONCE
    elif processes > 1:
        pool, ahead = ProcessPoolExecutor(processes, get_context("spawn"), relax), AHEAD * processes
    else:
        return map
    stack.callback(pool.shutdown, cancel_futures=True)

    def in_order(work: Callable[[int], Any], numbers: Iterable[int]) -> Iterator[Any]:
        waiting: deque[Future[Any]] = deque()
        for number in numbers:
            waiting.append(pool.submit(work, number))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    return in_order


def _own(fetch: Fetch, report: TilesReport, keys: list[VerifierKey], tell: Tell | None) -> Report | None:
    """Checks 1 to 3 and 9 where the entries are this product's; None for anybody else's, which say nothing to us."""
    if not report.size:
        return None
    first = entries_of(fetch, TileName(ENTRIES, 0, width_at(0, 0, report.size)))[0]
    if not are_ours(first, decode):
        return None
    source = BundledSource(fetch, report.note, report.size, decode)
    vkeys = tuple(format_vkey(key) for key in keys if key.type == ED25519 and key.name == report.origin)
    terms = Terms(
        vkeys, check_signature, decode, progress=None if tell is None else lambda d, of: tell("entries", d, of)
    )
    try:
        return verify(source, terms)[0]
    finally:
        source.close()
