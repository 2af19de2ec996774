"""The blueprint as a governed artefact: its canonical value, and released versions read back from it.

The reader (`versioning.parse`) and the checks are handed in, so that this page knows nothing of the language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, Protocol

from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.work import UnitOfWork
from versioning.artefact import (
    RETIRED,
    Artefact,
    CheckFinding,
    FindingLike,
    Release,
    as_finding,
    location_text,
)
from versioning.blueprint import Blueprint, Place, StepBase, kind_of
from versioning.entries import BLUEPRINT_RELEASED
from versioning.kinds.listing import listing_draft
from versioning.kinds.reading_texts import tell


class ParsedLike(Protocol):
    """What reading a text came to: the blueprint, or None where a finding is an error; `places` by path."""

    @property
    def blueprint(self) -> Blueprint | None: ...

    @property
    def findings(self) -> Sequence[FindingLike]: ...

    @property
    def places(self) -> Mapping[str, Place]: ...


ReadBlueprint = Callable[[str], ParsedLike]
CheckBlueprint = Callable[[UnitOfWork, Blueprint, Mapping[str, Place]], Sequence[FindingLike]]


@dataclass(frozen=True, slots=True)
class BlueprintArtefact:
    """A blueprint read from its source, with its canonical value and what reading it found."""

    name: str
    value: dict[str, Any]
    blueprint: Blueprint
    findings: tuple[CheckFinding, ...]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class BlueprintKind:
    """`read_blueprint` reads the source; `check_blueprint(uow, blueprint, places)` runs every check of the language
    against the organisation's registers."""

    read_blueprint: ReadBlueprint
    check_blueprint: CheckBlueprint

    @property
    def kind(self) -> str:
        return "blueprint"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> BlueprintArtefact:
        """The blueprint of the source; the first error that kept it from being read is `BrokenInput`."""
        parsed = self.read_blueprint(source)
        blueprint = parsed.blueprint
        if blueprint is None:
            raise _broken(parsed.findings)
        findings = tuple(as_finding(finding) for finding in parsed.findings)
        return BlueprintArtefact(blueprint.id, blueprint_value(blueprint), blueprint, findings, parsed.places)

    def reading_findings(self, source: str) -> Sequence[FindingLike]:
        """Everything that reading the source finds, for whoever mends it."""
        return self.read_blueprint(source).findings

    def check(self, uow: UnitOfWork, artefact: BlueprintArtefact | Artefact) -> Sequence[FindingLike]:
        """What reading found, then what the handed-in check finds; nothing for a retirement."""
        if not isinstance(artefact, BlueprintArtefact):
            return ()
        return (*artefact.findings, *self.check_blueprint(uow, artefact.blueprint, artefact.places))

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`blueprint.released`, with the decision steps the authority model is compiled from."""
        if release.value == RETIRED:
            return listing_draft(BLUEPRINT_RELEASED, release, release.name, decisions=())
        decisions = [
            {"step": step["id"], "decision_kind": step["authority"], "outcomes": step["outcomes"]}
            for step in release.value["steps"]
            if step["step"] == "decide"
        ]
        return listing_draft(
            BLUEPRINT_RELEASED, release, release.value["title"], release.value["owner"], decisions=decisions
        )


def _broken(found: Sequence[FindingLike]) -> BrokenInput:
    errors = [finding for finding in map(as_finding, found) if finding.severity == "error"]
    if not errors:
        return BrokenInput(tell("a-blueprint"))
    return BrokenInput(errors[0].message, location_text(errors[0].location))


def blueprint_value(blueprint: Blueprint) -> dict[str, Any]:
    """The blueprint as canonical data: every field that differs from its default, steps with their kind in `step`.

    Places are left out, as the source text is digested beside the value. Leaving out defaults keeps the digests of
    released versions when a later release of the product adds a field.
    """
    value = _plain(blueprint)
    if not isinstance(value, dict):
        raise TypeError("expected a blueprint")
    return value


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        kind = {"step": kind_of(value)} if isinstance(value, StepBase) else {}
        return kind | {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if not isinstance(getattr(value, field.name), Place) and not _is_default(field, getattr(value, field.name))
        }
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return value


def _is_default(field: "Field[Any]", value: Any) -> bool:
    return field.default is not MISSING and bool(type(field.default) is type(value) and field.default == value)
