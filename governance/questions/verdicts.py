"""The five verdicts of an evidence pack, and the program that prints them. Standard library only.

    verify.py PACK.zip [--trust VKEY [--keys FILE]] [--policy FILE] [--json]    as    muniment verify-pack PACK.zip ...

Exit status: 0 all five passed; 1 at least one did not; 2 usage or environment. *Not run* and *not determinable* are
never counted as passed: without `--trust` the status is 1, since nothing then says whose pack it is.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from decimal import InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from governance.questions import acts, migrated
from governance.questions.answer import Position
from governance.questions.facts import Record, Records
from governance.questions.hands import packed_hands
from governance.questions.packed import Packed, derive
from governance.questions.parties import people_parts
from governance.questions.recorded import Part as Derived
from governance.questions.recorded import Recorded
from governance.questions.rederive import decisions, packed_past, rederive
from governance.questions.registers import ReleasedBlueprint, blueprint, started
from governance.questions.reviews import review_id, reviews
from governance.questions.sequence import walked
from governance.questions.voters import voters_part
from ledger.errors import BrokenInput, BrokenState, MunimentError
from ledger.key_statements import read_lists
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, CheckSignature, parse_vkey
from ledger.pack import Bag, read_bag
from ledger.policy import Policy, parse_policy
from ledger.verify.bytes import b64url
from ledger.verify.key_trust import believed
from ledger.verify.pack_parts import PackParts
from ledger.verify.pack_witnesses import PackWitnesses, pack_witnesses
from ledger.verify.packs import (
    PackVerdict,
    Part,
    Trust,
    complete,
    guarded,
    included,
    intact,
    signed,
)
from ledger.verify.report import Status, Witnessed

STRENGTH = "operator only"
VERIFIER = "verify/verify.py"
COSIGNER_TYPES = (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE)  # what the check that is handed in can verify


class Verified(NamedTuple):
    """A pack verified: its name, the five verdicts, and notes beside them."""

    pack: str
    verdicts: tuple[PackVerdict, ...]
    notes: tuple[str, ...]
    witnessed: Witnessed | None = None

    @property
    def is_good(self) -> bool:
        """All five passed."""
        return all(verdict.status is Status.PASSED for verdict in self.verdicts)

    @property
    def strength(self) -> str:
        """Against whom the pack proves something."""
        by = self.witnessed
        return STRENGTH if by is None else f"witnessed by {', '.join(by.names)} up to size {by.size}"

    def as_value(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "pack": self.pack,
            "good": self.is_good,
            "strength": self.strength,
            "verdicts": [verdict.as_value() for verdict in self.verdicts],
            "notes": list(self.notes),
        }

    def words(self) -> str:
        """For a reader: five lines, never one tick."""
        lines = [f"pack {self.pack}"]
        for verdict in self.verdicts:
            lines.append(f"{verdict.number}  {verdict.status.value:<17} {verdict.name}: {verdict.text}")
            lines += [f"     {part.status.value:<17} {part.name}: {part.text}" for part in verdict.parts]
        beside = " (no witness, no timestamp)" if self.witnessed is None else ""
        lines.append(f"strength: {self.strength}{beside}")
        return "\n".join([*lines, *self.notes])


def verify_pack(data: bytes, trust: Trust, policy: Policy | None = None) -> Verified:
    """The verdicts of a pack's bytes; `BrokenInput` when they are no pack at all.

    With a policy verdict 3 asks for its quorum as well, and its logs' keys are no substitute for the key of `trust`.
    """
    parts = PackParts(read_bag(data))
    told: list[PackWitnesses] = []

    def signed_by_all() -> PackVerdict:
        verdict = signed(parts, trust)
        if policy is None:
            return verdict
        told.append(pack_witnesses(parts.notes.texts, policy, dict.fromkeys(COSIGNER_TYPES, trust.check)))
        return PackVerdict(3, Status.FAILED, told[0].fault) if told[0].fault else verdict

    verdicts = (
        guarded(1, lambda: intact(parts)),
        guarded(2, lambda: included(parts)),
        guarded(3, signed_by_all),
        guarded(4, lambda: complete(parts, trust)),
        guarded(5, lambda: semantics(parts)),
    )
    witnessed = told[0].witnessed if told and verdicts[1].status is Status.PASSED else None
    return Verified(parts.bag.name, verdicts, _verifier_notes(parts.bag), witnessed)


def packed_of(read: PackParts) -> Packed:
    """The pack's entries and proofs, as questions and records read them."""
    records = Records(Record(entry.number, b64url(entry.leaf), entry.value) for entry in read.entries)
    last = read.notes.last
    counted, counts = read.completeness
    position = Position(last.origin, last.size, b64url(last.root), read.notes.texts[-1])
    return Packed(records, position, read.inclusion, counts, counted, read.openings)


