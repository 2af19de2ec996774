"""`muniment init`, `migrate`, `clock`, `settings`: the installation itself."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from api.settings import Settings, printable, read_settings
from ledger.errors import BrokenInput


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """One of the four commands; its exit status."""
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    if name == "init":
        return _init(parser, arguments)
    if name == "clock":
        parser.add_argument("act", choices=["confirm"], help="the forward jump of the clock is right")
    options = parser.parse_args(arguments)
    settings = read_settings()
    if name == "settings":
        shown = printable(settings)
        _print(options.json, shown, "\n".join(f"{key}={value}" for key, value in shown.items()))
    elif name == "migrate":
        from migrations.upgrade import newest, upgrade

        upgrade(settings.database().url)
        _print(options.json, {"schema": newest()}, f"schema {newest()}")
    else:
        _confirm_clock(settings)
        _print(options.json, {"clock": "confirmed"}, "the clock is confirmed and the confirmation recorded")
    return 0


def _init(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.add_argument("--log", help="short name of the log (default: MUNIMENT_LOG)")
    parser.add_argument(
        "--person",
        action="append",
        metavar="REF=NAME",
        default=[],
        help="a person who holds the ceremony; given twice",
    )
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="the first access policy")
    parser.add_argument(
        "--role", action="append", metavar="REF=ROLE[@DOMAIN]", default=[], help="a first role of a person"
    )
    parser.add_argument("--successor-of", default="", metavar="LOG", help="the sealed log that the new one continues")
    options = parser.parse_args(arguments)
    from api.founding import found
    from rbac.service import FirstRole, HoldCeremony, NamedPerson

    if len(options.person) != 2:
        raise BrokenInput("expected --person twice: the ceremony is held by two named persons")
    settings = read_settings()
    if options.log:
        settings = replace(settings, log=options.log)
    people = [_pair(text, "--person") for text in options.person]
    roles = []
    for text in options.role:
        reference, role = _pair(text, "--role")
        role, _, domain = role.partition("@")
        roles.append(FirstRole(reference, role, domain) if domain else FirstRole(reference, role))
    founded = found(
        settings,
        HoldCeremony(
            holders=(people[0][0], people[1][0]),
            persons=tuple(NamedPerson(reference, person) for reference, person in people),
            access_policy=options.policy.read_text(),
            roles=tuple(roles),
        ),
        options.successor_of,
    )
    words = (
        f"log {founded.log} is open at {founded.origin}\n"
        f"pin this identity key, on paper and away from this machine; it leads to every later key of the log:\n"
        f"{founded.identity}\n"
        f"until it is rotated, receipts and packs are signed by this commit key:\n{founded.vkey}\n"
        f"published checkpoints are signed by this ML-DSA-44 key as well:\n{founded.post_quantum}\n"
        "next: muniment password issue --person REF, once for each person"
    )
    said = {name: getattr(founded, name) for name in ("log", "origin", "vkey", "identity", "post_quantum")}
    _print(options.json, said, words)
    return 0


def _confirm_clock(settings: Settings) -> None:
    from api.wiring import build_writer
    from ledger.actor import SYSTEM
    from ledger.service import ConfirmClock, Writer
    from ledger.work import Request

    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    try:
        writer.run(Request(SYSTEM, ConfirmClock(settings.log)))
    finally:
        writer.close()


def _pair(text: str, option: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not equals or not left or not right:
        raise BrokenInput(f"expected REF=VALUE, found `{text[:60]}`", option)
    return left, right


def _print(as_json: bool, value: dict[str, str], words: str) -> None:
    print(json.dumps(value) if as_json else words)
