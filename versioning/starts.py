"""How instances begin: part of the blueprint (`versioning.blueprint`), as frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

RUN_BY = ("instance", "api")
"""How a blueprint starts that a `run` step may run: its data are handed over, as they are over the API. Of a blueprint
that starts both ways, the first is meant."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When instances begin by themselves: on which days, at which local times (`09:00`), by whose clock.

    `every`: `day`, `business day`, `month`, or days of the week. `on` is the day of a month: `day 15`, `last day`,
    `business day 3`, `last business day`. The zone is that of the calendar, else `zone`. `catch_up` says which of the
    occurrences that nobody started in time are started later.
    """

    every: tuple[str, ...]
    at: tuple[str, ...]
    catch_up: Literal["none", "latest", "all"]
    on: str = ""
    zone: str | None = None
    calendar: str | None = None  # None = the blueprint's, unless a zone is stated


@dataclass(frozen=True, slots=True)
class Start:
    """How instances begin; `requires` names a role (`role loan-intake`). By message: the one of this name. By
    `instance`: by a `run` step alone, and by `schedule` at its occurrences alone, so that no role is asked for.
    """

    by: Literal["api", "message", "schedule", "instance"]
    requires: str
    key: str  # path of the business key in the data
    reuse: Literal["never", "after end"] = "never"
    message: str = ""
    schedule: Schedule | None = None

    @property
    def name(self) -> str:
        """What it is called among several: `api`, `message NAME`, `schedule` or `instance`."""
        return f"{self.by} {self.message}" if self.message else self.by


def start_by(starts: Sequence[Start], *names: str) -> Start | None:
    """The way to begin of the first of these names that there is; None where instances begin in none of them."""
    for name in names:
        for start in starts:
            if start.name == name:
                return start
    return None


def start_of(starts: Sequence[Start], begun_by: str) -> Start:
    """The way an instance began, by the name on its record; the first where that is empty, or is here no more."""
    return (start_by(starts, begun_by) if begun_by else None) or starts[0]


def begun_by(starts: Sequence[Start], start: Start) -> str:
    """How an instance began as it stands on its record: empty where there is one way alone."""
    return start.name if len(starts) > 1 else ""


def start_path(starts: Sequence[Start], number: int) -> str:
    """Where the start of this number stands in the source."""
    return f"start.{number}" if len(starts) > 1 else "start"


def starts_in(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every way to begin in the value of a released blueprint."""
    return [value["start"], *value.get("more_starts", ())]
