"""The language as a table of shapes: every key, what may stand there, and what is designed but not yet built.

Source: the design page on the blueprint language. A construct of that page that is missing here stands in a `later`
list, so that it is refused by its name and never ignored.
"""

from versioning.data_forms import FIELDS
from versioning.deadline_forms import CALENDAR, DEADLINE
from versioning.shapes import (
    FIELD,
    ISO_DURATION,
    NAME,
    PATH,
    PLAIN_DURATION,
    Duration,
    Either,
    Expression,
    Flag,
    Form,
    Key,
    Kinds,
    Listed,
    Named,
    Text,
    Whole,
)

STEPS_MAX = 400  # a process of more steps is several processes; `run` joins them
BRANCHES_MAX = 50  # ways out of a `choose`, branches of an `all`
OUTCOMES_MAX = 12  # a person can weigh no more
ATTEMPTS_MAX = 100  # a call that failed a hundred times needs a person

_STEP = Text("the name of a step", NAME)
_ROLE = Text("a role as `role NAME`", rf"role ({NAME})")
_PATH = Text("a path in the data", PATH)
_TITLE = Text("text", characters=200)
_PROSE = Text("text", characters=2_000)
_OUTCOME = Text("an outcome in small letters", r"[a-z][a-z0-9]*(?:[ -][a-z0-9]+)*")
_MESSAGE = Text("the name of a message", NAME)
_SHOWS = Listed("a list of paths in the data", _PATH, least=1, unique=True)
_DUTY = Text(
    "`not initiator`, `not step NAME` or `not author of blueprint`",
    rf"not initiator|not step {NAME}|not author of blueprint",
    later=("not approver of blueprint", r"\d+ distinct persons", "not same unit", "not on behalf of .*"),
)
_DUTIES = Listed("a list of duties", _DUTY, unique=True)
_WITH = Named("arguments by name", Text("the name of an argument", FIELD), Expression())

_START = Form(
    "how instances begin",
    (
        Key(
            "by",
            Text("`api` or `message`", enum=("api", "message"), later=("schedule", "another instance", "instance")),
            True,
        ),
        Key("message", _MESSAGE, help="by message: its name; its data are the first data of the instance"),
        Key("requires", _ROLE, True, "the role that may start an instance"),
        Key("key", _PATH, True, "where the business key lies in the data"),
        Key(
            "reuse",
            Text("`never` or `after end`", enum=("never", "after end")),
            help="whether a business key may come again",
        ),
    ),
    later=("schedule", "catch up"),
)

_RETRY = Form(
    "how a failed try is made again",
    (
        Key("times", Whole("a whole number of tries", 1, ATTEMPTS_MAX), True),
        Key("backoff", Text("`fixed` or `exponential`", enum=("fixed", "exponential"))),
        Key("first", Duration(), help="the wait before the second try"),
        Key("limit", Duration(), help="the longest wait"),
    ),
)

_NEXT = Key("next", _STEP, help="the step entered afterwards; without it a branch of an `all` ends here")
_TITLED = Key("title", _TITLE, help="what people read instead of the name")
_TIMED = (
    Key("within", Duration(business=True), help="a deadline in short"),
    Key("deadline", DEADLINE, help="a deadline with its warnings and escalations"),
    Key("on late", _STEP, help="the step is left and this one entered when the deadline is over"),
)
_FAILING = Key(
    "on failure",
    Form("who is asked when it fails", (Key("hold for", _ROLE, True),), later=("next", "tell")),
    help="the role that resolves the incident; the blueprint's owner unless said",
)
_SKIPPED = Key("skip when", Expression(), help="the step is passed over where this is true")
_INTO = Key("into", _PATH, help="where the result is put")
_RETRIED = Key("retry", _RETRY)
_ARGUMENTS = Key("with", _WITH, help="what is handed over")

# What the page gives every step; a form that has a key of its own for one of these has it built. Patterns, since some
# carry a name or a duration.
_STEP_LATER = (
    "undo", "on error.*", "on message.*", r"after .*", "quorum", "calendar",
    "within", "deadline", "on late", "retry", "on failure", "skip when",
)  # fmt: skip


def _step(what: str, *keys: Key, opens: tuple[Key, ...] = ()) -> Form:
    return Form(what, (_TITLED, *keys), _later(opens), opens)


def _later(opens: tuple[Key, ...]) -> tuple[str, ...]:
    """What is refused by name in a form that has these keys built."""
    starts = [key.name for key in opens]
    return tuple([word for word in _STEP_LATER if not any(key.startswith(word.rstrip(".* ")) for key in starts)])


