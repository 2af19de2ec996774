"""`muniment bench NAME [--json] [--quick]`: one bench, each in a module of its own with `run(board, folder, quick)`.

Of a bench that knows peers, `run` takes the Python they are installed for as `peers`.
"""

import argparse
import json
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.harness import ROUNDS, Board, note

NAMES = ("ledger", "verify", "engine", "http", "access", "rules", "pack", "cold", "scale")
WITH_PEERS = ("engine", "ledger", "verify", "rules", "scale")


def run(_name: str, parser: argparse.ArgumentParser, rest: list[str]) -> int:
    """Exit status 0 when every target was met, 1 when one was missed."""
    parser.add_argument("bench", choices=[name for name in NAMES if find_spec(f"bench.{name}") is not None])
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    parser.add_argument("--quick", action="store_true", help="smaller sizes; under a minute")
    parser.add_argument("--rounds", type=int, default=ROUNDS, choices=range(1, 101), metavar="N", help="5 or more")
    parser.add_argument("--folder", type=Path, help="where the databases lie (default: the temporary folder)")
    parser.add_argument(
        "--peers",
        nargs="?",
        const=sys.executable,
        metavar="PYTHON",
        help="engine, ledger, verify, rules, scale: measure others as well, of this environment or of that of PYTHON",
    )
    options = parser.parse_args(rest)
    if options.peers is not None and options.bench not in WITH_PEERS:
        parser.error(f"--peers goes with {', '.join(WITH_PEERS)}")
    more = {"peers": options.peers} if options.peers is not None else {}
    board = Board(options.bench, options.rounds, tell=note if sys.stderr.isatty() else lambda _: None)
    with TemporaryDirectory(prefix="muniment-bench-", dir=options.folder) as folder:
        import_module(f"bench.{options.bench}").run(board, Path(folder), options.quick, **more)
    print(json.dumps(board.as_json()) if options.json else table(board))
    return 0 if board.is_met() else 1


def table(board: Board) -> str:
    """The results for people."""
    lines = [f"{'id':<36}{'median':>12}{'limit':>12}{'ratio':>8}{'target':>10}"]
    for result in board.results:
        if result["id"].startswith("peer."):
            lines.append(f"{result['id']:<36}{result['median']:>12,.0f}  {result['version']}: {result['durability']}")
            continue
        if "beside" not in result:
            short = "" if result["met"] else "  short"
            target = "-" if result["target"] is None else f"{result['target']:,.4g}"
            lines.append(f"{result['id']:<36}{result['median']:>12,.4g}{result['unit']:>20}{target:>10}{short}")
            continue
        beside = result["beside"]["median"]
        target = "-" if result["target"] is None else f"{result['target']:,.2f}"
        figures = f"{result['median']:>12,.0f}{beside:>12,.0f}{result['ratio']:>8.3f}{target:>10}"
        waits = f"  p99 {result['p99_ms']} ms" if "p99_ms" in result else ""
        waits += f"  peak {result['peak_mb']:,.0f} MB" if "peak_mb" in result else ""
        lines.append(f"{result['id']:<36}{figures}{'' if result['met'] else '  short'}{waits}")
        lines.extend(_further(one) for one in result.get("further", ()))
        lines.extend(_beside(peer) for peer in result.get("peers", ()))
    return "\n".join(lines)


def _further(one: dict[str, Any]) -> str:
    return f"  beside {one['id']:<39}{one['median']:>12,.0f}{one['ratio']:>8.3f}{'-':>10}"


def _beside(peer: dict[str, Any]) -> str:
    figures = f"{peer['ours']:>12,.0f}{peer['median']:>12,.0f}{peer['ratio']:>8.2f}{peer['target']:>10,.2f}"
    return f"  beside {peer['id']:<27}{figures}{'' if peer['met'] else '  short'}  the limit {peer['limit_ratio']:,.2f}"
