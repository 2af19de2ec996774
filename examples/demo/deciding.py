"""Persons at work: find a task, read what is shown, state, sign with the password, complete."""

from typing import Any

from examples.demo.door import Door, until
from examples.demo.organisation import Organisation

CODES = {
    "decline": "obligations-excessive",
    "send back": "documents-incomplete",
    "ask for more": "record-incomplete",
    "deny": "not-medically-necessary",
}
"""Outcome -> the reason code given for it, of the list that has it; of another list, and for another outcome,
the first one."""


def task_of(door: Door, instance: str, *steps: str) -> dict[str, Any]:
    """The open task of one of these steps, once the service has come to it."""

    def look() -> dict[str, Any] | None:
        found: list[dict[str, Any]] = door.get(f"/v1/process-instances/{instance}")["tasks"]
        return next((task for task in found if task["step"] in steps and task["state"] in ("offered", "claimed")), None)

    task: dict[str, Any] = until(f"task {' or '.join(steps)} of {instance}", look)
    return task


def decide(organisation: Organisation, reference: str, task: str, outcome: str, reason: str) -> Any:
    """One person claims a task and takes the decision; the answer with its receipt."""
    door = organisation.person(reference)
    if door.get(f"/v1/tasks/{task}")["voting"] is None:  # nobody holds what is voted on
        door.post(f"/v1/tasks/{task}/claim")
    return attempt(organisation, reference, task, outcome, reason)


def attempt(organisation: Organisation, reference: str, task: str, outcome: str, reason: str) -> Any:
    """State, sign with the password, complete. A problem is raised as `Refused`."""
    door = organisation.person(reference)
    shown = door.get(f"/v1/tasks/{task}")
    said: dict[str, Any] = {"outcome": outcome, "reason": reason, "shown_digest": shown["shown_digest"]}
    choices = {choice["outcome"]: choice["reason_codes"] for choice in shown.get("choices", ())}
    if codes := [one["code"] for one in (choices.get(outcome) or {"codes": ()})["codes"]]:
        said["reason_code"] = CODES[outcome] if CODES.get(outcome) in codes else codes[0]
    if shown.get("meaning"):
        stated = door.post(f"/v1/tasks/{task}/statement", said)
        said |= {"statement_nonce": stated["nonce"], "password": organisation.passwords[reference]}
    return door.post(f"/v1/tasks/{task}/completion", said)


def status_of(door: Door, instance: str) -> str:
    """`active`, `ended` or `cancelled`, with the outcome when there is one."""
    found = door.get(f"/v1/process-instances/{instance}")
    return f"{found['status']}:{found['outcome']}" if found.get("outcome") else str(found["status"])


def wait_for_end(door: Door, instance: str) -> str:
    """The outcome, once the instance has ended."""

    def look() -> str:
        status = status_of(door, instance)
        return "" if status.startswith("active") else status

    ended: str = until(f"the end of {instance}", look)
    return ended
