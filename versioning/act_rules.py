"""What acts on running instances need beside their permission: part of the value of a blueprint."""

from collections.abc import Iterable
from dataclasses import dataclass

WITHIN = "P2D"  # a second person has so long where the blueprint does not say


@dataclass(frozen=True, slots=True)
class ActRule:
    """What an act on running instances (`versioning.act_forms`) needs beside permission.

    `role` and `second` name roles; with `second` another person who holds it confirms within the duration `within`.
    """

    act: str
    role: str = ""
    reason_required: bool = False
    second: str = ""
    within: str = ""


def rule_of(acts: Iterable[ActRule], name: str) -> ActRule:
    """What the act of this name needs; nothing beside its permission where nothing is said."""
    return next((rule for rule in acts if rule.act == name), ActRule(name))
