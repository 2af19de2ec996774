"""Forms of the steps that give work to somebody: people, connectors, workers, rules, other blueprints."""

from versioning.offer_forms import OFFERED
from versioning.shapes import (
    FIELD,
    NAME,
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
from versioning.step_forms import (
    ARGUMENTS,
    BRING,
    DATA_PATH,
    DUTIES,
    ERRORS,
    EVENTS,
    FAILING,
    INTO,
    MESSAGE,
    NEXT,
    OUTCOME,
    PRIORITY_MAX,
    PROSE,
    RETRIED,
    ROLE,
    SHOWS,
    SKIP_TO,
    SKIPPED,
    STEP,
    STEPS_MAX,
    TIMED,
    TITLE,
    WITH,
    later_than,
    step_form,
)
from versioning.told_forms import RECIPIENTS

OUTCOMES_MAX = 12  # a person can weigh no more
VOTES_MAX = 50  # of one quorum: they stand in the marking while it votes

_OPERATION = Text("`connector.operation`", rf"{NAME}\.[a-z][a-z0-9_]*")
_UNDO = Key(
    "undo",
    Either(
        "an operation of a connector, or a mapping",
        _OPERATION,
        mapping=Form("a call that undoes it", (Key("call", _OPERATION, True), ARGUMENTS, RETRIED)),
    ),
    help="the call that undoes what the step has done, when a `take back` or a cancelling asks for it",
)
TASK = Form(
    "a task",
    (
        Key("task", TITLE, True, "what the person is asked to do"),
        Key("role", ROLE, True, "who may claim it"),
        OFFERED,
        Key("shows", SHOWS, help="what is put before the person"),
        Key(
            "expects",
            Listed("a list of paths in the data", DATA_PATH, least=1, unique=True),
            True,
            "what the person fills in",
        ),
        Key("duties", DUTIES),
        _UNDO,
        *TIMED,
        FAILING,
        SKIPPED,
        NEXT,
    ),
    later_than(EVENTS),
    EVENTS,
)
_CODES = Text("the name of a code list", NAME)
_REASON = Form(
    "a reason",
    (
        Key("required", Flag()),
        Key(
            "codes",
            Either(
                "a code list, or a code list for an outcome",
                scalar=_CODES,
                mapping=Named("a code list for an outcome", OUTCOME, _CODES, least=1, most=OUTCOMES_MAX),
            ),
            help="the list a reason is taken from; one for each outcome that has one, or the same for all",
        ),
    ),
)
_FACTOR = Text("`password` or `passkey`", enum=("password", "passkey"), later=("totp", "password and totp", "oidc"))
_SIGN = Form(
    "a signature",
    (
        Key("meaning", TITLE, True, "what the person declares by signing"),
        Key(
            "factor",
            _FACTOR,
        ),
    ),
)
_QUORUM = Form(
    "a quorum",
    (
        Key("of", Text("a committee as `committee NAME`", rf"committee ({NAME})"), help="whose members vote"),
        Key("need", Whole("a whole number of votes", 1, VOTES_MAX), True, "how many votes an outcome takes"),
        Key("veto", Text("`chair`", enum=("chair",)), help="whose vote against what is moved ends the voting"),
        Key(
            "tie",
            Text("`fails` or `outcome NAME`", rf"fails|outcome {OUTCOME.pattern}"),
            help="what becomes of it once no outcome can get enough votes; an incident unless said",
        ),
    ),
)
DECIDE = step_form(
    "a decision",
    Key(
        "decide",
        Listed("a list of outcomes", OUTCOME, least=1, most=OUTCOMES_MAX, unique=True),
        True,
        "the possible outcomes",
    ),
    Key("authority", Text("a decision kind", NAME), help="the decision kind of the authority register"),
    Key("measure", Expression(), help="what the limit of an authority is measured on"),
    Key("role", ROLE, help="who may claim it; anyone with the permission unless said"),
    OFFERED,
    Key("shows", SHOWS, help="exactly what is put before the decider, bound into the decision"),
    Key("reason", _REASON),
    Key("sign", _SIGN),
    Key("duties", DUTIES, help="who may not decide"),
    Key("quorum", _QUORUM, help="persons decide it by voting, each once"),
    Key("into", DATA_PATH, help="where the decision is put as data"),
    _UNDO,
    *TIMED,
    FAILING,
    SKIPPED,
    SKIP_TO,
    Key(
        "next",
        Either(
            "a step, or a step for each outcome",
            scalar=STEP,
            mapping=Named("a step for each outcome", OUTCOME, STEP, least=1, most=OUTCOMES_MAX),
        ),
        help="the step each outcome leads to",
    ),
    opens=EVENTS,
)
_CALLED = Key("call", _OPERATION, True, "an operation of a connector")
CALL = step_form(
    "a call",
    _CALLED,
    ARGUMENTS,
    INTO,
    RETRIED,
    _UNDO,
    *TIMED,
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)
_WORKED = Key("job", Text("a type of job", NAME), True, "the type of work that workers ask for")
JOB = step_form(
    "a job",
    _WORKED,
    Key(
        "priority",
        Expression("a whole number, or an expression after `= `", Whole("a whole number", 0, PRIORITY_MAX)),
        help=f"which of its type is done first: 0 to {PRIORITY_MAX}, the highest first; 50 unless said",
    ),
    ARGUMENTS,
    INTO,
    RETRIED,
    _UNDO,
    *TIMED,
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)
RULES = step_form(
    "a rule evaluation",
    Key("rules", Text("the name of a rule table", NAME), True, "the rule table to evaluate"),
    Key("with", WITH, help="its inputs; without it they are read from the data by name, absent ones as null"),
    Key("into", DATA_PATH, True, "where the result is put"),
    FAILING,
    SKIPPED,
    NEXT,
    opens=(ERRORS,),
)
_RAN = Key("run", Text("the name of a blueprint", NAME), True, "the blueprint run as an instance of its own")
RUN = step_form(
    "a run of another blueprint",
    _RAN,
    ARGUMENTS,
    INTO,
    Key("bring", BRING, help="data of the other instance, by where it is put when that has ended"),
    RETRIED,
    _UNDO,
    *TIMED,
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)

EACH = step_form(
    "something for each element of a list",
    Key("each", DATA_PATH, True, "where the list lies in the data"),
    Key("as", Text("a name for the element", FIELD), True, "what expressions of `do` and `undo` call the element"),
    Key(
        "do",
        Kinds(
            "what is done for each",
            (
                ("call", Form("a call", (_CALLED, ARGUMENTS, RETRIED))),
                ("job", Form("a job", (_WORKED, ARGUMENTS, RETRIED))),
                ("run", Form("a run of another blueprint", (_RAN, ARGUMENTS, RETRIED))),
            ),
        ),
        True,
        "a call, a job or a run, once for each element",
    ),
    Key("at once", Flag(), help="whether all begin at the same time; one after the other unless said"),
    Key("until", Expression(), help="no further element is done, and what is open closed, as soon as this is true"),
    Key("into", DATA_PATH, help="a list: the result of element n becomes its item n"),
    _UNDO,
    *TIMED,
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)
SEND = step_form(
    "a message that is sent",
    Key("send", MESSAGE, True, "the name of the message"),
    Key("key", Expression(), True, "what who waits for it has to ask for"),
    ARGUMENTS,
    Key("keep for", Duration(), help="how long it is kept when nobody waits for it yet; a day unless said"),
    FAILING,
    SKIPPED,
    NEXT,
    opens=(ERRORS,),
)
TELL = step_form(
    "a notification that is sent",
    Key(
        "send",
        Form(
            "a notification",
            (
                Key("tell", RECIPIENTS, True, "whom it is for: each person once, and who stands in for them"),
                Key("text", Expression("text, or an expression after `= `", text=PROSE), True, "what they are told"),
                Key("shows", SHOWS, help="data as they are at that moment"),
            ),
        ),
        True,
        "a notification to persons",
    ),
    FAILING,
    SKIPPED,
    NEXT,
    opens=(ERRORS,),
)
TAKE_BACK = step_form(
    "the undoing of what was done",
    Key(
        "take back",
        Either(
            "`all`, or a list of steps",
            scalar=Text("`all`", enum=("all",)),
            sequence=Listed("a list of steps", STEP, least=1, most=STEPS_MAX, unique=True),
        ),
        True,
        "the steps whose `undo` is called where they are done, the last first",
    ),
    FAILING,
    *TIMED,
    SKIPPED,
    NEXT,
    opens=EVENTS,
)
