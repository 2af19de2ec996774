"""The command line: one module per command, imported only when it is asked for.

Exit status: 0 fine, 1 a negative verdict, 2 usage or environment. `--json` prints one object for machines.
"""

import argparse
import sys
from importlib import import_module

from ledger.errors import BrokenInput, MunimentError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("api.cli_demo", "a running demo with a history; --check asks for it, --remove takes it away"),
    "init": ("api.cli_init", "create keys and schema, hold the bootstrap ceremony, print the key to pin"),
    "serve": ("api.cli_serve", "the HTTP service"),
    "work": ("api.cli_work", "the runner of timers, calls, retries, escalations and feeds"),
    "migrate": ("api.cli_init", "bring the schema to its newest version"),
    "witness": ("witness.command", "a witness of logs, for a second party: init, serve, report"),
    "verify": ("api.cli_verify", "verify the whole ledger of a database"),
    "restore": ("api.cli_lifecycle", "declare that an older copy was put in place, and let the log go on from it"),
    "log": ("api.cli_log", "list the logs; seal one for good; publish, rebuild or export one"),
    "verify-pack": ("api.cli_verify_pack", "the five verdicts of an evidence pack"),
    "receipt": ("api.cli_receipt", "an entry's receipt as a file: ours, .tlog-proof or COSE"),
    "record": ("api.cli_evidence", "the compliance record of an instance or a decision"),
    "instance": ("api.cli_instance", "branches in any order, another version (migrate), acts on many (bulk)"),
    "pack": ("api.cli_evidence", "build an evidence pack"),
    "ask": ("api.cli_evidence", "answer a regulatory question"),
    "rules": ("api.cli_language", "check, evaluate, explain or convert FEEL expressions, rule tables, DMN files"),
    "blueprint": ("api.cli_language", "check or explain a blueprint without a server"),
    "agent": ("api.cli_agent", "labelled outcomes of an agent, and how far its confidence can be trusted by them"),
    "calendar": ("api.cli_calendar", "write a business calendar with public holidays; explain a due time"),
    "connector": ("api.cli_connector", "make a connector of an OpenAPI document"),
    "apply": ("api.cli_apply", "propose every governed artefact in a folder as change requests"),
    "api-key": ("api.cli_identity", "create a key for an integrating service"),
    "password": ("api.cli_identity", "let a person set a password, or sign in without a lost second factor"),
    "key": ("api.cli_key", "the keys of the log: list, certify, enrol, rotate, retire, compromise"),
    "feed": ("api.cli_feed", "entries as JSON lines, once or as they come; secrets of webhooks"),
    "vault": ("api.cli_vault", "the epoch of the vault; reconcile a restored database; carry erasures out"),
    "clock": ("api.cli_init", "confirm the clock after a forward jump"),
    "settings": ("api.cli_init", "print the settings in force, secrets hidden"),
    "bench": ("bench.command", "measured figures beside the limit of the same run"),
}


def run(arguments: list[str]) -> int:
    """Run one command; its exit status."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_help() + "\n")
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"muniment: no command `{name}`; `muniment --help` lists them", file=sys.stderr)
        return 2
    module = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser(prog=f"muniment {name}", description=COMMANDS[name][1], allow_abbrev=False)
    try:
        status: int = module.run(name, parser, rest)
    except BrokenInput as error:
        print(f"muniment {name}: {error}", file=sys.stderr)
        return 2
    except MunimentError as error:
        print(f"muniment {name}: {error}", file=sys.stderr)
        return 2
    return status


def _help() -> str:
    lines = ["usage: muniment COMMAND [...]", "", "Runs an organisation's processes and proves its decisions.", ""]
    lines += [f"  {name:<12}{text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join([*lines, "", "`muniment COMMAND --help` says more. Settings: MUNIMENT_* or muniment.toml."])
