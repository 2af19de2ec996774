"""Answers about starts by the clock."""

from typing import Literal

from pydantic import Field

from api.answers.values import Answer, Microseconds, Worded


class OccurrenceValue(Answer):
    """When an instance starts by the clock, for which local day and time, and why then, in English."""

    at: Microseconds
    local: str = Field(description="such as `2026-03-02T09:00`; the business key, or its day alone")
    words: str
    wording: Worded


class ScheduleValue(Answer):
    """Starts by the clock of the version in force: `set`, `held` where a reason keeps it from having a next occurrence,
    `new` until the runner has planned by it. `calendar` is empty where a zone is stated instead."""

    state: Literal["set", "held", "new"]
    reason: str
    calendar: str
    calendar_digest: str
    zone: str
    next_occurrences: list[OccurrenceValue]


class ScheduleListed(ScheduleValue):
    """Starts by the clock of one blueprint. `every` says on which days, `on` which day of a month (empty: not by the
    month), `times` at which local times. Of what was not started in time `catch_up` starts none, the latest or all."""

    blueprint: str
    title: str
    version: int
    every: list[str]
    on: str
    times: list[str]
    catch_up: Literal["none", "latest", "all"]
    decided_to: Microseconds | None = Field(description="the last occurrence that was decided; null before the first")


class SchedulesAnswer(Answer):
    """A page of schedules by blueprint; one whose blueprint starts otherwise by now is left out."""

    items: list[ScheduleListed]
    cursor: str | None
    as_of: Microseconds
