"""What may stand in `offer to`: whom work is offered to among those of its role or authority. Part of the language."""

from collections.abc import Mapping
from typing import Any

from versioning.blueprint_parts import Offer
from versioning.shapes import NAME, Form, Key, Text

OFFERED = Key(
    "offer to",
    Form(
        "whom it is offered to",
        (
            Key("skill", Text("the name of a skill", NAME), help="persons who have this skill"),
            Key("unit", Text("the name of a unit", NAME), help="persons of this unit"),
            Key(
                "give to",
                Text("`least loaded`", enum=("least loaded",)),
                help="of them, the person who holds the fewest tasks is given it",
            ),
        ),
    ),
    help="whom it is offered to, among those of its role or authority",
)


def build_offer(said: Mapping[str, Any]) -> Offer | None:
    """What `offer to` says; None where it says nothing."""
    stated = said.get("offer to")
    if not stated:
        return None
    return Offer(stated.get("skill", ""), stated.get("unit", ""), "give to" in stated)