def semantics(read: PackParts) -> PackVerdict:
    """Verdict 5: decisions judged again, steps walked again, registers, answers and records derived again."""
    packed, predicate = packed_of(read), read.predicate
    return judged(packed, predicate, _derived_part(read.bag, derive(packed, predicate).files))


def judged(packed: Packed, predicate: Mapping[str, Any], files: Part) -> PackVerdict:
    """Verdict 5 on entries that stand in a pack; `files` is the part about what is derived from them."""
    parts = [files, *_sequence_parts(packed.records, predicate)]
    told = [rederive(packed.records, one) for one in decisions(packed.records)]
    for one in told:
        for part in (*one.parts, *_people(packed.records, one.recorded)):
            if part.status is not Status.PASSED:
                parts.append(Part(f"{one.recorded.id} {part.name}", part.status, part.text))
    signed, more = _review_parts(packed.records)
    parts += more
    held, more = _hands_parts(packed.records)
    parts += more
    failed = [part for part in parts if part.status is Status.FAILED]
    if failed:
        return PackVerdict(5, Status.FAILED, failed[0].text, tuple(parts))
    whole = [
        one for one in told if any(part.name == "authority" and part.status is Status.PASSED for part in one.parts)
    ]
    is_run = len(whole) == len(told) and any(part.status is Status.PASSED for part in parts)
    missing = sorted({part.name.partition(" ")[2] for part in parts if part.status is Status.NOT_RUN})
    text = f"{len(whole)} of {len(told)} decisions judged again and found as recorded"
    text += f"; {signed} signatures under reviews judged again" if signed else ""
    text += f"; {held} tasks given or taken away judged again" if held else ""
    text += f"; not run: {', '.join(missing)}" if missing else ""
    return PackVerdict(5, Status.PASSED if is_run else Status.NOT_RUN, text, tuple(parts))


def _people(records: Records, recorded: Recorded) -> tuple[Derived, ...]:
    """What of a decision rests on the units, the substitutes and the number of persons."""
    past = packed_past(records, recorded)
    return (*people_parts(past, recorded), *voters_part(past, recorded))


def _review_parts(records: Records) -> tuple[int, list[Part]]:
    """How many signatures under reviews of change requests hold, and what of them does not or could not be judged."""
    told = [(review_id(record), part) for record, parts in reviews(records) for part in parts]
    held = [part for _, part in told if part.name == "signature" and part.status is Status.PASSED]
    more = [
        Part(f"{name} {part.name}", part.status, part.text) for name, part in told if part.status is not Status.PASSED
    ]
    return len(held), more


def _hands_parts(records: Records) -> tuple[int, list[Part]]:
    """How many tasks were rightly given or taken away, and what of the rest does not hold or could not be judged."""
    try:
        told = list(packed_hands(records))
    except (BrokenInput, BrokenState, KeyError, TypeError, ValueError, InvalidOperation) as error:
        text = f"expected entries that can be read, found {type(error).__name__}: {error}"
        return 0, [Part("hands", Status.FAILED, text)]
    held = [part for _, part in told if part.status is Status.PASSED]
    more = [Part(f"{task} {part.name}", part.status, part.text) for task, part in told if part not in held]
    return len(held), more


def _derived_part(bag: Bag, expected: Mapping[str, bytes]) -> Part:
    owned = ("answers/", "registers/", "keys/", "record.json")
    present = {name: data for name, data in bag.payload.items() if name.startswith(owned)}
    wrong = sorted(name for name in expected.keys() | present.keys() if expected.get(name) != present.get(name))
    if wrong:
        return Part("files", Status.FAILED, f"not what the entries say: {', '.join(wrong[:10])}")
    return derived_part(expected)


