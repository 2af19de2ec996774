"""What may stand in `acts`: what acts on running instances need beside their permission. Part of the language."""

from collections.abc import Mapping
from typing import Any

from versioning.act_rules import ActRule
from versioning.shapes import Duration, Form, Key, Text
from versioning.step_forms import ROLE

ACT_NAMES = ("suspend", "resume", "cancel", "modify", "correct", "migrate")

_ACT = Form(
    "what an act needs",
    (
        Key("role", ROLE, help="the role that whoever does it must hold"),
        Key("reason", Text("`required`", enum=("required",)), help="it is done with a reason alone"),
        Key("second", ROLE, help="the role of a second person, who confirms it before it is done"),
        Key("within", Duration(), help="how long the second person has; 2 days unless said"),
    ),
)
_HELP = {
    "suspend": "letting nothing go on in an instance",
    "resume": "letting a suspended instance go on",
    "cancel": "ending an instance before its time",
    "modify": "moving an instance to other steps",
    "correct": "correcting its data",
    "migrate": "letting it go on under another version of the blueprint",
}
ACTS = Form("acts on running instances", tuple([Key(name, _ACT, help=_HELP[name]) for name in ACT_NAMES]))


def build_acts(said: Mapping[str, Any]) -> tuple[ActRule, ...]:
    """The acts that something is said of, in the order of the language."""
    return tuple(
        [
            ActRule(
                name,
                role=said[name].get("role", ""),
                reason_required="reason" in said[name],
                second=said[name].get("second", ""),
                within=said[name].get("within", ""),
            )
            for name in ACT_NAMES
            if name in said
        ]
    )
