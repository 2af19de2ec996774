"""A schedule in words. Pure."""

from versioning.schedule import calendar_of
from versioning.starts import Schedule
from versioning.words_parts import joined_words, name_words

_MISSED = {
    "none": "an occurrence that was missed is not started later",
    "latest": "of the occurrences that were missed the latest is started later",
    "all": "every occurrence that was missed is started later",
}
_NO_NAMES = ("day", "business day", "month")


def schedule_words(schedule: Schedule, of_blueprint: str | None) -> str:
    """When instances start, as the end of a sentence: `every business day at 09:00 by the calendar london; ...`.

    `of_blueprint` is the name of the blueprint's calendar.
    """
    calendar = calendar_of(schedule, of_blueprint)
    clock = f"the clock of {schedule.zone}" if calendar is None else f"the calendar {name_words(calendar)}"
    missed = _MISSED.get(schedule.catch_up, "")  # where the checks find that nothing is said of it
    return f"{_days(schedule)} at {joined_words(schedule.at)} by {clock}; {missed}"


def _days(schedule: Schedule) -> str:
    if schedule.every != ("month",):
        return f"every {joined_words(one if one in _NO_NAMES else one.capitalize() for one in schedule.every)}"
    kind, _, number = schedule.on.rpartition(" ")
    if not number.isdecimal():
        return f"every month on its {schedule.on}"
    return f"every month on {'business day' if kind == 'business day' else 'day'} {number}"
