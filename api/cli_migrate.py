"""`muniment instance migrate`: an instance goes on under another released version of its blueprint, or not at all.

    migrate ID --to N --reason TEXT [--move ACTIVATION=STEP ...]
    migrate ID --to N --dry-run                what is kept where it stands, and where the rest can be moved

Every step the instance is at is kept, or is named with `--move`: then it ends, and a step of the new version begins in
its place. Where the blueprint asks for a second person it is only proposed.
"""

import argparse
import json
import sys
from typing import Any

from api.acting import Acting
from api.reading_as import reading_as
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from orchestrator import act_pages, pages
from orchestrator.act_pages import MigratedPlace, MigrationRead
from orchestrator.migrating import MigrateInstance
from orchestrator.moving import MOVES_MAX
from rbac.permission import Action, Ask, Object

REASON_MAX = 2_000  # characters, as the interface takes them


def describe(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("instance", metavar="ID", help="the id of the instance, pi_...")
    parser.add_argument("--to", required=True, type=int, metavar="N", help="the number of the version")
    parser.add_argument(
        "--move",
        action="append",
        default=[],
        metavar="ACTIVATION=STEP",
        help=f"end that activation, and begin that step of the new version in its place; at most {MOVES_MAX} times",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; it is sealed as confidential")
    parser.add_argument("--dry-run", action="store_true", help="say what it comes to, and do nothing")
    parser.add_argument("--json", action="store_true", help="print one object for machines")


def run(acting: Acting, options: argparse.Namespace) -> int:
    """Exit status: 0 done, proposed, or possible as it stands; 1 refused, or something has to be moved; 2 usage."""
    if len(options.reason) > REASON_MAX:
        raise BrokenInput(f"expected at most {REASON_MAX} characters, found {len(options.reason)}", "--reason")
    moves = tuple([_move(text) for text in options.move])
    if options.dry_run:
        read = _read(acting, options)
        return _refused(read) if isinstance(read, Refusal) else _tell(read, {number for number, _ in moves}, options)
    answer = acting.send(MigrateInstance(options.instance, options.to, moves, options.reason))
    if isinstance(answer.outcome, Refusal):
        return _refused(answer.outcome)
    index = None if answer.receipt is None else answer.receipt.index
    told = {"outcome": answer.outcome.outcome, "number": options.to, "index": index}
    words = f"version {options.to}: {answer.outcome.outcome}, recorded as entry {index}"
    _print(json.dumps(told) if options.json else words)
    return 0


def _move(text: str) -> tuple[int, str]:
    number, _, step = text.partition("=")
    if not (number.isascii() and number.isdigit() and step) or len(number) > 15:
        raise BrokenInput("expected the number of an activation and a step, such as 7=review", "--move")
    return int(number), step


def _read(acting: Acting, options: argparse.Namespace) -> MigrationRead | Refusal:
    """What it would come to, for who may read the instance."""
    with acting.reader.view() as view:
        rows = reading_as(view, acting.actor)
        row = pages.instance_row(rows, options.instance)
        if row is None:
            raise BrokenInput("expected the id of an instance of this log, found none", "ID")
        ask = Ask(row.domain, Object.INSTANCE, Action.READ)
        answer = acting.rooms.access.read_check(view, view.now, acting.actor, ask)
        if isinstance(answer, Refusal):
            return answer
        return act_pages.migration(acting.rooms.engine, rows, row.id, options.to)


def _tell(read: MigrationRead, moved: set[int], options: argparse.Namespace) -> int:
    """A step that runs in one that is moved ends with it, and is told no more."""
    places = []
    for one in read.places:
        if one.scope in moved:
            moved.add(one.activation)
        elif one.activation not in moved:
            places.append(one)
    if options.json:
        _print(json.dumps(_value(read, places)))
    else:
        _print("\n".join(_words(read, places)))
    return 1 if read.barred is not None or any(one.why is not None for one in places) else 0


def _value(read: MigrationRead, places: list[MigratedPlace]) -> dict[str, Any]:
    barred = None if read.barred is None else {"reason": read.barred.reason.value, "detail": read.barred.message}
    told = [
        {"activation": one.activation, "step": one.step, "kept": one.why is None, "why": one.why, "to": [*one.to]}
        for one in places
    ]
    return {"number": read.number, "digest": read.digest, "barred": barred, "places": told}


def _words(read: MigrationRead, places: list[MigratedPlace]) -> list[str]:
    if read.barred is not None:
        return [f"version {read.number}: {read.barred.reason.value}: {read.barred.message}"]
    lines = [f"version {read.number}:"]
    for one in places:
        lines.append(f"  {one.activation} {one.step}: {'kept' if one.why is None else one.why}")
        if one.why is not None:
            lines.append(f"    can be moved to: {', '.join(one.to) or '-'}")
    return lines


def _refused(refusal: Refusal) -> int:
    sys.stderr.write(f"muniment instance: {refusal.reason.value}: {refusal.message}\n")
    return 1


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
