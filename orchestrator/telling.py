"""An entry of an instance as sentences: what the act was and what followed from it, in plain words.

Pure: entry in, text out. Values of data are never told here, only that they were recorded and where.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.clock import Instant, instant_text
from ledger.entry import Entry
from orchestrator.resolving import RESOLVE
from orchestrator.sealing import ACT_REASON, CANCELLED_REASON, handed_path, reason_path, vote_path
from orchestrator.task_transitions import LEAST_LOADED, VACATED

_ACTS = {
    "instance.started": "started the instance",
    "instance.advanced": "moved the instance on",
    "instance.cancelled": "cancelled the instance",
    "task.claimed": "claimed a task",
    "task.released": "gave a task back",
    "task.completed": "completed a task",
    "vote.cast": "voted",
    "branch.begun": "began a branch",
    "branch.begun_again": "began a branch again",
    "branch.passed_over": "passed a branch over",
    "task.reassigned": "gave a task to somebody else",
    "task.delegated": "delegated a task",
    "task.returned": "returned a delegated task",
    "comment.added": "commented",
    "attachment.added": "attached a file",
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
    "schedule.set": "planned the starts by schedule",
    "schedule.occurred": "decided what was due by schedule",
    "schedule.ended": "ended the starts by schedule",
    "incident.resolved": "resolved an incident",
    "incident.assigned": "gave an incident to somebody",
    "instance.suspended": "suspended the instance",
    "instance.resumed": "let the instance go on",
    "instance.modified": "moved the instance to other steps",
    "instance.corrected": "corrected data of the instance",
    "instance.migrated": "let the instance go on under another version of its blueprint",
    "act.proposed": "proposed an act that a second person has to confirm",
    "act.rejected": "ended a proposed act without doing it",
    "act.expired": "let a proposed act expire, since nobody confirmed it in time",
    "bulk.started": "asked for an act on many instances",
    "bulk.refused": "was turned down for one of many",
    "command.refused": "was turned down",
}

_SAID = {
    "instance.started": "the instance of `{blueprint}` version {number} began",
    "instance.ended": "the instance ended: {outcome}",
    "instance.cancelled": "the instance was cancelled",
    "step.entered": "step `{step}` began",
    "step.skipped": "a step was passed over, as its incident was resolved",
    "task.offered": "a task was offered",
    "task.claimed": "the task was claimed by {by}",
    "task.released": "the task was given back",
    "task.assigned": "the task is held by {to}: {why}",
    "task.delegated": "{to} works on the task for its holder",
    "task.returned": "the task was returned by {by}",
    "task.due_moved": "the task is due later, since what it lies in stood still",
    "task.completed": "the task of step `{step}` was completed by {by}",
    "task.cancelled": "the task was taken away",
    "vote.cast": "{by} voted {outcome} at step `{step}`",
    "votes.voided": "the votes cast so far count no more",
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
    "branch.begun_again": "the branch of step `{branch}` was begun once more by {by}",
    "branch.passed_over": "the branch of step `{branch}` was passed over by {by}, and is not waited for",
    "join.fired": "enough branches had ended",
    "variable.set": "`{path}` was recorded",
    "message.subscribed": "it waits for message `{message}`",
    "message.correlated": "the message arrived",
    "message.passed_over": "a kept message was passed over, since its data do not fit: {kept}",
    "condition.awaited": "it waits until its condition holds",
    "condition.met": "its condition holds",
    "message.sent": "message `{message}` was sent",
    "people.told": "step `{step}` told",
    "each.opened": "it began for each of {elements} elements",
    "element.ended": "element {element} was done",
    "undo.begun": "what step `{step}` had done began to be undone",
    "undo.put_back": "undoing what step `{step}` had done was ended, so that it can be undone as before",
    "cancelling.begun": "what can be undone is undone before the instance is cancelled",
    "cancelling.resumed": "more is to be undone than was known when the instance was cancelled",
    "ending.resumed": "something was done that nobody waited for when the instance ended, and is to be looked after",
    "undo.owed": "what was done is not left when the instance ends: it is undone, or somebody decides that it stands",
    "call.answered_late": "the answer of a call of step `{step}` came when nobody waited for it any more",
    "call.failed_late": "a call of step `{step}` that nobody waited for any more failed: {code}",
    "watch.fired": "an event led to step `{to}`",
    "error.caught": "the failure {code} led to step `{to}`",
    "proposal.requested": "agent `{agent}` was asked",
    "proposal.made": "agent `{agent}` answered, with model {model}",
    "proposal.judged": "agent `{agent}` judged the proposal",
    "proposal.reviewed": "the proposal of agent `{agent}` was reviewed: {verdict}",
    "child.started": "instance {instance} was started",
    "child.failed": "what it runs failed with {code} and is begun again after a pause",
    "child.retried": "another instance of it is begun",
    "child.ended": "instance {instance} ended: {outcome}",
    "incident.raised": "an incident was raised for {role}: {code}",
    "incident.resolved": "the incident was resolved: {how}",
    "incident.assigned": "the incident is to be resolved by {to}",
    "instance.suspended": "nothing in it begins or fires until it is resumed",
    "instance.resumed": "it goes on",
    "child.suspended": "instance {instance} was suspended with it",
    "child.resumed": "instance {instance} goes on with it",
    "instance.migrated": "it goes on under version {number} of its blueprint",
    "step.moved": "by this act, and not by the blueprint, it was moved to step `{to}`",
}

_STEERED = (
    "instance.suspended", "instance.resumed", "instance.modified", "instance.corrected", "instance.migrated",
    "act.proposed", "act.rejected",
    "branch.begun_again", "branch.passed_over",
)  # fmt: skip


_HANDED = ("task.reassigned", "task.delegated", "task.returned")


def words(entry: Entry) -> tuple[str, ...]:
    """The act first, then what followed, in order."""
    actor = entry.actor.get("person") or entry.actor["id"]
    payload = entry.payload
    act = _ACTS.get(entry.kind, f"recorded `{entry.kind}`")
    if payload.get("why") == VACATED and "holder" in payload:
        act = f"took a task from {payload.get('delegate') or payload['holder']}"
    if "occurrence" in payload and entry.kind == "instance.started":
        act += f", due by schedule at {payload['occurrence']['local']}"
    if entry.kind == "command.refused":
        act = f"was turned down with {payload['reason']}: {payload['message']}"
    if "decision" in payload:
        decision = payload["decision"]
        verb = "voted" if "vote" in payload else "decided"
        act = f"{verb} `{decision['outcome']}` under grant {decision['grant']} in the capacity {decision['capacity']}"
    if "proposed" in payload:
        what = "resolve an incident of" if payload["proposed"]["act"] == RESOLVE else payload["proposed"]["act"]
        act = f"proposed to {what} the instance, for a second person to confirm"
    if "proposed_by" in payload.get("closes", {}):
        act += f", as proposed by {payload['closes']['proposed_by']}"
    return (f"{entry.recorded_at}: {actor} {act}.", *_followed(payload.get("transitions", ())))


def reason_path_of(entry: Entry) -> str:
    """Where the reason of an act on an instance is sealed; empty where acts of this kind have none."""
    if _act_of(entry) == "cancel":
        return CANCELLED_REASON
    if entry.payload.get("proposed", {}).get("act") == RESOLVE:
        return reason_path(entry.payload["proposed"]["said"]["incident"])
    if entry.kind in _STEERED:
        return ACT_REASON
    if entry.kind == "incident.resolved":
        return reason_path(entry.payload["incident"])
    if entry.kind in _HANDED:
        return handed_path(entry.payload["task"], entry.payload["result"]["revision"])
    for one in entry.payload.get("transitions", ()) if entry.kind == "vote.cast" else ():
        if one["t"] == "vote.cast":
            return vote_path(one["activation"], one["revision"], one["by"])
    numbers = [one["activation"] for one in entry.payload.get("transitions", ()) if one["t"] == "task.completed"]
    return reason_path(numbers[0]) if numbers else ""


def _act_of(entry: Entry) -> str:
    """The act of which the entry gives the reason, where it is a cancellation."""
    is_proposed = entry.payload.get("proposed", {}).get("act") == "cancel"
    return "cancel" if is_proposed or entry.kind == "instance.cancelled" else ""


def _followed(transitions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What recorded transitions say, a sentence each; those that only keep the books say nothing."""
    return tuple([f"{said[0].upper()}{said[1:]}." for said in map(_said, transitions) if said])


