"""The form of the `agent` step, and of the subset of JSON Schema that says what an agent has to answer."""

from versioning.offer_forms import OFFERED
from versioning.shapes import FIELD, NAME, Duration, Expression, Flag, Form, Key, Listed, Named, Ref, Shape, Text, Whole
from versioning.step_forms import (
    ERRORS,
    EVENTS,
    FAILING,
    INTO,
    NEXT,
    RETRIED,
    ROLE,
    SHOWS,
    SKIPPED,
    STEP,
    step_form,
)

SCHEMA_TYPES = ("object", "array", "string", "integer", "number", "boolean")
MEMBERS_MAX = 100  # of one object an agent answers
BOUND_MAX = 999_999_999  # of a number or a length


def _schema() -> Shape:
    return EXPECTED


_MEMBER = Text("the name of a member", FIELD)
_BOUND = Whole("a whole number", -BOUND_MAX, BOUND_MAX)
_LENGTH = Whole("a whole number", 0, BOUND_MAX)

EXPECTED: Shape = Form(
    "what is expected, in JSON Schema",
    (
        Key("type", Text("a type of JSON Schema", enum=SCHEMA_TYPES), help="any value unless said"),
        Key("title", Text("text", characters=200)),
        Key("description", Text("text", characters=2_000)),
        Key("properties", Named("members by name", _MEMBER, Ref("expected", _schema), least=1, most=MEMBERS_MAX)),
        Key("required", Listed("a list of members", _MEMBER, most=MEMBERS_MAX, unique=True)),
        Key("additionalProperties", Flag(), help="whether other members may come"),
        Key("items", Ref("expected", _schema), help="what a list holds"),
        Key("minItems", _LENGTH),
        Key("maxItems", _LENGTH),
        Key("enum", Listed("a list of texts", Text("text", characters=200), least=1, unique=True)),
        Key("minLength", _LENGTH),
        Key("maxLength", _LENGTH),
        Key("minimum", _BOUND),
        Key("maximum", _BOUND),
    ),
)

_REVIEW = Form(
    "who reviews what does not pass",
    (
        Key("review by", ROLE, True, "the role that is given it as a task"),
        OFFERED,
        Key("within", Duration(business=True), help="by when it has to be reviewed"),
    ),
)

AGENT = step_form(
    "an agent's proposal",
    Key("agent", Text("the name of an agent or of a type of task", NAME), True, "who proposes; it decides nothing"),
    Key("shows", SHOWS, True, "exactly what the agent is shown"),
    Key("expects", EXPECTED, True, "what it has to answer"),
    Key("accept when", Expression(), help="what must hold of the answer and the data to take it without a person"),
    Key("gate rules", Text("the name of a rule table", NAME), help="a rule table that must answer true"),
    Key("judge", Text("the name of an agent", NAME), help="a second agent that must accept the answer"),
    Key("sample", Text("a share such as `5%`", r"([0-9]{1,2}(?:\.[0-9]{1,2})?|100)%"), help="reviewed all the same"),
    Key("otherwise", _REVIEW, True, "who reviews what did not pass"),
    Key("rejected", STEP, help="the step entered when the reviewer rejects it; else that is a failure"),
    Key("into", INTO.shape, True, "where the answer is put"),
    RETRIED,
    Key("on late", STEP, help="the step is left and this one entered when the review is late"),
    FAILING,
    SKIPPED,
    NEXT,
    opens=(*EVENTS, ERRORS),
)
