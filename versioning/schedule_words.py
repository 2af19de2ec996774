"""A schedule in words. Pure."""

from ledger.wording import NOTHING, Wording, as_it_is
from versioning.parts_texts import part
from versioning.schedule import calendar_of
from versioning.starts import Schedule
from versioning.words_parts import joined_words, name_words

_MISSED = {"none": part("missed-none"), "latest": part("missed-latest"), "all": part("missed-all")}
_DAYS = {
    "day": part("day"),
    "business day": part("business-day"),
    "month": part("month"),
    "monday": part("monday"),
    "tuesday": part("tuesday"),
    "wednesday": part("wednesday"),
    "thursday": part("thursday"),
    "friday": part("friday"),
    "saturday": part("saturday"),
    "sunday": part("sunday"),
}
_LAST = {"last day": part("last-day"), "last business day": part("last-business-day")}


def schedule_words(schedule: Schedule, of_blueprint: str | None) -> Wording:
    """When instances start, as the end of a sentence: `every business day at 09:00 by the calendar london; ...`.

    `of_blueprint` is the name of the blueprint's calendar.
    """
    calendar = calendar_of(schedule, of_blueprint)
    named = None if calendar is None else part("clock-of-calendar", calendar=name_words(calendar))
    clock = named or part("clock-of-zone", zone=as_it_is(str(schedule.zone)))
    missed = _MISSED.get(schedule.catch_up, NOTHING)  # where the checks find that nothing is said of it
    times = joined_words(map(as_it_is, schedule.at))
    return part("schedule", days=_days(schedule), times=times, clock=clock, missed=missed)


def _days(schedule: Schedule) -> Wording:
    if schedule.every != ("month",):
        return part("every", days=joined_words(_DAYS.get(one) or as_it_is(one) for one in schedule.every))
    kind, _, number = schedule.on.rpartition(" ")
    if not number.isdecimal():
        return part("every-month-on", day=_LAST.get(schedule.on) or as_it_is(schedule.on))
    return part("every-month-business-day" if kind == "business day" else "every-month-day", number=int(number))
