"""Evidence: packs, and the catalogue of questions."""

from typing import Literal

from pydantic import JsonValue

from api.answers.values import Answer, Microseconds, Text


class PackAnswer(Answer):
    """A pack that was built; `href` downloads it. `entries` is how many entries it holds."""

    outcome: Literal["built"]
    pack: str
    digest: str
    pack_bytes: int
    entries: int
    href: str


class PackListed(Answer):
    """A pack on the record, by the entry that says so. `digest` is its SHA-256 in hexadecimal; `href` downloads it,
    null where it is not kept here."""

    pack: str
    entry_index: int
    recorded_at: Microseconds
    built_by: str
    purpose: Text
    recipient: Text
    instances: list[str]
    questions: list[str]
    digest: str
    pack_bytes: int
    entries: int
    href: str | None


class PacksAnswer(Answer):
    """A page of packs, newest first."""

    items: list[PackListed]
    cursor: str | None


class ClauseValue(Answer):
    """A paragraph of a law or standard that a question serves."""

    instrument: str
    clause: str
    edition: str
    status: str


class QuestionValue(Answer):
    """A question of the catalogue; `rule` says in words what is asked."""

    id: str
    version: int
    title: str
    rule: str
    clauses: list[ClauseValue]
    digest: str


class QuestionsAnswer(Answer):
    """The catalogue; all of it, so `cursor` is always null."""

    items: list[QuestionValue]
    cursor: None


class PositionValue(Answer):
    """Where in the ledger an answer was computed."""

    log: str
    size: int
    root: str
    checkpoint: str


class ExcludedValue(Answer):
    """How many records were left out, and why."""

    reason: str
    count: int


class PopulationValue(Answer):
    """What the question was asked of."""

    rule: str
    count: int
    index_first: int | None
    index_last: int | None
    excluded: list[ExcludedValue]


class AnswerFinding(Answer):
    """What was found, with the entries it is about."""

    rule_id: str
    severity: str
    text: str
    entry_refs: list[int]


class RedactionValue(Answer):
    """What stays shut, and on which ground."""

    path: str
    reason: str
    legal_basis: str


class QuestionAnswered(Answer):
    """The answer to a question, with its evidence and position. Columns of `rows` are those of the question."""

    question_id: str
    question_version: int
    definition_digest: str
    title: str
    parameters: dict[str, str]
    valid_at: str
    known_at: int
    ledger: PositionValue
    population: PopulationValue
    rows: list[dict[str, JsonValue]]
    verdict: Literal["satisfied", "violated", "not determinable"]
    findings: list[AnswerFinding]
    redactions: list[RedactionValue]
    clauses: list[ClauseValue]
    run_by: str
    run_at: str
    purpose: str
