"""What may stand in a deadline: its times, and what happens when they are over. Part of the language (`forms`)."""

from versioning.shapes import NAME, Duration, Either, Form, Key, Listed, Text, Whole
from versioning.told_forms import RECIPIENTS

LATE_MAX = 20  # things that may happen in one deadline, each of them repeated or not
TIMES_MAX = 20  # of one thing that is repeated
URGENCY_MAX = 100

_ROLE = Text("a role as `role NAME`", rf"role ({NAME})")
_URGENCY = Whole("how much more urgent it becomes", 1, URGENCY_MAX)

CALENDAR = Text("the name of a calendar", NAME)

_LATE = Form(
    "what happens when it is late",
    (
        Key("after", Duration(zero=True, business=True), True, "how long after the deadline"),
        Key("tell", RECIPIENTS, help="whom it is told: a role, or who has to do with the instance"),
        Key("warn", Text("`holder`", enum=("holder",)), help="who holds the task is warned, or whom it is offered to"),
        Key("reassign", _ROLE, help="the role it is offered to instead"),
        Key("pass to", Text("`authority NAME above`", rf"authority ({NAME}) above"), help="to a higher authority"),
        Key("urgency", _URGENCY, help="how much more urgent the task becomes, of 100"),
        Key("every", Duration(business=True), help="it happens again each time this is over"),
        Key("times", Whole("a whole number of times", 2, TIMES_MAX), help="how often in all, with `every`"),
    ),
)
_GOAL = Either(
    "a duration, or a mapping with `within`",
    scalar=Duration(business=True),
    mapping=Form(
        "a goal",
        (
            Key("within", Duration(business=True), True, "by when it should be over"),
            Key("urgency", _URGENCY, help="how much more urgent the task becomes when it is not"),
        ),
    ),
)
DEADLINE = Form(
    "a deadline",
    (
        Key("goal", _GOAL, help="by when it should be over; missing it is recorded"),
        Key("within", Duration(business=True), True, "from the moment the step is reached"),
        Key(
            "warn at",
            Text("a percentage such as `75%`", r"([1-9][0-9]?)%"),
            help="share of the time after which it is due soon",
        ),
        Key("late", Listed("what happens when it is late", _LATE, least=1, most=LATE_MAX)),
        Key("calendar", CALENDAR, help="whose working time counts; the blueprint's unless said"),
    ),
)