_LEADING = (
    Key("next", _STEP, True),
    Key("meanwhile", Flag(), help="whether the step stays open and this begins beside it"),
)
_KEYED = (Key("key", Expression(), True, "what the message must carry to be meant"), _INTO)
_EVENTS = (
    Key(
        rf"on message {NAME}",
        Form("what a message does", (*_KEYED, *_LEADING)),
        help="a message that comes while the step is open, and the step entered then",
    ),
    Key(
        rf"after (?:{PLAIN_DURATION}|{ISO_DURATION})",
        Either("a step, or a mapping", _STEP, mapping=Form("what happens after a time", _LEADING)),
        help="the step entered when this one has been open for so long",
    ),
)
_ERRORS = Key(
    r"on error (?:any|[A-Z][A-Z0-9_]*)",
    _STEP,
    help="the step entered when this one fails with the code and is not tried again",
)


_TASK = Form(
    "a task",
    (
        Key("task", _TITLE, True, "what the person is asked to do"),
        Key("role", _ROLE, True, "who may claim it"),
        Key("shows", _SHOWS, help="what is put before the person"),
        Key(
            "expects",
            Listed("a list of paths in the data", _PATH, least=1, unique=True),
            True,
            "what the person fills in",
        ),
        Key("duties", _DUTIES),
        *_TIMED,
        _FAILING,
        _SKIPPED,
        _NEXT,
    ),
    _later(_EVENTS),
    _EVENTS,
)
_REASON = Form(
    "a reason",
    (
        Key("required", Flag()),
        Key("codes", Text("the name of a code list", NAME), help="the list a reason is taken from"),
    ),
)
_FACTOR = Text("`password` or `passkey`", enum=("password", "passkey"), later=("totp", "password and totp", "oidc"))
_SIGN = Form(
    "a signature",
    (
        Key("meaning", _TITLE, True, "what the person declares by signing"),
        Key(
            "factor",
            _FACTOR,
        ),
    ),
)
_DECIDE = _step(
    "a decision",
    Key(
        "decide",
        Listed("a list of outcomes", _OUTCOME, least=1, most=OUTCOMES_MAX, unique=True),
        True,
        "the possible outcomes",
    ),
    Key("authority", Text("a decision kind", NAME), help="the decision kind of the authority register"),
    Key("measure", Expression(), help="what the limit of an authority is measured on"),
    Key("role", _ROLE, help="who may claim it; anyone with the permission unless said"),
    Key("shows", _SHOWS, help="exactly what is put before the decider, bound into the decision"),
    Key("reason", _REASON),
    Key("sign", _SIGN),
    Key("duties", _DUTIES, help="who may not decide"),
    *_TIMED,
    _FAILING,
    Key(
        "next",
        Either(
            "a step, or a step for each outcome",
            scalar=_STEP,
            mapping=Named("a step for each outcome", _OUTCOME, _STEP, least=1, most=OUTCOMES_MAX),
        ),
        help="the step each outcome leads to",
    ),
    opens=_EVENTS,
)
_CALL = _step(
    "a call",
    Key("call", Text("`connector.operation`", rf"{NAME}\.[a-z][a-z0-9_]*"), True, "an operation of a connector"),
    _ARGUMENTS,
    _INTO,
    _RETRIED,
    *_TIMED,
    _FAILING,
    _SKIPPED,
    _NEXT,
    opens=(*_EVENTS, _ERRORS),
)
_JOB = _step(
    "a job",
    Key("job", Text("a type of job", NAME), True, "the type of work that workers ask for"),
    _ARGUMENTS,
    _INTO,
    _RETRIED,
    *_TIMED,
    _FAILING,
    _SKIPPED,
    _NEXT,
    opens=(*_EVENTS, _ERRORS),
)
_RULES = _step(
    "a rule evaluation",
    Key("rules", Text("the name of a rule table", NAME), True, "the rule table to evaluate"),
    Key("with", _WITH, help="its inputs; without it they are read from the data by name, absent ones as null"),
    Key("into", _PATH, True, "where the result is put"),
    _FAILING,
    _SKIPPED,
    _NEXT,
)
_BRANCH = Kinds(
    "a way out",
    (
        ("when", Form("a condition and its step", (Key("when", Expression(), True), Key("next", _STEP, True)))),
        ("otherwise", Form("the step of all other cases", (Key("otherwise", _STEP, True),))),
    ),
)
_CHOOSE = _step(
    "a choice",
    Key(
        "choose",
        Listed("a list of ways out", _BRANCH, least=1, most=BRANCHES_MAX),
        True,
        "the first whose condition is true",
    ),
    _FAILING,
)


