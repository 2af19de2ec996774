"""An entry of an instance as sentences: what the act was and what followed from it, in plain words.

Pure: entry in, text out. Values of data are never told here, only that they were recorded and where.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.clock import Instant, instant_text
from ledger.entry import Entry
from orchestrator.sealing import CANCELLED_REASON, reason_path

_ACTS = {
    "instance.started": "started the instance",
    "instance.advanced": "moved the instance on",
    "instance.cancelled": "cancelled the instance",
    "task.claimed": "claimed a task",
    "task.released": "gave a task back",
    "task.completed": "completed a task",
    "branch.begun": "began a branch",
    "job.completed": "completed a job",
    "job.failed": "reported a failed job",
    "call.started": "sent a call out",
    "call.succeeded": "recorded the answer of a call",
    "call.failed": "recorded a failed call",
    "timer.fired": "fired a timer",
    "message.correlated": "delivered a message",
    "message.kept": "sent a message that is kept until somebody waits for it",
    "message.delivered": "delivered a kept message",
    "message.expired": "let a kept message expire",
    "incident.resolved": "resolved an incident",
    "command.refused": "was turned down",
}

_SAID = {
    "instance.started": "the instance of `{blueprint}` version {number} began",
    "instance.ended": "the instance ended: {outcome}",
    "instance.cancelled": "the instance was cancelled",
    "step.entered": "step `{step}` began",
    "step.skipped": "a step was skipped by {by}",
    "task.offered": "a task was offered",
    "task.claimed": "the task was claimed by {by}",
    "task.released": "the task was given back",
    "task.completed": "the task of step `{step}` was completed by {by}",
    "task.cancelled": "the task was taken away",
    "job.created": "a job `{type}` was created",
    "job.retried": "the job is tried again",
    "job.completed": "the job was completed",
    "job.failed": "the job failed: {code}",
    "call.requested": "a call of `{operation}` was requested",
    "call.started": "the call went out",
    "call.retried": "the call is tried again",
    "call.succeeded": "the call succeeded",
    "call.failed": "the call failed: {code}",
    "timer.fired": "the timer `{name}` fired",
    "deadline.escalated": "it was escalated: {act} {to}",
    "deadline.paused": "its clock stands still while something waits for the customer",
    "deadline.resumed": "its clock goes on",
    "rules.evaluated": "rule table `{table}` was evaluated",
    "branch.chosen": "branch {branch} was chosen",
    "branch.begun": "the branch of step `{branch}` was begun by {by}",
    "join.fired": "enough branches had ended",
    "variable.set": "`{path}` was recorded",
    "message.subscribed": "it waits for message `{message}`",
    "message.correlated": "the message arrived",
    "message.passed_over": "a kept message was passed over, since its data do not fit: {kept}",
    "message.sent": "message `{message}` was sent",
    "each.opened": "it began for each of {elements} elements",
    "element.ended": "element {element} was done",
    "undo.begun": "what step `{step}` had done began to be undone",
    "cancelling.begun": "what can be undone is undone before the instance is cancelled",
    "watch.fired": "an event led to step `{to}`",
    "error.caught": "the failure {code} led to step `{to}`",
    "child.started": "instance {instance} was started",
    "child.ended": "instance {instance} ended: {outcome}",
    "incident.raised": "an incident was raised for {role}: {code}",
    "incident.resolved": "the incident was resolved: {how}",
}


def words(entry: Entry) -> tuple[str, ...]:
    """The act first, then what followed, in order."""
    actor = entry.actor.get("person") or entry.actor["id"]
    payload = entry.payload
    act = _ACTS.get(entry.kind, f"recorded `{entry.kind}`")
    if entry.kind == "command.refused":
        act = f"was turned down with {payload['reason']}: {payload['message']}"
    if "decision" in payload:
        decision = payload["decision"]
        act = f"decided `{decision['outcome']}` under grant {decision['grant']} in the capacity {decision['capacity']}"
    return (f"{entry.recorded_at}: {actor} {act}.", *_followed(payload.get("transitions", ())))


def reason_path_of(entry: Entry) -> str:
    """Where the reason of an act on an instance is sealed; empty where acts of this kind have none."""
    if entry.kind == "instance.cancelled":
        return CANCELLED_REASON
    if entry.kind == "incident.resolved":
        return reason_path(entry.payload["incident"])
    numbers = [one["activation"] for one in entry.payload.get("transitions", ()) if one["t"] == "task.completed"]
    return reason_path(numbers[0]) if numbers else ""


def _followed(transitions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What recorded transitions say, a sentence each; those that only keep the books say nothing."""
    return tuple([f"{said[0].upper()}{said[1:]}." for said in map(_said, transitions) if said])


def _said(value: Mapping[str, Any]) -> str:
    template = _SAID.get(value["t"])
    if template is None:
        return ""
    said = template.format_map(_Members(value)).strip()
    due = value.get("due")
    if value["t"] == "task.offered":
        said += f" to {value.get('role') or value.get('decision_kind') or 'nobody in particular'}"
        said += f", due {instant_text(Instant(due))}" if due else ""
    return said


class _Members(dict[str, Any]):
    """Members that stand at their default are absent from a recorded transition."""

    def __missing__(self, key: str) -> str:
        return ""
