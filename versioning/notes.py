"""Findings as they are collected, each placed by its path in the language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.wording import NOTHING, Wording
from versioning.blueprint import Place, Step
from versioning.finding import Finding, Severity

TOP = Place(1, 1)


@dataclass(slots=True)
class Notes:
    """Collects findings, each placed by its path in the language."""

    places: Mapping[str, Place]
    found: list[Finding] = field(default_factory=list)
    severity: Severity = "error"

    def at(self, path: str, fallback: Place = TOP) -> Place:
        """Where `path` stands, or the nearest thing around it."""
        while path:
            place = self.places.get(path)
            if place is not None:
                return place
            path = path.rpartition(".")[0]
        return fallback

    def error(
        self, rule: str, place: Place, message: Wording, expected: Wording = NOTHING, found: Wording = NOTHING
    ) -> None:
        """One more error."""
        self.found.append(Finding(rule, "error", place, message, expected, found))

    def warning(
        self, rule: str, place: Place, message: Wording, expected: Wording = NOTHING, found: Wording = NOTHING
    ) -> None:
        """One more warning."""
        self.found.append(Finding(rule, "warning", place, message, expected, found))

    def not_run(self, rule: str, message: Wording) -> None:
        """A check that could not be made."""
        self.found.append(Finding(rule, "not run", TOP, message))

    def of_step(self, step: Step, key: str = "") -> Place:
        """Where a key of a step stands, or the step."""
        for at in (key, f"do.{key}", f"undo.{key}"):  # what stands inside a step is told by its own keys
            if key and self._has(step, at):
                return self.at(f"steps.{step.id}.{at}", step.place)
        return self.at(f"steps.{step.id}#", step.place)

    def _has(self, step: Step, key: str) -> bool:
        head, dot, rest = key.partition(".")
        whole = key if head in ("do", "undo") and dot and rest else head
        return f"steps.{step.id}.{whole}" in self.places
