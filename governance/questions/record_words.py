"""What an entry of an instance says and what followed, in words for its compliance record. Standard library only."""

from collections.abc import Mapping
from typing import Any

from governance.questions.facts import COMMITMENT, is_commitment
from governance.questions.left_out import SKIPPED, passed_over_words

NONE_ENTERED: Mapping[int, str] = {}


def followed_words(one: Mapping[str, Any], entered: Mapping[int, str] = NONE_ENTERED) -> str:
    """What a recorded transition says; empty for those that only keep the books. `entered` is the step of each
    activation, for transitions that name none."""
    kind = one["t"]
    if kind == "task.completed":
        return f"`{one['step']}` was completed{' ' + repr(one['outcome']) if one.get('outcome') else ''}"
    if kind in (
        "call.succeeded",
        "call.failed",
        "child.failed",
        "message.correlated",
        "incident.raised",
        "incident.resolved",
    ):
        return f"{kind.replace('.', ' ')} {one.get('code', '')}".rstrip()
    if kind == "proposal.made":
        return f"agent {one['agent']} (profile {one['profile']}, model {one['model'] or 'not told'}) proposed"
    if kind == SKIPPED:
        return passed_over_words(one, entered.get(one["activation"], ""))
    if kind == "proposal.gated":
        return f"the proposal was stopped at {one['gate']}" if one.get("gate") else "the proposal passed every gate"
    return _TOLD.get(kind, "").format_map(one)


_TOLD = {
    "step.entered": "`{step}` was reached",
    "vote.cast": "a vote for `{outcome}` was cast at `{step}`",
    "votes.counted": "the voting was over, {how}",
    "votes.voided": "the votes cast so far became void",
    "call.requested": "call of {operation} was requested",
    "instance.ended": "the instance ended `{outcome}`",
    "proposal.reviewed": "the proposal of agent {agent} was reviewed {verdict!r}",
    "branch.begun_again": "the branch of `{branch}` was begun again by this act",
    "branch.passed_over": "the branch of `{branch}` was passed over by this act, and not waited for",
    "step.moved": "`{to}` was entered by this act and not by the blueprint",
    "instance.migrated": "it went on under version {number} by this act",
    "instance.cancelled": "the instance was cancelled",
    "instance.suspended": "nothing began or fired in it until it was resumed",
    "instance.resumed": "it went on",
    "incident.assigned": "the incident was given to somebody",
}


def reason_words(payload: Mapping[str, Any]) -> str:
    """The coded reason in the words of the list in force when it was given."""
    code, listed = payload["reason_code"], payload.get("reason_list")
    if not listed:  # an entry this product did not write: what it says is told, and nothing made up
        return f"giving reason code `{code}` of no list"
    of = f"list {listed['name']} version {listed['version']}, {listed['digest']}"
    return f'giving reason code `{code}`: "{payload["reason_words"]}" ({of})'


def shown_value(value: Any) -> str:
    """A value as it was put before a person; what is classed by its commitment."""
    if is_commitment(value):
        return f"classed, commitment {value[COMMITMENT]}"
    if type(value) is dict and value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    if type(value) is dict and value.keys() == {"$decimal"}:
        return str(value["$decimal"])
    if type(value) is dict:
        return ", ".join(f"{name} {shown_value(member)}" for name, member in sorted(value.items()))
    return "nothing" if value is None else str(value)
