"""Branches that people began, began again or passed over, from entries alone. Standard library only.

Such an act is one only in an entry of its own kind, of the natural person it names, and where the version lets people
do so with that branch, in the role that the version gives the branches to; the last two with a reason. Entries of
before do not say in which role a branch was begun: there it is not judged.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from governance.questions.facts import Record

BEGUN, AGAIN, PASSED_OVER = "branch.begun", "branch.begun_again", "branch.passed_over"
ORDERED = (AGAIN, PASSED_OVER)
CHOSEN = (BEGUN, *ORDERED)
_DONE = {BEGUN: "begun", AGAIN: "begun again", PASSED_OVER: "passed over"}
_MAY = {AGAIN: "may_repeat", PASSED_OVER: "may_pass_over"}


def no_act(record: Record, one: Mapping[str, Any], step: Mapping[str, Any]) -> str:
    """Why what an entry records is no act on a branch of this step that somebody may do, "" when it is."""
    what = f"the branch `{one['branch']}` was {_DONE[one['t']]}"
    person = record.actor.get("person") if record.actor.get("kind") == "person" else None
    if record.kind != one["t"]:
        return f"{what} by `{record.kind}`, which is no act that may"
    if person is None or person != one["by"]:
        return f"{what} by another than the person who acted"
    role = record.payload.get("role")
    if one["t"] == BEGUN and role is None:  # as it was recorded before: its role is that of its permit
        return ""
    if one["t"] != BEGUN and not record.payload.get("reason"):
        return f"{what} without a reason"
    is_theirs = bool(role) and str(step.get("begun_by", "")).removeprefix("role ").strip() == role
    return "" if is_theirs else f"{what} in a role that the version does not give it to"


class Branches:
    """The branches of one visit to a fork: which people began, which have arrived, and which were passed over."""

    def __init__(self, opened: set[str]) -> None:
        self.opened = opened
        self.begun: set[str] = set()
        self.arrived: set[str] = set()
        self.passed: set[str] = set()

    def take(self, one: Mapping[str, Any], step: Mapping[str, Any]) -> str:
        """What is wrong with an act on one of them, by what the version says of its step; "" when nothing is."""
        branch, kind = str(one["branch"]), one["t"]
        not_let = f"the branch `{branch}` was {_DONE[kind]}, which the version does not let people do"
        if kind == BEGUN:
            is_right = bool(step.get("begun_by")) and branch in self.opened - self.begun - self.passed
            self.begun.add(branch)
            return "" if is_right else not_let
        may = branch in step.get(_MAY[kind], ())
        if kind == AGAIN:
            is_right = branch in self.passed or (branch in self.arrived and may)
            self.begun.add(branch)
            self.passed.discard(branch)
            self.arrived.discard(branch)
            return "" if is_right else not_let
        need = step.get("need", 0)
        is_over = branch in self.arrived | self.passed
        is_enough = not need or len(self.opened) - len(self.passed) > need
        self.passed.add(branch)
        if is_over or not may:
            return not_let
        return "" if is_enough else f"the branch `{branch}` was passed over, though too few were left"

    def is_met(self, need: int) -> bool:
        """Whether the join may fire."""
        arrived = self.arrived & self.opened
        return len(arrived) >= need if need else len(arrived | self.passed) >= len(self.opened) > 0


def ordered_words(record: Record, one: Mapping[str, Any], person: Callable[[str], str]) -> Iterator[str]:
    """Who did it, in words of a compliance record."""
    by = person(str(record.actor.get("person") or record.actor["id"]))
    did = "began the branch of `{}` again" if one["t"] == AGAIN else "passed the branch of `{}` over"
    yield f"{by} {did.format(one['branch'])} in the role {record.payload.get('role')}, giving a reason"
