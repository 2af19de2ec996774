"""Governed artefacts: what changes only through an approved change request.

A room that owns a kind hands in an `ArtefactKind`; rooms to the left satisfy it by shape, without importing this one.
The content digest covers value *and* source text, so that not even a comment can change after approval:

    digest = base64url(SHA-256(RFC 8785 of {"kind", "name", "source", "value"}))

Where the source of a kind is classed confidential or above (a person's name stands in it), `source` and `value` are
the commitments that stand in the entry: no digest of a confidential value is ever recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from ledger import canonical
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput, TooLarge
from ledger.wording import NOTHING, Wording
from ledger.work import UnitOfWork
from versioning.finding import sentence
from versioning.refusal_texts import why

SOURCE_BYTES_MAX = 40 * 1024  # an entry holds 60 KiB; the rest is room for escapes, authors, checks and the envelope
ENCODED_BYTES_MAX = 48 * 1024  # the same text or value as JSON, where quotes and line ends take two bytes

RETIRED: Final[dict[str, Any]] = {"retired": True}  # the value of the version that ends an artefact
RETIRED_SOURCE = "retired: true\n"

Severity = Literal["error", "warning"]

CLEAR: Final = frozenset(("public", "internal"))


@dataclass(frozen=True, slots=True)
class Artefact:
    """A governed artefact as read from its source. `value` is canonical data (see `ledger.canonical`)."""

    kind: str
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Release:
    """What an owner is told when a version comes in force; `source` and `value` are in clear.

    `authors` and `approvers` are person ids (an author may be a service's actor id), sorted; `released_at` is an
    instant in microseconds. A retirement has `value == RETIRED`.
    """

    change_request: str
    kind: str
    name: str
    version: int
    digest: str
    value: Any
    source: str
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    released_at: int


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing a check found. `location` is `line:column` or a path, or empty; `message` may be a wording."""

    rule: str
    severity: Severity
    message: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class ArtefactVersion:
    """A released version, immutable. `value` and `source` are None when their openings were destroyed by erasure."""

    kind: str
    name: str
    number: int
    digest: str
    value: Any
    source: str | None
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    change_request: str
    released_at: int
    sealed: bool = False  # value and source are classed confidential or above: not to be kept or shown unasked

    @property
    def retired(self) -> bool:
        """Whether this version ends the artefact."""
        return bool(self.value == RETIRED)


class ArtefactLike(Protocol):
    """What `read` returns: the owner's own frozen value."""

    @property
    def name(self) -> str: ...

    @property
    def value(self) -> Any: ...


class FindingLike(Protocol):
    """What `check` returns, of the owner's own type."""

    @property
    def rule(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def message(self) -> str: ...

    @property
    def location(self) -> Any: ...


class ArtefactKind(Protocol):
    """How one kind of governed artefact is read, checked and put in force.

    `read` raises `BrokenInput` with a location. `check` is asked at the proposal and again at the release, and also
    with the value `RETIRED` for a retirement when `kind` is retirable. `release` answers the owner's entry, whose
    fold writes the owner's tables; it may ask the unit of work, but must not stage. A kind whose source may stand in
    entries in clear says so by an attribute `data_class` of `public` or `internal`; without it the source is sealed.
    """

    @property
    def kind(self) -> str: ...

    def read(self, source: str) -> ArtefactLike: ...

    def check(self, uow: UnitOfWork, artefact: Any) -> Sequence[FindingLike]: ...

    def release(self, uow: UnitOfWork, release: Any) -> EntryDraft: ...


Kinds = Mapping[str, ArtefactKind]


def content_digest(kind: str, name: str, value: Any, source: Any) -> str:
    """The digest approvals are bound to; `BrokenInput` when the value is not canonical data."""
    return canonical.digest({"kind": kind, "name": name, "source": source, "value": value})


def source_class(owner: ArtefactKind) -> str:
    """The data class of a kind's source text and value; confidential when its owner states none."""
    return str(getattr(owner, "data_class", "confidential"))


def check_size(source: str) -> None:
    """Raise `TooLarge` for a source over the limit, `BrokenInput` for an empty one."""
    if not source.strip():
        raise BrokenInput(why("source-missing"))
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > SOURCE_BYTES_MAX:
        raise TooLarge(why("source-bytes", most=SOURCE_BYTES_MAX, size=size))
    _check_encoded(source, is_source=True)


def check_value(value: Any) -> None:
    """Raise `TooLarge` when the value cannot stand in an entry, `BrokenInput` when it is not canonical data."""
    _check_encoded(value, is_source=False)


def _check_encoded(value: Any, *, is_source: bool) -> None:
    size = len(canonical.encode(value))
    if size > ENCODED_BYTES_MAX:
        raise TooLarge(why("source-json-bytes" if is_source else "value-json-bytes", most=ENCODED_BYTES_MAX, size=size))


def as_finding(finding: FindingLike) -> CheckFinding:
    """An owner's finding as ours. Any severity other than a warning or a note counts as an error: a check that was
    `not run` proves nothing. Where a finding says `expected` and `found` apart, they end the message."""
    severity: Severity = "warning" if finding.severity in ("warning", "note") else "error"
    return CheckFinding(finding.rule, severity, _whole(finding), location_text(finding.location))


def _whole(finding: FindingLike) -> str:
    """All that a finding says: a wording of wordings, as which findings of the language come."""
    expected, found = getattr(finding, "expected", NOTHING), getattr(finding, "found", NOTHING)
    if isinstance(finding.message, Wording):
        return sentence(finding.message, expected, found)
    said = [finding.message, *(f"{word} {text}" for word, text in (("expected", expected), ("found", found)) if text)]
    return "; ".join(said)


def location_text(location: Any) -> str:
    """`line:column` of a place, or the text itself."""
    if location is None:
        return ""
    if hasattr(location, "line") and hasattr(location, "column"):
        return f"{location.line}:{location.column}"
    return str(location)
