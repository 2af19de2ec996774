"""The answer to a regulatory question: one contract, printed as canonical JSON. Standard library only.

An answer says which question it answers (by digest), at which position of the ledger, over which population, with
evidence for every row, and a verdict: *satisfied*, *violated* or *not determinable*. An empty list is never an answer:
without a row the verdict is *not determinable*, and a finding says why. Regulation reference, section 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from governance.grant import digest_of
from governance.questions.facts import Record, Records
from ledger.counts import CountProof
from ledger.errors import Misuse

DEFINITIONS_MAX = 64  # digests that are kept: of each version of each question


class Verdict(StrEnum):
    """What came of a question."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    NOT_DETERMINABLE = "not_determinable"


class Severity(StrEnum):
    """How much a finding weighs: a `violation` or a `gap` decides the verdict, a `note` says something beside it."""

    VIOLATION = "violation"
    GAP = "gap"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Clause:
    """A paragraph of law or of a standard, in one edition. `status`: in_force, proposed or superseded."""

    instrument: str
    clause: str
    edition: str
    status: str = "in_force"

    def as_value(self) -> dict[str, str]:
        return {"instrument": self.instrument, "clause": self.clause, "edition": self.edition, "status": self.status}


@dataclass(frozen=True, slots=True)
class Definition:
    """A question as it is governed: a new meaning is a new version. `rule` says in words what is asked of each row."""

    id: str
    version: int
    title: str
    rule: str
    clauses: tuple[Clause, ...]

    def as_value(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title,
            "rule": self.rule,
            "clauses": [clause.as_value() for clause in self.clauses],
        }

    @property
    def digest(self) -> str:
        """What answers cite."""
        return _digest_of(self)


@lru_cache(maxsize=DEFINITIONS_MAX)
def _digest_of(definition: Definition) -> str:
    return digest_of(definition.as_value())


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the ledger an answer was computed: origin, tree size, root hash (base64url), checkpoint as a note."""

    log: str
    size: int
    root: str
    checkpoint: str

    def as_value(self) -> dict[str, Any]:
        return {"log": self.log, "size": self.size, "root": self.root, "checkpoint": self.checkpoint}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when and what for."""

    run_by: str
    run_at: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is answered from. `proofs` are inclusion paths by index; `counts` prove how many entries a
    subject has. `is_key_given`: the checkpoint was verified with a key from outside. `instance` is empty where a
    question about every entry at hand is asked of several instances."""

    records: Records
    instance: str
    position: Position
    asking: Asking
    proofs: Mapping[int, tuple[bytes, ...]]
    counts: Mapping[str, CountProof]
    is_key_given: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing the question was asked of, and the entries that show it."""

    values: Mapping[str, Any]
    evidence: tuple[Record, ...]

    def as_value(self) -> dict[str, Any]:
        return {**self.values, "evidence": [cited(record) for record in self.evidence]}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, with the entries it is about."""

    rule: str
    severity: Severity
    text: str
    entries: tuple[int, ...] = ()

    def as_value(self) -> dict[str, Any]:
        return {
            "rule_id": self.rule,
            "severity": self.severity.value,
            "text": self.text,
            "entry_refs": list(self.entries),
        }


@dataclass(frozen=True, slots=True)
class Population:
    """What the question was asked of. `excluded` are (reason, count)."""

    rule: str
    records: tuple[Record, ...]
    count: int
    excluded: tuple[tuple[str, int], ...] = ()

    def as_value(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "count": self.count,
            "index_first": self.records[0].index if self.records else None,
            "index_last": self.records[-1].index if self.records else None,
            "excluded": [{"reason": reason, "count": count} for reason, count in self.excluded],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A question answered. `redactions` are (path, reason, legal basis)."""

    definition: Definition
    scope: Scope
    valid_at: str
    population: Population
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    redactions: tuple[tuple[str, str, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.rows and not any(finding.severity is not Severity.NOTE for finding in self.findings):
            raise Misuse("expected an answer without rows to say why")

    @property
    def verdict(self) -> Verdict:
        """Violated when anything was; else not determinable when anything is missing."""
        severities = {finding.severity for finding in self.findings}
        if Severity.VIOLATION in severities:
            return Verdict.VIOLATED
        if Severity.GAP in severities or not self.rows:
            return Verdict.NOT_DETERMINABLE
        return Verdict.SATISFIED

    def as_value(self) -> dict[str, Any]:
        """Canonical JSON."""
        scope, asking = self.scope, self.scope.asking
        return {
            "question_id": self.definition.id,
            "question_version": self.definition.version,
            "definition_digest": self.definition.digest,
            "title": self.definition.title,
            "parameters": {"instance": scope.instance or None, "time_zone": "UTC"},
            "valid_at": self.valid_at,
            "known_at": scope.position.size,
            "ledger": scope.position.as_value(),
            "population": self.population.as_value(),
            "rows": [row.as_value() for row in self.rows],
            "verdict": self.verdict.value,
            "findings": [finding.as_value() for finding in self.findings],
            "redactions": [
                {"path": path, "reason": reason, "legal_basis": basis} for path, reason, basis in self.redactions
            ],
            "clauses": [clause.as_value() for clause in self.definition.clauses],
            "run_by": asking.run_by,
            "run_at": asking.run_at,
            "purpose": asking.purpose,
        }


def cited(record: Record) -> dict[str, Any]:
    """An entry as evidence: found by its index, pinned by its leaf hash, proved by the path of that index."""
    return {"index": record.index, "leaf_hash": record.leaf}


def violation(rule: str, text: str, *records: Record) -> Finding:
    """A finding that makes the verdict *violated*."""
    return Finding(rule, Severity.VIOLATION, text, tuple(record.index for record in records))


def gap(rule: str, text: str, *records: Record) -> Finding:
    """A finding that makes the verdict *not determinable*."""
    return Finding(rule, Severity.GAP, text, tuple(record.index for record in records))


def note(rule: str, text: str, *records: Record) -> Finding:
    """A finding that leaves the verdict as it is."""
    return Finding(rule, Severity.NOTE, text, tuple(record.index for record in records))
