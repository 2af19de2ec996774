"""`muniment instance`: branches that people begin in any order, another version of the blueprint, and acts on many.

    branches ID                               what may be begun, begun again and passed over now
    begin ID BRANCH                           begin a branch, by its first step
    begin-again ID BRANCH --reason TEXT       one that has ended, or was passed over
    pass-over ID BRANCH --reason TEXT         wait for it no longer
    migrate ID --to N --reason TEXT           go on under another version (`api.cli_migrate`)
    bulk ACT ...                              one act on many instances or incidents (`api.cli_bulk`)

As the person of the token in `MUNIMENT_TOKEN`: the same commands, checks and entries as over HTTP.
"""

import argparse
import json
import sys
from typing import Any

from api import cli_bulk, cli_migrate
from api.acting import Acting, open_acting
from api.cli_bulk import REASON_MAX
from api.reading_as import reading_as
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from orchestrator import pages
from orchestrator.branching import Choices, choices_of
from orchestrator.commands import BeginBranch, PassOverBranch, RepeatBranch
from rbac.permission import Action, Ask, Object
from versioning.blueprint import AllStep

WITH_REASON: dict[str, type[RepeatBranch] | type[PassOverBranch]] = {
    "begin-again": RepeatBranch,
    "pass-over": PassOverBranch,
}

Forks = dict[int, tuple[AllStep, Choices]]
"""By the number of its activation: each step of an instance whose branches people begin, and what they may do now."""


def run(_name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Exit status: 0 done, 1 refused (of many: one of them), 2 usage or environment, or no such instance or branch."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for act in ("branches", "begin", *WITH_REASON):
        _arguments(acts.add_parser(act, allow_abbrev=False), act)
    cli_migrate.describe(acts.add_parser("migrate", allow_abbrev=False))
    cli_bulk.describe(acts.add_parser("bulk", allow_abbrev=False))
    options = parser.parse_args(arguments)
    acting = open_acting()
    try:
        if options.act == "bulk":
            return cli_bulk.run(acting, options)
        if options.act == "migrate":
            return cli_migrate.run(acting, options)
        forks = _forks(acting, options.instance)
        if isinstance(forks, Refusal):
            return _refused(forks)
        return _list(forks, options.json) if options.act == "branches" else _do(acting, forks, options)
    finally:
        acting.close()


def _arguments(parser: argparse.ArgumentParser, act: str) -> None:
    parser.add_argument("instance", metavar="ID", help="the id of the instance, pi_...")
    if act != "branches":
        parser.add_argument("branch", metavar="BRANCH", help="the first step of the branch")
    if act in WITH_REASON:
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is sealed as confidential")
    parser.add_argument("--json", action="store_true", help="print one object for machines")


def _do(acting: Acting, forks: Forks, options: argparse.Namespace) -> int:
    answer = acting.send(_command(forks, options))
    if isinstance(answer.outcome, Refusal):
        return _refused(answer.outcome)
    index = None if answer.receipt is None else answer.receipt.index
    if options.json:
        _print(json.dumps({"outcome": answer.outcome.outcome, "branch": options.branch, "index": index}))
    else:
        _print(f"{options.branch}: {answer.outcome.outcome}, recorded as entry {index}")
    return 0


def _command(forks: Forks, options: argparse.Namespace) -> BeginBranch | RepeatBranch | PassOverBranch:
    numbers = [number for number, (step, _) in forks.items() if options.branch in step.branches]
    if not numbers:
        known = ", ".join(dict.fromkeys(one for step, _ in forks.values() for one in step.branches))
        raise BrokenInput(f"expected a branch that people begin in this instance, one of: {known or 'none'}", "BRANCH")
    fork = f"{options.instance}.{numbers[0]}"
    if options.act not in WITH_REASON:
        return BeginBranch(fork, options.branch)
    if len(options.reason) > REASON_MAX:
        raise BrokenInput(f"expected at most {REASON_MAX} characters, found {len(options.reason)}", "--reason")
    return WITH_REASON[options.act](fork, options.branch, options.reason)


def _forks(acting: Acting, instance: str) -> Forks | Refusal:
    """Those of an instance that this person may read."""
    with acting.reader.view() as view:
        rows = reading_as(view, acting.actor)
        row = pages.instance_row(rows, instance)
        if row is None:
            raise BrokenInput("expected the id of an instance of this log, found none", "ID")
        ask = Ask(row.domain, Object.INSTANCE, Action.READ)
        answer = acting.rooms.access.read_check(view, view.now, acting.actor, ask)
        if isinstance(answer, Refusal):
            return answer
        live = pages.instance(rows, acting.rooms.blueprints, row, frozenset()).live
        version = acting.rooms.blueprints.released(rows, row.blueprint, row.number)
    found = [(one, version.blueprint.step(one.step)) for one in live if one.watch is None]
    return {
        one.number: (step, choices_of(step, one, live))
        for one, step in found
        if isinstance(step, AllStep) and step.begun_by is not None
    }


def _list(forks: Forks, as_json: bool) -> int:
    told: list[dict[str, Any]] = [
        {"number": number, "step": step.id, **choices._asdict()} for number, (step, choices) in forks.items()
    ]
    if as_json:
        _print(json.dumps({"steps": told}))
        return 0
    for one in told:
        _print(f"{one['step']}:")
        for act, words in (("to_begin", "begin"), ("to_repeat", "begin-again"), ("to_pass_over", "pass-over")):
            _print(f"  {words:<12}{', '.join(one[act]) or '-'}")
    if not told:
        _print("nothing in it is begun by people in any order")
    return 0


def _refused(refusal: Refusal) -> int:
    sys.stderr.write(f"muniment instance: {refusal.reason.value}: {refusal.message}\n")
    return 1


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
