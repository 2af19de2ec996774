"""Why something is due when it is and an occurrence is when it is, in English by code."""

from datetime import date, datetime

from ledger.wording import Texts, Wording, as_it_is

tell = Texts(
    {
        "and-more-days": "and {count} more days",
        "and-more-unlike-days": "and {count} more days that are not as their weekday",
        "beyond": "{counted}: not known, since the calendar {calendar} states the days of {first} to {last} alone",
        "by-deadline-of": "{words}, by the deadline of `{step}`, in which it lies",
        "clocks-back": "on {day} the clocks are put back",
        "clocks-forward": "on {day} the clocks are put forward",
        "clocks-over": "the clocks are put forward over {time}",
        "clocks-twice": "the clocks show {time} twice, and this is the first time",
        "closed": "{day} is closed ({name})",
        "counted": "{length} from {start} ({zone})",
        "days-of": "{length} of {each}",
        "due": "{counted}: due {due}",
        "holiday": "{day} is a holiday ({name})",
        "occurs": "{moment} ({zone})",
        "open": "{day} is open ({name})",
        "stood": "counted from then on, since the clock stood still while something waited for the customer",
    },
    "time.",
)

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def moment_words(moment: datetime) -> Wording:
    """`Tuesday 29 December 2026, 15:00`, with seconds where there are any; its argument is the local time, ISO 8601."""
    seconds = f":{moment.second:02d}" if moment.second else ""
    weekday = _WEEKDAYS[moment.weekday()]
    text = f"{weekday} {day_words(moment.date())} {moment.year}, {moment.hour:02d}:{moment.minute:02d}{seconds}"
    local = moment.replace(tzinfo=None, microsecond=0).isoformat(timespec="seconds" if seconds else "minutes")
    return Wording(text, "time.moment", (("local", as_it_is(local)),))


def day_words(on: date) -> Wording:
    """`25 December`; its argument is the date, ISO 8601."""
    return Wording(f"{on.day} {_MONTHS[on.month - 1]}", "time.day", (("on", as_it_is(on.isoformat())),))
