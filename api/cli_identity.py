"""`muniment password` and `muniment api-key`: credentials that the installation's command line may issue.

A set-up code lets a person choose a password once; who has lost the authenticator app and the recovery codes signs in
by the password alone once the second factor is removed; an API key lets a service in, and is refused every decision.
Both are printed once and never stored in clear.
"""

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from api.founding import done
from api.identity.factor_commands import RemoveTotpOf
from api.identity.service import prepare_api_key, prepare_setup_code
from api.settings import read_settings
from api.wiring import build_writer, open_log
from ledger.actor import SYSTEM
from ledger.clock import Instant, SystemClock
from ledger.errors import BrokenInput
from ledger.ids import IdMaker
from ledger.service import Reader, Writer
from ledger.work import Request
from rbac.service import person_by_ref


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """One of the two commands."""
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    if name == "password":
        acts = "issue a one-time set-up code, or remove the second factor of who has lost it"
        parser.add_argument("act", choices=["issue", "remove-second-factor"], help=acts)
        parser.add_argument("--person", required=True, metavar="REF")
    else:
        parser.add_argument("act", choices=["create"])
        parser.add_argument("--actor", required=True, metavar="ID", help="svc:... or agent:...")
        parser.add_argument("--role", action="append", default=[], metavar="ROLE[@DOMAIN]", required=True)
        parser.add_argument("--title", default="integration")
        parser.add_argument("--days", type=int, default=90, help="until it expires")
    options = parser.parse_args(arguments)
    settings = read_settings()
    clock = SystemClock()
    log, database = open_log(settings)
    command: Any
    if name == "password":
        reader = Reader(log, clock, database.connect)
        with reader.view() as view:
            person = person_by_ref(view, options.person)
        reader.close()
        if person is None:
            raise BrokenInput(f"expected a registered person, found no `{options.person[:40]}`", "--person")
        shown = {"person": options.person}
        if options.act == "issue":
            prepared = prepare_setup_code(log.name, person.id)
            command, shown = prepared.command, {**shown, "code": prepared.token}
        else:
            command = RemoveTotpOf(person.id)
    else:
        scope = tuple(_scope(text) for text in options.role)
        expires = datetime.fromtimestamp(clock.wall() / 1e6, UTC) + timedelta(days=options.days)
        at = Instant(int(expires.timestamp()) * 1_000_000)
        prepared = prepare_api_key(log.name, options.actor, options.title, scope, at)
        command = prepared.command
        shown = {"actor": options.actor, "key": prepared.token, "expires_at": expires.isoformat()}
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    try:
        command_id = IdMaker().ordered("c", clock.wall())
        done(writer.run(Request(SYSTEM, command, command_id)))
    finally:
        writer.close()
    print(json.dumps(shown) if options.json else "\n".join(f"{key}: {value}" for key, value in shown.items()))
    return 0


def _scope(text: str) -> tuple[str, str]:
    role, _, domain = text.partition("@")
    return role, domain or "organisation"
