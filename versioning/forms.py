"""The language as a table of shapes: every key, what may stand there, and what is designed but not yet built.

Source: the design page on the blueprint language. A construct of that page that is missing here stands in a `later`
list, so that it is refused by its name and never ignored.
"""

import re
from typing import get_args

from versioning.blueprint import DataClass, TypeName
from versioning.deadline_forms import CALENDAR, DEADLINE
from versioning.shapes import (
    FIELD,
    NAME,
    PATH,
    Duration,
    Either,
    Expression,
    Flag,
    Form,
    Key,
    Kinds,
    Listed,
    Named,
    Ref,
    Shape,
    Text,
    Whole,
)

STEPS_MAX = 400  # a process of more steps is several processes; `run` joins them
FIELDS_MAX = 200  # data fields on one level
BRANCHES_MAX = 50  # ways out of a `choose`, branches of an `all`
OUTCOMES_MAX = 12  # a person can weigh no more
ATTEMPTS_MAX = 100  # a call that failed a hundred times needs a person

# Words the expression language keeps for itself (FEEL, DMN 1.5 section 10.3.1.2): no datum may be called so.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        "and or not if then else for in return some every satisfies between instance of function true false null",
    )
)

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

_TYPE = Text("a type", enum=get_args(TypeName))


def _field() -> Shape:
    return FIELD_SHAPE


_FIELDS = Named("data by name", Text("the name of a datum", FIELD), Ref("field", _field), least=1, most=FIELDS_MAX)
FIELD_SHAPE: Shape = Either(
    "a type, `[type]` for a list, or a mapping",
    scalar=_TYPE,
    sequence=Listed("the type of the items in brackets", Ref("field", _field), least=1, most=1),
    mapping=Form(
        "a datum",
        (
            Key("type", _TYPE, help="what values it takes; `object` where properties are given"),
            Key(
                "class",
                Text("a data class", enum=get_args(DataClass)),
                help="how it is protected; confidential unless said",
            ),
            Key("required", Flag(), help="whether an instance cannot start without it"),
            Key("data_subject", Flag(), help="whether it is the natural person the personal data is about"),
            Key("properties", _FIELDS, help="what an object holds"),
            Key("items", Ref("field", _field), help="what a list holds"),
        ),
    ),
)

_START = Form(
    "how instances begin",
    (
        Key(
            "by",
            Text("`api`", enum=("api",), later=("message", "schedule", "another instance", "instance")),
            True,
        ),
        Key("requires", _ROLE, True, "the role that may start an instance"),
        Key("key", _PATH, True, "where the business key lies in the data"),
        Key(
            "reuse",
            Text("`never` or `after end`", enum=("never", "after end")),
            help="whether a business key may come again",
        ),
    ),
    later=("message", "schedule", "catch up"),
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
    "undo", "on error .*", "on message.*", r"after .*", "quorum", "calendar",
    "within", "deadline", "on late", "retry", "on failure", "skip when",
)  # fmt: skip


def _step(what: str, *keys: Key, later: tuple[str, ...] = ()) -> Form:
    return Form(what, (_TITLED, *keys), (*_STEP_LATER, *later))


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
    _STEP_LATER,
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
_ALL = _step(
    "parallel branches",
    Key(
        "all",
        Listed("a list of steps", _STEP, least=2, most=BRANCHES_MAX, unique=True),
        True,
        "the first step of each branch",
    ),
    Key(
        "join",
        Form(
            "how the branches join",
            (Key("wait", Text("`all`", enum=("all",), later=("any", r"\d+", r"\d+ of \d+")), True), Key("next", _STEP)),
        ),
        True,
    ),
)
_WAIT = _step(
    "a wait",
    Key(
        "wait",
        Either(
            "a duration or a message",
            scalar=Duration(),
            mapping=Form(
                "a message",
                (
                    Key("message", _MESSAGE, True),
                    Key("key", Expression(), True, "what the message must carry to be meant"),
                    Key("within", Duration(business=True), help="the wait's deadline"),
                ),
                later=("until", "date", "condition", "timer", "several", "first of"),
            ),
            later="wait for the first of several",
        ),
        True,
        "what is waited for",
    ),
    Key("for customer", Flag(), help="whether the clocks of the deadlines around it stand still meanwhile"),
    _INTO,
    *_TIMED,
    _FAILING,
    _SKIPPED,
    _NEXT,
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
        ("wait", _WAIT),
        ("run", _RUN),
        ("end", _END),
    ),
    later=("agent", "any of", "each", "send"),
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
        Key("data", _FIELDS, True),
        Key("start", _START, True),
        Key("first", _STEP, True, "the step entered first"),
        Key("steps", Named("steps by name", _STEP, STEP_SHAPE, least=1, most=STEPS_MAX), True),
    ),
    later=("starts", "on message.*", "on error .*"),
)
