"""`muniment agent outcomes NAME`: what people made of an agent's proposals, as the file that `calibrate` takes.

As the person of the token in `MUNIMENT_TOKEN`: of the domains in which they may read tasks, and the confidence where
they may read its class.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from api.acting import Acting, open_acting
from api.agent_outcomes import READ, OutcomesFile, agent_asked, outcome_reader, outcomes_file
from api.cli_given import write_file
from ledger.clock import Instant, parse_instant
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from orchestrator.outcome_lists import OutcomesAsked
from versioning.calibration import OUTCOMES_MAX

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def describe(parser: argparse.ArgumentParser) -> None:
    """The arguments of the act."""
    parser.add_argument("name", help="the agent")
    parser.add_argument("--version", type=int, default=0, help="the number of a version; the one in force unless said")
    parser.add_argument("--since", default="", help="reviewed from this instant or day (UTC) on")
    parser.add_argument("--out", type=Path, help="where the outcomes are written; printed unless said")
    parser.add_argument("--json", action="store_true", help="with --out, print what was written for machines")


def run(options: argparse.Namespace) -> int:
    """0 there are outcomes, 1 there are none to be told, 2 no such agent or it may not be asked."""
    acting = open_acting()
    try:
        with acting.reader.view() as view:
            found = _gathered(acting, view, options)
    finally:
        acting.close()
    if isinstance(found, Refusal):
        print(f"{found.reason}: {found.message}", file=sys.stderr)
        return 2
    told = {"count": found.told, "cut_off": found.is_cut_off, "digest": found.digest}
    words = f"{found.told} outcomes, digest {found.digest}"
    if options.out is None:
        sys.stdout.write(found.text)
        print(words, file=sys.stderr)
    else:
        write_file(options.out, found.text)
        print(json.dumps(told) if options.json else words)
    return 0 if found.told else 1


def _gathered(acting: Acting, view: View, options: argparse.Namespace) -> OutcomesFile | Refusal:
    domains = acting.domains(view, READ)
    if isinstance(domains, Refusal):
        return domains
    agent = agent_asked(acting.rooms, view, options.name, options.version)
    if agent is None:
        raise BrokenInput("expected an agent in force, or the number of one of its versions", options.name)
    asked = OutcomesAsked(options.name, agent.alike, domains, _since(options.since))
    reader = outcome_reader(acting.rooms, view, acting.actor)
    return outcomes_file(view, agent, asked, reader, OUTCOMES_MAX)


def _since(text: str) -> Instant | None:
    if not text:
        return None
    try:
        return parse_instant(f"{text}T00:00:00.000000Z" if _DAY.match(text) else text)
    except BrokenInput as error:
        raise BrokenInput(error.message, "--since") from error