def _said(value: Mapping[str, Any]) -> str:
    template = _SAID.get(value["t"], "" if value["t"] in ("proposal.gated", "votes.counted") else None)
    if template is None:
        return ""
    said = template.format_map(_Members(value)).strip()
    if value["t"] == "proposal.gated":
        gate = value.get("gate", "")
        return f"the gate `{gate}` did not let it through" if gate else "it passed every gate"
    if value["t"] == "votes.counted":
        return _counted(value)
    if value["t"] == "step.skipped" and value["by"] == "condition":
        return "a step was passed over, since its condition held"
    if value["t"] == "step.skipped" and value["by"] == "gone":
        return "an element was passed over, since it was in the list no more"
    if value["t"] == "people.told":
        return f"{said} {_told(value['to'])}"
    if value.get("told"):
        return f"it was escalated: {_told(value['told'])}"
    if value["t"] == "task.released" and value.get("why"):
        return f"the task was taken from its holder, who may no longer do it{_for(value)}"
    if value["t"] == "task.returned" and value.get("why"):
        return f"the task was taken from its delegate {value['by']}, who may no longer do it{_for(value)}"
    if value["t"] == "task.returned" and value.get("proposes"):
        said += " with a proposal"
    if value["t"] == "task.assigned" and value["why"] == LEAST_LOADED:
        said += (
            f", who held the fewest tasks ({value.get('holding', 0)}) of the {value.get('among', 0)} it is offered to"
        )
    if value.get("stands_in_for"):
        said += f", in the place of {value['stands_in_for']}"
    due = value.get("due")
    if value["t"] == "task.offered":
        said += f" to {value.get('role') or value.get('decision_kind') or 'nobody in particular'}"
        said += "".join(f", {name} `{value[name]}`" for name in ("skill", "unit") if value.get(name))
        said += f", due {instant_text(Instant(due))}" if due else ""
    return said


def _for(value: Mapping[str, Any]) -> str:
    """The reason, where it is on record."""
    return f": {value['reason']}" if value.get("reason") else ""


def _told(to: Iterable[Mapping[str, str]]) -> str:
    """Whom, and by which rule; a rule that reached nobody says so."""
    reached = []
    for one in to:
        place = f", in the place of {one['stands_in_for']}" if "stands_in_for" in one else ""
        reached.append(f"{one.get('person', 'nobody')} ({one['rule']}{place})")
    return ", ".join(reached)


def _counted(value: Mapping[str, Any]) -> str:
    outcome = value.get("outcome", "")
    if not outcome:
        return "no outcome could get enough votes any more"
    why = {"agreed": "enough votes agree", "vetoed": "the chair vetoed", "tied": "no outcome could get enough votes"}
    return f"the voting is over, {outcome}: {why[value['how']]}"


class _Members(dict[str, Any]):
    """Members that stand at their default are absent from a recorded transition."""

    def __missing__(self, key: str) -> str:
        return ""
