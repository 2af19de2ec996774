"""The language as a table of shapes: every key, what may stand there, and what is designed but not yet built.

Source: the design page on the blueprint language. A construct of that page that is missing here stands in a `later`
list, so that it is refused by its name and never ignored.
"""

from versioning.act_forms import ACTS
from versioning.agent_forms import AGENT
from versioning.data_forms import FIELDS
from versioning.deadline_forms import CALENDAR, DEADLINE
from versioning.flow_forms import (
    ALL,
    ANY_OF,
    CHOOSE,
    END,
    WAIT,
)
from versioning.shapes import (
    NAME,
    Form,
    Key,
    Kinds,
    Listed,
    Named,
    Text,
)
from versioning.start_forms import STARTS
from versioning.step_forms import (
    ERRORS_OF_ALL,
    GIVES,
    PROSE,
    STEP,
    STEPS_MAX,
    TITLE,
)
from versioning.work_forms import (
    CALL,
    DECIDE,
    EACH,
    JOB,
    RULES,
    RUN,
    SEND,
    TAKE_BACK,
    TASK,
    TELL,
)

STEP_SHAPE = Kinds(
    "a step",
    (
        ("task", TASK),
        ("decide", DECIDE),
        ("call", CALL),
        ("job", JOB),
        ("agent", AGENT),
        ("rules", RULES),
        ("choose", CHOOSE),
        ("all", ALL),
        ("any of", ANY_OF),
        ("wait", WAIT),
        ("run", RUN),
        ("each", EACH),
        ("send", SEND),
        ("send", TELL),
        ("take back", TAKE_BACK),
        ("end", END),
    ),
)

BLUEPRINT = Form(
    "a blueprint",
    (
        Key("blueprint", Text("the name of the blueprint", NAME), True, "its name for good"),
        Key("title", TITLE, True),
        Key("purpose", PROSE, True, "why the organisation does this"),
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
        Key("acts", ACTS, help="what acts on running instances need beside their permission"),
        Key("gives", GIVES, help="data that a step which runs this blueprint may bring home"),
        Key("data", FIELDS, True),
        Key("start", STARTS, True),
        Key("first", STEP, True, "the step entered first"),
        Key("steps", Named("steps by name", STEP, STEP_SHAPE, least=1, most=STEPS_MAX), True),
    ),
    later=("starts", "on message.*", "after .*"),
    open=(ERRORS_OF_ALL,),
)
