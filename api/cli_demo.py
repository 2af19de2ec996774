"""`muniment demo`: a running organisation with demo data, in one process tree."""

import argparse
import json
import sys

from api.settings import read_settings


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run until Ctrl-C, or do one thing and stop: 1 when something did not hold.

    `--once` runs everything without a person, `--check` asks the demo here for its history, `--remove` takes it away.
    """
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="run every example, build and verify a pack, stop")
    what.add_argument("--check", action="store_true", help="is the history of the demo here as it was told?")
    what.add_argument("--remove", action="store_true", help="remove the demo here, and nothing that is not one")
    parser.add_argument("--yes", action="store_true", help="remove without asking for the folder's name")
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
    if options.check:
        from examples.demo.checking import check

        return check(settings, options.json, print)
    if options.remove:
        from examples.demo.removing import remove

        return remove(settings, options.yes, input, say)
    from examples.demo.standing import stand

    return stand(settings, options.port, say)
