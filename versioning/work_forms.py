"""Forms of the steps that give work to somebody: people, connectors, workers, rules, other blueprints."""

from versioning.shapes import (
    NAME,
    Either,
    Expression,
    Flag,
    Form,
    Key,
    Listed,
    Named,
    Text,
)
from versioning.step_forms import (
    ARGUMENTS,
    DATA_PATH,
    DUTIES,
    ERRORS,
    EVENTS,
    FAILING,
    INTO,
    NEXT,
    OUTCOME,
    RETRIED,
    ROLE,
    SHOWS,
    SKIPPED,
    STEP,
    TIMED,
    TITLE,
    WITH,
    later_than,
    step_form,
)

OUTCOMES_MAX = 12  # a person can weigh no more

TASK = Form(
    "a task",
    (
        Key("task", TITLE, True, "what the person is asked to do"),
        Key("role", ROLE, True, "who may claim it"),
        Key("shows", SHOWS, help="what is put before the person"),
        Key(
            "expects",
            Listed("a list of paths in the data", DATA_PATH, least=1, unique=True),
            True,
            "what the person fills in",
        ),
        Key("duties", DUTIES),
        *TIMED,
        FAILING,
        SKIPPED,
        NEXT,
    ),
    later_than(EVENTS),
    EVENTS,
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
        Key("meaning", TITLE, True, "what the person declares by signing"),
        Key(
            "factor",
            _FACTOR,
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
    Key("shows", SHOWS, help="exactly what is put before the decider, bound into the decision"),
    Key("reason", _REASON),
    Key("sign", _SIGN),
    Key("duties", DUTIES, help="who may not decide"),
    *TIMED,
    FAILING,
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
CALL = step_form(
    "a call",
    Key("call", Text("`connector.operation`", rf"{NAME}\.[a-z][a-z0-9_]*"), True, "an operation of a connector"),
    ARGUMENTS,
    INTO,
    RETRIED,
    *TIMED,
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)
JOB = step_form(
    "a job",
    Key("job", Text("a type of job", NAME), True, "the type of work that workers ask for"),
    ARGUMENTS,
    INTO,
    RETRIED,
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
)
RUN = step_form(
    "a run of another blueprint",
    Key("run", Text("the name of a blueprint", NAME), True, "the blueprint run as an instance of its own"),
    ARGUMENTS,
    INTO,
    *TIMED,
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)
