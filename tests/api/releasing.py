"""Governed artefacts put in force at the door, by their author and somebody else, for tests that need their own."""

from typing import Any

from tests.api.organisation import House

LIST = """\
reason-code-list: spending
title: Reasons for a decision on spending
codes:
  - {code: needed, words: It is needed and within the budget}
  - {code: not-needed, words: Nobody asked for <it>}
"""

CALENDAR = """\
calendar: always
title: Round the clock
zone: Europe/London
day: 8 hours
hours:
  monday: [00:00-24:00]
  tuesday: [00:00-24:00]
  wednesday: [00:00-24:00]
  thursday: [00:00-24:00]
  friday: [00:00-24:00]
  saturday: [00:00-24:00]
  sunday: [00:00-24:00]
holidays:
  source: the organisation's own list
  years: 2020-2045
  days: {}
"""
# Decided by budget owners, whose authority is measured on the amount.
SPENDING = """\
blueprint: spending
title: Spending
purpose: Decide what is spent.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
start: {by: api, requires: role invoice-intake, key: number}
first: decision
steps:
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    role: role budget-owner
    shows: [number, amount]
    reason: {required: true, codes: spending}
    duties: [not initiator, not author of blueprint]
    next: {approve: done, refuse: done}
  done: {end: done}
"""


def release(house: House, kind: str, source: str, base: int | None = None) -> dict[str, Any]:
    """Propose, approve, release; the answer of the release."""
    body = {"kind": kind, "source": source, "title": "t", "reason": "r", "base_version": base}
    made = house.post("/v1/change-requests", "process-owner", body)
    assert made.status_code == 200, made.text
    return carry(house, made.json())


def retire(house: House, kind: str, name: str, base: int) -> dict[str, Any]:
    """End an artefact the same way."""
    body = {"kind": kind, "title": "t", "reason": "r", "base_version": base, "retires": name}
    made = house.post("/v1/change-requests", "process-owner", body)
    assert made.status_code == 200, made.text
    return carry(house, made.json())


def carry(house: House, made: dict[str, Any]) -> dict[str, Any]:
    """Approve and release what was proposed."""
    at = f"/v1/change-requests/{made['change_request']}"
    review = {"verdict": "approve", "digest": made["digest"], "expected_revision": made["revision"]}
    assert house.review(at, "change-reviewer", review).status_code == 200
    released = house.post(f"{at}/release", "change-reviewer", {})
    assert released.status_code == 200, released.text
    value: dict[str, Any] = released.json()
    return value


def spend(house: House, intake: str, blueprint: str = "spending", **data: Any) -> str:
    """A new instance; the id of its task."""
    house.count += 1
    data = {"amount": {"amount": "500.00", "currency": "GBP"}, **data}
    body = {"blueprint": blueprint, "business_key": f"S-{house.count}", "data": data, "domain": "finance"}
    started = house.post("/v1/process-instances", intake, body)
    assert started.status_code == 200, started.text
    found = house.get(f"/v1/process-instances/{started.json()['instance']}", "budget-owner-1").json()["tasks"]
    return str(found[0]["id"])
