"""An entry of an instance as sentences: what the act was and what followed from it, in plain words.

Pure: entry in, text out. Values of data are never told here, only that they were recorded and where.
"""

from collections.abc import Mapping
from typing import Any

from ledger.clock import Instant, instant_text
from ledger.entry import Entry

_ACTS = {
    "instance.started": "started the instance",
    "instance.advanced": "moved the instance on",
    "instance.cancelled": "cancelled the instance",
    "task.claimed": "claimed a task",
    "task.released": "gave a task back",
    "task.completed": "completed a task",
    "job.completed": "completed a job",
    "job.failed": "reported a failed job",
    "call.started": "sent a call out",
    "call.succeeded": "recorded the answer of a call",
    "call.failed": "recorded a failed call",
    "timer.fired": "fired a timer",
    "message.correlated": "delivered a message",
    "incident.resolved": "resolved an incident",
    "command.refused": "was turned down",
}

_SAID = {
    "InstanceStarted": "the instance of `{blueprint}` version {number} began",
    "InstanceEnded": "the instance ended: {outcome}",
    "InstanceCancelled": "the instance was cancelled",
    "StepEntered": "step `{step}` began",
    "StepSkipped": "a step was skipped by {by}",
    "TaskOffered": "a task was offered",
    "TaskClaimed": "the task was claimed by {by}",
    "TaskReleased": "the task was given back",
    "TaskCompleted": "the task of step `{step}` was completed by {by}",
    "TaskCancelled": "the task was taken away",
    "JobCreated": "a job `{type}` was created",
    "JobRetried": "the job is tried again",
    "JobCompleted": "the job was completed",
    "JobFailed": "the job failed: {code}",
    "CallRequested": "a call of `{operation}` was requested",
    "CallStarted": "the call went out",
    "CallRetried": "the call is tried again",
    "CallSucceeded": "the call succeeded",
    "CallFailed": "the call failed: {code}",
    "TimerFired": "the timer `{name}` fired",
    "Escalated": "it was escalated: {act} {to}",
    "RulesEvaluated": "rule table `{table}` was evaluated",
    "BranchChosen": "branch {branch} was chosen",
    "JoinFired": "all branches had ended",
    "VariableSet": "`{path}` was recorded",
    "MessageSubscribed": "it waits for message `{message}`",
    "MessageCorrelated": "the message arrived",
    "ChildStarted": "instance {instance} was started",
    "ChildEnded": "instance {instance} ended: {outcome}",
    "IncidentRaised": "an incident was raised for {role}: {code}",
    "IncidentResolved": "the incident was resolved: {how}",
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
    first = f"{entry.recorded_at}: {actor} {act}."
    return (first, *[f"{said[0].upper()}{said[1:]}." for said in map(_said, payload.get("transitions", ())) if said])


def _said(value: Mapping[str, Any]) -> str:
    template = _SAID.get(value["t"])
    if template is None:
        return ""
    said = template.format_map(_Members(value)).strip()
    due = value.get("due")
    if value["t"] == "TaskOffered":
        said += f" to {value.get('role') or value.get('decision_kind') or 'nobody in particular'}"
        said += f", due {instant_text(Instant(due))}" if due else ""
    return said


class _Members(dict[str, Any]):
    """Members that stand at their default are absent from a recorded transition."""

    def __missing__(self, key: str) -> str:
        return ""
