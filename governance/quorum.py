"""What votes come to: one pure function, for the service and for a verifier. Standard library only.

A committee is an office with several holders: `committee-NAME`, whose holders are its members, and in its chair the
member who holds `committee-NAME-chair`. What is moved is the first of the outcomes that may be voted for.
"""

from collections.abc import Sequence
from typing import NamedTuple

from governance.grant import OFFICE

AGREED, VETOED, TIED = "agreed", "vetoed", "tied"


def members_of(committee: str) -> str:
    """The office whose holders are the members of a committee."""
    return f"{OFFICE}committee-{committee}"


def chair_of(committee: str) -> str:
    """The office of who is in its chair."""
    return f"{OFFICE}committee-{committee}-chair"


def committee_in(office: str) -> str | None:
    """The committee whose members hold this office; None for another office, that of a chair among them."""
    name = office.removeprefix(members_of(""))
    return None if name == office or not name or name.endswith("-chair") else name


class Rule(NamedTuple):
    """`need` votes for one of the `outcomes` are enough. `tied` is the outcome where none can get them any more, empty
    where somebody has to resolve it."""

    need: int
    outcomes: Sequence[str]
    has_veto: bool = False
    tied: str = ""


class Seat(NamedTuple):
    """Who votes: `in_chair` or not, and how many others `left` may still vote after them."""

    left: int
    in_chair: bool = False


class Counted(NamedTuple):
    """The voting is over with this outcome, empty for a tie that somebody has to resolve, and `how` it came."""

    outcome: str
    how: str


def count(rule: Rule, before: Sequence[str], vote: str, seat: Seat) -> Counted | None:
    """What a vote after those `before` it comes to; None while the voting goes on."""
    if rule.has_veto and seat.in_chair and vote != rule.outcomes[0]:
        return Counted(vote, VETOED)
    votes = [*before, vote]
    if votes.count(vote) >= rule.need:
        return Counted(vote, AGREED)
    most = max(votes.count(outcome) for outcome in rule.outcomes)
    return Counted(rule.tied, TIED) if most + seat.left < rule.need else None
