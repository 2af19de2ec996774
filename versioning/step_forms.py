"""What the forms of all steps are made of: names, deadlines, failures, events."""

from versioning.deadline_forms import CALENDAR, DEADLINE
from versioning.shapes import (
    BUSINESS_DURATION,
    FIELD,
    ISO_BUSINESS_DURATION,
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
    Listed,
    Named,
    Text,
    Whole,
)

STEPS_MAX = 400  # a process of more steps is several processes; `run` joins them
ATTEMPTS_MAX = 100  # a call that failed a hundred times needs a person
PRIORITY_MAX = 100  # of a job; the least is 0

STEP = Text("the name of a step", NAME)
ROLE = Text("a role as `role NAME`", rf"role ({NAME})")
DATA_PATH = Text("a path in the data", PATH)
GIVES = Listed("a list of paths in the data", DATA_PATH, least=1, unique=True)
BRING = Named("paths in the data, each with one that the other blueprint gives", DATA_PATH, DATA_PATH, least=1)
TITLE = Text("text", characters=200)
PROSE = Text("text", characters=2_000)
OUTCOME = Text("an outcome in small letters", r"[a-z][a-z0-9]*(?:[ -][a-z0-9]+)*")
MESSAGE = Text("the name of a message", NAME)
SHOWS = Listed("a list of paths in the data", DATA_PATH, least=1, unique=True)
_DUTY = Text(
    "`not initiator`, `not step NAME`, `not author of blueprint`, `not approver of blueprint`, "
    "`not same unit as initiator`, `not same unit as step NAME`, "
    "`not on behalf of initiator`, `not on behalf of step NAME` or `at least 3 persons here and in NAME and NAME`",
    rf"not initiator|not step {NAME}|not (?:author|approver) of blueprint|"
    rf"not (?:same unit as|on behalf of) (?:initiator|step {NAME})|"
    rf"at least [2-9] persons here and in {NAME}(?: and {NAME})*",
    characters=1_000,
)
DUTIES = Listed("a list of duties", _DUTY, unique=True)
WITH = Named("arguments by name", Text("the name of an argument", FIELD), Expression())

RETRY = Form(
    "how a failed try is made again",
    (
        Key("times", Whole("a whole number of tries", 1, ATTEMPTS_MAX), True),
        Key("backoff", Text("`fixed` or `exponential`", enum=("fixed", "exponential"))),
        Key("first", Duration(), help="the wait before the second try"),
        Key("limit", Duration(), help="the longest wait"),
    ),
)

NEXT = Key("next", STEP, help="the step entered afterwards; without it a branch of an `all` ends here")
TITLED = Key("title", TITLE, help="what people read instead of the name")
TIMED = (
    Key("within", Duration(business=True), help="a deadline in short"),
    Key("deadline", DEADLINE, help="a deadline with its warnings and escalations"),
    Key("on late", STEP, help="the step is left and this one entered when the deadline is over"),
)
FAILING = Key(
    "on failure",
    Form(
        "what becomes of a failure",
        (
            Key("hold for", ROLE, help="the role that resolves the incident; the blueprint's owner unless said"),
            Key("next", STEP, help="the step entered instead of an incident"),
        ),
        later=("tell",),
    ),
    help="who resolves the incident, or the step that is entered instead of one",
)
SKIPPED = Key("skip when", Expression(), help="the step is passed over where this is true")
SKIP_TO = Key("skip to", STEP, help="the step entered then, where its ways lead to different ones")
INTO = Key("into", DATA_PATH, help="where the result is put")
RETRIED = Key("retry", RETRY)
ARGUMENTS = Key("with", WITH, help="what is handed over")

# What the page gives every step; a form that has a key of its own for one of these has it built. Patterns, since some
# carry a name or a duration.
_STEP_LATER = (
    "undo", "on error.*", "on message.*", r"after .*",
    "within", "deadline", "on late", "retry", "on failure", "skip when",
)  # fmt: skip


def step_form(what: str, *keys: Key, opens: tuple[Key, ...] = ()) -> Form:
    """The form of a step kind: a title, its own keys, and of those that all steps may have the ones it `opens`."""
    return Form(what, (TITLED, *keys), later_than(opens), opens)


def later_than(opens: tuple[Key, ...]) -> tuple[str, ...]:
    """What is refused by name in a form that has these keys built."""
    starts = [key.name for key in opens]
    return tuple([word for word in _STEP_LATER if not any(key.startswith(word.rstrip(".* ")) for key in starts)])


_LEADING = (
    Key("next", STEP, True),
    Key("meanwhile", Flag(), help="whether the step stays open and this begins beside it"),
)
COUNTED = Key("calendar", CALENDAR, help="whose working time is counted; the blueprint's unless said")
KEYED = (Key("key", Expression(), True, "what the message must carry to be meant"), INTO)
EVENTS = (
    Key(
        rf"on message {NAME}",
        Form("what a message does", (*KEYED, *_LEADING)),
        help="a message that comes while the step is open, and the step entered then",
    ),
    Key(
        rf"after (?:{PLAIN_DURATION}|{ISO_DURATION}|{BUSINESS_DURATION}|{ISO_BUSINESS_DURATION})",
        Either("a step, or a mapping", STEP, mapping=Form("what happens after a time", (*_LEADING, COUNTED))),
        help="the step entered when this one has been open for so long",
    ),
)
ERRORS = Key(
    r"on error (?:any|[A-Z][A-Z0-9_]*)",
    STEP,
    help="the step entered when this one fails with the code and is not tried again",
)
ERRORS_OF_ALL = Key(
    ERRORS.name,
    STEP,
    help="the step entered, and all that is open closed, when a step fails with the code and says nothing of it itself",
)