def derived_part(derived: Mapping[str, bytes]) -> Part:
    """What is said of derived files that are as the entries say."""
    return Part("files", Status.PASSED, f"{len(derived)} answers, records and registers follow from the entries")


def _sequence_parts(records: Records, predicate: Mapping[str, Any]) -> list[Part]:
    parts = []
    for instance in predicate["instances"]:
        parts += _version_parts(records, instance)
        begun = started(records, instance)
        version = None if begun is None else blueprint(records, str(begun[1]["version"]))
        name = f"{instance} sequence"
        if version is None:
            parts.append(Part(name, Status.NOT_RUN, "its blueprint version is not in the pack"))
            continue
        found = walked(records, instance, version)
        if found:
            parts.append(Part(name, Status.FAILED, f"entry {found[0].record.index}: {found[0].text}"))
        else:
            parts.append(Part(name, Status.PASSED, "every step follows from the step before"))
        parts += _act_parts(records, instance, version)
    return parts


def _version_parts(records: Records, instance: str) -> list[Part]:
    name, told = f"{instance} versions", migrated.faults(records, instance)
    if told.found:
        return [Part(name, Status.FAILED, f"entry {told.found[0].record.index}: {told.found[0].text}")]
    said = f"{told.times} times it went on under another version, by an act on record, and never otherwise"
    return [Part(name, Status.PASSED, said)] if told.times else []


def _act_parts(records: Records, instance: str, version: ReleasedBlueprint) -> list[Part]:
    count, found = acts.faults(records, instance, version, partial(blueprint, records))
    if found:
        return [Part(f"{instance} acts", Status.FAILED, f"entry {found[0].record.index}: {found[0].text}")]
    said = f"{count} acts were confirmed by a second person, as proposed"
    return [Part(f"{instance} acts", Status.PASSED, said)] if count else []


def main(arguments: Sequence[str], check: CheckSignature, parser: argparse.ArgumentParser | None = None) -> int:
    """Verify the pack named on the command line; its exit status."""
    parser = parser or argparse.ArgumentParser(prog="verify.py", description="the five verdicts of an evidence pack")
    parser.add_argument("pack", metavar="PACK", help="the pack, a zip file")
    parser.add_argument("--trust", metavar="VKEY", help="the log's verifier key, from elsewhere than the pack")
    parser.add_argument("--keys", metavar="FILE", help="signed lists of the log's keys, from elsewhere than the pack")
    parser.add_argument("--policy", metavar="FILE", help="witnesses and quorum that you trust (c2sp.org/tlog-policy)")
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(list(arguments))
    try:
        trust = _trust(options, check)
        policy = None if options.policy is None else parse_policy(Path(options.policy).read_bytes())
        data = Path(options.pack).read_bytes()
    except (OSError, UnicodeError, BrokenInput) as error:
        return _fail(str(error), 2)
    try:
        verified = verify_pack(data, trust, policy)
    except MunimentError as error:
        return _fail(f"this is no evidence pack: {error}", 1)
    _print(json.dumps(verified.as_value(), indent=2) if options.json else verified.words())
    return 0 if verified.is_good else 1


def _trust(options: argparse.Namespace, check: CheckSignature) -> Trust:
    """What was given from outside; `BrokenInput` for lists that the key given does not lead to."""
    vkey = None if options.trust is None else parse_vkey(options.trust)
    if options.keys is None:
        return Trust(check, vkey)
    if vkey is None:
        raise BrokenInput("expected --trust with --keys: a list cannot vouch for itself")
    lists = read_lists(Path(options.keys).read_text("utf-8"))
    believed(lists, [vkey], check)
    return Trust(check, vkey, lists)


def _verifier_notes(bag: Bag) -> tuple[str, ...]:
    """The digest of the `verify.py` inside: to be held against the one the release publishes."""
    inside = bag.payload.get(VERIFIER)
    if inside is None:
        return ("the pack holds no verifier of its own",)
    return (f"the pack's own verify.py has SHA-256 {hashlib.sha256(inside).hexdigest()}; run one fetched elsewhere",)


def _fail(text: str, status: int) -> int:
    sys.stderr.write(f"{text}\n")
    return status


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
