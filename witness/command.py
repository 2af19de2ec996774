"""`muniment witness`: make a witness, let it answer, report what it saw.

    init    keys, database and the list of watched logs, in a folder of its own; prints the keys to hand to the log
    keys    print the keys again
    serve   the HTTP service of the witness protocol
    report  the logs it watches and every contradiction it kept; exit status 1 when there is one

The passphrase of the key files: MUNIMENT_WITNESS_PASSPHRASE, else the file `passphrase` in the folder, which `init`
makes (mode 0600).
"""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

from ledger.clock import SystemClock
from ledger.errors import BrokenInput
from ledger.key_files import write_private
from ledger.note import ED25519_COSIGNATURE, parse_vkey
from ledger.policy import NONE, Policy, TrustedLog, format_policy
from witness.book import Book, create_book
from witness.keys import WitnessKeys, create_witness_keys, load_witness_keys, read_private
from witness.service import Watched, Witness
from witness.words import report_value, report_words

PASSPHRASE = "MUNIMENT_WITNESS_PASSPHRASE"  # noqa: S105 - its name
BOOK, WATCHED = "witness.sqlite", "logs.policy"
_HEAD = b"""# The logs this witness watches, as a trust policy (c2sp.org/tlog-policy): one line `log VKEY` for each
# key that may sign for a log. A log that changes its keys needs a line for the old key and one for the new.
# A change counts at once; a log that is not named here is answered 404.
"""


def run(_name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """One of the four; its exit status."""
    acts = parser.add_subparsers(dest="act", required=True)
    init = acts.add_parser("init", help="make keys, database and the list of watched logs", allow_abbrev=False)
    init.add_argument("--name", required=True, help="a name like an address, such as audit.example.com/witness")
    init.add_argument("--log", action="append", default=[], metavar="VKEY", help="a key of a log to watch; repeatable")
    serve = acts.add_parser("serve", help="answer logs and monitors", allow_abbrev=False)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=int, default=8090)
    keys = acts.add_parser("keys", help="the keys to hand out", allow_abbrev=False)
    report = acts.add_parser("report", help="what it watches, and contradictions", allow_abbrev=False)
    for one in (init, keys, serve, report):
        one.add_argument("--folder", type=Path, default=Path(".muniment-witness"), help="the witness's own folder")
    for one in (init, keys, report):
        one.add_argument("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(arguments)
    if options.act == "init":
        return _init(options)
    if options.act == "report":
        return _report(options)
    if options.act == "keys":
        _tell(options, load_witness_keys(options.folder, _passphrase(options.folder)))
        return 0
    return _serve(options)


def _init(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    logs = tuple(TrustedLog(parse_vkey(vkey)) for vkey in options.log)
    listed = format_policy(Policy(logs, (), (), NONE))
    if (folder / BOOK).exists() or (folder / WATCHED).exists():
        raise BrokenInput("expected no witness here yet, found one", str(folder))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = create_witness_keys(folder, options.name, _passphrase(folder, make=True))
    create_book(folder / BOOK)
    (folder / WATCHED).write_bytes(_HEAD + listed)
    _tell(options, keys)
    if not options.json:
        _say(f"\nnext: name the logs to watch in {folder / WATCHED}, then `muniment witness serve --folder {folder}`")
    return 0


def _tell(options: argparse.Namespace, keys: WitnessKeys) -> None:
    """The keys, and the lines of a policy that asks for either of them."""
    if options.json:
        told = {"name": keys.name, "vkeys": list(keys.vkeys), "policy": _lines(keys), "folder": str(options.folder)}
        _say(json.dumps(told))
        return
    _say(f"the witness {keys.name} in {options.folder}; its keys, to pin by whoever verifies:")
    _say("\n".join(keys.vkeys))
    _say("\nlines for a policy; put in the address where this witness answers:")
    _say(_lines(keys))


def _lines(keys: WitnessKeys) -> str:
    """A witness line for each key, and a group that either of them satisfies: it is one witness."""
    names = ["ed25519" if parse_vkey(vkey).type == ED25519_COSIGNATURE else "ml-dsa-44" for vkey in keys.vkeys]
    lines = [f"witness {name} {vkey} http://HOST:PORT" for name, vkey in zip(names, keys.vkeys, strict=True)]
    return "\n".join([*lines, f"group witness any {' '.join(names)}", "quorum witness"])


def _serve(options: argparse.Namespace) -> int:
    witness = Witness(
        load_witness_keys(options.folder, _passphrase(options.folder)),
        Book(options.folder / BOOK),
        Watched(options.folder / WATCHED).policy,
        SystemClock(),
    )
    import uvicorn

    from witness.door import Door

    config = uvicorn.Config(
        Door(witness),
        host=options.host,
        port=options.port,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        limit_concurrency=256,
        h11_max_incomplete_event_size=16 * 1024,
    )
    try:
        uvicorn.Server(config).run()
    except KeyboardInterrupt:
        pass
    finally:
        witness.book.close()
    return 0


def _report(options: argparse.Namespace) -> int:
    book = Book(options.folder / BOOK)
    try:
        logs, found = book.logs(), book.contradictions()
    finally:
        book.close()
    watched = dict.fromkeys(one.key.name for one in Watched(options.folder / WATCHED).policy().logs)
    _say(json.dumps(report_value(logs, found)) if options.json else report_words(logs, found, tuple(watched)))
    return 1 if found else 0


def _passphrase(folder: Path, make: bool = False) -> str:
    given = os.environ.get(PASSPHRASE)
    if given:
        return given
    path = folder / "passphrase"
    if make and not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode() + b"\n")
    return read_private(path).decode().strip()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
