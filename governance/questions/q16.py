"""Q16: is the set complete: does every transition of the instance have its entry, and nothing besides?"""

from governance.questions.answer import (
    Answer,
    Clause,
    Definition,
    Finding,
    Population,
    Row,
    Scope,
    gap,
    note,
    violation,
)
from governance.questions.facts import Record
from governance.questions.registers import blueprint, started
from governance.questions.sequence import walked
from governance.questions.under_version import stretches
from ledger.counts import COUNTED, check_count
from ledger.verify.bytes import from_b64url

DEFINITION = Definition(
    id="Q16",
    version=1,
    title="Is the set complete: every transition of the instance has its entry, and every entry its transition?",
    rule="the instance's entries are numbered from 0 without a hole; their number and the last leaf hash are proved "
    "against the newest `subjects.counted` entry; each step that was entered follows from the step before",
    clauses=(
        Clause("17 CFR", "240.17a-4(f)(2)(ii)", "in force since 2023-01-03"),
        Clause("BCBS 239", "principle 4", "2013"),
        Clause("PCAOB", "AS 1105.10", "as amended"),
        Clause("NIST SP 800-53", "AU-12", "revision 5"),
    ),
)


def answer(scope: Scope) -> Answer:
    """The answer for one instance; pure. Without a key given from outside it is *not determinable*."""
    records = scope.records.of(scope.instance)
    ended = any(record.transitions("instance.ended", "instance.cancelled") for record in records)
    findings = [*_counted(scope), *_walked(scope)]
    if records and not ended:
        findings.append(note("open", "the instance has not ended; further entries may follow", records[-1]))
    if not scope.is_key_given:
        findings.append(gap("key", "no key was given from outside, so nothing says whose count this is"))
    counted = newest_count(scope)
    values = {
        "subject": scope.instance,
        "entries": len(records),
        "transitions": sum(len(record.transitions()) for record in records),
        "ended": ended,
        "counted_at": None if counted is None else counted.payload["size"],
    }
    cited = (records[0], records[-1]) if len(records) > 1 else records
    rows = (Row(values, (*cited, *(() if counted is None else (counted,)))),) if records else ()
    if not records:
        findings.append(gap("no-entry", "no entry of this instance is at hand"))
    return Answer(
        definition=DEFINITION,
        scope=scope,
        valid_at="not applicable",
        population=Population("every entry of the instance", records, len(records)),
        rows=rows,
        findings=tuple(findings),
    )


def newest_count(scope: Scope) -> Record | None:
    """The newest `subjects.counted` entry at hand, or None."""
    counted = scope.records.kind(COUNTED)
    return counted[-1] if counted else None


def _counted(scope: Scope) -> list[Finding]:
    records = scope.records.of(scope.instance)
    numbers = [record.entry["subject_index"] for record in records]
    if numbers != list(range(len(numbers))):
        return [violation("numbering", "the entries of the instance are not numbered without a hole", *records[-1:])]
    counted, proof = newest_count(scope), scope.counts.get(scope.instance)
    if counted is None or proof is None:
        return [gap("count", "no `subjects.counted` entry and proof for this instance are at hand")]
    if proof.counted.subject != scope.instance or not check_count(proof, from_b64url(counted.payload["root"])):
        return [violation("count", "the count of the instance's entries is not the one the ledger states", counted)]
    before = [record for record in records if record.index < counted.payload["size"]]
    if proof.counted.entries != len(before):
        text = f"expected {proof.counted.entries} entries of the instance, found {len(before)}"
        return [violation("count", text, counted)]
    if before and proof.counted.last_leaf != from_b64url(before[-1].leaf):
        return [violation("count", "the last entry of the instance is another than the one counted", before[-1])]
    if later := records[len(before) :]:
        return [note("later", f"{len(later)} entries of the instance were recorded after the count", *later)]
    return []


def _walked(scope: Scope) -> list[Finding]:
    begun = started(scope.records, scope.instance)
    version = None if begun is None else blueprint(scope.records, str(begun[1]["version"]))
    if version is None:
        return [note("sequence", "not run: the blueprint version of the instance is not at hand")]
    text = "not run from here on: the blueprint version that the instance goes on under is not at hand"
    later = stretches(scope.records.of(scope.instance))[1:]
    unknown = [one.since for one in later if blueprint(scope.records, one.under.digest) is None]
    return [
        *[
            violation("sequence", deviation.text, deviation.record)
            for deviation in walked(scope.records, scope.instance, version)
        ],
        *[note("sequence", text, since) for since in unknown[:1]],
    ]
