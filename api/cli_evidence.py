"""`muniment record`, `pack` and `ask`: what an examiner is given, from the command line of the installation.

The log is opened by `api.evidence_access`, as the person whose bearer token stands in MUNIMENT_TOKEN.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from api.cli_given import write_file
from api.evidence_access import EvidenceAccess, open_evidence
from governance.questions.answer import Asking, Verdict
from governance.questions.catalogue import QUESTIONS
from governance.questions.packed import rows_csv
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from rbac.permission import Action, Object

Opener = Callable[[], EvidenceAccess]


def run(name: str, parser: argparse.ArgumentParser, rest: list[str], opener: Opener | None = None) -> int:
    """The exit status: 0 fine, 1 a negative verdict or a refusal, 2 usage or environment."""
    _PARSERS[name](parser)
    options = parser.parse_args(rest)
    if name == "ask" and options.list:
        return _list(options.json)
    access = (opener or open_evidence)()
    try:
        # Whoever builds a pack is asked by its own command, under the head's lock.
        refusal = access.may(*_READS[name]) if name in _READS else None
        return _refused(refusal) if refusal is not None else _COMMANDS[name](access, options)
    finally:
        access.close()


def _refused(refusal: Refusal) -> int:
    sys.stderr.write(f"refused, {refusal.reason.value}: {refusal.message}\n")
    return 1


def _record_parser(parser: argparse.ArgumentParser) -> None:
    about = parser.add_mutually_exclusive_group(required=True)
    about.add_argument("--instance", metavar="ID")
    about.add_argument("--decision", metavar="ID", help="the id of its task")
    parser.add_argument("--format", choices=("json", "html"), default="json")
    parser.add_argument("--out", metavar="FILE", help="where to write it; standard output otherwise")


def _pack_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--instance", metavar="ID", action="append", required=True)
    parser.add_argument("--question", metavar="QNN", action="append", help="default: all")
    parser.add_argument("--purpose", required=True)
    parser.add_argument("--recipient", required=True)
    parser.add_argument("--kept", metavar="FILE", action="append", help="a checkpoint the recipient holds")
    parser.add_argument("--out", metavar="FILE", required=True)
    parser.add_argument("--json", action="store_true")


def _ask_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", metavar="QNN")
    parser.add_argument("--list", action="store_true", help="the catalogue")
    parser.add_argument("--instance", metavar="ID")
    parser.add_argument("--purpose", default="asked at the command line")
    parser.add_argument("--trust", metavar="VKEY", help="the log's verifier key, from elsewhere")
    parser.add_argument("--format", choices=("json", "csv", "html"), default="json")
    parser.add_argument("--json", action="store_true")


def _list(as_json: bool) -> int:
    if as_json:
        _print(json.dumps([definition.as_value() for definition, _ in QUESTIONS.values()], indent=2))
    else:
        _print("\n".join([f"{definition.id}  {definition.title}" for definition, _ in QUESTIONS.values()]))
    return 0


def _record(access: EvidenceAccess, options: argparse.Namespace) -> int:
    from api.evidence import compliance_record
    from api.record_html import report_html

    with access.room.reader.view() as view:
        record = compliance_record(view, options.instance or options.decision, access.allowed)
    if record is None:
        raise BrokenInput("expected an instance or a decision of this log, found none")
    value = record.as_value()
    text = report_html([value]) if options.format == "html" else json.dumps(value, indent=2)
    if options.out is None:
        _print(text)
    else:
        write_file(Path(options.out), text)
    return 0


def _pack(access: EvidenceAccess, options: argparse.Namespace) -> int:
    from api.packs import QUESTIONS_ASKED, PackRequest, build_pack
    from ledger.collector import relax

    relax()
    request = PackRequest(
        instances=tuple(options.instance),
        purpose=options.purpose,
        recipient=options.recipient,
        allowed=access.allowed,
        questions=tuple(options.question or QUESTIONS_ASKED),
        kept=tuple(Path(name).read_text(encoding="utf-8") for name in options.kept or ()),
    )
    room = access.room
    built = build_pack(room, access.actor, room.ids.random("cmd_"), request)
    if isinstance(built, Refusal):
        return _refused(built)
    Path(options.out).write_bytes(built.data)
    about = {"pack": built.pack, "file": options.out, "sha256": built.digest, "entries": built.entries}
    _print(json.dumps(about) if options.json else f"{options.out}: {built.entries} entries, SHA-256 {built.digest}")
    return 0


def _ask(access: EvidenceAccess, options: argparse.Namespace) -> int:
    from api.evidence import Question, answer_question
    from api.record_html import report_html

    if options.question not in QUESTIONS or options.instance is None:
        raise BrokenInput("expected a question of the catalogue (`muniment ask --list`) and --instance")
    asking = Asking(str(access.actor.id), instant_text(Instant(access.room.now())), options.purpose)
    with access.room.reader.view() as view:
        answer = answer_question(view, Question(options.question, options.instance, asking, options.trust))
    value = answer.as_value()
    if options.format == "csv":
        sys.stdout.write(rows_csv([value]).decode())
    else:
        _print(report_html([], [value]) if options.format == "html" else json.dumps(value, indent=2))
    return 0 if answer.verdict is Verdict.SATISFIED else 1


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


_READS = {"record": (Object.COMPLIANCE_RECORD, Action.READ), "ask": (Object.QUESTION, Action.ASK)}
_PARSERS = {"record": _record_parser, "pack": _pack_parser, "ask": _ask_parser}
_COMMANDS = {"record": _record, "pack": _pack, "ask": _ask}
