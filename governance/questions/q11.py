"""Q11: prove that no entry in the range was altered, removed or inserted, without trusting the operator."""

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
from ledger.proof import Inclusions
from ledger.verify.bytes import from_b64url

OPERATOR_ONLY = "operator only"

DEFINITION = Definition(
    id="Q11",
    version=1,
    title="Was any entry altered, removed or inserted, as far as can be proved without trusting the operator?",
    rule="for each subject: every entry's leaf hash is in the tree of the cited checkpoint (RFC 9162 section 2.1.3.2), "
    "subject indexes of counted subjects run from 0 without a hole, and recorded times do not go back",
    clauses=(
        Clause("21 CFR", "11.10(a)", "1997, as amended"),
        Clause("17 CFR", "240.17a-4(f)(2)(ii)", "in force since 2023-01-03"),
        Clause("NIST SP 800-53", "AU-9(3), AU-10", "revision 5"),
        Clause("PCI DSS", "10.3.2, 10.3.4", "4.0.1"),
    ),
)


def answer(scope: Scope) -> Answer:
    """The answer over the entries at hand; pure. Says how strong the proof is."""
    findings: list[Finding] = []
    rows = []
    tree = Inclusions(scope.position.size, from_b64url(scope.position.root))
    for subject in scope.records.subjects:
        records = scope.records.of(subject)
        findings += _subject_findings(scope, records, tree)
        values = {
            "subject": subject,
            "entries": len(records),
            "recorded_from": records[0].at,
            "recorded_to": records[-1].at,
            "index_first": records[0].index,
            "index_last": records[-1].index,
        }
        rows.append(Row(values, (records[0],) if len(records) == 1 else (records[0], records[-1])))
    if not rows:
        findings.append(gap("no-entry", "no entry is among those to be proved"))
    findings.append(note("strength", _strength(scope)))
    partial = sum(subject not in scope.counts for subject in scope.records.subjects)
    return Answer(
        definition=DEFINITION,
        scope=scope,
        valid_at="not applicable",
        population=Population(
            "every entry at hand, by subject",
            scope.records.all,
            len(scope.records),
            (("subjects of which only some entries are at hand, so that their numbering is not judged", partial),),
        ),
        rows=tuple(rows),
        findings=tuple(findings),
    )


def _strength(scope: Scope) -> str:
    whom = (
        "whoever holds the operator's keys could have made all of it; no witness and no timestamp stands against that"
    )
    key = (
        ""
        if scope.is_key_given
        else "; no key was given from outside, so the checkpoint's signature proves nothing yet"
    )
    return f"{OPERATOR_ONLY}: {whom}{key}"


def _subject_findings(scope: Scope, records: tuple[Record, ...], tree: Inclusions) -> list[Finding]:
    found = []
    is_whole = records[0].subject in scope.counts
    for place, record in enumerate(records):
        path = scope.proofs.get(record.index)
        if path is None:
            found.append(gap("inclusion", f"no proof for entry {record.index}", record))
        elif not tree.check(record.index, from_b64url(record.leaf), path):
            found.append(violation("inclusion", f"entry {record.index} is not in the tree", record))
        number = record.entry["subject_index"]
        if is_whole and number != place:
            found.append(
                violation("subject-index", f"expected entry {place} of {record.subject}, found {number}", record)
            )
            break
        if place and record.at < records[place - 1].at:
            found.append(violation("time", f"entry {record.index} goes back in time", record))
    return found
