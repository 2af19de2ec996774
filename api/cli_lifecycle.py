"""`muniment restore` and `muniment log seal`: two persons act on the log as a whole, at the command line.

Both show their passwords, which are asked for at the terminal or read from standard input, a line for each; nobody can
sign in to a log that takes no entries. Each needs the permission `ledger: restore` or `ledger: seal`.
"""

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from api.founding import done
from api.identity.passwords import Passwords
from api.identity.service import verify_password
from api.settings import Settings, read_settings
from api.wiring import build_writer, open_log
from ledger.actor import SYSTEM
from ledger.checking import check_signature
from ledger.clock import SystemClock
from ledger.commands import FinalCheckpoint
from ledger.errors import BrokenInput, Unavailable
from ledger.high_water import MARK_BYTES_MAX, HighWater, high_water, lost_by, parse_mark
from ledger.ids import IdMaker
from ledger.lifecycle import RestoreLog, SealLog, final_checkpoint
from ledger.marks import LogIdentity, first_key_of
from ledger.service import Reader, View, Writer
from ledger.signers import KeyRing
from ledger.verify.report import Finding, Place
from ledger.verify.signing import LogKeys, read_checkpoint
from ledger.work import Request
from ledger.writer import Desk
from rbac.service import person_by_ref

_KEYS = "SELECT vkey FROM log_key WHERE log_id = {log}"


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """One of the two commands."""
    add = parser.add_argument
    add("--json", action="store_true", help="print one object for machines")
    add("--person", action="append", metavar="REF", default=[], help="a person who authorises it; given twice")
    add("--reason", required=True, metavar="TEXT", help="why, in one line; it goes on record as a sealed value")
    if name == "restore":
        add("--lost", type=Path, metavar="FILE", help="what `verify --keep` wrote last (default: the high-water mark)")
    else:
        add("--with-open", action="store_true", help="although process instances have not ended")
    options = parser.parse_args(arguments)
    if len(options.person) != 2:
        raise BrokenInput("expected --person twice: two persons authorise it")
    settings = read_settings()
    log, database = open_log(settings)
    reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
    try:
        with reader.view() as view:
            persons = _authenticated(view, options.person)
            lost = _lost(settings, view, options.lost, log.secrets.ring) if name == "restore" else None
    finally:
        reader.close()
    if lost is not None:
        shown = _restore(settings, RestoreLog(log.name, persons, options.reason, lost))
    else:
        shown = _seal(settings, SealLog(log.name, persons, options.reason, options.with_open))
    print(json.dumps(shown) if options.json else "\n".join(f"{key}: {value}" for key, value in shown.items()))
    return 0


def _authenticated(view: View, references: Sequence[str]) -> tuple[str, str]:
    """The ids of both persons, each by password."""
    found = []
    passwords = Passwords()
    for reference in references:
        person = person_by_ref(view, reference)
        word = getpass.getpass(f"password of {reference}: ") if sys.stdin.isatty() else sys.stdin.readline()
        check = verify_password(view, passwords, None if person is None else person.id, word.rstrip("\r\n"))
        if person is None or not check.correct:
            raise BrokenInput("expected a person and the password of that person, found another pair", "--person")
        found.append(str(person.id))
    return found[0], found[1]


def _lost(settings: Settings, view: View, file: Path | None, ring: KeyRing) -> FinalCheckpoint:
    """The newest checkpoint known of the log, which it signed and does not continue.

    A key that came after this copy was made is not on its record; the key folder may hold it.
    """
    note, mark = _marked(settings, view) if file is None else _read(file, view.origin)
    lost = final_checkpoint(note)
    goes_on = mark is not None and lost_by(high_water(view.head), mark, view.leaf_hashes) is None
    if goes_on or (mark is None and lost.size <= view.head.size):
        raise BrokenInput(f"expected a log that does not continue this checkpoint of size {lost.size}, found one")
    read = read_checkpoint(note, view.origin, Place("lost"))
    vkeys = [row[0] for row in view.query(_KEYS)]
    with suppress(Unavailable):
        vkeys.append(ring.signer_of(note).vkey)
    keys = LogKeys(tuple(vkeys), check_signature)
    wrong = read if isinstance(read, Finding) else keys.judge(*read, Place("lost"))
    if wrong is not None:
        raise BrokenInput(f"expected {wrong.expected}, found {wrong.found}", "--lost")
    return lost


def _marked(settings: Settings, view: View) -> tuple[str, HighWater | None]:
    """The high-water mark."""
    first = view.entry(0)
    if first is None:
        raise BrokenInput("expected a log with entries")
    identity = LogIdentity(view.log.name, view.origin, first_key_of(first.bytes))
    mark = settings.marks.read(identity)
    if mark is None:
        raise BrokenInput("expected a high-water mark or --lost FILE, found neither", str(settings.marks.folder))
    return mark.note, mark


def _read(file: Path, origin: str) -> tuple[str, HighWater | None]:
    """What `verify --keep` wrote, or a signed checkpoint alone, such as a receipt holds."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenInput("expected a text file that can be read", str(file)) from error
    if len(text) > MARK_BYTES_MAX:
        raise BrokenInput(f"expected at most {MARK_BYTES_MAX} bytes", str(file))
    if not text.lstrip().startswith("{"):
        return text, None
    mark = parse_mark(text, origin)
    return mark.note, mark


def _restore(settings: Settings, command: RestoreLog) -> dict[str, object]:
    """Declare the gap; the mark then goes on from what the log is."""
    workings, connect = build_writer(settings)
    desk = Desk(workings, connect)
    try:
        command_id = IdMaker().ordered("c", SystemClock().wall())
        (result,) = desk.run([Request(SYSTEM, command, command_id)])
        if isinstance(result, Exception):
            raise result
        return {"log": command.name, "outcome": done(result).outcome, **done(result).result}
    finally:
        desk.close()


def _seal(settings: Settings, command: SealLog) -> dict[str, object]:
    """Seal; what is handed out is the final checkpoint, which the successor names and verifiers pin."""
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    try:
        command_id = IdMaker().ordered("c", SystemClock().wall())
        answer = writer.run(Request(SYSTEM, command, command_id))
    finally:
        writer.close()
    sealed = done(answer)
    checkpoint = "" if answer.receipt is None else answer.receipt.checkpoint
    return {"log": command.name, **sealed.result, "checkpoint": checkpoint}
