"""What may be said of how instances start. Part of the language (`forms`)."""

from versioning.deadline_forms import CALENDAR
from versioning.shapes import Either, Form, Key, Listed, Text
from versioning.step_forms import DATA_PATH, MESSAGE, ROLE

STARTS_MAX = 8  # ways to begin; whoever has more has several processes
AT_MAX = 24  # times a day; what is more frequent is no schedule of a process
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_EVERY = Either(
    "`day`, `business day`, `month`, a day of the week, or a list of those",
    scalar=Text("`day`, `business day`, `month` or a day of the week", enum=("day", "business day", "month", *_DAYS)),
    sequence=Listed("a list of days of the week", Text("a day of the week", enum=_DAYS), least=1, most=7, unique=True),
)
_TIME = Text("a time of day such as `09:00`", r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_AT = Either(
    "a time of day, or a list of them",
    scalar=_TIME,
    sequence=Listed("a list of times of day", _TIME, least=1, most=AT_MAX, unique=True),
)
# The 29th, 30th and 31st are no day of every month: who means the end of a month says `last day`.
_ON = Text(
    "`day 15` (1 to 28), `last day`, `business day 3` (1 to 15) or `last business day`",
    r"day (?:[1-9]|1[0-9]|2[0-8])|last day|business day (?:[1-9]|1[0-5])|last business day",
)
_CATCH_UP = ("none", "latest", "all")

START = Form(
    "how instances begin",
    (
        Key(
            "by",
            Text(
                "`api`, `message`, `schedule` or `instance`",
                enum=("api", "message", "schedule", "instance"),
                later=("another instance",),
            ),
            True,
            "who starts them: somebody over the API, a message, the clock, or a `run` step of another blueprint",
        ),
        Key("message", MESSAGE, help="by message: its name; its data are the first data of the instance"),
        Key("requires", ROLE, help="the role that may start an instance; not by schedule or instance"),
        Key("key", DATA_PATH, True, "where the business key lies in the data"),
        Key(
            "reuse",
            Text("`never` or `after end`", enum=("never", "after end")),
            help="whether a business key may come again",
        ),
        Key("every", _EVERY, help="by schedule: on which days"),
        Key("on", _ON, help="by schedule, every month: on which day of it"),
        Key("at", _AT, help="by schedule: at which local times"),
        Key(
            "zone", Text("a time zone such as Europe/Paris", r"[A-Za-z0-9+_/-]+"), help="whose clock, without calendar"
        ),
        Key("calendar", CALENDAR, help="whose business days and clock; the blueprint's unless a zone is said"),
        Key(
            "catch up",
            Text("`none`, `latest` or `all`", enum=_CATCH_UP),
            help="by schedule: which occurrences that nobody started in time are started later",
        ),
    ),
    later=("schedule",),
)

STARTS = Either(
    "how instances begin, or a list of ways",
    mapping=START,
    sequence=Listed("a list of ways to begin", START, least=2, most=STARTS_MAX),
)
