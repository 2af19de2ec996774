"""How instances begin: part of the blueprint (`versioning.blueprint`), as frozen values."""

from dataclasses import dataclass
from typing import Literal

RUN_BY = ("instance", "api")
"""How a blueprint starts that a `run` step may run: its data are handed over, as they are over the API."""


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
