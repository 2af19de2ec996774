"""`muniment demo`: a running organisation with demo data, in one process tree."""

import argparse
import json
import sys

from api.settings import read_settings


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run until Ctrl-C, or with `--once` run everything without a person and stop; 1 when something did not hold."""
    parser.add_argument("--once", action="store_true", help="run every example, build and verify a pack, stop")
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    parser.add_argument("--port", type=int, default=8000, help="where to listen; the next free port is taken")
    options = parser.parse_args(arguments)
    settings = read_settings()

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    if options.once:
        from examples.demo.once import run_once

        result = run_once(settings, options.port, say)
        print(json.dumps(result, indent=None if options.json else 2))
        held = result["verified"]["sound"] and result["verdicts"]["passed"] and result["history"]["agrees"]
        return 0 if held else 1
    from examples.demo.standing import stand

    return stand(settings, options.port, say)
