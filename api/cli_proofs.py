"""`muniment verify` of one file, without a database: receipts in three formats, a count, a statement, a timestamp.

Each needs what a file cannot vouch for itself: `--vkey`, a key of the log, or `--roots`, certificates of the authority.
A quorum (`--policy`) is judged where the file holds a checkpoint, lists of keys (`--keys`) where they can count; with
any other file they are refused, since a verdict that passed over them would say more than was looked at.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import pinned
from ledger.chain import leaf_hash
from ledger.checking import CHECKS, check_signature
from ledger.clock import instant_text
from ledger.cose import check_inclusion_receipt
from ledger.dsse import DECISION, IN_TOTO, Wanted, verified_payload
from ledger.errors import BrokenInput
from ledger.note import ED25519, Verifier, VerifierKey, parse_vkey
from ledger.policy import Policy
from ledger.timestamp import CheckToken
from ledger.tlog_proof import check_proof, parse_proof
from ledger.verify.pack_witnesses import pack_witnesses
from ledger.verify.receipt import check_receipt, counting
from ledger.verify.subject_proof import check_subject_proof

FILE_BYTES_MAX = 1 << 24  # an envelope's own limit is the largest
ENTRY_BYTES_MAX = 1 << 16

Verdict = tuple[bool, dict[str, Any], str]
"""Whether the file shows what it claims, what was found, and the same in words."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file, and what came with it from outside."""

    data: bytes
    vkeys: tuple[str, ...]
    keys: tuple[VerifierKey, ...]
    key_lists: tuple[str, ...]
    policy: Policy | None
    entry: bytes | None
    index: int
    note: bytes
    check_token: CheckToken | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that verify one file."""
    add = parser.add_mutually_exclusive_group().add_argument
    add("--receipt", type=Path, metavar="FILE", help="verify a receipt instead; needs --vkey, no database")
    add("--proof", type=Path, metavar="FILE", help="verify a .tlog-proof file; needs --vkey and --entry")
    add("--subject-proof", type=Path, metavar="FILE", help="verify how many entries a subject has; needs --vkey")
    add("--cose", type=Path, metavar="FILE", help="verify a COSE receipt; needs --vkey, --entry and --index")
    add("--statement", type=Path, metavar="FILE", help="verify a signed statement (DSSE); needs --vkey")
    add("--timestamp", type=Path, metavar="FILE", help="verify a token (RFC 3161); needs --note and --roots")
    parser.add_argument("--entry", type=Path, metavar="FILE", help="the entry's exact bytes")
    parser.add_argument("--index", type=int, metavar="N", help="where the entry is said to stand")
    parser.add_argument("--note", type=Path, metavar="FILE", help="the checkpoint as it was published")


def is_asked(options: argparse.Namespace) -> bool:
    """Whether one file is to be verified, and not a database."""
    return any(getattr(options, name) is not None for name in _CHECKS)


def run(options: argparse.Namespace) -> int:
    """Verify the file and print the verdict: exit status 0 when it shows what it claims, else 1."""
    name = next(name for name in _CHECKS if getattr(options, name) is not None)
    needs, judge = _CHECKS[name]
    said = name.replace("_", "-")
    for need in needs:
        if getattr(options, need) in (None, []):
            why = f": a {said} cannot vouch for its own key" if need in ("vkey", "roots") else ""
            raise BrokenInput(f"expected --{need} with --{said}{why}")
    for option, files in _COUNTS_FOR.items():
        if getattr(options, option) is not None and name not in files:
            raise BrokenInput(f"expected no --{option} with --{said}, which holds nothing to judge by it")
    given = _given(options, getattr(options, name))
    try:
        is_sound, told, words = judge(given)
    except BrokenInput as error:
        is_sound, told, words = False, {"fault": str(error)}, f"FAULT {error}"
    sys.stdout.write((json.dumps({"sound": is_sound, **told}) if options.json else words) + "\n")
    return 0 if is_sound else 1


def _given(options: argparse.Namespace, file: Path) -> Given:
    """Everything read; what cannot be read is a fault of the call, not of the file."""
    return Given(
        data=_read(file, FILE_BYTES_MAX),
        vkeys=tuple(options.vkey),
        keys=tuple(key for key in map(parse_vkey, options.vkey) if key.type == ED25519),
        key_lists=pinned.key_lists(options),
        policy=pinned.policy(options),
        entry=None if options.entry is None else _read(options.entry, ENTRY_BYTES_MAX),
        index=-1 if options.index is None else options.index,
        note=b"" if options.note is None else _read(options.note, FILE_BYTES_MAX),
        check_token=pinned.check_token(options),
    )


def _receipt(given: Given) -> Verdict:
    verdict = check_receipt(_json(given.data), given.vkeys, check_signature, given.key_lists, given.entry)
    included = {
        None: "inclusion: not run, the receipt holds no proof (ask for it with proof=1): it is a promise",
        True: "inclusion: passed",
        False: "FAULT inclusion: the proof does not lead to the signed root",
    }
    content = "passed" if verdict.has_entry else "not run, the entry's bytes are not at hand"
    lines = (
        f"{verdict.origin}: entry {verdict.index}, checkpoint of size {verdict.size}",
        f"signature: passed, by a key you gave\n{included[verdict.is_included]}\nentry: {content}",
    )
    is_quorate, more, said = _quorum(given, str(_json(given.data)["checkpoint"]))
    return verdict.is_sound and is_quorate, {**verdict.as_json(), **more}, "\n".join([*lines, *said])


def _quorum(given: Given, note: str) -> tuple[bool, dict[str, Any], list[str]]:
    """What the policy makes of a checkpoint, which a key of the log signed; nothing is asked without one."""
    if given.policy is None:
        return True, {}, []
    judged = pack_witnesses([note], given.policy, CHECKS)
    names = list(judged.witnessed.names) if judged.witnessed else []
    said = f"FAULT quorum: {judged.fault}" if judged.fault else "quorum: passed"
    return not judged.fault, {"witnessed_by": names}, [said]


def _proof(given: Given) -> Verdict:
    proof = parse_proof(given.data)
    keys: list[Verifier] = [*counting(proof.note, given.vkeys, check_signature, given.key_lists)]
    verdict = check_proof(proof, leaf_hash(given.entry or b""), keys)
    checkpoint = verdict.opened.checkpoint
    told = {"origin": checkpoint.origin, "index": verdict.index, "size": checkpoint.size}
    said = "passed" if verdict.is_included else "FAULT: the proof does not lead from this entry to the signed root"
    lines = [
        f"{checkpoint.origin}: entry {verdict.index}, checkpoint of size {checkpoint.size}",
        f"signature: passed, by a key you gave\ninclusion: {said}",
    ]
    if given.policy is None:
        others = len(verdict.opened.note.unknown)
        told["unknown_signatures"] = others
        lines += [f"{others} signatures by keys you did not give: not run"] if others else []
    is_quorate, more, quorum = _quorum(given, proof.note)
    return verdict.is_included and is_quorate, {**told, **more}, "\n".join([*lines, *quorum])


def _subject_proof(given: Given) -> Verdict:
    verdict = check_subject_proof(_json(given.data), given.vkeys, check_signature, given.key_lists)
    said = f"{verdict.entries:,} entries" if verdict.entries else "no entry"
    words = (
        f"{verdict.origin}: subject {verdict.subject} has {said} among the first {verdict.counted:,}\n"
        f"counted {verdict.recorded_at}, in the tree of size {verdict.size:,}; signature: passed, by a key you gave"
    )
    is_quorate, more, quorum = _quorum(given, str(_json(given.data)["checkpoint"]))
    return is_quorate, {**verdict.as_json(), **more}, "\n".join([words, *quorum])


def _cose(given: Given) -> Verdict:
    leaf, index = leaf_hash(given.entry or b""), given.index
    is_shown = any(check_inclusion_receipt(given.data, leaf, index, key, check_signature) for key in given.keys)
    said = "shown by a key you gave" if is_shown else "FAULT: the receipt does not show it"
    return is_shown, {"index": index}, f"entry {index}: {said}"


def _statement(given: Given) -> Verdict:
    keys = frozenset(key.public_key for key in given.keys)
    payload_type, payload = verified_payload(given.data, Wanted(keys, (DECISION, IN_TOTO), check_signature))
    value = _json(payload)
    words = f"signature: passed, by a key you gave\n{payload_type}\n{json.dumps(value, indent=2)}"
    return True, {"payload_type": payload_type, "statement": value}, words


def _timestamp(given: Given) -> Verdict:
    assert given.check_token is not None
    stamp = given.check_token(given.data, given.note)
    at, until = instant_text(stamp.gen_time), instant_text(stamp.valid_until)
    words = f"the checkpoint existed at {at} (give or take {stamp.accuracy} microseconds)\ncertificates: to {until}"
    return True, {"gen_time": at, "accuracy_us": stamp.accuracy, "valid_until": until}, words


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenInput("expected JSON") from error


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.stat().st_size > limit:
            raise BrokenInput(f"expected a file of at most {limit} bytes", str(path))
        return path.read_bytes()
    except OSError as error:
        raise BrokenInput("expected a file that can be read", str(path)) from error


_CHECKS: dict[str, tuple[tuple[str, ...], Callable[[Given], Verdict]]] = {
    "receipt": (("vkey",), _receipt),
    "proof": (("vkey", "entry"), _proof),
    "subject_proof": (("vkey",), _subject_proof),
    "cose": (("vkey", "entry", "index"), _cose),
    "statement": (("vkey",), _statement),
    "timestamp": (("note", "roots"), _timestamp),
}

_COUNTS_FOR = {"policy": ("receipt", "proof", "subject_proof"), "keys": ("receipt", "proof", "subject_proof")}
