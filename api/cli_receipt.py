"""`muniment receipt`: an entry's receipt in a file, for whoever is to verify it without us.

    muniment receipt --index N --out FILE                    the whole receipt: proof, checkpoint, the entry's bytes
    muniment receipt --index N --out FILE.tlog-proof         for tools of that family; --entry-out FILE beside it
    muniment receipt --index N --out FILE.cose               COSE (RFC 9942)

It acts as the person whose bearer token stands in MUNIMENT_TOKEN.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import BrokenInput
from ledger.receipts import COSE, FORMATS, JSON, TLOG_PROOF, EntryProof, as_cose, as_json, as_tlog_proof, prove_entry
from rbac.permission import Action, Object

if TYPE_CHECKING:
    from api.acting import Acting

ENDINGS = {".tlog-proof": TLOG_PROOF, ".cose": COSE}


@dataclass(frozen=True, slots=True)
class Written:
    """A receipt as a file."""

    proof: EntryProof
    data: bytes


def run(
    _name: str, parser: argparse.ArgumentParser, rest: list[str], opener: "Callable[[], Acting] | None" = None
) -> int:
    """Run the command; `opener` gives the log and who acts."""
    add = parser.add_argument
    add("--index", type=int, required=True, metavar="N", help="the entry's index")
    add("--out", type=Path, required=True, metavar="FILE", help="where the receipt goes; its ending names the format")
    add("--format", choices=FORMATS, help="the format, whatever the file is called")
    add("--entry-out", type=Path, metavar="FILE", help="where the entry's exact bytes go as well")
    add("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(rest)
    acting = (opener or _opener())()
    try:
        refusal = acting.may(Object.LEDGER, Action.READ)
        if refusal is not None:
            sys.stderr.write(f"refused, {refusal.reason.value}: {refusal.message}\n")
            return 1
        written = _written(acting, options.index, options.format or ENDINGS.get(options.out.suffix, JSON))
    finally:
        acting.close()
    options.out.write_bytes(written.data)
    if options.entry_out is not None:
        options.entry_out.write_bytes(written.proof.data)
    told = {"index": written.proof.index, "size": written.proof.size, "file": str(options.out)}
    line = f"{options.out}: entry {written.proof.index} in the tree of size {written.proof.size}"
    sys.stdout.write((json.dumps(told) if options.json else line) + "\n")
    return 0


def _opener() -> "Callable[[], Acting]":
    from api.acting import open_acting

    return open_acting


def _written(acting: "Acting", index: int, form: str) -> Written:
    with acting.reader.view() as view:
        proof = prove_entry(view, index, form) if index >= 0 else None
    if proof is None:
        raise BrokenInput("expected the index of an entry of this log, found none", "--index")
    if form == TLOG_PROOF:
        return Written(proof, as_tlog_proof(proof).encode())
    if form == COSE:
        return Written(proof, as_cose(proof, acting.log.secrets.ring.signer_of(proof.note)))
    return Written(proof, json.dumps(as_json(proof), indent=1).encode() + b"\n")
