"""What followed from an entry of an instance, in words for its compliance record. Standard library only."""

from collections.abc import Mapping
from typing import Any


def followed_words(one: Mapping[str, Any]) -> str:
    """What a recorded transition says; empty for those that only keep the books."""
    kind = one["t"]
    if kind == "task.completed":
        return f"`{one['step']}` was completed{' ' + repr(one['outcome']) if one.get('outcome') else ''}"
    if kind in ("call.succeeded", "call.failed", "message.correlated", "incident.raised", "incident.resolved"):
        return f"{kind.replace('.', ' ')} {one.get('code', '')}".rstrip()
    if kind == "proposal.made":
        return f"agent {one['agent']} (profile {one['profile']}, model {one['model'] or 'not told'}) proposed"
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
    "step.moved": "`{to}` was entered by this act and not by the blueprint",
    "instance.cancelled": "the instance was cancelled",
    "instance.suspended": "nothing began or fired in it until it was resumed",
    "instance.resumed": "it went on",
    "incident.assigned": "the incident was given to somebody",
}
