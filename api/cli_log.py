"""`muniment log ACT`: what is done to a log as a whole. The module of an act is imported when it is asked for."""

import argparse
import json
from importlib import import_module

from api.installation import each
from api.settings import read_settings
from ledger.errors import MunimentError
from ledger.lifecycle import state_of

ACTS: dict[str, tuple[str, str]] = {
    "list": ("api.cli_log", "the logs of this installation"),
    "seal": ("api.cli_lifecycle", "let nothing more be appended; print the final checkpoint"),
    "publish": ("api.cli_publication", "publish what is committed now"),
    "rebuild": ("api.cli_publication", "derive every tile anew and mend those that differ"),
    "export": (
        "api.cli_publication",
        "write the log as files for any static server; again: add what is new",
    ),
}


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run one act; its exit status."""
    if name == "list":
        return _list(parser, arguments)
    if not arguments or arguments[0] not in ACTS:
        parser.add_argument("act", choices=sorted(ACTS), help="; ".join(f"{act}: {ACTS[act][1]}" for act in ACTS))
        parser.parse_args(arguments[:1])
        return 2
    act, *rest = arguments
    own = argparse.ArgumentParser(prog=f"{parser.prog} {act}", description=ACTS[act][1], allow_abbrev=False)
    status: int = import_module(ACTS[act][0]).run(act, own, rest)
    return status


def _list(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Name, origin, size and final size of each log; one that cannot be read says why, and the others are listed."""
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(arguments)
    found: list[dict[str, object]] = []
    settings = read_settings()
    for own in each(settings):
        try:
            state = state_of(own.database(), own.log)
            found.append({"log": own.log, "origin": own.origin, "size": state.size, "final_size": state.final_size})
        except MunimentError as error:
            found.append({"log": own.log, "error": str(error)})
    told = [", ".join(f"{key}: {value}" for key, value in one.items()) for one in found]
    print(json.dumps(found) if options.json else "\n".join(told))
    return 0 if all("error" not in one for one in found) else 1