def _join(*waits: str) -> Key:
    said = Text(f"{', '.join(f'`{one}`' for one in waits)}", _WAITS[len(waits)], number=len(waits) > 2)
    keys = (
        Key("wait", said, True, "how many branches it waits for; what is open of the others is then closed"),
        Key("next", _STEP),
    )
    return Key("join", Form("how the branches join", keys), True)


_WAITS = {2: "all|any", 3: r"all|any|[1-9][0-9]?(?: of [1-9][0-9]?)?"}
_ALL = _step(
    "parallel branches",
    Key(
        "all",
        Listed("a list of steps", _STEP, least=2, most=BRANCHES_MAX, unique=True),
        True,
        "the first step of each branch",
    ),
    _join("all", "any", "2 of 3"),
    *_TIMED,
    opens=_EVENTS,
)
_ANY_OF = _step(
    "branches by their conditions",
    Key(
        "any of",
        Listed("a list of branches", _BRANCH, least=2, most=BRANCHES_MAX),
        True,
        "each branch whose condition is true",
    ),
    _join("all", "any"),
    *_TIMED,
    _FAILING,
    opens=_EVENTS,
)
_AWAITED = Kinds(
    "an event",
    (
        ("message", Form("a message", (Key("message", _MESSAGE, True), *_KEYED, Key("next", _STEP, True)))),
        ("after", Form("a time", (Key("after", Duration(), True), Key("next", _STEP, True)))),
        ("until", Form("an instant", (Key("until", Expression(), True), Key("next", _STEP, True)))),
    ),
    later=("condition",),
)
_WAIT = _step(
    "a wait",
    Key(
        "wait",
        Either(
            "a duration, a message, an instant or a list of events",
            Duration(),
            Listed("a list of events", _AWAITED, least=2, most=BRANCHES_MAX),
            Kinds(
                "what is waited for",
                (
                    (
                        "message",
                        Form(
                            "a message",
                            (
                                Key("message", _MESSAGE, True),
                                _KEYED[0],
                                Key("within", Duration(business=True), help="the wait's deadline"),
                            ),
                        ),
                    ),
                    ("until", Form("an instant", (Key("until", Expression(), True, "a date, or a date and time"),))),
                ),
                later=("condition",),
            ),
        ),
        True,
        "what is waited for; of several the first closes the others",
    ),
    Key("for customer", Flag(), help="whether the clocks of the deadlines around it stand still meanwhile"),
    _INTO,
    *_TIMED,
    _FAILING,
    _SKIPPED,
    _NEXT,
    opens=_EVENTS,
)
_RUN = _step(
    "a run of another blueprint",
    Key("run", Text("the name of a blueprint", NAME), True, "the blueprint run as an instance of its own"),
    _ARGUMENTS,
    _INTO,
    *_TIMED,
    _FAILING,
    _SKIPPED,
    _NEXT,
    opens=(*_EVENTS, _ERRORS),
)
_END = _step("an end", Key("end", _OUTCOME, True, "the outcome of the instance"))

STEP_SHAPE = Kinds(
    "a step",
    (
        ("task", _TASK),
        ("decide", _DECIDE),
        ("call", _CALL),
        ("job", _JOB),
        ("rules", _RULES),
        ("choose", _CHOOSE),
        ("all", _ALL),
        ("any of", _ANY_OF),
        ("wait", _WAIT),
        ("run", _RUN),
        ("end", _END),
    ),
    later=("agent", "each", "send"),
)

BLUEPRINT = Form(
    "a blueprint",
    (
        Key("blueprint", Text("the name of the blueprint", NAME), True, "its name for good"),
        Key("title", _TITLE, True),
        Key("purpose", _PROSE, True, "why the organisation does this"),
        Key(
            "owner",
            Text("the role that owns the process", NAME),
            True,
            "the role that owns the process and its incidents",
        ),
        Key(
            "regimes",
            Listed("a list of regimes", Text("the name of a regime", NAME), unique=True),
            help="laws and standards it serves",
        ),
        Key(
            "currency",
            Text("a currency of three capitals (ISO 4217)", "[A-Z]{3}"),
            help="what a bare number compared with money means",
        ),
        Key("calendar", CALENDAR, help="whose working time business durations count"),
        Key("deadline", DEADLINE, help="the deadline of the whole instance, from its start"),
        Key("data", FIELDS, True),
        Key("start", _START, True),
        Key("first", _STEP, True, "the step entered first"),
        Key("steps", Named("steps by name", _STEP, STEP_SHAPE, least=1, most=STEPS_MAX), True),
    ),
    later=("starts", "on message.*", "on error .*"),
)
