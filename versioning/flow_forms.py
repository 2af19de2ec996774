"""Forms of the steps that guide the course: choices, branches, waits, ends."""

from versioning.shapes import (
    Duration,
    Either,
    Expression,
    Flag,
    Form,
    Key,
    Kinds,
    Listed,
    Text,
)
from versioning.step_forms import (
    COUNTED,
    EVENTS,
    FAILING,
    INTO,
    KEYED,
    MESSAGE,
    NEXT,
    OUTCOME,
    ROLE,
    SKIP_TO,
    SKIPPED,
    STEP,
    TIMED,
    step_form,
)

BRANCHES_MAX = 50  # ways out of a `choose`, branches of an `all`

_BRANCH = Kinds(
    "a way out",
    (
        ("when", Form("a condition and its step", (Key("when", Expression(), True), Key("next", STEP, True)))),
        ("otherwise", Form("the step of all other cases", (Key("otherwise", STEP, True),))),
    ),
)
CHOOSE = step_form(
    "a choice",
    Key(
        "choose",
        Listed("a list of ways out", _BRANCH, least=1, most=BRANCHES_MAX),
        True,
        "the first whose condition is true",
    ),
    FAILING,
    SKIPPED,
    SKIP_TO,
)


def _join(*waits: str) -> Key:
    said = Text(f"{', '.join(f'`{one}`' for one in waits)}", _WAITS[len(waits)], number=len(waits) > 2)
    keys = (
        Key("wait", said, True, "how many branches it waits for; what is open of the others is then closed"),
        Key("next", STEP),
    )
    return Key("join", Form("how the branches join", keys), True)


_WAITS = {2: "all|any", 3: r"all|any|[1-9][0-9]?(?: of [1-9][0-9]?)?"}
_SOME = Listed("a list of steps", STEP, least=1, most=BRANCHES_MAX, unique=True)
ALL = step_form(
    "parallel branches",
    Key(
        "all",
        Listed("a list of steps", STEP, least=2, most=BRANCHES_MAX, unique=True),
        True,
        "the first step of each branch",
    ),
    Key("in any order", ROLE, help="the role whose people begin each branch, in any order, one after the other"),
    Key("may repeat", _SOME, help="those that such a person may begin again while the join waits, by their first step"),
    Key("may pass over", _SOME, help="those that such a person may pass over, with a reason"),
    _join("all", "any", "2 of 3"),
    *TIMED,
    FAILING,
    SKIPPED,
    opens=EVENTS,
)
ANY_OF = step_form(
    "branches by their conditions",
    Key(
        "any of",
        Listed("a list of branches", _BRANCH, least=2, most=BRANCHES_MAX),
        True,
        "each branch whose condition is true",
    ),
    _join("all", "any"),
    *TIMED,
    FAILING,
    SKIPPED,
    opens=EVENTS,
)
_AWAITED = Kinds(
    "an event",
    (
        ("message", Form("a message", (Key("message", MESSAGE, True), *KEYED, Key("next", STEP, True)))),
        ("after", Form("a time", (Key("after", Duration(business=True), True), COUNTED, Key("next", STEP, True)))),
        ("until", Form("an instant", (Key("until", Expression(), True), Key("next", STEP, True)))),
        ("condition", Form("a condition", (Key("condition", Expression(), True), Key("next", STEP, True)))),
    ),
)
_WITHIN = Key("within", Duration(business=True), help="the wait's deadline")
_HOLDS = "judged when the step is entered and whenever data it reads is set"
WAIT = step_form(
    "a wait",
    Key(
        "wait",
        Either(
            "a duration, a message, an instant, a condition or a list of events",
            Duration(business=True),
            Listed("a list of events", _AWAITED, least=2, most=BRANCHES_MAX),
            Kinds(
                "what is waited for",
                (
                    ("message", Form("a message", (Key("message", MESSAGE, True), KEYED[0], _WITHIN))),
                    ("until", Form("an instant", (Key("until", Expression(), True, "a date, or a date and time"),))),
                    ("condition", Form("a condition", (Key("condition", Expression(), True, _HOLDS), _WITHIN))),
                ),
            ),
        ),
        True,
        "what is waited for; of several the first closes the others",
    ),
    COUNTED,
    Key("for customer", Flag(), help="whether the clocks of the deadlines around it stand still meanwhile"),
    INTO,
    *TIMED,
    FAILING,
    SKIPPED,
    SKIP_TO,
    NEXT,
    opens=EVENTS,
)
END = step_form("an end", Key("end", OUTCOME, True, "the outcome of the instance"), SKIPPED, SKIP_TO)
